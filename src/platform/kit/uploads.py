"""Forms with files: read once and in memory only, because a temporary file would lie bare on a disk.

A file that is too large is let go of while it comes, so that its form can still be answered in words with everything
typed. A route joins with `@post(…, file_most=…, request_max_body_size=MOST_SENT)`.
"""

from collections import defaultdict
from typing import Any

from litestar import Request
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.utils.scope.state import ScopeState
from multipart import MultipartError, MultipartSegment, PushMultipartParser

from src.platform.kit.errors import Invalid
from src.platform.kit.i18n import N_

MOST_SENT = 256_000_000
"""What is read of a body whose file is too large, before its sender is cut off."""
MOST_PARTS = 20
_MOST_TEXT = 200_000


class LetGo(UploadFile):
    """A file that was larger than its route takes; its bytes are gone."""


class _Part:
    def __init__(self, segment: MultipartSegment, most: int) -> None:
        self.segment, self.data, self.size = segment, bytearray(), 0
        self.most = most if segment.filename is not None else _MOST_TEXT

    def add(self, piece: bytes | bytearray) -> None:
        self.size += len(piece)
        if self.size <= self.most:
            self.data += piece
        else:
            self.data.clear()

    def value(self) -> UploadFile | str:
        """Text, or a file under its own bytes; the name that it had is dropped."""
        if self.segment.filename is None:
            return self.data.decode(errors="replace")
        made = LetGo if self.size > self.most else UploadFile
        return made("application/octet-stream", "file", bytes(self.data), max_spool_size=self.most + 1)


async def take_in(request: Request[Any, Any, Any], most: int) -> None:
    """Read the form of a request, with files of up to `most` bytes, for everybody who asks later. Raises Invalid."""
    kind, options = request.content_type
    if kind != RequestEncodingType.MULTI_PART:
        return
    parts = await _parts(request, options.get("boundary", "").encode(), most)
    if any(one.segment.filename is None and one.size > one.most for one in parts):
        raise _malformed()
    values: defaultdict[str, list[UploadFile | str]] = defaultdict(list)
    for one in parts:
        values[one.segment.name].append(one.value())
    read: Any = {name: found if len(found) > 1 else found[0] for name, found in values.items()}
    ScopeState.from_scope(request.scope).form = read


async def _parts(request: Request[Any, Any, Any], boundary: bytes, most: int) -> list[_Part]:
    parts: list[_Part] = []
    part: _Part | None = None
    try:
        with PushMultipartParser(boundary, max_segment_count=MOST_PARTS) as parser:
            async for chunk in request.stream():
                for event in parser.parse(chunk):
                    if isinstance(event, MultipartSegment):
                        part = _Part(event, most)
                    elif part is not None and event:
                        part.add(event)
                    elif part is not None:
                        parts.append(part)
                        part = None
                if parser.closed:
                    break
    except (MultipartError, ValueError):
        raise _malformed() from None
    return parts


def _malformed() -> Invalid:
    return Invalid(code="request.malformed", title=N_("The request is malformed"))
