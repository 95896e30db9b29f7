"""A report is not an incident: an incident has one or more reports (decisions 10). No name stands in any column."""

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from src.platform.db.base import Base, TenantRow

CLASSES_OF: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "victim": frozenset({"identity-victim"}),
        "alleged_offender": frozenset({"identity-offender"}),
        "both": frozenset({"identity-victim", "identity-offender"}),
        "witness": frozenset({"identity-witness"}),
    }
)
"""The classes that a person's identity has, by involvement; a reader passes all of them."""
REPORTER_CLASSES = frozenset({"identity-reporter"})
OFFENDERS = ("alleged_offender", "both")


class Incident(TenantRow, Base):
    """What the team works on, with the answers of D-1. `number` is random; injuries, findings, measures are sealed."""

    __tablename__ = "incident"

    number: Mapped[str]
    state: Mapped[str]
    urgency: Mapped[str]
    urgency_answered: Mapped[bool]
    happened_on: Mapped[date | None]
    place: Mapped[str | None]
    problem_behaviours: Mapped[list[str]] = mapped_column(server_default="{}")
    violence_types: Mapped[list[str]] = mapped_column(server_default="{}")
    serious_signs: Mapped[list[str]] = mapped_column(server_default="{}")
    repetition: Mapped[str | None]
    residential_child: Mapped[bool] = mapped_column(server_default="false")
    harmed: Mapped[bool | None]
    harm_danger: Mapped[bool | None]
    self_harm_sign: Mapped[bool | None]
    sent_to_medical: Mapped[bool | None]
    injured_count: Mapped[int | None]
    injuries: Mapped[bytes | None]
    reported_at: Mapped[datetime]
    screened_at: Mapped[datetime | None]
    investigation_started_at: Mapped[datetime | None]
    investigation_ended_at: Mapped[datetime | None]
    classified_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    findings: Mapped[bytes | None]
    safety_measures: Mapped[bytes | None]
    identities_read_at: Mapped[datetime | None]
    commission_told: Mapped[list[str]] = mapped_column(server_default="{}")
    version: Mapped[int] = mapped_column(server_default="1")


class Report(TenantRow, Base):
    """What somebody told. Who told it is a sealed link, never a `created_by` (decisions 11)."""

    __tablename__ = "report"

    incident_id: Mapped[UUID]
    received_at: Mapped[datetime]
    channel: Mapped[str]
    description: Mapped[bytes]
    who: Mapped[bytes | None]
    happened: Mapped[bytes | None]
    place: Mapped[str | None]
    harmed: Mapped[str]
    harm_danger: Mapped[str]
    reporter_sealed: Mapped[bytes | None]
    reporter_blind: Mapped[bytes | None]
    reporter_status: Mapped[str]


class Participation(TenantRow, Base):
    """A person in an incident: involvement, and a sealed link with its fingerprint (decisions 12)."""

    __tablename__ = "participation"

    incident_id: Mapped[UUID]
    involvement: Mapped[str]
    kind: Mapped[str]
    link: Mapped[bytes]
    link_blind: Mapped[bytes]
    risk_level: Mapped[str | None]
    added_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(server_default="1")


class IncidentDuty(Base):
    """A member's duty in one incident: investigator or the victim's support person."""

    __tablename__ = "incident_duty"
    __tenancy__ = "tenant"

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    incident_id: Mapped[UUID] = mapped_column(primary_key=True)
    membership_id: Mapped[UUID] = mapped_column(primary_key=True)
    duty: Mapped[str]


class Interview(TenantRow, Base):
    """A talk with exactly one person, or the reason why there was none (R-040 … R-042)."""

    __tablename__ = "interview"

    incident_id: Mapped[UUID]
    participation_id: Mapped[UUID | None]
    report_id: Mapped[UUID | None]
    held_at: Mapped[datetime | None]
    notes: Mapped[bytes | None]
    waiver: Mapped[str | None]


class NarrativeToken(TenantRow, Base):
    """A form of a name that stands for a person in the texts; the form itself is sealed (decisions 15)."""

    __tablename__ = "narrative_token"

    incident_id: Mapped[UUID]
    participation_id: Mapped[UUID | None]
    report_id: Mapped[UUID | None]
    surface: Mapped[bytes]
    undone_at: Mapped[datetime | None]


class Injury(TenantRow, Base):
    """One region of a body with an injury, as it was noted; regions noted together have one `record_id`."""

    __tablename__ = "injury"

    incident_id: Mapped[UUID]
    record_id: Mapped[UUID]
    participation_id: Mapped[UUID | None]
    region: Mapped[bytes]
    note: Mapped[bytes | None]
    noted_at: Mapped[datetime]
    noted_by: Mapped[UUID]


class TeamMeeting(TenantRow, Base):
    """The full team's meeting on one incident."""

    __tablename__ = "team_meeting"

    incident_id: Mapped[UUID]
    held_at: Mapped[datetime]
    mode: Mapped[str]
    invited: Mapped[list[UUID]]
    attended: Mapped[list[UUID]]
