"""The clock file: complete against the law, refused with a line when it is wrong; periods and school weeks."""

import re
from datetime import date, datetime
from pathlib import Path

import pytest

from src.platform.deadlines.catalogue import ClockFileError, load
from src.platform.deadlines.terms import compute, runs
from src.platform.kit.clock import LOCAL_ZONE
from src.platform.workdays.calendar import WorkCalendar
from src.platform.workdays.errors import SchoolYearUnknown
from src.platform.workdays.schemas import Quarter, SchoolYear, Vacation

LAW = Path("../shared/domain")
CLOCKS = load(Path("policies/clocks.toml"))
YEAR = SchoolYear(
    "2026-2027",
    (
        Quarter(1, date(2026, 9, 1), date(2026, 10, 25)),
        Quarter(2, date(2026, 11, 2), date(2026, 12, 28)),
        Quarter(3, date(2027, 1, 8), date(2027, 3, 18)),
        Quarter(4, date(2027, 3, 30), date(2027, 5, 25)),
    ),
    (Vacation("closure", date(2026, 9, 18), date(2026, 9, 18)),),
)
SCHOOL = WorkCalendar(years=(YEAR,))
SOUND = """
[clk_x]
clause = "S4"
rules = ["R-001"]
decided = false
start = "something happened"
day = "working"
target = 1
limit = 2
on_miss = "red"
responsible = "team_member"
ladder = [{ when = "limit", to = ["responsible"] }]
"""


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL_ZONE)


def due(code: str, start: str, *, week: str = "", step: str = "") -> date:
    terms = compute(CLOCKS[code], local(start), SCHOOL, week=week, step=step)
    return terms.due_at.astimezone(LOCAL_ZONE).date()


@pytest.mark.skipif(not LAW.exists(), reason="the law is kept beside the repository, not in it")
def test_every_clock_of_the_law_is_here_with_its_source_and_known_rules_and_roles() -> None:
    table = (LAW / "calendar.md").read_text().partition("## 5.")[2].partition("## 6.")[0]
    rows = [line for line in table.splitlines() if line.startswith("| `clk_")]
    law = {
        code: row.split(" | ")[-1].rstrip(" |") for row in rows for code in re.findall(r"clk_\w+", row.split("|")[1])
    }
    assert CLOCKS.keys() == law.keys()
    rules = set(re.findall(r"^\| (R-\d+)", (LAW / "rules.md").read_text(), re.MULTILINE))
    roles = set(re.findall(r"`([a-z_]+)`", (LAW / "actors.md").read_text()))
    for code, clock in CLOCKS.items():
        assert clock.clause.strip("[]").split(";")[0] in law[code] or clock.clause == "[D]", code
        assert set(clock.rules) <= rules, code
        recipients = {role for rung in clock.ladder for role in rung.to}
        assert recipients | {clock.responsible} <= roles | {"responsible"}, code


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('day = "working"', 'day = "someday"', "line 2, clk_x"),
        ('clause = "S4"', 'clause = ""', "line 2, clk_x: the code or the clause"),
        ('clause = "S4"\n', "", "line 2, clk_x: .*clause"),
        ("decided = false", "decided = false\nhurry = true", "line 2, clk_x: .*hurry"),
        ("target = 1", "target = 3", "target comes after"),
        ('"limit", to', '"sometimes", to', "sometimes"),
        ('"limit", to', '"missed:x", to', "missed:x"),
        ("target = 1", 'target = 2\nresumes = "09-14"', "summer_pause"),
        ("limit = 2", "limit = 2\nmonths = [13]", "line 2, clk_x"),
        ("limit = 2", "limit = 2\nmonths = [10]", "period"),
        ("limit = 2", 'limit = 2\ndates = ["31-12"]', "line 2, clk_x"),
        ("limit = 2", "limit = two", r"at line 9"),
    ],
)
def test_r_244_a_clock_that_makes_no_sense_does_not_load_and_names_its_line(
    tmp_path: Path, old: str, new: str, complaint: str
) -> None:
    file = tmp_path / "clocks.toml"
    file.write_text(SOUND)
    assert load(file)["clk_x"].rungs("limit")[0].to == ["responsible"]
    file.write_text(SOUND.replace(old, new))
    with pytest.raises(ClockFileError, match=complaint):
        load(file)


