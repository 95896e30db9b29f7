"""Every query of turns: records of a child in the school year, changes, talks between the sides."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    LargeBinary,
    Select,
    and_,
    any_,
    bindparam,
    delete,
    func,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from src.platform.access.policy import table
from src.platform.access.relations import scope
from src.platform.db import together
from src.platform.db.prepared import once
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


_CONFIRMED = Incident.outcome == "confirmed_problem_behaviour"
_ANSWERED = and_(
    func.cardinality(Incident.problem_behaviours) > 0, func.coalesce(Incident.outcome, "") != "not_confirmed"
)
_RECORDED = select(Incident.id).where(Incident.reported_at >= bindparam("since"), or_(_CONFIRMED, _ANSWERED))
"""Incidents with recorded problem behaviour since the school year began (R-029)."""
_MARKED = select(Participation.link_blind).where(
    Participation.incident_id == bindparam("incident"), Participation.secondary.is_not(None)
)
_CHANGES = (
    select(IncidentChange)
    .where(IncidentChange.incident_id == bindparam("incident"))
    .order_by(IncidentChange.made_at, IncidentChange.id)
)
_RECONCILIATIONS = (
    select(Reconciliation)
    .where(Reconciliation.incident_id == bindparam("incident"))
    .order_by(Reconciliation.recorded_at, Reconciliation.id)
)


def _offences(blinds: ColumnElement[bool], incident_ids: Select[UUID]) -> Select[Participation]:
    """Children who stand as offenders in some incidents, whom a condition on `_OFFENCE` picks."""
    return select(_OFFENCE).where(
        blinds,
        _OFFENCE.incident_id.in_(incident_ids),
        _OFFENCE.kind == "student",
        _OFFENCE.involvement.in_(OFFENDERS),
    )


_RECORDS_BEFORE = _offences(
    _OFFENCE.link_blind == any_(bindparam("blinds", type_=ARRAY(LargeBinary))),
    _RECORDED.where(Incident.id != bindparam("incident")),
)


def records_shown(unit: Unit, incident: Incident, facts: Mapping[str, object]) -> Read[Participation]:
    """The records of children of an incident who are marked, as far as the reader's own list shows them."""
    roles = unit.me.roles
    query = once(("records", roles), table(), lambda: _shown(roles))
    asked = {"incident": incident.id, "since": school_year_of(incident)}
    return Read(("records", incident.id), query, {**facts, **asked})


def _shown(roles: frozenset[str]) -> Select[Participation]:
    return _offences(_OFFENCE.link_blind.in_(_MARKED), _RECORDED.where(scope(roles, "incident.read")))


async def records_i_may_see(unit: Unit, incident: Incident) -> list[Participation]:
    """The same, as a list."""
    return await together.rows(unit.session, records_shown(unit, incident, await vault.facts(unit)))


async def records_of(unit: Unit, blinds: Collection[bytes], incident: Incident) -> list[Participation]:
    """Records of some children in the school year of an incident, without that incident."""
    asked = {"blinds": [*blinds], "incident": incident.id, "since": school_year_of(incident)}
    return list((await unit.session.scalars(_RECORDS_BEFORE, asked)).all())


def school_year_of(incident: Incident) -> datetime:
    """When the school year of an incident began."""
    return calendar.at_local(calendar.school_year_start(clock.local_date(incident.reported_at)), calendar.MIDNIGHT)


def changes_of(incident_id: UUID) -> Read[IncidentChange]:
    """The same, to be read with others."""
    return Read(("incident_change", incident_id), _CHANGES, {"incident": incident_id})


async def changes(unit: Unit, incident_id: UUID) -> list[IncidentChange]:
    """Turns outside the usual way, the earliest first."""
    return await together.rows(unit.session, changes_of(incident_id))


def reconciliations_of(incident_id: UUID) -> Read[Reconciliation]:
    """The same, to be read with others."""
    return Read(("reconciliation", incident_id), _RECONCILIATIONS, {"incident": incident_id})


async def reconciliations(unit: Unit, incident_id: UUID) -> list[Reconciliation]:
    """Talks that both sides agreed to."""
    return await together.rows(unit.session, reconciliations_of(incident_id))


async def relieve(unit: Unit, incident_id: UUID, membership_id: UUID) -> None:
    """Take a member's duty in an incident away."""
    await unit.session.execute(
        delete(IncidentDuty).where(IncidentDuty.incident_id == incident_id, IncidentDuty.membership_id == membership_id)
    )
