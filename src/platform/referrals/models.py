"""Rows that exactly two organisations share, and the school's own note of what a referral is about."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from src.platform.db.base import Base, TwoPartyRow


class Agreement(TwoPartyRow, Base):
    """A school's agreement with a partner: which services, and exactly which fields of a child may go."""

    __tablename__ = "agreement"

    service_types: Mapped[list[str]]
    contract_fields: Mapped[list[str]]
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    signed_by_school_at: Mapped[datetime]
    signed_by_partner_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")


class Referral(TwoPartyRow, Base):
    """A child sent to a service. Who it is stands only in the slice, which only the partner can open."""

    __tablename__ = "referral"

    service_type: Mapped[str]
    state: Mapped[str]
    sealed_slice: Mapped[bytes | None]
    sent_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    decline_reason: Mapped[str | None]
    version: Mapped[int] = mapped_column(server_default="1")


class ReferralCase(Base):
    """What a referral is about: the partner never sees this row."""

    __tablename__ = "referral_case"
    __tenancy__ = "tenant"

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    referral_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    incident_id: Mapped[UUID]
    manager: Mapped[UUID]


class WeeklyReport(TwoPartyRow, Base):
    """The partner's report on one child and week; its texts are sealed for each side apart."""

    __tablename__ = "weekly_report"

    referral_id: Mapped[UUID]
    week: Mapped[str]
    sessions_count: Mapped[int]
    attended_count: Mapped[int]
    progress: Mapped[str]
    danger_flag: Mapped[bool]
    attended_team_meeting: Mapped[bool]
    own_text: Mapped[bytes]
    peer_text: Mapped[bytes]
    submitted_at: Mapped[datetime]
