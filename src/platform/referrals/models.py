"""Rows that exactly two organisations share, and the school's own note of what a referral is about."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from src.platform.db.base import Base, Tenancy, TenantRow, TwoPartyRow


class Agreement(TwoPartyRow, Base):
    """A school's agreement with a partner: which services, and exactly which fields of a child may go (N15, R-146).

    Drafted, signed by the school, signed by the partner; then it lasts to its day or until a side ends it. `discarded`:
    the school took a draft back before the partner signed.
    """

    __tablename__ = "agreement"

    service_types: Mapped[list[str]]
    contract_fields: Mapped[list[str]]
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    procedure: Mapped[str] = mapped_column(server_default="")
    contacts: Mapped[str] = mapped_column(server_default="")
    weekly_report_duty: Mapped[bool] = mapped_column(server_default="true")
    biweekly_attendance_duty: Mapped[bool] = mapped_column(server_default="true")
    confidentiality: Mapped[bool] = mapped_column(server_default="true")
    drafted_at: Mapped[datetime] = mapped_column(server_default="now()")
    signed_by_school_at: Mapped[datetime | None]
    signed_by_partner_at: Mapped[datetime | None]
    discarded_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None]
    end_reason: Mapped[str | None]
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
    """What a referral is about: the partner never sees this row.

    `case_id` is empty while the child has none (R-262); `manager` is whoever sent it until a case has one. `form_k` is
    the school's own sealed copy; `instead_of` is the declined referral that this one replaces. `unfollowed_*`:
    declined, and no other partner is asked, why and by whose decision. `commission_case_at`: since when the commission
    has a case of the child, opened on this request.
    """

    __tablename__ = "referral_case"
    __tenancy__ = "tenant"

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    referral_id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID | None]
    participation_id: Mapped[UUID | None]
    incident_id: Mapped[UUID]
    manager: Mapped[UUID]
    form_k: Mapped[bytes | None]
    instead_of: Mapped[UUID | None]
    unfollowed_reason: Mapped[bytes | None]
    unfollowed_at: Mapped[datetime | None]
    unfollowed_by: Mapped[UUID | None]
    commission_case_at: Mapped[datetime | None]


class HelpRequestDraft(TenantRow, Base):
    """Form K that somebody prepared for another to sign (R-254); `referral_id` is set when it has gone."""

    __tablename__ = "help_request_draft"

    participation_id: Mapped[UUID]
    content: Mapped[bytes]
    prepared_by: Mapped[UUID]
    prepared_at: Mapped[datetime]
    referral_id: Mapped[UUID | None]
    version: Mapped[int] = mapped_column(server_default="1")


class ReferralOpening(TwoPartyRow, Base):
    """The partner has read what the school sent: from now on nothing can be recalled (decisions 8)."""

    __tablename__ = "referral_opening"

    referral_id: Mapped[UUID]
    opened_at: Mapped[datetime]


class ReferralContact(TwoPartyRow, Base):
    """Whom the partner turns to in the school since the case changed hands; only the partner opens the name."""

    __tablename__ = "referral_contact"

    referral_id: Mapped[UUID]
    sealed_name: Mapped[bytes]
    since: Mapped[datetime]


class ReferralDuty(Base):
    """Who answers for a referral inside the partner's organisation; the school never sees this row."""

    __tablename__ = "referral_duty"
    __tenancy__ = "tenant"

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    referral_id: Mapped[UUID] = mapped_column(primary_key=True)
    membership_id: Mapped[UUID]
    since: Mapped[datetime]


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


class ReferralNote(TenantRow, Base):
    """What one side writes down for itself; the other side has no way to the row, nor a key to it."""

    __tablename__ = "referral_note"

    referral_id: Mapped[UUID]
    author: Mapped[UUID]
    written_at: Mapped[datetime]
    body: Mapped[bytes]


class PartnerSession(TenantRow, Base):
    """A meeting of the partner with the child: whether the child came. It fills in the weekly report."""

    __tablename__ = "partner_session"

    referral_id: Mapped[UUID]
    held_on: Mapped[date]
    outcome: Mapped[str]


class PartnerAttendance(TenantRow, Base):
    """Whether the partner came to the team's two-week meeting, as the school recorded it (R-149)."""

    __tablename__ = "partner_attendance"

    referral_id: Mapped[UUID]
    met_on: Mapped[date]
    attended: Mapped[bool]
    recorded_at: Mapped[datetime]


class DangerNotice(TwoPartyRow, Base):
    """Immediate danger that a partner told; in the school it is a report of its own under the same id (R-153)."""

    __tablename__ = "danger_notice"

    referral_id: Mapped[UUID]
    raised_at: Mapped[datetime]
    own_text: Mapped[bytes]
    peer_text: Mapped[bytes]


class FinalReport(TwoPartyRow, Base):
    """How a service ended, sealed for each side apart."""

    __tablename__ = "final_report"

    referral_id: Mapped[UUID]
    ending: Mapped[str]
    own_text: Mapped[bytes]
    peer_text: Mapped[bytes]
    submitted_at: Mapped[datetime]


class WeeklyPhoto(TwoPartyRow, Base):
    """A report on paper: its cleaned picture, sealed for each side apart. What came is not kept."""

    __tablename__ = "weekly_photo"

    referral_id: Mapped[UUID]
    report_id: Mapped[UUID]
    kind: Mapped[str]
    own_copy: Mapped[bytes]
    peer_copy: Mapped[bytes]


class ReferralLogEntry(TwoPartyRow, Base):
    """The commission's copy of a row of the school's Form J: a service, dates and a mark, never a child (R-152).

    `mark` stands for one referral and for nothing that a second row of the child has. `request_id` is the request on
    which the commission opened a case of the child, and empty before. A correction replaces the rows of its month.
    """

    __tablename__ = "referral_log_entry"

    month: Mapped[int]
    revision: Mapped[int]
    mark: Mapped[UUID]
    service: Mapped[UUID]
    support: Mapped[str]
    sent_on: Mapped[date]
    checked_on: Mapped[date | None]
    entered_at: Mapped[datetime]
    request_id: Mapped[UUID | None]
    replaced_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")


class ReportLink(TwoPartyRow, Base):
    """A paper with a code that lets a partner without an account report one week, once (decisions 21)."""

    __tablename__ = "report_link"

    referral_id: Mapped[UUID]
    week: Mapped[str]
    child: Mapped[str]
    code_blind: Mapped[bytes]
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="1")


class ReportLinkCode(Base):
    """In which organisation the code of a link is to be looked for; it alone opens nothing."""

    __tablename__ = "report_link_code"
    __tenancy__: ClassVar[Tenancy] = "platform"

    code_blind: Mapped[bytes] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID]
