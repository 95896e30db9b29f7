"""A paper: what stands on it, in words of its language. Whoever makes it has cut it for its reader already."""

from datetime import datetime

import msgspec


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A printed label with what was filled in; `hidden` says that the reader may not see it."""

    label: str
    value: str = ""
    hidden: bool = False


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """Rows under a printed label; every row has as many cells as there are columns.

    `numbers`: the first column names the row, the others are narrow.
    """

    label: str
    columns: list[str]
    rows: list[list[str]]
    numbers: bool = False


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the form with its heading; `points` are sentences of a list."""

    title: str
    points: list[str] = []
    lines: list[Line] = []
    tables: list[Table] = []


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """One document. `taken_by` names its reader, never anybody in it: it is the mark across every page."""

    title: str
    subject: str
    organisation: str
    language: str
    taken_by: str
    made_at: datetime
    sections: list[Section]
    hidden_word: str
    page_word: str


class SlipLines(msgspec.Struct, frozen=True, kw_only=True):
    """A paper of one person: `codes` are labels with what somebody types in, `text` what to do with them."""

    name: str
    note: str = ""
    codes: list[Line]
    text: str


class SlipSheet(msgspec.Struct, frozen=True, kw_only=True):
    """Papers to be cut and handed over, each to its owner only."""

    title: str
    subject: str
    language: str
    made_at: datetime
    page_word: str
    slips: list[SlipLines]
