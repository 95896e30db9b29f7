"""What a form is made of. Instances are read from `definitions/*.toml` by `registry` and never change."""

from typing import Annotated, Literal

import msgspec

Type = Literal[
    "text", "longtext", "address", "phone", "email", "date", "datetime", "int", "bool", "enum", "multi_enum", "group",
    "computed", "signature", "ref:student", "ref:staff", "ref:person", "ref:org", "ref:case", "ref:plan",
]  # fmt: skip
Rep = Annotated[str, msgspec.Meta(pattern=r"^(\*|\d+|\d+-(\d+|\*))$")]
PERSON_TYPES = frozenset({"ref:student", "ref:staff", "ref:person"})
IDENTITY = "identity-"
EACH = "*"
"""The name of a column that stands for one number an option."""


class Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One text in three languages."""

    en: str
    kk: str
    ru: str

    def in_language(self, language: str) -> str:
        """The text in `kk`, `ru` or `en`."""
        return {"kk": self.kk, "ru": self.ru}.get(language, self.en)


class Option(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One answer of a list."""

    key: str
    en: str
    kk: str
    ru: str

    @property
    def label(self) -> Text:
        """The answer as it is printed."""
        return Text(self.en, self.kk, self.ru)


class OptionList(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The answers of a question, in the order of the printed form."""

    source: str
    options: tuple[Option, ...]

    @property
    def keys(self) -> frozenset[str]:
        """What may be stored."""
        return frozenset(option.key for option in self.options)

    def label(self, key: str, language: str) -> str:
        """The label of an answer. Raises KeyError."""
        return {option.key: option.label for option in self.options}[key].in_language(language)


class Condition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Required if `field` is filled, or holds one of `holds`, and `unless` is empty."""

    field: str
    holds: tuple[str, ...] = ()
    unless: str = ""


class Field(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One question. `added` marks what the printed form does not have; `person` whose classes a text takes on."""

    key: str
    labels: Text
    type: Type
    req: Literal["Y", "N", "C"]
    rep: Rep
    classes: frozenset[str]
    section: str = ""
    options: str = ""
    stage: str = ""
    required_if: Condition | None = None
    must_be: bool | None = None
    pattern: str = ""
    at_least: dict[str, int] = {}
    person: str = ""
    note: str = ""
    added: bool = False

    @property
    def parent(self) -> str:
        """The group a column belongs to, or empty."""
        return self.key.rpartition(".")[0]

    @property
    def name(self) -> str:
        """The key inside its row."""
        return self.key.rpartition(".")[2]

    @property
    def least(self) -> int:
        """The fewest values when there are any."""
        first = self.rep.partition("-")[0]
        return 0 if first == "*" else int(first)

    @property
    def most(self) -> int | None:
        """The most values; None without a bound."""
        last = self.rep.rpartition("-")[2]
        return None if last == "*" else int(last)

    @property
    def many(self) -> bool:
        """Whether the value is a list."""
        return self.rep != "1" or self.type in ("group", "multi_enum")

    @property
    def identity_classes(self) -> frozenset[str]:
        """The classes that name a person."""
        return frozenset(name for name in self.classes if name.startswith(IDENTITY))


class Form(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One form. `stages` are the moments at which more of it must be filled, in order; no stage means all at once."""

    key: str
    code: str
    source: str
    title: Text
    fields: tuple[Field, ...]
    stages: tuple[str, ...] = ()

    def field(self, key: str) -> Field:
        """One field by its key. Raises KeyError."""
        return {field.key: field for field in self.fields}[key]

    def columns(self, group: str) -> tuple[Field, ...]:
        """The fields of a group's row; with "" the top level."""
        return tuple(field for field in self.fields if field.parent == group)
