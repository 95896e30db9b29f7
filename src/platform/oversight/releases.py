"""Releases of statistics about children: asked for by the city, made once by the worker, never changed (ADR 21)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

import msgspec

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.forms import registry as forms
from src.platform.kit import clock, i18n
from src.platform.kit.errors import FieldError, Invalid, NotFound
from src.platform.kit.i18n import N_, gettext, sort_key
from src.platform.kit.ids import new_id
from src.platform.longwork import kinds
from src.platform.longwork import service as longwork
from src.platform.longwork.kinds import Kind, Piece, Went
from src.platform.oversight import repository
from src.platform.oversight.children import UNKNOWN, VALUES
from src.platform.oversight.errors import ReleasedAlreadyError
from src.platform.oversight.models import Release
from src.platform.oversight.repository import Placed
from src.platform.oversight.schemas import (
    CityChildren,
    District,
    Frozen,
    ReleaseLine,
    StatisticsRow,
    StatisticsTable,
    Waiting,
)
from src.platform.oversight.suppression import Row, suppress
from src.platform.tenants import service as tenants
from src.platform.workdays import service as workdays
from src.platform.workdays.calendar import days_of_quarter, quarter_before, statistical_quarter

_METHOD = 1
_LOOKED_BACK = 4
SCHOOLS = ("school", "residential_institution")
_TITLES = {
    "what": N_("Children by what was confirmed"),
    "sex": N_("Children by sex"),
    "band": N_("Children by part of the school"),
    "help": N_("Children sent to partners, by kind of service"),
}
_COLUMNS = {
    "several_kinds": N_("Several kinds of violence"),
    "kind_not_said": N_("Violence, kind not said"),
    "problem_behaviour": N_("Problem behaviour"),
    "female": N_("Girls"),
    "male": N_("Boys"),
    "primary": N_("Grades 0–4"),
    "middle": N_("Grades 5–9"),
    "senior": N_("Grades 10–12"),
    UNKNOWN: N_("Not known"),
}


async def ask(unit: Unit, quarter: int) -> UUID:
    """Ask for the release of a quarter; the work that makes it, the running one where somebody asked before.

    Raises Invalid before its day, ReleasedAlreadyError after the first one.
    """
    access.require(unit, "oversight.release")
    await check_ready(unit, quarter)
    audit.record(unit, "oversight.release_asked", "oversight", detail={"quarter": quarter})
    return await longwork.begin(unit, KIND, number=quarter, total=1)


async def check_ready(unit: Unit, quarter: int) -> None:
    """Raises Invalid for a quarter that may not have its release yet, ReleasedAlreadyError for one that has it."""
    made, _body = await repository.release(unit, None)
    if any(one.quarter == quarter for one in made):
        raise ReleasedAlreadyError
    found = next((one for one in await _waiting(unit, made) if one.quarter == quarter), None)
    if found is None:
        raise Invalid(fields=[FieldError("quarter", "unknown", N_("Choose one of the answers"))])
    if not found.is_ready:
        raise Invalid(fields=[_too_early(found.ready_on)])


async def make(unit: Unit, quarter: int) -> None:
    """Build and keep the release of a quarter, in the city's context; of a quarter that has one, nothing."""
    await repository.lock_releases(unit)
    made, _body = await repository.release(unit, None)
    if any(one.quarter == quarter for one in made):
        return
    schools = await tenants.organisations(unit, SCHOOLS)
    placed = await repository.districts(unit, quarter)
    release = Release(
        tenant_id=unit.tenant_id,
        id=new_id(),
        number=max((one.number for one in made), default=0) + 1,
        quarter=quarter,
        made_at=clock.now(),
        method=_METHOD,
        body=msgspec.to_builtins({"tables": freeze(placed, {one.district_id for one in schools})}),
    )
    repository.add_release(unit, release)
    audit.record(unit, "oversight.released", "oversight_release", [release.id], detail={"quarter": quarter})


async def _step(unit: Unit, piece: Piece) -> Went:
    await make(unit, piece.number)
    return Went(1, is_over=True)


KIND = kinds.register(
    Kind(
        name="quarter_release",
        title=N_("Release of a quarter"),
        counted=N_("%(done)s of %(total)s steps: all numbers are read and frozen at once"),
        permission="oversight.release",
        step=_step,
        finished=N_("The release is made"),
        leads_to="/statistics",
        shared=True,
    )
)


