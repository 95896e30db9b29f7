"""What the city sees of schools: exact numbers of months that are over (decisions 27, ADR 28)."""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

import msgspec

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db.together import Standing
from src.platform.db.unit import Unit
from src.platform.deadlines.schemas import Kept
from src.platform.kit import clock
from src.platform.kit.errors import FieldError, Invalid, NotFound
from src.platform.kit.i18n import N_, sort_key
from src.platform.oversight import counters, questions, repository
from src.platform.oversight.errors import NoSuchMonthError, NotOverError
from src.platform.oversight.schemas import CityMonth, District, Month, PlaceRow, Question, SchoolRow
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import Organisation
from src.platform.workdays import calendar

TREND = 12
_FIRST_MONTH = 202401
_DECEMBER = 12
PAGE_SIZE = 50
_Months = Mapping[int, Mapping[str, Kept]]
_Places = Mapping[UUID | None, _Months]


async def city_month(
    unit: Unit,
    month: int | None,
    district: UUID | None = None,
    measure: str | None = None,
    *,
    after: UUID | None = None,
    way: str = "",
) -> CityMonth:
    """Schools' counters of a month, the last that is over unless told: a page of them, or all to be taken along.

    `way` is how they are taken along. Raises NotOverError, NoSuchMonthError, Invalid for a district that has no
    school, NotFound for a measure that is none.
    """
    access.require(unit, "oversight.read")
    if measure is not None and measure not in counters.CLOCKS:
        raise NotFound
    last = calendar.month_after(calendar.month_of(clock.local_date(clock.now())), -1)
    chosen = chosen_month(month, last)
    names = await tenants.district_names(unit)
    known = await tenants.organisations(unit, [tenants.SCHOOL])
    placed = _schools(known, None, unit.language).districts
    if district is not None and district not in placed:
        raise Invalid(fields=[FieldError("district", "unknown", N_("Choose one of the answers"))])
    wanted = _schools(known, district, unit.language)
    first, page = (0, wanted.named) if way else _page(wanted.named, after)
    months, clocks = _summed(chosen, measure)
    shown = [one.id for one in page]
    told = await repository.counters(chosen, shown=shown, sums=months, clocks=clocks, district=district)
    rows = [_school(one, told.schools.get(one.id, {}).get(chosen), names, unit.language) for one in page]
    trend = [_month(month, told.districts, measure) for month in months]
    year_before = trend[-1 - TREND] if measure else trend[0]
    audit.record(unit, "oversight.taken" if way else "oversight.read", "oversight", detail=_detail(chosen, way))
    return CityMonth(
        month=chosen,
        earlier=earlier(chosen),
        later=calendar.month_after(chosen) if chosen < last else None,
        state=state_number(chosen, [(wanted.mark, told.state)]),
        district=district,
        measure=measure,
        months=months_until(last),
        districts=sorted(
            (District(id=one, name=names[one]) for one in placed if one), key=lambda one: sort_key(one.name)
        ),
        total=trend[-1].cells,
        year_before=year_before.cells if year_before.is_counted else None,
        trend=trend if measure else [],
        places=_places(wanted.districts, told.districts, chosen, names, measure),
        schools=len(wanted.named),
        first=first + 1,
        after=page[-1].id if first + len(page) < len(wanted.named) else None,
        rows=rows,
        medians=told.medians,
        questions=[one for row in rows for one in _asked(row, told.schools.get(row.tenant_id, {}), chosen)],
    )


def _summed(chosen: int, measure: str | None) -> tuple[list[int], Collection[str]]:
    """The months of which there are sums, the chosen one last, and their clocks: behind a tile its own trend."""
    if measure is None:
        return [calendar.month_after(chosen, -TREND), chosen], counters.SHOWN
    months = [calendar.month_after(chosen, -before) for before in reversed(range(2 * TREND))]
    return months, {*counters.CLOCKS[measure], counters.TEAM}


class Schools(NamedTuple):
    """Schools by name, how many stand in which district, and what changes when one comes, moves or goes."""

    named: tuple[Organisation, ...]
    districts: Mapping[UUID | None, int]
    mark: str


@lru_cache(maxsize=64)
def _schools(known: Standing[Organisation], district: UUID | None, language: str) -> Schools:
    """Of a district or of all; remembered as long as the region stands as it does."""
    named = sorted(
        (one for one in known if district in (None, one.district_id)), key=lambda one: sort_key(one.name(language))
    )
    placed = sorted(f"{one.id} {one.district_id}" for one in named)
    mark = hashlib.sha256(" ".join(placed).encode()).hexdigest()
    return Schools(tuple(named), Counter(one.district_id for one in named), mark)


