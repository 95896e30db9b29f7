"""How punctual partners are: counted exactly inside the partner's organisation, shown where it gives no child away.

What a partner owed in a month is how many children it was sent, and a partner of one service is that service. Beside
the exact numbers of schools such a sum can say that a certain school sent a child to a certain service. The city's
role therefore reads these rows through a function only: of three schools and ten terms or more, and nothing that would
have to come from one certain school (ADR 29).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from uuid import UUID

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db import together
from src.platform.db.unit import Unit
from src.platform.deadlines import service as deadlines
from src.platform.deadlines.schemas import Kept
from src.platform.kit import clock
from src.platform.kit.i18n import sort_key
from src.platform.oversight import agreements, counters, repository, views
from src.platform.oversight.repository import Ending, PartnerTold
from src.platform.oversight.schemas import AgreementLine, CityPartners, PartnerQuestion, PartnerRow, Punctuality
from src.platform.referrals import tallies as referrals
from src.platform.referrals.schemas import PARTNER_KINDS
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import Organisation
from src.platform.workdays import calendar

MEASURES: Mapping[str, str] = MappingProxyType(
    {code: measure for measure in ("partner_answers", "weekly_reports") for code in counters.CLOCKS[measure]}
)


async def count(unit: Unit, month: int, kept: Iterable[Kept]) -> None:
    """Keep how a partner's terms of a month ended; in the partner's own organisation, over all its schools."""
    schools = await _schools(unit, month)
    found = [one for one in kept if one.code in MEASURES and schools[one.code]]
    await repository.replace_partner(unit, month, [(one, len(schools[one.code])) for one in found])


async def _schools(unit: Unit, month: int) -> Mapping[str, set[UUID]]:
    subjects = await deadlines.subjects_in(unit, month, MEASURES)
    sent_by = await referrals.schools_of(unit, {subject for _code, subject in subjects})
    schools: dict[str, set[UUID]] = defaultdict(set)
    for code, subject in subjects:
        if subject in sent_by:
            schools[code].add(sent_by[subject])
    return schools


async def city_partners(unit: Unit, month: int | None, *, way: str = "") -> CityPartners:
    """Partners in a month that is over, and agreements as they are today.

    `way` is how they are taken along. Raises NotOverError, NoSuchMonthError.
    """
    access.require(unit, "oversight.read")
    today = clock.local_date(clock.now())
    last = calendar.month_after(calendar.month_of(today), -1)
    chosen = views.chosen_month(month, last)
    await together.prefetch(unit.session, tenants.all_tenants(), tenants.all_settings())
    days: int = await tenants.setting(unit, "agreements_ending_days")
    known = {one.id: one for one in await tenants.organisations(unit, [*PARTNER_KINDS, tenants.SCHOOL])}
    span = calendar.add_days(today, -agreements.ENDED_SHOWN_DAYS), today, calendar.add_days(today, days)
    told, ending, agreeing = await repository.partners(chosen, *span)
    rows = _rows([one for one in known.values() if one.kind != tenants.SCHOOL], told, unit.language)
    lines = _lines(ending, known, unit.language)
    bare = [one for one in known.values() if one.kind == tenants.SCHOOL and one.id not in agreeing]
    audit.record(unit, "oversight.taken" if way else "oversight.read", "oversight", detail=_detail(chosen, way))
    return CityPartners(
        month=chosen,
        earlier=views.earlier(chosen),
        later=calendar.month_after(chosen) if chosen < last else None,
        months=views.months_until(last),
        state=views.state_number(chosen, [[str(one.tenant_id), one.answers, one.weekly] for one in rows]),
        today=today,
        days=days,
        rows=rows,
        agreements=lines,
        without=sorted((one.name(unit.language) for one in bare), key=sort_key),
        questions=[question for row in rows for question in _asked(row)],
    )


def _detail(month: int, way: str) -> dict[str, str | int]:
    return {"month": month, "page": "partners", **({"way": way} if way else {})}


def _rows(partners: Iterable[Organisation], told: Sequence[PartnerTold], language: str) -> list[PartnerRow]:
    of = {(one.tenant_id, MEASURES[one.code]): one for one in told}
    rows = [
        PartnerRow(
            tenant_id=one.id,
            name=one.name(language),
            kind=one.kind,
            answers=_punctual(of.get((one.id, "partner_answers"))),
            weekly=_punctual(of.get((one.id, "weekly_reports"))),
        )
        for one in partners
    ]
    return sorted(rows, key=lambda row: sort_key(row.name))


def _punctual(told: PartnerTold | None) -> Punctuality | None:
    return told and Punctuality(due=told.due, in_time=told.in_time, late=told.late, missing=told.missed)


def _lines(ending: Iterable[Ending], known: Mapping[UUID, Organisation], language: str) -> list[AgreementLine]:
    """The earliest end first; an organisation that the region no longer has in these kinds has no line."""
    lines = [
        AgreementLine(
            school_id=one.school,
            school=known[one.school].name(language),
            partner=known[one.partner].name(language),
            service_types=one.service_types,
            last_day=one.last_day,
            is_over=one.is_over,
            ended_early=one.ended_early,
        )
        for one in ending
        if one.school in known and one.partner in known
    ]
    return sorted(lines, key=lambda line: (line.last_day, sort_key(line.school), sort_key(line.partner)))


def _asked(row: PartnerRow) -> Iterator[PartnerQuestion]:
    """What the city may ask a partner; a partner of whom nothing is shown is not asked by numbers."""
    for kind, punctual in (("answers", row.answers), ("weekly", row.weekly)):
        if punctual is None or punctual.in_time is None:
            continue
        if punctual.missing:
            yield PartnerQuestion(partner=row.name, kind=f"{kind}_missing", number=punctual.missing)
        if punctual.late:
            yield PartnerQuestion(partner=row.name, kind=f"{kind}_late", number=punctual.late)
