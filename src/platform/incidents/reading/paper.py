"""Form D on paper: the struct that the page shows, under the labels of the law; there is no second cut (S-15)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.documents import service as documents
from src.platform.documents import taking
from src.platform.documents.schemas import Line, Paper, Section, Table
from src.platform.forms import registry as forms
from src.platform.incidents import views
from src.platform.incidents.schemas import Answers, Heard, IncidentView, Involved, ReportText, Waiver
from src.platform.kit import clock, i18n
from src.platform.kit.i18n import gettext as _

_FORM = "form_d"
_WITNESS = "witness"
_ON_THE_PAGE = {"interviews": "heard"}
"""What the page calls otherwise than the form."""


async def form_d(
    unit: Unit, incident_id: UUID, *, language: str, names: bool, roles: Sequence[str]
) -> tuple[str, bytes]:
    """The number of an incident and its Form D as PDF, marked with the reader, whose `roles` are said in words.

    One audit row for the paper, and the vault's for names (R-063). Raises NotFound.
    """
    with taking.speaking(unit, language):
        view, read = await views.cut(unit, incident_id, with_names=names)
        paper = _paper(view, language, await taking.taken_by(unit, roles), await taking.organisation(unit))
    audit.record(unit, "incident.printed", "incident", [incident_id], classes=read, detail={"language": language})
    return view.number, await documents.pdf(paper)


def _paper(view: IncidentView, language: str, taken_by: str, organisation: str) -> Paper:
    form = _Form(view, language)
    reports = [form.report(one) for one in view.reports] or [form.hidden_report()]
    return Paper(
        title=forms.form(_FORM).title.in_language(language),
        subject=_("Incident %(number)s", number=view.number),
        organisation=organisation,
        language=language,
        taken_by=taken_by,
        made_at=clock.now(),
        sections=[*reports, form.answers(), form.people(), form.investigation()],
        hidden_word=_("Hidden from whoever took this paper"),
        page_word=_("page"),
    )


class _Form:
    """The lines of Form D over one view."""

    def __init__(self, view: IncidentView, language: str) -> None:
        self.view, self.language = view, language

    def label(self, key: str) -> str:
        return forms.form(_FORM).field(key).labels.in_language(self.language)

    def option(self, key: str, answer: str) -> str:
        return forms.options(forms.form(_FORM).field(key).options).label(answer, self.language)

    def lines(self, *given: tuple[str, Any]) -> list[Line]:
        """A line for each key that has a value, and for each that is hidden from the reader."""
        return [line for key, value in given if (line := self._line(key, value)) is not None]

    def _line(self, key: str, value: Any) -> Line | None:
        if self._is_hidden(key):
            return Line(label=self.label(key), hidden=True)
        return None if value in (None, "", []) else Line(label=self.label(key), value=self._said(key, value))

    def _is_hidden(self, key: str) -> bool:
        names = {_ON_THE_PAGE.get(key, key), f"answers.{key}", f"reports.{key}"}
        return not names.isdisjoint(self.view.hidden)

    def _said(self, key: str, value: Any) -> str:
        if isinstance(value, bool):
            return self.option("harmed", "yes" if value else "no")
        if isinstance(value, datetime):
            return i18n.format_datetime(value)
        if isinstance(value, list):
            return "; ".join(self._said(key, one) for one in value)
        if forms.form(_FORM).field(key).options and isinstance(value, str):
            return self.option(key, value)
        return value if isinstance(value, str) else _plain(value)

    def report(self, report: ReportText) -> Section:
        """D-1 as one person told it."""
        told = self.lines(
            ("report_date", report.received_at),
            ("reporter_name", _named(report.reporter, report.reporter_name)),
            ("reporter_status", report.reporter_status),
            ("reporter_status_other", report.reporter_status_other),
            ("place", report.place),
            ("description", report.description),
        )
        more = ((_("Who took part or saw it?"), report.who), (_("When?"), report.happened))
        told += [Line(label=label, value=text) for label, text in more if text]
        danger = (("harmed", report.harmed), ("harm_danger", report.harm_danger))
        told += [Line(label=self.label(key), value=_three(self, answer)) for key, answer in danger]
        return Section(title=_("D-1. The report"), lines=told)

    def hidden_report(self) -> Section:
        """D-1 for who may not have its text yet; when it came stands on the page too."""
        told = self.lines(("report_date", self.view.reported_at))
        return Section(title=_("D-1. The report"), lines=[*told, Line(label=self.label("description"), hidden=True)])

    def answers(self) -> Section:
        """D-1 as the team answered it."""
        one = self.view.answers
        return Section(
            title=_("D-1. The team’s answers"),
            lines=self.lines(
                ("incident_date", _when(one)),
                ("place", one.place),
                ("problem_behaviours", one.problem_behaviours),
                ("behaviour_other", one.behaviour_other),
                ("violence_types", one.violence_types),
                ("bullying_subtypes", one.bullying_subtypes),
                ("harmed", one.harmed),
                ("harm_danger", one.harm_danger),
                ("self_harm_sign", one.self_harm_sign),
                ("serious_signs", one.serious_signs),
                ("injured_count", one.injured_count),
                ("injured_names", [_of(person) for person in self.view.people if person.injured]),
                ("injuries", one.injuries),
                ("sent_to_medical", one.sent_to_medical),
                ("medical_where", one.medical_where),
                ("urgency", self.view.urgency),
                ("received_by", one.received_by),
                ("residential_child", one.residential_child),
            ),
        )

    def people(self) -> Section:
        """D-2: a code, and a name where it was asked for."""
        involved = [one for one in self.view.people if one.involvement != _WITNESS]
        seen_by = [one for one in self.view.people if one.involvement == _WITNESS]
        students = [_of(one) for one in seen_by if one.kind == "student"]
        adults = [_of(one) for one in seen_by if one.kind != "student"]
        rows = [
            [
                _of(one),
                self.option("involved.involvement", one.involvement),
                self.option("involved.role", one.role) if one.role else "",
                self.option("involved.kind", one.kind),
            ]
            for one in involved
        ]
        return Section(
            title=_("D-2. People"),
            lines=self.lines(
                ("student_witnesses", students),
                ("staff_witnesses", adults),
                ("repetition", self.view.answers.repetition),
            ),
            tables=self._table(
                "involved", ("involved.person", "involved.involvement", "involved.role", "involved.kind"), rows
            ),
        )

    def investigation(self) -> Section:
        """D-3."""
        view, talks = self.view, [one for one in self.view.heard if one.waiver is None]
        waived = [one for one in view.heard if one.waiver is not None]
        risk = [one for one in view.people if one.risk_level]
        return Section(
            title=_("D-3. Investigation and decision"),
            lines=self.lines(
                ("investigators", [one.name for one in view.investigators]),
                ("support_person", [one.name for one in view.supporters]),
                ("investigation_started", view.investigation_started_at),
                ("investigation_ended", view.investigation_ended_at),
                ("interviews", None),
                ("findings", view.findings),
                ("outcome", view.outcome),
                ("team_meeting_at", view.decision.held_at if view.decision else None),
                ("safety_measures", view.safety_measures),
                ("sexual_words_only", view.answers.sexual_words_only),
                ("forwarded_to", [target for one in view.forwarded for target in one.targets]),
                ("forwarded_at", [one.at for one in view.forwarded]),
                ("not_forwarded_reason", [_not_forwarded(one) for one in view.waivers if one.in_force]),
                ("staff_measures", view.staff_measures),
                ("additional_info", view.additional_info),
            ),
            tables=[
                *self._table(
                    "interviews",
                    ("interviews.person", "interviews.at", "interviews.by", "interviews.notes"),
                    map(_talk, talks),
                ),
                *self._table(
                    "waivers",
                    ("waivers.person", "waivers.reason"),
                    ([one.code, self.option("waivers.reason", one.waiver or "")] for one in waived),
                ),
                *self._table(
                    "risk",
                    ("risk.child", "risk.level"),
                    ([_of(one), self.option("risk.level", one.risk_level or "")] for one in risk),
                ),
                *self._table(
                    "parents_informed",
                    ("risk.child", "parents_informed"),
                    ([_of(one), _parents(one)] for one in view.people if _parents(one)),
                ),
            ],
        )

    def _table(self, key: str, columns: Sequence[str], rows: Iterable[list[str]]) -> list[Table]:
        found = list(rows)
        return [Table(label=self.label(key), columns=[self.label(one) for one in columns], rows=found)] if found else []


def _talk(one: Heard) -> list[str]:
    at = i18n.format_datetime(one.held_at) if one.held_at else ""
    notes = _("Hidden from whoever took this paper") if one.notes is None else one.notes
    return [one.code, at, ", ".join(one.by), notes]


def _when(one: Answers) -> str:
    """The day with what is known of it: the time, the last day, that it is a guess."""
    if one.happened_on is None:
        return ""
    days = " – ".join(i18n.format_date(day) for day in (one.happened_on, one.happened_until) if day)
    said = [_("about"), days] if one.happened_about else [days]
    return " ".join(said) + (f", {one.happened_time:%H:%M}" if one.happened_time else "")


def _not_forwarded(one: Waiver) -> str:
    reason = one.reason if one.reason is not None else _("Hidden from whoever took this paper")
    return f"{reason} ({', '.join(name for name in (one.asked_by, one.agreed_by) if name)})"


def _parents(one: Involved) -> str:
    """Who was informed of a child's incident and when, or that a reason stands on record."""
    if one.parents_informed is None:
        return _("Not informed; the reason is on record") if one.parents_not_informed else ""
    words = {
        "parents": _("The parents"),
        "other_representative": _("The other legal representative"),
        "guardianship_body": _("The guardianship body"),
    }
    at = i18n.format_datetime(one.parents_informed_at) if one.parents_informed_at else ""
    return f"{words[one.parents_informed]}, {at}"


def _of(person: Involved) -> str:
    return _named(person.code, person.name)


def _named(code: str | None, name: str | None) -> str:
    return " · ".join(one for one in (code, name) if one)


def _three(form: _Form, answer: str) -> str:
    return _("Don’t know") if answer == "unknown" else form.option("harmed", answer)


def _plain(value: Any) -> str:
    return str(value) if isinstance(value, int) else i18n.format_date(value)