def _page(schools: Sequence[Organisation], after: UUID | None) -> tuple[int, Sequence[Organisation]]:
    """Those behind a school, and how many stand before them; from the beginning where it is gone or the last."""
    first = next((place for place, one in enumerate(schools[:-1], 1) if one.id == after), 0)
    return first, schools[first : first + PAGE_SIZE]


def chosen_month(month: int | None, last: int) -> int:
    """The month that was asked for, the last one unless told. Raises NotOverError, NoSuchMonthError."""
    chosen = last if month is None else month
    if chosen < _FIRST_MONTH or not 1 <= chosen % 100 <= _DECEMBER:
        raise NoSuchMonthError
    if chosen > last:
        raise NotOverError
    return chosen


def earlier(month: int) -> int | None:
    """The month before, where there may be one."""
    return calendar.month_after(month, -1) if month > _FIRST_MONTH else None


def months_until(last: int) -> list[int]:
    """The choices of the filter, the newest first."""
    return [one for one in (calendar.month_after(last, -n) for n in range(2 * TREND)) if one >= _FIRST_MONTH]


def _detail(month: int, way: str) -> dict[str, str | int]:
    return {"month": month, "way": way} if way else {"month": month}


def _month(month: int, districts: _Places, measure: str | None) -> Month:
    found = counters.added(of.get(month, {}) for of in districts.values())
    return Month(month=month, is_counted=bool(found), cells=counters.cells(found, measure))


def questions_of(school: Organisation, months: _Months, month: int, language: str) -> Iterator[Question]:
    """What the page of a month asks one school."""
    return _asked(_school(school, months.get(month), {}, language), months, month)


def _asked(row: SchoolRow, months: _Months, chosen: int) -> Iterator[Question]:
    return questions.of_school(row, {month: kept for month, kept in months.items() if month != chosen})


def _school(
    school: Organisation, month: Mapping[str, Kept] | None, districts: Mapping[UUID, str], language: str
) -> SchoolRow:
    cells = counters.cells(month or {})
    of = {cell.measure: cell for cell in cells}
    weekly = (month or {}).get("clk_partner_weekly")
    return SchoolRow(
        tenant_id=school.id,
        name=school.name(language),
        district_id=school.district_id,
        district=districts.get(school.district_id) if school.district_id else None,
        is_counted=bool(month),
        cells=cells,
        screened_in_time=of["screened"].in_time,
        screened_late_or_never=of["screened"].not_in_time,
        investigated_in_time=of["investigated"].in_time,
        investigated_late_or_never=of["investigated"].not_in_time,
        decided_in_time=of["decided"].in_time,
        decided_late_or_never=of["decided"].not_in_time,
        serious_signs_late_or_never=of["serious_signs"].not_in_time,
        partner_answers_in_time=of["partner_answers"].in_time,
        partner_answers_late_or_never=of["partner_answers"].not_in_time,
        weekly_reports_in_time=of["weekly_reports"].in_time,
        weekly_reports_late=of["weekly_reports"].late,
        weekly_reports_missing=of["weekly_reports"].missing,
        form_e_in_time=of["form_e"].in_time,
        form_e_late_or_never=of["form_e"].not_in_time,
        weekly_reports_long_silent=weekly.reached_city if weekly else 0,
    )


def _places(
    schools: Mapping[UUID | None, int], numbers: _Places, month: int, names: Mapping[UUID, str], measure: str | None
) -> list[PlaceRow]:
    """Districts by name, then the region where there is more than one."""
    found = [
        PlaceRow(
            district_id=district,
            name=names.get(district, "") if district else "",
            is_region=False,
            schools=number,
            cells=counters.cells(numbers.get(district, {}).get(month, {}), measure),
        )
        for district, number in schools.items()
    ]
    found.sort(key=lambda one: (not one.name, sort_key(one.name)))
    if len(found) > 1:
        total = _month(month, numbers, measure).cells
        found.append(PlaceRow(district_id=None, name="", is_region=True, schools=sum(schools.values()), cells=total))
    return found


def state_number(month: int, numbers: Sequence[Sequence[object]]) -> str:
    """The number of a state of counters, in no language: what differs has another one. Each row begins with its id."""
    numbers = sorted((msgspec.to_builtins(row) for row in numbers), key=lambda row: str(row[0]))
    made = int.from_bytes(hashlib.sha256(msgspec.json.encode(numbers)).digest()[:5])
    return f"{month}-{made % 10**9:09}"
