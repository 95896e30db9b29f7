"""Forms against values: everything wrong at once, what a stage requires, what a reader sees."""

from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.platform.forms import registry
from src.platform.forms.cut import cut
from src.platform.forms.registry import FormFileError
from src.platform.forms.validation import validate

D = registry.form("form_d")
VICTIM, OFFENDER, NOBODY = str(uuid4()), str(uuid4()), str(uuid4())
SCREENED = {
    "report_date": "2026-11-20T10:00",
    "reporter_status": "teacher",
    "incident_date": "2026-11-20T09:00",
    "place": "corridor_stairs",
    "description": "A push on the stairs",
    "problem_behaviours": ["fighting"],
    "harmed": "no",
    "harm_danger": "no",
    "urgency": "standard",
    "received_by": NOBODY,
    "residential_child": False,
}
INVESTIGATED: dict[str, Any] = SCREENED | {
    "involved": [
        {"person": VICTIM, "involvement": "victim", "kind": "student"},
        {"person": OFFENDER, "involvement": "alleged_offender", "kind": "student"},
    ],
    "repetition": "single_first",
    "investigators": [NOBODY],
    "support_person": [NOBODY],
    "investigation_started": "2026-11-20T11:00",
    "interviews": [{"person": VICTIM, "at": "2026-11-20T12:00", "by": [NOBODY], "notes": "He pushed me"}],
    "investigation_ended": "2026-11-21T11:00",
    "findings": "One push",
}
EVERYTHING = frozenset(
    {"case-sensitive", "identity-victim", "identity-offender", "identity-witness", "identity-reporter", "health"}
)


def wrong(form: str, values: dict[str, Any], stage: str = "") -> set[tuple[str, str]]:
    return {(error.field, error.code) for error in validate(registry.form(form), values, stage=stage)[1]}


def test_r_259_a_report_needs_a_description_and_nothing_else() -> None:
    assert wrong("form_d", {"description": "He hits me"}, "reported") == set()
    assert wrong("form_d", {}, "reported") == {("description", "required")}


def test_every_requirement_of_screening_is_named_at_once() -> None:
    missing = {field for field, code in wrong("form_d", {"description": "x"}, "screened") if code == "required"}
    assert missing == SCREENED.keys() - {"description", "residential_child"}
    assert wrong("form_d", SCREENED, "screened") == set()


def test_r_048_a_harmed_child_cannot_be_screened_without_the_medical_answer() -> None:
    missing = wrong("form_d", SCREENED | {"harmed": "yes"}, "screened")
    assert {field for field, _ in missing} == {"injured_count", "injured_names", "injuries", "sent_to_medical"}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"reporter_status": "other"}, "reporter_status_other"),
        ({"problem_behaviours": ["fighting", "other_behaviour"]}, "behaviour_other"),
        ({"violence_types": ["peer_bullying"]}, "bullying_subtypes"),
    ],
)
def test_r_253_an_answer_may_ask_for_another(values: dict[str, Any], field: str) -> None:
    assert wrong("form_d", SCREENED | values, "screened") == {(field, "required")}


def test_r_256_a_serious_sign_needs_forwarding_or_a_reason() -> None:
    base = INVESTIGATED | {
        "outcome": "confirmed_violence",
        "team_meeting_at": "2026-11-23T10:00",
        "risk": [{"child": VICTIM, "level": "not_at_risk"}],
        "safety_measures": "Escort",
    }
    assert wrong("form_d", base) == set()
    sign = base | {"serious_signs": ["physical_weapon"]}
    assert {field for field, _ in wrong("form_d", sign)} == {"forwarded_to", "not_forwarded_reason"}
    assert wrong("form_d", sign | {"forwarded_to": ["police"], "forwarded_at": "2026-11-20T15:00"}) == set()
    assert wrong("form_d", sign | {"not_forwarded_reason": "Two names"}) == set()
    sexual = base | {"serious_signs": ["sexual"], "not_forwarded_reason": "Two names"}
    assert wrong("form_d", sexual) == {("sexual_words_only", "required")}


def test_r_041_columns_are_checked_in_every_row() -> None:
    broken = INVESTIGATED | {"interviews": [{"person": VICTIM, "by": [NOBODY], "notes": "x"}], "support_person": []}
    assert wrong("form_d", broken, "investigated") == {("interviews-0-at", "required"), ("support_person", "required")}


def test_r_146_an_agreement_without_the_weekly_duty_is_refused() -> None:
    values = {
        "school": NOBODY,
        "partner": NOBODY,
        "partner_kind": "ngo",
        "service_types": ["counselling"],
        "referral_procedure": "By letter",
        "weekly_report_duty": True,
        "biweekly_attendance_duty": True,
        "confidentiality_clause": True,
        "contacts": [{"name": "Timur", "phone": "+7 701 000 00 00"}],
        "valid_from": "2026-09-01",
        "valid_to": "2027-08-31",
        "signatures": [NOBODY, VICTIM],
    }
    clean, errors = validate(registry.form("referral_agreement"), values)
    assert errors == []
    assert clean["valid_to"] == date(2027, 8, 31)
    bad = values | {
        "weekly_report_duty": False,
        "signatures": [NOBODY],
        "contacts": [{"name": "T", "phone": "call me"}],
    }
    assert wrong("referral_agreement", bad) == {
        ("weekly_report_duty", "must_agree"),
        ("signatures", "too_few"),
        ("contacts-0-phone", "bad_format"),
    }


