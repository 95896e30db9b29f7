"""The forms of the page about e-mail."""

from src.platform.kit.payload import Field, Spec

HOURS = tuple(str(hour) for hour in range(24))
_OF_DAY = frozenset(HOURS)
CHOICE = Spec(
    Field("mode", "enum", required=True, options=frozenset({"at_once", "digest"})),
    Field("digest_at", "enum", required=True, options=_OF_DAY),
    Field("quiet_from", "enum", required=True, options=_OF_DAY),
    Field("quiet_to", "enum", required=True, options=_OF_DAY),
)
ADDRESS = Spec(Field("address", "text", required=True, most=254))
CODE = Spec(Field("code", "secret", required=True))
NOTHING = Spec()
