"""Verbs around families: a student or parent tells the team (R-032, R-264); the team tells parents of their child."""

from typing import Any
from uuid import UUID

from src.platform.access import catalogue
from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.incidents import repository, service, tokens
from src.platform.incidents.errors import NothingGoesBackError
from src.platform.incidents.families import parents
from src.platform.incidents.families import repository as family_repository
from src.platform.incidents.models import FamilyNotice, Participation
from src.platform.incidents.schemas import NewReport
from src.platform.incidents.triage import residential
from src.platform.kit import clock
from src.platform.kit.errors import FieldError, Invalid, NotFound, StaleVersion
from src.platform.kit.i18n import N_, gettext_in
from src.platform.kit.ids import new_id
from src.platform.vault import service as vault
from src.platform.vault import ties as vault_ties

MEASURES = "family_notice.measures"
TELL, TELL_PARENTS = "report.tell", "incident.tell_parents"
_ABOUT = N_("The reporter’s own child: %(name)s")


async def tell(unit: Unit, *, child: UUID | None = None, **told: Any) -> UUID:
    """Take a report of a student or a parent; the description is enough and nobody stands between (R-032, R-264)."""
    access.require(unit, TELL)
    who = str(told.pop("who", ""))
    if child is not None:
        if child not in await vault_ties.own_children(unit):
            raise Invalid(fields=[FieldError("child", "not_an_option", N_("Choose one of the answers"))])
        name = (await vault.own_names(unit, [child]))[child]
        who = "\n".join(filter(None, (gettext_in(unit.language, _ABOUT, name=name), who)))
    is_child = catalogue.roles_of(unit.me.tenant_kind).child in unit.me.roles
    status = "student" if is_child else "parent"
    return await service.take_signed(unit, NewReport(who=who, reporter_status=status, **told), channel=status)


async def tell_parents(
    unit: Unit,
    incident_id: UUID,
    version: int,
    *,
    participation_id: UUID,
    measures: str = "",
    read: bool = False,
    sure: bool = False,
) -> None:
    """Let the parents of a child know that the incident concerns it, and what is done for it (R-062, R-248).

    Reaches who has an account as this child's parent and is not accused in the incident (R-261). `version` is 0 the
    first time. Raises NotFound, Forbidden, StaleVersion, Invalid for a text that nobody read for identities or that
    seems to name somebody.
    """
    incident = await service.for_verb(unit, incident_id, TELL_PARENTS)
    people = await repository.participations(unit, [incident.id])
    child = next((one for one in people if one.id == participation_id and one.kind == "student"), None)
    if child is None:
        raise NotFound
    if residential.is_of_institution(child, incident):
        raise NothingGoesBackError
    await _check_text(unit, people, child, measures, read=read, sure=sure)
    known = (await family_repository.notices(unit, incident.id)).get(child.id)
    if (known.version if known else 0) != version:
        raise StaleVersion
    notice_id, at = known.id if known else new_id(), clock.now()
    sealed = await vault.seal_text(unit, tokens.typed(measures), MEASURES, notice_id) if measures else None
    if known is None:
        unit.session.add(
            FamilyNotice(
                tenant_id=unit.tenant_id,
                id=notice_id,
                incident_id=incident.id,
                participation_id=child.id,
                told_at=at,
                measures=sealed,
                version=1,
            )
        )
    elif not await family_repository.write_notice(unit, notice_id, version, at, sealed):
        raise StaleVersion
    if parents.is_open(child) and child.id not in await parents.with_a_parent_accused(unit, people):
        child.parents_informed, child.parents_informed_at = "parents", at
    audit.record(unit, "incident.parents_told", "incident", [incident.id, child.id])


async def _check_text(
    unit: Unit, people: list[Participation], child: Participation, measures: str, *, read: bool, sure: bool
) -> None:
    if not measures:
        return
    if not read:
        message = N_("Confirm that you have read the text and that it tells nothing of anybody but this child")
        raise Invalid(fields=[FieldError("read", "not_read", message)])
    if not sure and await names_somebody(unit, people, child, measures):
        message = N_(
            "The text seems to name somebody else of this incident. Take the name out, or confirm that it is none"
        )
        raise Invalid(fields=[FieldError("sure", "names_somebody", message)])


async def names_somebody(unit: Unit, people: list[Participation], child: Participation, text: str) -> bool:
    """Whether a text about a child seems to name somebody else of its incident, the reporter too."""
    others = [await vault.open_link(unit, one.link, one.id) for one in people if one is not child]
    others += [
        await vault.open_link(unit, report.reporter_sealed, report.id)
        for report in await repository.reports(unit, child.incident_id)
        if report.reporter_sealed
    ]
    return await vault.mentions(unit, text, others, but=await vault.open_link(unit, child.link, child.id))
