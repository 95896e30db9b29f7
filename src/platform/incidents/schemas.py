"""Incidents as readers see them: allow-listed fields, already cut (S-15); hidden ones are named in `hidden`."""

from datetime import date, datetime, time
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
    reporter_status_other: str = ""
    told_by: str = ""
    residential_child: bool = False


class Triage(msgspec.Struct, frozen=True, kw_only=True):
    """The team's answers of D-1. Only harm and danger are asked at once; the rest may come later or never."""

    harmed: bool
    harm_danger: bool
    self_harm_sign: bool = False
    sent_to_medical: bool | None = None
    injured_count: int | None = None
    injuries: str = ""
    medical_where: str = ""
    happened_on: date | None = None
    happened_time: time | None = None
    happened_until: date | None = None
    happened_about: bool = False
    place: str | None = None
    problem_behaviours: list[str] = []
    behaviour_other: str = ""
    violence_types: list[str] = []
    bullying_subtypes: list[str] = []
    serious_signs: list[str] = []
    sexual_words_only: bool | None = None
    repetition: str | None = None
    residential_child: bool = False
    criminal_offence: bool = False


class News(msgspec.Struct, frozen=True, kw_only=True):
    """What became known later and makes an incident worse; what is not said stays as it was (R-038)."""

    harmed: bool = False
    harm_danger: bool = False
    self_harm_sign: bool = False
    sent_to_medical: bool | None = None
    serious_signs: list[str] = []
    sexual_words_only: bool | None = None
    residential_child: bool = False
    criminal_offence: bool = False


class Answers(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The answers of D-1 for one reader; what belongs to the class `health` is absent without it."""

    happened_on: date | None
    place: str | None
    problem_behaviours: list[str]
    violence_types: list[str]
    serious_signs: list[str]
    repetition: str | None
    residential_child: bool
    criminal_offence: bool
    harmed: bool | None
    harm_danger: bool | None
    sent_to_medical: bool | None
    sexual_words_only: bool | None = None
    happened_time: time | None = None
    happened_until: date | None = None
    happened_about: bool = False
    bullying_subtypes: list[str] = []
    behaviour_other: str | None = None
    received_by: str = ""
    self_harm_sign: bool | None = None
    injured_count: int | None = None
    injuries: str | None = None
    medical_where: str | None = None


class ReportForm(msgspec.Struct, frozen=True, kw_only=True):
    """The empty report page; `danger` and `back` where somebody came from a page on which a child is in danger."""

    emergency_numbers: list[str]
    danger: bool = False
    back: str = ""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A question of the team, as who reported sees it."""

    id: UUID
    text: str
    at: datetime
    answered: bool


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """All that a reporter sees of a report (R-057)."""

    id: UUID
    received_at: datetime
    state: str
    was_read: bool
    questions: list[Asked]


class OwnFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that I brought: that it came, never its content or what I wrote about it."""

    kind: str
    added_at: datetime


class OwnFiles(msgspec.Struct, frozen=True, kw_only=True):
    """The files that I brought to a report of mine, and how many it holds."""

    report_id: UUID
    received_at: datetime
    files: list[OwnFile]
    most: int


class MyReports(msgspec.Struct, frozen=True, kw_only=True):
    """My reports, the newest first."""

    rows: list[Progress]
    tell_at: str
    emergency_numbers: list[str]


class Involved(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A person in an incident: a code, and a name only where one press asked for it.

    `injured` is absent without the class `health`; why parents were not informed stands on a page of its own.
    """

    id: UUID
    code: str
    involvement: str
    kind: str
    risk_level: str | None = None
    secondary: str | None = None
    name: str | None = None
    role: str | None = None
    injured: bool | None = None
    parents_informed: str | None = None
    parents_informed_at: datetime | None = None
    parents_not_informed: bool = False


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A question to who reported, an answer, or what they added; `unread` until the team has seen it."""

    kind: str
    text: str
    at: datetime
    unread: bool


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
    reporter_status_other: str | None = None
    reporter_name: str | None = None
    told_by: str | None = None
    said: list[Said] = []


class Heard(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A talk with one person, or the reason why there was none; the notes need that person's class too."""

    id: UUID
    code: str
    held_at: datetime | None
    waiver: str | None
    by: list[str] = []
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
    from_reporter: bool = False
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


class Piece(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A part of a text: as typed, a word that may be a name, or the code of what is marked."""

    text: str
    may_be: bool = False
    marked: UUID | None = None


class RunningText(msgspec.Struct, frozen=True, kw_only=True):
    """One text of the incident in its pieces; `kind` says which one, as `table.column`."""

    kind: str
    pieces: list[Piece]


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
    is_victim: bool = False


class Step(msgspec.Struct, frozen=True):
    """Something that the reader may do now, in the order of the work; what is `done` may be done again or amended."""

    name: str
    done: bool


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """The meeting at which the team decided; a vote is the exception (R-007)."""

    held_at: datetime
    mode: str
    attended: list[str]
    minutes: str | None = None


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A turn outside the usual way and why."""

    kind: str
    made_at: datetime
    reason: str | None


class Reconciled(msgspec.Struct, frozen=True, kw_only=True):
    """A talk that both sides agreed to, and what came of it."""

    victim: str
    offender: str
    recorded_at: datetime
    result: str


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """The meeting on whose agenda an incident waits for its decision: when it was and who was there for it."""

    held_at: datetime
    attended: list[str]


class Other(msgspec.Struct, frozen=True, kw_only=True):
    """Another incident beside the one that is shown."""

    id: UUID
    number: str
    state: str
    reported_at: datetime
    place: str | None


class Forwarded(msgspec.Struct, frozen=True, kw_only=True):
    """To whom a serious sign was made known, when and by whom."""

    targets: list[str]
    at: datetime
    by: str


class Waiver(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """That a serious sign is not to be forwarded: two names, or the first one that waits for the second."""

    id: UUID
    asked_at: datetime
    asked_by: str
    agreed_by: str | None
    mine: bool
    in_force: bool
    reason: str | None = None


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
    running: list[RunningText] | None = None
    identities_read_at: datetime | None = None
    investigation_started_at: datetime | None = None
    investigation_ended_at: datetime | None = None
    outcome: str | None = None
    rounds: int = 0
    decision: Decision | None = None
    agenda: Held | None = None
    changes: list[Change] = []
    reconciliations: list[Reconciled] = []
    staff_measures: str | None = None
    staff_measures_at: datetime | None = None
    findings: str | None = None
    safety_measures: str | None = None
    additional_info: str | None = None
    missing: list[str] = []
    nurses: list[Colleague] = []
    asked_nurses: list[Colleague] = []
    to_hear: list[ToHear] = []
    team: list[Colleague] = []
    may_support: list[Colleague] = []
    found: list[Found] = []
    searched: bool = False
    linked_into: Other | None = None
    linked: list[Other] = []
    similar: list[Other] = []
    forwarded: list[Forwarded] = []
    waivers: list[Waiver] = []
    left_to_police: bool = False
    council_planned_for: date | None = None
    council_called_at: datetime | None = None
    without_parents: list[str] = []
