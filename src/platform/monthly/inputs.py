"""What the pages of a monthly form are asked, and how its paper is answered."""

from litestar.response import Response

from src.platform.kit.payload import Field, Spec

_TYPES = {"pdf": "application/pdf", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
VERSION = Field("version", "int", required=True)
SEEN = Field("seen", "text", required=True, most=16)
"""Which numbers or rows the page showed."""
LISTED = Spec(Field("month", "int"))
SHOWN = Spec(Field("revision", "int"))
REOPEN = Spec(VERSION, Field("reason", "longtext", required=True, most=2_000))
TAKE = Spec(
    Field("language", "enum", required=True, options=frozenset({"kk", "ru"})),
    Field("kind", "enum", required=True, options=frozenset(_TYPES)),
)
TAKE_REVISION = Spec(*TAKE, Field("revision", "int"))


def as_file(kind: str, name: str, made: bytes) -> Response[bytes]:
    """A paper to keep."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(made, media_type=_TYPES[kind], headers=headers)