def test_r_244_a_code_that_stands_twice_names_its_line(tmp_path: Path) -> None:
    file = tmp_path / "clocks.toml"
    file.write_text(SOUND + SOUND)
    with pytest.raises(ClockFileError, match=r"clk_x.*line 14"):
        load(file)


def test_a_ladder_that_waits_for_a_target_needs_an_earlier_target(tmp_path: Path) -> None:
    file = tmp_path / "clocks.toml"
    file.write_text(SOUND.replace("target = 1", "target = 2").replace('"limit", to', '"target", to'))
    with pytest.raises(ClockFileError, match="target that is the limit"):
        load(file)


def test_r_147_the_third_silent_week_counts_for_the_city() -> None:
    clock = CLOCKS["clk_partner_weekly"]
    assert [rung.to for rung in clock.rungs("missed:2")] == [["team_coordinator", "school_director"]]
    assert clock.rungs("missed:3")[0].city


@pytest.mark.parametrize(
    ("code", "start", "end"),
    [
        ("clk_tertiary_contact", "2026-12-02", date(2026, 12, 6)),
        ("clk_lottery", "2026-11-04", date(2026, 11, 6)),
        ("clk_lottery", "2026-09-16", date(2026, 9, 17)),
        ("clk_meals", "2026-10-05", date(2026, 10, 30)),
        ("clk_housing_ward", "2026-10-05", date(2026, 10, 31)),
        ("clk_housing_register", "2026-09-05", date(2026, 12, 31)),
        ("clk_housing_register", "2027-01-01", date(2027, 5, 25)),
        ("clk_summer_rest", "2027-05-25", date(2027, 5, 25)),
        ("clk_manager_quarter", "2026-12-20", date(2027, 1, 6)),
        ("clk_parents_meeting", "2026-09-20", date(2026, 10, 25)),
        ("clk_form2", "2027-05-03", date(2027, 6, 1)),
        ("clk_cico_intro", "2026-09-15", date(2026, 9, 22)),
        ("clk_cico_week8", "2026-09-09", date(2026, 11, 6)),
        ("clk_daily_monitoring", "2026-09-15", date(2026, 9, 15)),
        ("clk_review_2w", "2027-05-20", date(2027, 9, 14)),
        ("clk_residential_visit", "2026-12-01", date(2027, 1, 1)),
        ("clk_retention", "2026-12-01", date(2032, 5, 25)),
        ("clk_medical", "2026-12-12", date(2026, 12, 12)),
    ],
)
def test_clocks_of_periods_and_school_days(code: str, start: str, end: date) -> None:
    assert due(code, f"{start} 10:00") == end


def test_r_048_medical_help_is_amber_from_the_first_moment() -> None:
    start = local("2026-12-12 10:00")
    assert compute(CLOCKS["clk_medical"], start, SCHOOL).target_at == start


def test_r_176_the_plan_of_a_protection_decision_has_two_days() -> None:
    assert due("clk_protection_decision", "2026-12-12 10:00") == date(2026, 12, 12)
    assert due("clk_protection_decision", "2026-12-12 10:00", step="plan") == date(2026, 12, 14)


@pytest.mark.parametrize(
    ("code", "day", "answer"),
    [
        ("clk_team_meeting", "2026-11-04", True),
        ("clk_team_meeting", "2026-10-28", False),
        ("clk_daily_monitoring", "2026-12-16", False),
        ("clk_daily_monitoring", "2026-12-15", True),
        ("clk_passport", "2027-01-10", True),
        ("clk_passport", "2027-02-10", False),
        ("clk_risk_parents", "2027-07-07", False),
        ("clk_review_2w", "2027-07-07", True),
        ("clk_screen_urgent", "2027-07-07", True),
    ],
)
def test_duties_that_exist_only_in_some_periods(code: str, day: str, answer: bool) -> None:
    assert runs(CLOCKS[code], local(f"{day} 10:00"), SCHOOL) is answer


def test_r_244_school_weeks_of_a_year_nobody_entered_are_refused() -> None:
    with pytest.raises(SchoolYearUnknown):
        compute(CLOCKS["clk_cico_week8"], local("2026-09-09 10:00"), WorkCalendar())
