"""What is missing in the school's records, line by line, each with the list or the page where it is mended.

Lines about incidents count the reader's own list; the other lines are facts of the school that every reader of the
page is shown elsewhere.
"""

from collections.abc import Callable, Iterator
from datetime import date

from src.platform.catalogue import service as catalogue
from src.platform.db import together
from src.platform.db.unit import Unit
from src.platform.insight.repository import FORMS
from src.platform.insight.schemas import Gap, Numbers
from src.platform.kit import clock
from src.platform.teams import service as teams
from src.platform.workdays import calendar

Address = Callable[..., str]


async def found(unit: Unit, numbers: Numbers, address: Address, newest: date | None) -> list[Gap]:
    """Every line with a number above zero; `newest` is when the last student of a class list came."""
    lines = [*_of_incidents(numbers, address), *await _of_records(unit), *_of_lists(newest)]
    return [one for one in lines if one.number]


def _of_incidents(numbers: Numbers, address: Address) -> Iterator[Gap]:
    yield Gap(key="waiting", number=numbers.waiting, rows_at=address(state="reported"))
    for name, number in numbers.lacks.items():
        yield Gap(key=name, number=number, rows_at=address(lacks=name))
    yield Gap(key="overdue", number=numbers.overdue, rows_at=address(clock="overdue"))


async def _of_records(unit: Unit) -> list[Gap]:
    found: list[Gap] = []
    for form, path in zip(FORMS, ("/form-e", "/form-j"), strict=True):
        months = await together.rows(unit.session, form.all_months())
        unconfirmed = sum(one.state != "confirmed" for one in months)
        found.append(Gap(key=form.name, number=unconfirmed, rows_at=path))
    seats = await together.rows(unit.session, teams.all_active_seats())
    short = [one for one in teams.counts(seats, await teams.least(unit)) if not one.met]
    found.append(Gap(key="no_team" if not seats else "team_short", number=len(short), rows_at="/team"))
    untrained = sum(one.trained_on is None for one in seats)
    found.append(Gap(key="untrained", number=untrained, rows_at="/team"))
    offered = await catalogue.entries(unit)
    stale = sum(not one.is_confirmed for one in offered.values() if one.services)
    found.append(Gap(key="catalogue", number=stale, rows_at="/catalogue"))
    return found


def _of_lists(newest: date | None) -> Iterator[Gap]:
    year = calendar.school_year_start(clock.local_date(clock.now()))
    yield Gap(key="class_lists", number=int(newest is None or newest < year), rows_at="/classes")
