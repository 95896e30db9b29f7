"""A report is not an incident: an incident has one or more reports (decisions 10). No name stands in any column."""

from collections.abc import Mapping
from datetime import date, datetime, time
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import JSONB
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
CODE_WORDS: Mapping[str, str] = MappingProxyType({"student": "child", "employee": "adult", "other_adult": "adult"})
"""The kind of code that a person has, by kind."""
REPORTER_CLASSES = frozenset({"identity-reporter"})
OFFENDER_CLASSES = frozenset({"identity-offender"})
OFFENDERS = ("alleged_offender", "both")
NARRATIVES = (
    *("injuries", "behaviour_other", "medical_where", "findings", "safety_measures", "staff_measures"),
    "additional_info",
)
"""Columns of an incident that hold sealed texts, in which names are marked."""


class Incident(TenantRow, Base):
    """What the team works on, with the answers of D-1. `number` is random; injuries, findings, measures are sealed.

    `rounds`: how often it was reopened; `lacks_coordinator`: every coordinator is in conflict, the deputy acts (R-271).
    `council_caller`: who starts a session of the council after a criminal offence by a student (R-209).
    """

    __tablename__ = "incident"

    number: Mapped[str]
    state: Mapped[str]
    urgency: Mapped[str]
    urgency_answered: Mapped[bool]
    happened_on: Mapped[date | None]
    happened_time: Mapped[time | None]
    happened_until: Mapped[date | None]
    happened_about: Mapped[bool] = mapped_column(server_default="false")
    place: Mapped[str | None]
    problem_behaviours: Mapped[list[str]] = mapped_column(server_default="{}")
    behaviour_other: Mapped[bytes | None]
    violence_types: Mapped[list[str]] = mapped_column(server_default="{}")
    bullying_subtypes: Mapped[list[str]] = mapped_column(server_default="{}")
    serious_signs: Mapped[list[str]] = mapped_column(server_default="{}")
    repetition: Mapped[str | None]
    residential_child: Mapped[bool] = mapped_column(server_default="false")
    harmed: Mapped[bool | None]
    harm_danger: Mapped[bool | None]
    self_harm_sign: Mapped[bool | None]
    sent_to_medical: Mapped[bool | None]
    injured_count: Mapped[int | None]
    injuries: Mapped[bytes | None]
    medical_where: Mapped[bytes | None]
    received_by: Mapped[UUID | None]
    reported_at: Mapped[datetime]
    screened_at: Mapped[datetime | None]
    investigation_started_at: Mapped[datetime | None]
    investigation_ended_at: Mapped[datetime | None]
    classified_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    findings: Mapped[bytes | None]
    safety_measures: Mapped[bytes | None]
    additional_info: Mapped[bytes | None]
    identities_read_at: Mapped[datetime | None]
    commission_told: Mapped[list[str]] = mapped_column(server_default="{}")
    linked_into: Mapped[UUID | None]
    sexual_words_only: Mapped[bool | None]
    counsellor: Mapped[UUID | None]
    psych_contact_at: Mapped[datetime | None]
    psych_contact_by: Mapped[UUID | None]
    criminal_offence: Mapped[bool] = mapped_column(server_default="false")
    council_caller: Mapped[UUID | None]
    council_planned_for: Mapped[date | None]
    council_called_at: Mapped[datetime | None]
    council_called_by: Mapped[UUID | None]
    rounds: Mapped[int] = mapped_column(server_default="0")
    lacks_coordinator: Mapped[bool] = mapped_column(server_default="false")
    staff_measures: Mapped[bytes | None]
    staff_measures_at: Mapped[datetime | None]
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
    reporter_status_other: Mapped[bytes | None]
    told_by: Mapped[bytes | None]
    read_at: Mapped[datetime | None]


class ReportMessage(TenantRow, Base):
    """A question of the team to who reported, an answer to it, or what the reporter adds; the text is sealed.

    `place` is the order within one report: of somebody without a name only the hour is known (S-18).
    """

    __tablename__ = "report_message"

    report_id: Mapped[UUID]
    place: Mapped[int]
    kind: Mapped[str]
    question_id: Mapped[UUID | None]
    body: Mapped[bytes]
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class Participation(TenantRow, Base):
    """A person in an incident: involvement, and a sealed link with its fingerprint (decisions 12).

    For a child also whether the parents know (R-248): who was informed and when, or sealed why nobody was.
    `residential`: whether the child lives in a residential institution, None while nobody said it (R-170).
    `secondary`: this is one record of problem behaviour too many, and the how-maniest in `records` (R-029).
    `role` is the child's (D-2); `injured` is of the class health.
    """

    __tablename__ = "participation"

    incident_id: Mapped[UUID]
    involvement: Mapped[str]
    kind: Mapped[str]
    link: Mapped[bytes]
    link_blind: Mapped[bytes]
    risk_level: Mapped[str | None]
    secondary: Mapped[str | None]
    records: Mapped[int | None]
    role: Mapped[str | None]
    injured: Mapped[bool] = mapped_column(server_default="false")
    added_at: Mapped[datetime]
    residential: Mapped[bool | None]
    parents_informed_at: Mapped[datetime | None]
    parents_informed: Mapped[str | None]
    parents_not_informed: Mapped[bytes | None]
    version: Mapped[int] = mapped_column(server_default="1")