def test_r_002_the_order_needs_ten_members_of_three_kinds() -> None:
    people = [{"person": str(uuid4()), "kind": kind} for kind in ["director"] + ["specialist"] * 5 + ["teacher"] * 4]
    values = {"order_no": "7", "order_date": "2026-09-01", "school_year": "2026-2027", "members": people}
    values |= {"leader": NOBODY, "deputy_leader": VICTIM, "public_contact": ["Room 12"]}
    assert wrong("security_team_order", values) == set()
    assert wrong("security_team_order", values | {"members": people[1:]}) == {
        ("members", "too_few"),
        ("members", "too_few_director"),
    }


def test_the_weekly_report_names_a_real_kind_of_week() -> None:
    assert ("week", "bad_format") in wrong("partner_weekly_report", {"week": "2026-47"})
    assert ("week", "bad_format") not in wrong("partner_weekly_report", {"week": "2026-W47"})


def test_s_35_unknown_and_computed_keys_are_refused() -> None:
    assert ("", "unknown_field") in wrong("form_d", {"description": "x", "status": "closed"}, "reported")
    assert ("", "unknown_field") in wrong("team_meeting", {"excluded": [NOBODY]})


@given(
    st.dictionaries(st.sampled_from([field.key for field in D.fields]), st.text() | st.integers() | st.lists(st.text()))
)
def test_no_values_break_a_form_and_no_complaint_repeats_them(values: dict[str, Any]) -> None:
    clean, errors = validate(D, values)
    assert clean.keys() <= {field.key for field in D.columns("")}
    assert all(set(dict(error.params)) <= {"most", "least"} for error in errors)


def involvement(person: object) -> frozenset[str]:
    return {VICTIM: frozenset({"identity-victim"}), OFFENDER: frozenset({"identity-offender"})}.get(
        str(person), frozenset()
    )


def test_a_reader_with_every_class_sees_everything() -> None:
    assert cut(D, INVESTIGATED, EVERYTHING).visible == {k: v for k, v in INVESTIGATED.items() if v != []}
    assert cut(D, INVESTIGATED, EVERYTHING).hidden == ()


def test_people_are_shown_by_their_involvement() -> None:
    seen = cut(D, INVESTIGATED, frozenset({"case-sensitive", "identity-victim"}), involvement)
    assert [row.get("person") for row in seen.visible["involved"]] == [VICTIM, None]
    assert {"involved.person", "reporter_status", "description", "interviews"} <= set(seen.hidden)
    assert "findings" not in seen.visible


def test_without_involvement_every_class_of_a_person_is_needed() -> None:
    seen = cut(D, INVESTIGATED, frozenset({"case-sensitive", "identity-victim"}))
    assert all("person" not in row for row in seen.visible["involved"])


def test_a_coded_text_needs_its_other_classes_and_notes_the_interviewees() -> None:
    both = frozenset({"case-sensitive", "identity-witness"})
    seen = cut(D, INVESTIGATED, both, involvement, names_coded=True)
    assert seen.visible["findings"] == "One push"
    assert "notes" not in seen.visible["interviews"][0]
    told = cut(D, INVESTIGATED, both | {"identity-victim"}, involvement, names_coded=True)
    assert told.visible["interviews"][0]["notes"] == "He pushed me"
    assert "staff_measures" in cut(D, {"staff_measures": "x"}, both, involvement, names_coded=True).hidden


def test_a_hidden_field_is_absent_and_foreign_keys_fall_away() -> None:
    seen = cut(D, {"injuries": "a burn", "secret": 1, "place": "gym"}, frozenset({"case-sensitive"}))
    assert seen.visible == {"place": "gym"}
    assert "injuries" in seen.hidden


@given(st.sets(st.sampled_from(sorted(EVERYTHING))))
def test_fewer_classes_never_show_more(classes: set[str]) -> None:
    seen = cut(D, INVESTIGATED, frozenset(classes), involvement)
    assert seen.visible.keys() <= cut(D, INVESTIGATED, EVERYTHING, involvement).visible.keys()
    if not classes:
        assert seen.visible == {}


def test_labels_come_in_three_languages() -> None:
    assert D.title.in_language("kk") == "Оқиғаны хабарлау және тексеру үлгісі"
    assert registry.options("urgency").label("urgent", "ru").startswith("Вред")
    assert {len(kept.keys) == len(kept.options) for kept in registry.option_lists().values()} == {True}


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('options = "progress"', 'options = "mood"', "progress"),
        ('key = "family_work"', 'key = "work_done"', "twice"),
        ('key = "family_work"', 'key = "home.work"', "no such group"),
        ('rep = "1"', 'rep = "some"', "rep"),
        ('type = "int"', 'type = "number"', "number"),
        ('req = "N"', 'req = "N"\nrequired_if = { field = "danger_flag" }', "condition"),
        ('req = "N"', 'req = "N"\nhurry = true', "hurry"),
    ],
)
def test_a_definition_that_makes_no_sense_does_not_load(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    text = Path("src/platform/forms/definitions/partner_weekly_report.toml").read_text()
    file = tmp_path / "partner_weekly_report.toml"
    file.write_text(text.replace(old, new, 1))
    with pytest.raises(FormFileError, match=complaint):
        registry.load(file)
