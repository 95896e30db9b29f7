"""School years and acts of the government are entered as data, and refused when they make no sense."""

from datetime import date
from pathlib import Path

import pytest

from src.platform.cli.calendar import read
from src.platform.workdays import service as workdays
from tests.support.commands import qorgan
from tests.support.incidents import rows
from tests.support.inside import inside
from tests.support.people import Region

YEAR = Path("src/platform/cli/demo/school_year.toml")


async def test_r_244_a_school_year_and_an_act_are_entered_by_the_operator_and_known_at_once(
    database: str, region: Region, tmp_path: Path
) -> None:
    done = await qorgan("calendar", "school-year", str(YEAR))
    assert (done.returncode, done.stdout) == (0, "Entered: 2026-2027\n"), done.stderr
    entered = ("calendar", "day", "2026-12-14", "holiday", "--week", "five", "--act", "No. 1")
    assert [(await qorgan(*entered)).returncode for _ in range(2)] == [0, 1]
    async with inside(region.organisations["school12"]) as work:
        calendar = await workdays.calendar(work)
    assert not calendar.is_working(date(2026, 12, 14))
    assert calendar.is_instructional(date(2026, 9, 1))
    assert not calendar.is_instructional(date(2026, 10, 27))
    assert calendar.is_instructional(date(2027, 2, 9), 2)
    assert not calendar.is_instructional(date(2027, 2, 9), 1)
    audited = "select detail->>'day' from audit_log where action = 'calendar.day_entered'"
    assert rows(database, audited) == [("2026-12-14",)]
    refused = await qorgan("calendar", "school-year", str(tmp_path / "missing.toml"))
    assert (refused.returncode, refused.stdout.startswith("Not entered: ")) == (1, True)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("number = 2", "number = 3", "four quarters, in their order"),
        ('act = "demo"', 'act = ""', "order of the ministry"),
        ('last = "2026-10-25"', 'last = "2026-11-05"', "before the one before it ends"),
        ('last = "2027-05-25"', 'last = "2027-03-01"', "ends before it begins"),
        ('code = "2026-2027"', 'code = "2025-2026"', "code"),
        ('kind = "winter"', 'kind = "holiday"', "winter|kind|enum"),
    ],
)
def test_r_244_a_year_that_makes_no_sense_is_not_entered(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    file = tmp_path / "year.toml"
    file.write_text(YEAR.read_text().replace(old, new))
    with pytest.raises(Exception, match=complaint):
        read(file)
