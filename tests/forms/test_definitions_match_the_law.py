"""The definitions against the tables of the law, where it lies beside the repository."""

import re
from pathlib import Path

import pytest

from src.platform.forms import registry
from src.platform.forms.definition import Field, Text

LAW = Path("../shared/domain/forms.md")
WORDS = LAW.read_text() if LAW.exists() else ""
pytestmark = pytest.mark.skipif(not WORDS, reason="the law is kept beside the repository, not in it")
pytestmark = pytest.mark.skipif(not WORDS, reason="the law is kept beside the repository, not in it")
JOINED = (  # "How to read": the last part of a joined key's name says the type
    (r".*(_on|_date)|date|valid_from|valid_to", "date"),
    (r"age", "int"),
    (r"sex", "enum"),
    (r"time", "text"),
    (r".*_at", "datetime"),
    (r".*_count", "int"),
    (r"service_type|answer|.*_level", "enum"),
    (r"plan", "ref:plan"),
    (r"author", "ref:person"),
    (r".*(_no|_reason|_asked)", "text"),
)
DATES = re.compile(r"(_on|_date|^date|^from|^to|^term_from|^term_to|^valid_from|^valid_to|^as_of)$")


def section(head: str) -> str:
    return WORDS.partition(f"\n{head} ")[2].partition("\n## ")[0]


def rows(text: str) -> list[list[str]]:
    lines = [line for line in text.splitlines() if line.startswith("| ") and not line.startswith("| key")]
    return [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]


def heading(code: str) -> str:
    return f"## {code}."


def law_of(code: str) -> dict[str, list[str]]:
    return {row[0]: row for row in rows(section(heading(code)))}


def joined_type(key: str, whole: str) -> str:
    name = key.rpartition(".")[2]
    return next((kind for pattern, kind in JOINED if re.fullmatch(pattern, name)), whole)


def labels(row: list[str]) -> Text:
    return Text(row[1], row[2], row[3])


def check(field: Field, row: list[str], *, joined: bool) -> None:
    kind = joined_type(field.key, row[4]) if joined else row[4]
    assert (field.type, field.req, field.rep, field.classes) == (kind, row[6], row[7], frozenset(row[8].split("+")))
    assert field.added == ("[X]" in row[9]), field.key
    if not joined:
        assert field.labels == labels(row), field.key
        if row[5].startswith("OL-"):
            assert field.options == row[5].removeprefix("OL-")
    for word in re.findall(r"R-\d{3}", row[9]):
        assert word in field.note, field.key


@pytest.mark.parametrize("key", registry.forms())
def test_every_field_is_the_one_of_the_law(key: str) -> None:
    form = registry.form(key)
    law = law_of(form.code)
    ours = {field.key: field for field in form.fields if not field.key.startswith("contacts.")}
    for text, row in law.items():
        parts = text.split(" / ")
        for part in parts:
            check(ours.pop(part), row, joined=len(parts) > 1)
    assert not ours
    title = section(heading(form.code)).splitlines()[1]
    assert f"KK «{form.title.kk}»" in title
    assert f"RU «{form.title.ru}»" in title
    assert form.source in title


@pytest.mark.parametrize("name", [name for name, kept in registry.option_lists().items() if kept.source[:3] == "OL-"])
def test_every_option_list_is_the_one_of_the_law(name: str) -> None:
    kept = registry.options(name)
    of, _, subset = kept.source.removeprefix("OL-").partition(" ")
    text = re.search(rf"^### OL-{of}\b.*?$(.*?)^(?:### |---)", WORDS, re.DOTALL | re.MULTILINE)
    assert text
    law = [row for row in rows(text[1]) if ("(subtype)" in row[0]) is bool(subset)]
    assert [[o.key, o.en, o.kk, o.ru] for o in kept.options] == [
        [row[0].removesuffix(" (subtype)"), *row[1:]] for row in law
    ]


@pytest.mark.parametrize("name", [name for name, kept in registry.option_lists().items() if kept.source[:3] != "OL-"])
def test_every_list_inside_a_table_is_the_one_of_the_law(name: str) -> None:
    kept = registry.options(name)
    code, key = kept.source.split(" ")
    row = next(row for text, row in law_of(code).items() if key in text.split(" / "))
    assert [option.key for option in kept.options] == row[5].split(" / ")
    for language, pattern in (("kk", r"KK (.*?);"), ("ru", r"RU (.*?)(?:;|$)")):
        printed = re.search(pattern, row[9])
        assert printed
        assert [kept.label(o.key, language).casefold() for o in kept.options] == printed[1].casefold().split(" / ")
