"""What the forms of an assessment may hold: the questions are those of Form L."""

from src.platform.forms import registry
from src.platform.forms.definition import Field as Question
from src.platform.kit.payload import Field, Spec

SIGNED_BY_FAMILY = frozenset({"family_signature", "family_comment"})
"""Asked when the report is closed, not while it is written (R-160)."""
_VERSION = Field("version", "int", required=True)
_MOST_PEOPLE = 20


def questions() -> list[Question]:
    """The questions that the curator answers, in the order of the printed form."""
    return [one for one in registry.form("form_l").columns("") if one.key not in SIGNED_BY_FAMILY]


def _field(question: Question) -> Field:
    if question.type == "group":
        columns = tuple(Field(one.name, "text") for one in registry.form("form_l").columns(question.key))
        return Field(question.key, "groups", most=_MOST_PEOPLE, fields=columns)
    return Field(question.key, "text" if question.type == "text" else "longtext")


OPEN = Spec(Field("membership_id", "uuid", required=True))
WRITE = Spec(_VERSION, *(_field(one) for one in questions()))
CLOSE = Spec(
    _VERSION,
    Field("family_answer", "enum", required=True, options=frozenset({"signed", "refused"})),
    Field("family_comment", "longtext"),
)
GIVE = Spec(Field("organisation", "uuid", required=True), Field("read_for_identities", "bool"))
