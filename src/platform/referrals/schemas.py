"""Referrals as school and partner see them."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from src.platform.catalogue.schemas import PARTNER_KINDS, SERVICES, Office
from src.platform.deadlines.service import Due


class HelpRequest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Form K as it was signed. The reporter is not among its fields."""

    child_name: str
    school: str
    referrer_name: str
    referrer_position: str
    reason: str
    destination: list[str]
    needed_actions: str
    previous_measures: str
    registered_address: str
    office: str
    birth_date: date | None = None
    sex: str = ""
    school_class: str = ""
    mother_name: str = ""
    mother: str = ""
    father_name: str = ""
    father: str = ""
    signed_at: datetime | None = None


class Slice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What goes to the partner: exactly the fields of the data contract, and the reason (S-20).

    `findings` only where they were read for identities, `form_k` only for the commission.
    """

    reason: str
    contact_person: str
    family_name: str = ""
    given_name: str = ""
    patronymic: str = ""
    birth_date: date | None = None
    phone: str = ""
    findings: str = ""
    form_k: HelpRequest | None = None


CONTRACT_FIELDS = ("family_name", "given_name", "patronymic", "birth_date", "phone")


class ReferralRow(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the list or inbox: the child as a code of this organisation."""

    id: UUID
    code: str
    other_side: str
    service_type: str
    state: str
    sent_at: datetime
    clock: Due | None


class AgreementRow(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the agreements."""

    id: UUID
    other_side: str
    service_types: list[str]
    valid_from: date
    valid_to: date
    signed_by_both: bool
    state: str
    to_sign: bool


class Partner(msgspec.Struct, frozen=True):
    """An organisation that a child can be referred to."""

    id: UUID
    name: str


class ReferralList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of referrals, agreements and what may be done here; `query` is what the list was asked."""

    rows: list[ReferralRow]
    agreements: list[AgreementRow]
    partners: list[Partner]
    may: list[str]
    after: str | None = None
    query: str = ""


class Weekly(msgspec.Struct, frozen=True, kw_only=True):
    """One weekly report."""

    week: str
    sessions_count: int
    attended_count: int
    progress: str
    danger_flag: bool
    work_done: str
    difficulties: str
    submitted_at: datetime
    family_work: str = ""
    recommendations: str = ""
    no_change: bool = False
    attended_team_meeting: bool = False
    photo_id: UUID | None = None


class WeeklyText(msgspec.Struct, frozen=True, kw_only=True):
    """The sealed half of a weekly report (form N17); “no change” stands for work, difficulties and plans."""

    work_done: str
    difficulties: str
    family_work: str = ""
    recommendations: str = ""
    no_change: bool = False


class TeamMeeting(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the partner came to a two-week meeting (R-149)."""

    met_on: date
    attended: bool


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """How the service ended, with the partner's final report."""

    ending: str
    text: str
    submitted_at: datetime


class LinkRow(msgspec.Struct, frozen=True, kw_only=True):
    """A link that the school gave out: never its code."""

    id: UUID
    week: str
    state: str
    expires_at: datetime
    version: int


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """A service that a partner may be asked for today, what it would be told, and why it stands where it does."""

    key: str
    partner: UUID
    partner_name: str
    service_type: str
    fields: list[str]
    is_near: bool
    is_by_law: bool
    is_commission: bool
    valid_to: date | None
    open_referrals: int
    office: Office
    offered: str
    is_in_catalogue: bool
    is_confirmed: bool


class Colleague(msgspec.Struct, frozen=True):
    """Somebody in the partner's organisation who may answer for a referral."""

    membership_id: UUID
    name: str


class Around(msgspec.Struct, frozen=True, kw_only=True):
    """What stands around a referral: for the partner contact and who answers for it, for the school the next step."""

    opened_at: datetime | None = None
    contact: str = ""
    responsible: str = ""
    colleagues: list[Colleague] = []
    has_form_k: bool = False
    instead_of: UUID | None = None
    followed_by: UUID | None = None
    next_partners: list[Proposal] = []
    is_school: bool = False
    refer_at: str = ""
    office: Office | None = None
    unfollowed_reason: str = ""
    unfollowed_at: datetime | None = None


class ReferralView(msgspec.Struct, frozen=True, kw_only=True):
    """One referral for one reader."""

    id: UUID
    code: str
    other_side: str
    service_type: str
    state: str
    sent_at: datetime
    version: int
    decline_reason: str | None
    may: list[str]
    weeks: list[str]
    clocks: list[Due]
    reports: list[Weekly]
    case_id: UUID | None
    around: Around | None = None
    slice: Slice | None = None
    meetings: list[TeamMeeting] = []
    absent_twice: bool = False
    ending: Ending | None = None
    links: list[LinkRow] = []
    link_weeks: list[str] = []


class LinkPaper(msgspec.Struct, frozen=True, kw_only=True):
    """A link as it is shown once, to be handed over by the school itself."""

    id: UUID
    referral_id: UUID
    child: str
    service_type: str
    week: str
    code: str
    link: str
    expires_at: datetime


class LinkedWeek(msgspec.Struct, frozen=True, kw_only=True):
    """What a link shows: a code, a service and a week, and nothing else (decisions 21)."""

    code: str
    child: str
    service_type: str
    week: str
    accepts: bool


__all__ = ["PARTNER_KINDS", "SERVICES"]