class FamilyNotice(TenantRow, Base):
    """That the team told the parents of a child of the incident, and the measures for this child in words for them."""

    __tablename__ = "family_notice"

    incident_id: Mapped[UUID]
    participation_id: Mapped[UUID]
    told_at: Mapped[datetime]
    measures: Mapped[bytes | None]
    version: Mapped[int] = mapped_column(server_default="1")


class IncidentDuty(Base):
    """A member's duty in one incident: investigator, the victim's support person, or the nurse whom the team asked."""

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
    held_by: Mapped[list[UUID]] = mapped_column(server_default="{}")
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
    """What the full team decided on one incident, with the sealed minutes; `sitting_id` where it stood on an agenda.

    `outcome` and `levels` (participation -> risk level) stay as this meeting set them (Form E counts by meeting).
    """

    __tablename__ = "team_meeting"

    incident_id: Mapped[UUID]
    sitting_id: Mapped[UUID | None]
    held_at: Mapped[datetime]
    mode: Mapped[str]
    invited: Mapped[list[UUID]]
    attended: Mapped[list[UUID]]
    minutes: Mapped[bytes | None]
    outcome: Mapped[str | None]
    levels: Mapped[dict[str, str] | None] = mapped_column(JSONB)


class SavedFilter(TenantRow, Base):
    """A filter of the list that one member keeps: name and question are sealed, for a name may hold anything."""

    __tablename__ = "saved_filter"

    membership_id: Mapped[UUID]
    content: Mapped[bytes]
    version: Mapped[int] = mapped_column(server_default="1")


class IncidentLink(TenantRow, Base):
    """That an incident is another one: what moved there, and what the other was before (decisions 10).

    `before` maps a changed answer to what it was and what it became; `tokens` are the marked names of both. A final
    link cannot be undone.
    """

    __tablename__ = "incident_link"

    incident_id: Mapped[UUID]
    into_id: Mapped[UUID]
    linked_at: Mapped[datetime]
    linked_by: Mapped[UUID]
    reports: Mapped[list[UUID]]
    people: Mapped[list[UUID]]
    tokens: Mapped[list[UUID]]
    before: Mapped[dict[str, Any]] = mapped_column(JSONB)
    is_final: Mapped[bool]
    undone_at: Mapped[datetime | None]


class Forwarding(TenantRow, Base):
    """A serious sign made known to others, or why it was not: a sealed reason and two members (R-256)."""

    __tablename__ = "forwarding"

    incident_id: Mapped[UUID]
    signs: Mapped[list[str]]
    targets: Mapped[list[str]] = mapped_column(server_default="{}")
    forwarded_at: Mapped[datetime | None]
    by_membership: Mapped[UUID]
    reason: Mapped[bytes | None]
    asked_at: Mapped[datetime | None]
    agreed_by: Mapped[UUID | None]
    agreed_at: Mapped[datetime | None]


class TeamSitting(TenantRow, Base):
    """A meeting that is planned. Everything else stands with each item, so that no item shows in another's."""

    __tablename__ = "team_sitting"

    planned_for: Mapped[datetime]


class SittingItem(TenantRow, Base):
    """One incident on an agenda: who was invited and came for it; who is in conflict stands in neither (R-044)."""

    __tablename__ = "team_sitting_item"

    sitting_id: Mapped[UUID]
    incident_id: Mapped[UUID]
    invited: Mapped[list[UUID]]
    attended: Mapped[list[UUID]] = mapped_column(server_default="{}")
    held_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")


class IncidentChange(TenantRow, Base):
    """A turn outside the usual way, with its sealed reason: reopened, an investigator replaced."""

    __tablename__ = "incident_change"

    incident_id: Mapped[UUID]
    kind: Mapped[str]
    made_at: Mapped[datetime]
    reason: Mapped[bytes | None]


class ProtectiveTask(TenantRow, Base):
    """What a colleague is asked to do for a child's safety, sealed; the colleague never learns of which incident."""

    __tablename__ = "protective_task"

    incident_id: Mapped[UUID]
    membership_id: Mapped[UUID]
    instruction: Mapped[bytes]
    given_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")


class Reconciliation(TenantRow, Base):
    """Two sides who both agreed to talk, and what came of it, sealed (R-268)."""

    __tablename__ = "reconciliation"

    incident_id: Mapped[UUID]
    victim_id: Mapped[UUID]
    offender_id: Mapped[UUID]
    victim_agreed_at: Mapped[datetime]
    offender_agreed_at: Mapped[datetime]
    result: Mapped[bytes]
    recorded_at: Mapped[datetime]


Told = (
    Incident
    | Report
    | ReportMessage
    | Participation
    | Interview
    | Injury
    | TeamMeeting
    | IncidentChange
    | Reconciliation
)
"""Rows that hold narratives: names in them are marked, and a reader gets them cut (decisions 15)."""
