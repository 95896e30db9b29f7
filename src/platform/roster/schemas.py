"""Classes, lists and imports as readers see them."""

from datetime import datetime
from uuid import UUID

import msgspec


class ClassRow(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the list of classes."""

    id: UUID
    label: str
    teacher: str | None
    students: int


class ClassList(msgspec.Struct, frozen=True, kw_only=True):
    """The classes that the reader may open, by grade."""

    rows: list[ClassRow]
    may_import: bool


class Teacher(msgspec.Struct, frozen=True):
    """A member who may be made the teacher of a class."""

    membership_id: UUID
    name: str


class ClassView(msgspec.Struct, frozen=True, kw_only=True):
    """One class with the names of its students by the Kazakh alphabet."""

    id: UUID
    label: str
    version: int
    teacher: str | None
    students: list[str]
    candidates: list[Teacher]
    may_give_codes: bool


class ClassMembers(msgspec.Struct, frozen=True, kw_only=True):
    """A class and who learns there, without names."""

    id: UUID
    label: str
    students: list[UUID]


class FoundPerson(msgspec.Struct, frozen=True, kw_only=True):
    """A person of the school; `class_label` where they learn."""

    person_id: UUID
    kind: str
    name: str
    class_label: str | None


class SearchPage(msgspec.Struct, frozen=True, kw_only=True):
    """Who was found, at most ten; `searched` tells an empty answer from an empty page."""

    found: list[FoundPerson] = []
    searched: bool = False


class ImportPage(msgspec.Struct, frozen=True, kw_only=True):
    """The page to upload a list on."""

    most_megabytes: int
    most_rows: int


class ImportReview(msgspec.Struct, frozen=True, kw_only=True):
    """What confirming the upload would do. Counts of students; labels of classes that are not there yet."""

    id: UUID
    added: int
    changed: int
    same: int
    new_classes: list[str]
    expires_at: datetime
