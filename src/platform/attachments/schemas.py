"""A file on its way in and on its way out."""

from typing import NamedTuple
from uuid import UUID

MEDIA = {"jpeg": "image/jpeg", "png": "image/png", "pdf": "application/pdf"}


class Clean(NamedTuple):
    """A file that may be taken: what it is by its content, and a copy without any metadata."""

    kind: str
    copy: bytes


class NewFile(NamedTuple):
    """A file with what its author says of it; `about` is the part of the record it belongs to."""

    content: bytes
    about_kind: str
    about_id: UUID | None
    caption: str
    shows_child: bool


class Opened(NamedTuple):
    """Bytes for one response; `name` says nothing about anybody."""

    content: bytes
    media_type: str
    name: str
