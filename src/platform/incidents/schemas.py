"""Incidents as readers see them: allow-listed fields, already cut (S-15); hidden ones are named in `hidden`."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from src.platform.deadlines.service import Due
from src.platform.vault.schemas import Found


class NewReport(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody tells; only the description is needed (R-259)."""

    description: str
    who: str = ""
    happened: str = ""
    place: str | None = None
    harmed: str = "unknown"
    harm_danger: str = "unknown"
    reporter_status: str = "staff"


class Triage(msgspec.Struct, frozen=True, kw_only=True):
    """The team's answers of D-1. Only harm and danger are asked at once; the rest may come later or never."""

    harmed: bool
    harm_danger: bool
    self_harm_sign: bool = False
    sent_to_medical: bool | None = None
    injured_count: int | None = None
    injuries: str = ""
    happened_on: date | None = None
    place: str | None = None
    problem_behaviours: list[str] = []
    violence_types: list[str] = []
    serious_signs: list[str] = []
    repetition: str | None = None
    residential_child: bool = False


class Answers(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The answers of D-1 for one reader; what belongs to the class `health` is absent without it."""

    happened_on: date | None
    place: str | None
    problem_behaviours: list[str]
    violence_types: list[str]
    serious_signs: list[str]
    repetition: str | None
    residential_child: bool
    harmed: bool | None
    harm_danger: bool | None
    sent_to_medical: bool | None
    self_harm_sign: bool | None = None
    injured_count: int | None = None
    injuries: str | None = None


class ReportForm(msgspec.Struct, frozen=True, kw_only=True):
    """The empty report page."""

    emergency_numbers: list[str]


class MyReport(msgspec.Struct, frozen=True, kw_only=True):
    """All that a reporter sees of a report (R-057)."""

    received_at: datetime
    state: str


class MyReports(msgspec.Struct, frozen=True, kw_only=True):
    """My reports, the newest first."""

    rows: list[MyReport]
    emergency_numbers: list[str]


class Involved(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A person in an incident: a code, and a name only where one press asked for it."""

    id: UUID
    code: str
    involvement: str
    kind: str
    risk_level: str | None = None
    name: str | None = None


class IncidentRow(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the list."""

    id: UUID
    number: str
    state: str
    urgency: str
    reported_at: datetime
    people: list[str]
    clock: Due | None


class IncidentList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of incidents, the newest first; `after` leads to the next one."""

    rows: list[IncidentRow]
    after: str | None


class ReportText(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One report as the team reads it; the reporter is a code, and a name only where one press asked for it."""

    id: UUID
    received_at: datetime
    channel: str
    harmed: str
    harm_danger: str
    place: str | None
    description: str
    who: str = ""
    happened: str = ""
    reporter: str | None = None
    reporter_status: str | None = None
    reporter_name: str | None = None


class Heard(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A talk with one person, or the reason why there was none; the notes need that person's class too."""

    id: UUID
    code: str
    held_at: datetime | None
    waiver: str | None
    notes: str | None = None


class AttachedFile(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A file of the incident; whoever may not open it learns that there is one, and when it came."""

    id: UUID
    added_at: datetime
    may_open: bool
    kind: str = ""
    size: int = 0
    about: str = ""
    caption: str = ""
    shows_child: bool = True
    withdrawn_at: datetime | None = None
    withdrawn_reason: str = ""


class InjuryRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Injuries as somebody noted them together; only readers of the class `health` get any."""

    at: datetime
    regions: list[str]
    by: str = ""
    code: str = ""
    note: str | None = None


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """A word of the texts that may be a form of somebody's name; `stands_for` is none for people not named here.

    `before` and `after` are what stands around its first occurrence.
    """

    surface: str
    stands_for: UUID | None = None
    code: str = ""
    before: str = ""
    after: str = ""


class Marked(msgspec.Struct, frozen=True, kw_only=True):
    """A name that is marked in the texts: what stands there for this reader."""

    id: UUID
    shown_as: str


class Colleague(msgspec.Struct, frozen=True, kw_only=True):
    """A member of the team who can be named for a duty."""

    membership_id: UUID
    name: str


class ToHear(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who was neither heard nor excused: a participant by code, or the person behind a report."""

    id: UUID
    field: str
    code: str


class Step(msgspec.Struct, frozen=True):
    """Something that the reader may do now, in the order of the work; what is `done` may be done again or amended."""

    name: str
    done: bool


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """The meeting at which the team decided; a vote is the exception (R-007)."""

    held_at: datetime
    mode: str
    attended: list[str]


class IncidentView(msgspec.Struct, frozen=True, kw_only=True):
    """One incident for one reader."""

    id: UUID
    number: str
    state: str
    urgency: str
    reported_at: datetime
    version: int
    may: list[str]
    steps: list[Step]
    people: list[Involved]
    clocks: list[Due]
    hidden: list[str]
    answers: Answers
    investigators: list[Colleague]
    supporters: list[Colleague]
    reports: list[ReportText] = []
    heard: list[Heard] = []
    marked: list[Marked] = []
    files: list[AttachedFile] = []
    injuries: list[InjuryRecord] = []
    proposed: list[Proposal] | None = None
    identities_read_at: datetime | None = None
    outcome: str | None = None
    decision: Decision | None = None
    findings: str | None = None
    safety_measures: str | None = None
    to_hear: list[ToHear] = []
    team: list[Colleague] = []
    may_support: list[Colleague] = []
    found: list[Found] = []
    searched: bool = False
