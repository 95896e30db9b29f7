"""What each form of the public address may hold: four questions, and nothing that tells who."""

from src.platform.kit.payload import Field, Spec

_NUMBER = Field("number", "text", required=True)
_CODE = Field("code", "text", required=True, most=60)
REPORT = Spec(
    _NUMBER,
    Field("description", "longtext", required=True),
    Field("happened", "text"),
    Field("who", "longtext", most=2000),
    Field("danger", "enum", options=frozenset({"yes", "no", "unknown"})),
)
OPEN = Spec(_CODE)
ANSWER = Spec(_NUMBER, _CODE, Field("text", "longtext", required=True), Field("question_id", "uuid"))
SETTINGS = Spec(Field("contact", "uuid"), Field("reach", "text", most=200), Field("is_on", "bool"))