def freeze(placed: Iterable[Placed], districts: Iterable[UUID | None]) -> list[Frozen]:
    """The tables that may be shown of these sums; a district without a child has a row of zeros."""
    counts: dict[tuple[str, UUID | None], dict[str, int]] = defaultdict(dict)
    schools: dict[tuple[str, UUID | None], int] = {}
    for one in placed:
        counts[one.dimension, one.district_id][one.value] = one.children
        schools[one.dimension, one.district_id] = one.schools
    rows = sorted({*districts, *(district for _dimension, district in counts)}, key=str)
    return [_table(d, values, rows, counts, schools) for d, values in VALUES.items()]


def _table(
    dimension: str,
    values: Sequence[str],
    districts: Sequence[UUID | None],
    counts: dict[tuple[str, UUID | None], dict[str, int]],
    schools: dict[tuple[str, UUID | None], int],
) -> Frozen:
    keys = [(dimension, district) for district in districts]
    rows = [Row(tuple(counts[key].get(value, 0) for value in values), schools.get(key, 0)) for key in keys]
    shown, region = suppress(rows)
    return Frozen(
        dimension=dimension,
        values=list(values),
        rows=[(district, list(cells)) for district, cells in zip(districts, shown, strict=True)],
        region=list(region) if len(rows) > 1 else [],
    )


async def city_children(unit: Unit, number: int | None, district: UUID | None) -> CityChildren:
    """A release, the latest unless told, as it was made. Raises Invalid for a filter that it does not have."""
    access.require(unit, "oversight.read")
    i18n.use(unit.language)
    made, body = await repository.release(unit, number)
    names = await tenants.district_names(unit)
    chosen = next((one for one in made if number in (None, one.number)), None)
    if number is not None and chosen is None:
        raise Invalid(fields=[FieldError("release", "unknown", N_("Choose one of the answers"))])
    tables = msgspec.convert(body["tables"], list[Frozen]) if body else []
    known = {one for table in tables for one, _cells in table.rows if one is not None}
    if district is not None and district not in known:
        raise Invalid(fields=[FieldError("district", "unknown", N_("Choose one of the answers"))])
    view = CityChildren(
        release=chosen,
        district=district,
        releases=made,
        districts=sorted((District(id=i, name=names[i]) for i in known), key=lambda one: sort_key(one.name)),
        tables=[_in_words(table, names, district, unit.language) for table in tables],
        waiting=await _waiting(unit, made),
    )
    audit.record(unit, "oversight.read", "oversight", [chosen.id] if chosen else [])
    return view


async def taken(unit: Unit, release_id: UUID, way: str) -> tuple[CityChildren, ReleaseLine]:
    """A whole release to be taken along as a file, which is recorded. Raises NotFound."""
    access.require(unit, "oversight.read")
    made, _body = await repository.release(unit, None)
    release = next((one for one in made if one.id == release_id), None)
    if release is None:
        raise NotFound
    audit.record(unit, "oversight.taken", "oversight_release", [release.id], detail={"way": way})
    return await city_children(unit, release.number, None), release


async def _waiting(unit: Unit, made: Iterable[ReleaseLine]) -> list[Waiting]:
    """Quarters of the last year without a release, the running one included, the latest first."""
    calendar = await workdays.calendar(unit)
    pause = int(await tenants.setting(unit, "release_working_days"))
    today = clock.local_date(clock.now())
    done, quarter, found = {one.quarter for one in made}, statistical_quarter(today), []
    for _ in range(_LOOKED_BACK):
        ready_on = calendar.add_working(days_of_quarter(quarter)[1], pause)
        if quarter not in done:
            found.append(Waiting(quarter=quarter, ready_on=ready_on, is_ready=ready_on <= today))
        quarter = quarter_before(quarter)
    return found


def _too_early(ready_on: date) -> FieldError:
    message = N_("Schools still write about this quarter. It may have its release from %(day)s")
    return FieldError("quarter", "too_early", message, (("day", f"{ready_on:%d.%m.%Y}"),))


def _in_words(table: Frozen, names: dict[UUID, str], district: UUID | None, language: str) -> StatisticsTable:
    rows = [
        StatisticsRow(
            name=names[one] if one else gettext("Outside the districts"), district_id=one, is_region=False, cells=cells
        )
        for one, cells in table.rows
        if district in (None, one)
    ]
    rows.sort(key=lambda row: (row.district_id is None, sort_key(row.name)))
    if table.region:
        whole = StatisticsRow(name=gettext("Whole region"), district_id=None, is_region=True, cells=table.region)
        rows.append(whole)
    return StatisticsTable(
        dimension=table.dimension,
        title=gettext(_TITLES[table.dimension]),
        columns=[_column(table.dimension, value, language) for value in table.values],
        rows=rows,
    )


def _column(dimension: str, value: str, language: str) -> str:
    if value in _COLUMNS:
        return gettext(_COLUMNS[value])
    return forms.options("violence_type" if dimension == "what" else "service_type").label(value, language)
