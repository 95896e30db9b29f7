"""Two people's answers to one form, compared field by field."""

from datetime import date

from src.platform.kit.merge import Differing, compare
from src.platform.kit.payload import Field, Spec

SPEC = Spec(
    Field("version", "int"),
    Field("harmed", "bool"),
    Field("sent", "enum", options=frozenset({"yes", "no"})),
    Field("on", "date"),
    Field("kinds", "multi_enum", options=frozenset({"a", "b", "c"})),
    Field("text", "longtext"),
)
APART = frozenset({"version"})


def test_what_is_the_same_is_not_asked() -> None:
    typed = {"version": "1", "harmed": "yes", "on": "2026-01-02", "kinds": ["b", "a"], "text": " bir \n eki"}
    stored = {"harmed": True, "sent": None, "on": date(2026, 1, 2), "kinds": ["a", "b"], "text": "bir\neki"}
    merged = compare(SPEC, typed, stored, APART)
    assert merged.differing == []
    assert set(merged.same) >= {("harmed", "yes"), ("on", "2026-01-02"), ("kinds", "a"), ("kinds", "b")}


def test_what_differs_is_asked_and_empty_takes_nothing_away() -> None:
    typed = {"kinds": "c", "text": "", "on-day": "3", "on-month": "2", "on-year": "2026", "sent": "no"}
    stored = {"harmed": True, "sent": True, "on": date(2026, 1, 2), "kinds": ["a"], "text": "stored"}
    merged = compare(SPEC, typed, stored, APART)
    assert merged.differing == [
        Differing("harmed", "bool", [], ["yes"]),
        Differing("sent", "enum", ["no"], ["yes"]),
        Differing("on", "date", ["2026-02-03"], ["2026-01-02"]),
        Differing("kinds", "multi_enum", ["c"], ["a"]),
    ]
    assert merged.differing[3].both == ["a", "c"]
    assert merged.same == [("text", "stored")]
