"""Partners and agreements to take along: a spreadsheet whose cells cannot calculate (S-56), and a paper."""

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

from litestar import Request

from src.platform.db.unit import Unit
from src.platform.documents import service as documents
from src.platform.documents import taking
from src.platform.documents.schemas import Line, Paper, Section, Table
from src.platform.kit import clock, i18n
from src.platform.kit.i18n import N_, ngettext
from src.platform.kit.i18n import gettext as _
from src.platform.kit.threads import run_in_pool
from src.platform.oversight import city_papers
from src.platform.oversight.schemas import AgreementLine, CityPartners, PartnerQuestion, Punctuality

UNTOLD = "–"
_TEXTS = MappingProxyType(
    {
        "answers_missing": N_("%(number)s referrals have no answer. Can the partner take children at all?"),
        "answers_late": N_("%(number)s referrals were answered late. What does the partner need?"),
        "weekly_missing": N_("%(number)s weekly reports never came. Who speaks with the partner?"),
        "weekly_late": N_("%(number)s weekly reports came late. Is there an easier way to report?"),
    }
)


def sentence(question: PartnerQuestion) -> str:
    """A question in the reader's words."""
    return _(_TEXTS[question.kind]) % {"number": question.number}


def heading(view: CityPartners) -> str:
    """“Partners in time, October 2026. State No. …”."""
    said = _("Partners in time, %(month)s. State No. %(state)s")
    return said % {"month": i18n.format_month(view.month), "state": view.state}


def explanation(view: CityPartners) -> list[str]:
    """What a reader of the numbers must know, the same on the page and on every paper."""
    days = ngettext("%(num)s day", "%(num)s days", view.days)
    return [
        _(
            "Counted are the terms of a partner that ended in the month, over all schools: answers to referrals and "
            "weekly reports."
        ),
        _(
            "Numbers stand where at least ten terms of at least three schools ended, and where nobody could tell from "
            "them what one school had to do with one partner. A dash: nothing was due, or too little to be told."
        ),
        _("Partners stand by name. A partner with a dash is not silent: ask the schools, or write to one."),
        _(
            "Agreements stand as they are today: those that end within %(days)s, and those that ended in the last half "
            "year, where no later one with the same partner follows.",
            days=days,
        ),
    ]


def columns() -> list[str]:
    """What stands beside a partner's name."""
    parts = (_("due"), _("in time"), _("late"), _("not at all"))
    return [f"{title}: {part}" for title in (_("Answers to referrals"), _("Weekly reports")) for part in parts]


def _flat(punctual: Punctuality | None) -> list[str | int]:
    if punctual is None:
        return [UNTOLD] * 4
    parts = (punctual.in_time, punctual.late, punctual.missing)
    return [punctual.due, *(UNTOLD if one is None else one for one in parts)]


def _services(request: Request[Any, Any, Any], line: AgreementLine) -> str:
    """Kinds of service as the pages call them: the words stand in one place, which is a template."""
    words = request.app.template_engine.engine.get_template("macros/referrals.html").module  # type: ignore[union-attr]  # set in create_app
    label: Callable[[str], object] = words.service_label
    return ", ".join(str(label(one)).strip() for one in line.service_types)


def state_of(line: AgreementLine) -> str:
    """How an agreement stands."""
    return (_("ended before its day") if line.ended_early else _("ended")) if line.is_over else _("ends soon")


def _lines(request: Request[Any, Any, Any], view: CityPartners) -> list[list[str]]:
    return [
        [one.school, one.partner, _services(request, one), i18n.format_date(one.last_day), state_of(one)]
        for one in view.agreements
    ]


async def spreadsheet(request: Request[Any, Any, Any], unit: Unit, view: CityPartners) -> bytes:
    """Partners, agreements, schools without one, questions as XLSX."""
    i18n.use(unit.language)
    rows = [[one.name, *_flat(one.answers), *_flat(one.weekly)] for one in view.rows]
    agreements: city_papers.Rows = [list(one) for one in _lines(request, view)]
    without: city_papers.Rows = [[one] for one in view.without]
    asked: city_papers.Rows = [[one.partner, sentence(one)] for one in view.questions]
    sheets: list[tuple[str, city_papers.Rows]] = [
        (_("Partners"), [[_("Partner organisation"), *columns()], *rows]),
        (_("Agreements"), [[*_agreement_columns()], *agreements]),
        (_("Without an agreement"), [[_("School")], *without]),
        (_("Questions"), [[_("Partner organisation"), _("Question to ask")], *asked]),
    ]
    return await run_in_pool(city_papers.workbook, heading(view), explanation(view), sheets)


def _agreement_columns() -> list[str]:
    return [_("School"), _("Partner organisation"), _("Services"), _("Last day"), _("State")]


async def paper(request: Request[Any, Any, Any], unit: Unit, view: CityPartners) -> bytes:
    """The same as PDF, marked with who took it."""
    organisation = await taking.organisation(unit)
    taken_by = await taking.taken_by(unit, taking.in_words(request, unit.me.roles, unit.language))
    i18n.use(unit.language)
    notes = [Line(label=_("Note"), value=note) for note in explanation(view)]
    names = [_("due"), _("in time"), _("late"), _("not at all")]
    tables = [
        Table(
            label=label,
            columns=["", *names],
            rows=[[one.name, *map(str, _flat(getattr(one, part)))] for one in view.rows],
            numbers=True,
        )
        for label, part in ((_("Answers to referrals"), "answers"), (_("Weekly reports"), "weekly"))
    ]
    ending = Table(label=_("Agreements"), columns=_agreement_columns(), rows=_lines(request, view))
    asked = [Line(label=one.partner, value=sentence(one)) for one in view.questions]
    bare = [Line(label=_("School"), value=one) for one in view.without]
    return await documents.pdf(
        Paper(
            title=_("Partners in time"),
            subject=heading(view),
            organisation=organisation,
            language=unit.language,
            taken_by=taken_by,
            made_at=clock.now(),
            sections=[
                Section(title=heading(view), lines=notes, tables=tables),
                *([Section(title=_("Agreements that end"), tables=[ending])] if view.agreements else []),
                *([Section(title=_("Schools without an agreement in force"), lines=bare)] if bare else []),
                *([Section(title=_("Questions to ask"), lines=asked)] if asked else []),
            ],
            hidden_word=_("hidden"),
            page_word=_("page"),
        )
    )
