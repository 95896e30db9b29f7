"""A confirmed Form J to take along, cut for whoever takes it: a PDF under the labels of the law, or a spreadsheet."""

from collections.abc import Sequence
from uuid import UUID

from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.documents import service as documents
from src.platform.documents import taking
from src.platform.documents.schemas import Line, Paper, Section, Table
from src.platform.forms import registry as forms
from src.platform.kit import clock, i18n
from src.platform.kit.i18n import gettext as _
from src.platform.kit.threads import run_in_pool
from src.platform.monthly import sheet
from src.platform.monthly.referral_log import views
from src.platform.monthly.referral_log.schemas import LogMonth, LogRow
from src.platform.tenants import service as tenants
from src.platform.workdays import calendar

_FIELDS = ("student", "service", "support", "sent_on", "contact_person", "checked_on")


async def of_month(
    unit: Unit,
    month_id: UUID,
    *,
    language: str,
    kind: str,
    roles: Sequence[str],
    revision: int | None = None,
    names: bool = False,
) -> tuple[str, bytes]:
    """The newest form of a month or an older one; its file name and content. Raises as `views.taken`."""
    with taking.speaking(unit, language):
        view, signed = await views.taken(unit, month_id, revision, names=names)
        school = await tenants.organisation(unit, unit.tenant_id)
        title = school.name(language)
        head = _head(view, title, signed)
        table = [
            [_label(f"rows.{field}", language) for field in _FIELDS],
            *(_cells(one, language) for one in view.rows),
        ]
        if kind == "xlsx":
            made = await run_in_pool(lambda: sheet.make(i18n.format_month(view.month), head, table=table))
        else:
            mark = await taking.taken_by(unit, roles)
            made = await documents.pdf(_paper(head, table, language, organisation=title, taken_by=mark))
    audit.record(
        unit,
        "form_j.taken",
        "form_j",
        [month_id],
        classes={"case-sensitive"},
        detail={"kind": kind, "language": language},
    )
    return f"form-j-{school.code}-{view.month}-{view.shown}.{kind}", made


def _head(view: LogMonth, school: str, signed: str) -> list[tuple[str, str | int]]:
    """The lines above the table."""
    language = i18n.language()
    first, last = [
        clock.local_date(one) for one in (calendar.month_bounds(view.month)[0], calendar.last_moment_of(view.month))
    ]
    confirmed = next(one.confirmed_at for one in view.history if one.revision == view.shown)
    head: list[tuple[str, str | int]] = [
        (_label("school_name", language), school),
        (_label("month", language), i18n.format_month(view.month)),
        (_label("from", language), i18n.format_date(first)),
        (_label("to", language), i18n.format_date(last)),
        (_label("year", language), last.year),
        (_("Version"), view.shown),
        (_("Confirmed on"), i18n.format_datetime(confirmed)),
    ]
    return [*head, (_("Confirmed by"), signed)] if signed else head


def _cells(row: LogRow, language: str) -> list[str]:
    return [
        row.name or row.code,
        row.service,
        forms.options("service_type").label(row.support, language),
        i18n.format_date(row.sent_on),
        row.contact_person or "–",
        i18n.format_date(row.checked_on) if row.checked_on else "–",
    ]


def _label(key: str, language: str) -> str:
    return forms.form("form_j").field(key).labels.in_language(language)


def _paper(
    head: list[tuple[str, str | int]], table: list[list[str]], language: str, *, organisation: str, taken_by: str
) -> Paper:
    rows = table[1:]
    lines = [] if rows else [Line(label=_label("rows", language), value=_("No referral of this month is open to you."))]
    printed = Table(label=_label("rows", language), columns=table[0], rows=rows, numbers=True)
    return Paper(
        title=forms.form("form_j").title.in_language(language),
        subject=str(head[1][1]),
        organisation=organisation,
        language=language,
        taken_by=taken_by,
        made_at=clock.now(),
        sections=[
            Section(title=_("The form"), lines=[Line(label=name, value=str(value)) for name, value in head]),
            Section(title=_("Referrals of the month"), lines=lines, tables=[printed] if rows else []),
        ],
        hidden_word="",
        page_word=_("page"),
    )
