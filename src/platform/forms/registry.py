"""All forms and option lists, read once and checked; a definition that refers to nothing does not load."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

import msgspec

from src.platform.forms.definition import EACH, Form, OptionList

_FOLDER = Path(__file__).parent / "definitions"
_OPTIONS = "options.toml"
_Read = TypeVar("_Read")


class FormFileError(Exception):
    """A definition cannot be used; names the file and what is wrong."""


@cache
def option_lists() -> Mapping[str, OptionList]:
    """Every option list by name."""
    return MappingProxyType(_read(_FOLDER / _OPTIONS, dict[str, OptionList]))


@cache
def forms() -> Mapping[str, Form]:
    """Every form by key."""
    files = sorted(file for file in _FOLDER.glob("*.toml") if file.name != _OPTIONS)
    return MappingProxyType({file.stem: load(file) for file in files})


def form(key: str) -> Form:
    """One form. Raises KeyError."""
    return forms()[key]


def options(name: str) -> OptionList:
    """One option list. Raises KeyError."""
    return option_lists()[name]


def load(file: Path) -> Form:
    """Read and check one definition. Raises FormFileError."""
    made = _read(file, Form)
    for complaint in _complaints(made):
        raise FormFileError(f"{file.name}: {complaint}")
    return made


def _read(file: Path, kind: type[_Read]) -> _Read:
    try:
        return msgspec.convert(tomllib.loads(file.read_text()), kind)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise FormFileError(f"{file.name}: {error}") from error


def _complaints(form: Form) -> Iterator[str]:
    fields = {field.key: field for field in form.fields}
    if len(fields) != len(form.fields):
        yield "a key stands twice"
    groups = {field.key for field in form.fields if field.type == "group"}
    for field in form.fields:
        is_choice = field.type in ("enum", "multi_enum")
        if field.type not in ("computed", "ref:org") and is_choice != (field.options in option_lists()):
            yield f"{field.key}: an answer from a list needs a list that exists, other fields none"
        if field.parent and field.name != EACH and field.parent not in groups:
            yield f"{field.key}: there is no such group"
        if form.stages and field.stage not in form.stages:
            yield f"{field.key}: there is no such stage"
        condition = field.required_if
        named = {condition.field, condition.unless} if condition else set[str]()
        if (named | {field.person}) - {""} - fields.keys() or (condition and field.req != "C"):
            yield f"{field.key}: the condition makes no sense"
