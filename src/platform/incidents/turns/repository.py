"""Every query of turns: records of a child in the school year, changes, talks between the sides."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    delete,
    func,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from src.platform.access.relations import scope
from src.platform.db import together
from src.platform.db.prepared import with_facts
from src.platform.db.together import Read
from src.platform.db.unit import Unit
from src.platform.incidents.models import (
    OFFENDERS,
    Incident,
    IncidentChange,
    IncidentDuty,
    Participation,
    Reconciliation,
)
from src.platform.kit import clock
from src.platform.vault import service as vault
from src.platform.workdays import calendar

_OFFENCE = aliased(Participation)
"""Relations of an incident look at its people; people of other incidents go by another name."""


def _recorded(incident: Incident) -> Select[UUID]:
    """Incidents with recorded problem behaviour in the school year of an incident (R-029)."""
    confirmed = Incident.outcome == "confirmed_problem_behaviour"
    answered = func.cardinality(Incident.problem_behaviours) > 0
    return select(Incident.id).where(
        Incident.reported_at >= school_year_of(incident),
        or_(confirmed, and_(answered, func.coalesce(Incident.outcome, "") != "not_confirmed")),
    )


def _offences(blinds: ColumnElement[bool], incident_ids: Select[UUID]) -> Select[Participation]:
    """Children who stand as offenders in some incidents, whom a condition on `_OFFENCE` picks."""
    return select(_OFFENCE).where(
        blinds,
        _OFFENCE.incident_id.in_(incident_ids),
        _OFFENCE.kind == "student",
        _OFFENCE.involvement.in_(OFFENDERS),
    )


def records_shown(unit: Unit, incident: Incident, facts: dict[str, object]) -> Read[Participation]:
    """The records of children of an incident who are marked, as far as the reader's own list shows them."""
    here = select(Participation.link_blind).where(
        Participation.incident_id == incident.id, Participation.secondary.is_not(None)
    )
    mine = _recorded(incident).where(scope(unit.me.roles, "incident.read"))
    return Read(("records", incident.id), with_facts(_offences(_OFFENCE.link_blind.in_(here), mine), facts))


async def records_i_may_see(unit: Unit, incident: Incident) -> list[Participation]:
    """The same, as a list."""
    return await together.rows(unit.session, records_shown(unit, incident, await vault.facts(unit)))


async def records_of(unit: Unit, blinds: Collection[bytes], incident: Incident) -> list[Participation]:
    """Records of some children in the school year of an incident, without that incident."""
    before = _recorded(incident).where(Incident.id != incident.id)
    query = _offences(_OFFENCE.link_blind.in_(blinds), before)
    return list((await unit.session.scalars(query)).all())


def school_year_of(incident: Incident) -> datetime:
    """When the school year of an incident began."""
    return calendar.at_local(calendar.school_year_start(clock.local_date(incident.reported_at)), calendar.MIDNIGHT)


def changes_of(incident_id: UUID) -> Read[IncidentChange]:
    """The same, to be read with others."""
    query = select(IncidentChange).where(IncidentChange.incident_id == incident_id)
    return Read(("incident_change", incident_id), query.order_by(IncidentChange.made_at, IncidentChange.id))


async def changes(unit: Unit, incident_id: UUID) -> list[IncidentChange]:
    """Turns outside the usual way, the earliest first."""
    return await together.rows(unit.session, changes_of(incident_id))


def reconciliations_of(incident_id: UUID) -> Read[Reconciliation]:
    """The same, to be read with others."""
    query = select(Reconciliation).where(Reconciliation.incident_id == incident_id)
    return Read(("reconciliation", incident_id), query.order_by(Reconciliation.recorded_at, Reconciliation.id))


async def reconciliations(unit: Unit, incident_id: UUID) -> list[Reconciliation]:
    """Talks that both sides agreed to."""
    return await together.rows(unit.session, reconciliations_of(incident_id))


async def relieve(unit: Unit, incident_id: UUID, membership_id: UUID) -> None:
    """Take a member's duty in an incident away."""
    await unit.session.execute(
        delete(IncidentDuty).where(IncidentDuty.incident_id == incident_id, IncidentDuty.membership_id == membership_id)
    )
