"""Tokens in a text: marked names are taken out and stand for a person until a reader asks (decisions 15). Pure."""

import re
from collections.abc import Mapping
from uuid import UUID

_OPEN, _CLOSE = "\ue000", "\ue001"
_TOKEN = re.compile(f"{_OPEN}([0-9a-f-]{{36}}){_CLOSE}")
_NO_MARKS = str.maketrans("", "", _OPEN + _CLOSE)


def typed(text: str) -> str:
    """A text as somebody typed it: it cannot hold tokens of its own."""
    return text.translate(_NO_MARKS)


def mark(text: str, surface: str, token_id: UUID) -> str:
    """The text with every whole-word occurrence of exactly this form as a token; tokens are left alone."""
    form = re.compile(rf"(?<!\w){re.escape(surface)}(?!\w)")
    pieces = _TOKEN.split(text)  # plain, token, plain, token, … plain
    pieces[::2] = [form.sub(_written(token_id), plain) for plain in pieces[::2]]
    pieces[1::2] = [_written(token) for token in pieces[1::2]]
    return "".join(pieces)


def plain(text: str) -> list[str]:
    """The pieces of the text between its tokens."""
    return _TOKEN.split(text)[::2]


def parts(text: str) -> list[tuple[str, UUID | None]]:
    """The text as it runs: a plain piece and the token behind it, none behind the last."""
    pieces = _TOKEN.split(text)
    marks = [UUID(one) for one in pieces[1::2]]
    return list(zip(pieces[::2], [*marks, None], strict=True))


def unmark(text: str, surface: str, token_id: UUID) -> str:
    """The text with the token typed out again."""
    return text.replace(_written(token_id), surface)


def shown(text: str, forms: Mapping[UUID, str]) -> str:
    """The text for a reader, with the form that each token has for that reader. Raises KeyError for a strange token."""
    return _TOKEN.sub(lambda found: forms[UUID(found.group(1))], text)


def restored(text: str, before: str, codes: Mapping[UUID, str]) -> str:
    """A text that was written on: codes that stand where tokens stood are these tokens again, in their order."""
    waiting: dict[str, list[str]] = {}
    for token in _TOKEN.findall(before):
        waiting.setdefault(codes[UUID(token)], []).append(token)
    if not waiting:
        return text
    code = re.compile("|".join(rf"(?<!\w){re.escape(one)}(?!\w)" for one in sorted(waiting, key=len, reverse=True)))

    def token_of(found: re.Match[str]) -> str:
        known = waiting[found.group()]
        return _written(known.pop(0) if len(known) > 1 else known[0])

    return code.sub(token_of, text)


def hidden(text: str) -> str:
    """The text for a reader who gets no name and no code."""
    return _TOKEN.sub("•••", text)


def _written(token_id: UUID | str) -> str:
    return f"{_OPEN}{token_id}{_CLOSE}"
