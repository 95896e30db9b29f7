"""JSON and HTML forms become the same values; every complaint at once; nothing that was sent comes back in one."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.platform.kit.clock import LOCAL_ZONE
from src.platform.kit.errors import Invalid
from src.platform.kit.payload import Field, Spec, keepable, read_payload

AN_ID = "0190a5c4-7e10-7c3e-8a4f-1f2e3d4c5b6a"
SPEC = Spec(
    Field("title", "text", required=True),
    Field("story", "longtext"),
    Field("urgent", "bool"),
    Field("count", "int", most=50),
    Field("held_on", "date"),
    Field("held_at", "datetime"),
    Field("place", "enum", options=frozenset({"gym", "foyer"})),
    Field("kinds", "multi_enum", options=frozenset({"a", "b"})),
    Field("person", "uuid"),
    Field("attended", "uuids"),
    Field("contacts", "text", many=True),
    Field(
        "members",
        "groups",
        most=3,
        fields=(Field("person", "uuid", required=True), Field("trained_on", "date"), Field("leads", "bool")),
    ),
)
JSON_BODY = {
    "title": "Order",
    "story": "One\nTwo",
    "urgent": True,
    "count": 7,
    "held_on": "2026-12-01",
    "held_at": "2026-12-01T10:30",
    "place": "gym",
    "kinds": ["a"],
    "person": AN_ID,
    "attended": [AN_ID],
    "contacts": ["101", "102"],
    "members": [{"person": AN_ID, "trained_on": "2026-09-01", "leads": True}, {"person": AN_ID}],
}
FORM_BODY = {
    "title": " Order ",
    "story": "One\r\nTwo",
    "urgent": "on",
    "count": "7",
    "held_on-day": "1",
    "held_on-month": "12",
    "held_on-year": "2026",
    "held_at": "2026-12-01T10:30",
    "place": "gym",
    "kinds": "a",
    "person": AN_ID,
    "attended": AN_ID,
    "contacts": ["101", "", "102"],
    "members-0-person": AN_ID,
    "members-0-trained_on-day": "01",
    "members-0-trained_on-month": "09",
    "members-0-trained_on-year": "2026",
    "members-0-leads": "on",
    "members-4-person": AN_ID,
    "members-5-person": "",
}


def complaints(body: dict[str, Any], spec: Spec = SPEC) -> list[tuple[str, str]]:
    return [(error.field, error.code) for error in read_payload(body, spec).errors]


def test_json_and_a_form_become_the_same_values() -> None:
    from_json, from_form = read_payload(JSON_BODY, SPEC), read_payload(FORM_BODY, SPEC)
    assert from_json.errors == from_form.errors == ()
    assert from_json.values == from_form.values
    assert from_json.values["held_at"] == datetime(2026, 12, 1, 10, 30, tzinfo=LOCAL_ZONE)
    assert from_json.values["members"][0] == {"person": UUID(AN_ID), "trained_on": date(2026, 9, 1), "leads": True}


def test_every_complaint_comes_at_once_and_what_was_typed_is_kept() -> None:
    body = {"count": "many", "held_on-day": "31", "held_on-month": "2", "held_on-year": "2026", "place": "roof"}
    body |= {"members-0-trained_on": "never", "story": "\x00"}
    parsed = read_payload(body, SPEC)
    assert {error.field for error in parsed.errors} == {
        "title",
        "story",
        "count",
        "held_on",
        "place",
        "members-0-person",
        "members-0-trained_on",
    }
    assert parsed.raw is body


@pytest.mark.parametrize(
    ("field", "sent", "code"),
    [
        ("title", "a\nb", "control_characters"),
        ("title", "\u202eabc", "control_characters"),
        ("title", "\ud800", "control_characters"),
        ("title", "x" * 501, "too_long"),
        ("title", ["a", "b"], "not_text"),
        ("title", {"$ne": ""}, "not_text"),
        ("story", "x" * 20_001, "too_long"),
        ("urgent", "maybe", "not_bool"),
        ("count", "1_0", "not_number"),
        ("count", "٣", "not_number"),
        ("count", True, "not_number"),
        ("count", -1, "not_number"),
        ("count", 51, "not_number"),
        ("count", "9" * 5000, "not_number"),
        ("held_on", "0001-01-01", "not_date"),
        ("held_at", "9999-12-31T23:59", "not_datetime"),
        ("held_at", 5, "not_datetime"),
        ("kinds", ["a", "c"], "not_an_option"),
        ("kinds", [["a"]], "not_an_option"),
        ("person", "nobody", "not_an_option"),
        ("attended", [5], "not_an_option"),
        ("attended", [AN_ID] * 1001, "too_many"),
        ("contacts", ["101", 5], "not_text"),
        ("members", "all", "not_rows"),
        ("members", ["all"], "not_rows"),
        ("members", False, "not_rows"),
        ("members", 0, "not_rows"),
        ("members", {}, "not_rows"),
        ("count", 3.5, "not_number"),
        ("count", float("inf"), "not_number"),
        ("members", [{"person": AN_ID}] * 4, "too_many"),
    ],
)
def test_what_a_field_refuses(field: str, sent: object, code: str) -> None:
    assert (field, code) in complaints({"title": "Order", field: sent})


def test_a_whole_number_is_one_however_json_writes_it() -> None:
    assert read_payload({"title": "a", "count": 3.0}, SPEC).values["count"] == 3
    assert read_payload({"title": "a", "members": []}, SPEC).errors == ()


def test_text_is_trimmed_and_composed() -> None:
    assert read_payload({"title": " и\u0306 "}, SPEC).values["title"] == "й"


def test_s_35_a_key_nobody_asked_for_is_refused_at_every_level() -> None:
    assert complaints({"title": "Order", "role": "admin"}) == [("", "unknown_field")]
    assert complaints({"title": "Order", "title-0-x": "1"}) == [("", "unknown_field")]
    assert complaints({"title": "Order", "members": [{"person": AN_ID, "role": "x"}]}) == [
        ("members-0", "unknown_field")
    ]
    assert complaints({"title": "Order", "members-0-person": AN_ID, "members-0-role": "x"}) == [
        ("members-0", "unknown_field")
    ]


def test_a_body_too_deep_or_too_wide_is_refused_before_it_is_read() -> None:
    deep: dict[str, Any] = {}
    for _ in range(5000):
        deep = {"title": deep}
    assert complaints(deep) == [("", "too_much")]
    assert complaints({str(n): "" for n in range(201)}) == [("", "too_much")]
    assert complaints({"members": [{str(n): ""} for n in range(201)]}) == [("", "too_much")]


def test_an_unanswered_box_is_no_and_a_required_group_needs_a_row() -> None:
    assert read_payload({"title": "Order"}, SPEC).values == {"title": "Order", "urgent": False}
    spec = Spec(Field("rows", "groups", required=True, fields=(Field("a", "text"),)))
    assert complaints({"rows-0-a": " "}, spec) == [("rows", "required")]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
KEYS = st.sampled_from([field.name for field in SPEC] + ["held_on-day", "held_on-year", "members-0-person", "csrf"])


@given(st.dictionaries(KEYS | st.text(max_size=8), JSON, max_size=8))
def test_no_body_breaks_the_reader_and_clean_values_are_of_their_kind(body: dict[str, Any]) -> None:
    parsed = read_payload(body, SPEC)
    assert parsed.values.keys() <= {field.name for field in SPEC}
    for name, kind in (("title", str), ("urgent", bool), ("count", int), ("held_on", date), ("person", UUID)):
        assert isinstance(parsed.values.get(name, kind), kind | type)


@given(st.text(min_size=12, alphabet=st.characters(categories=["Lu", "Ll"])))
def test_s_57_no_complaint_repeats_what_was_sent(secret: str) -> None:
    body = dict.fromkeys((field.name for field in SPEC if field.kind not in ("text", "longtext")), secret)
    for error in read_payload(body | {secret: secret}, SPEC).errors:
        assert secret not in f"{error.field} {error.code} {error.message} {error.params}"


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)))
def test_three_inputs_and_iso_are_the_same_date(day: date) -> None:
    parts = {"held_on-day": str(day.day), "held_on-month": f"{day.month:02d}", "held_on-year": str(day.year)}
    assert read_payload({"title": "x"} | parts, SPEC).values["held_on"] == day
    assert read_payload({"title": "x", "held_on": (day + timedelta(0)).isoformat()}, SPEC).values["held_on"] == day


def test_decision_25_only_texts_of_known_fields_are_kept_and_no_secrets() -> None:
    inner = (Field("note", "text"), Field("since", "date"), Field("pin", "secret"))
    spec = Spec(
        Field("story", "longtext"), Field("on", "date"), Field("pin", "secret"), Field("rows", "groups", fields=inner)
    )
    kept = {
        "story": " as typed\r\n",
        "on-day": "1",
        "rows-0-note": "x",
        "rows-0-since-month": "2",
        "level-7": ["a", "b"],
    }
    dropped = {"pin": "1234", "rows-0-pin": "1234", "rows-0-else": "x", "csrf_token": "x", "other": "x", "on": 7}
    assert keepable(kept | dropped, spec, ("level-",)) == kept
    assert keepable({"story": object(), "level-7": "x"}, spec) == {}
    assert keepable({"story": "a\ud800b"}, spec) == {"story": "ab"}
    with pytest.raises(Invalid):
        keepable(dict.fromkeys(map(str, range(300)), "x"), spec)


@given(st.dictionaries(KEYS | st.text(max_size=8), JSON, max_size=8))
def test_decision_25_whatever_is_kept_can_be_read_again(body: dict[str, Any]) -> None:
    kept = keepable(body, SPEC)
    assert kept.keys() <= body.keys()
    assert keepable(kept, SPEC) == kept
