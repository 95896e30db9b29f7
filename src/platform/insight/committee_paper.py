"""A confirmed report to the parents' committee as a paper in Kazakh or Russian (PDF/A, readable aloud)."""

from collections.abc import Sequence

from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.documents import service as documents
from src.platform.documents import taking
from src.platform.documents.schemas import Line, Paper, Section
from src.platform.insight import committee
from src.platform.insight.schemas import CommitteePage
from src.platform.kit import clock, i18n
from src.platform.kit.i18n import gettext as _
from src.platform.tenants import service as tenants
from src.platform.workdays import calendar


async def of_period(
    unit: Unit, month: int, *, language: str, roles: Sequence[str], revision: int | None = None
) -> tuple[str, bytes]:
    """Its file name and content. Raises as `committee.taken`."""
    with taking.speaking(unit, language):
        report_id, view = await committee.taken(unit, month, revision)
        school = await tenants.organisation(unit, unit.tenant_id)
        made = await documents.pdf(_paper(view, school.name(language), language, await taking.taken_by(unit, roles)))
    audit.record(
        unit, "committee_report.taken", "committee_report", [report_id], detail={"kind": "pdf", "language": language}
    )
    return f"committee-report-{school.code}-{view.month}-{view.revision}.pdf", made


def period(view: CommitteePage) -> str:
    """The months of a report."""
    last = calendar.month_after(view.month, view.months - 1)
    first = i18n.format_month(view.month)
    return first if last == view.month else f"{first} – {i18n.format_month(last)}"


def _paper(view: CommitteePage, school: str, language: str, mark: str) -> Paper:
    help_at = [
        Line(label=_("Address for a report without a name"), value=view.address),
        Line(label=_("If somebody is in danger now, call"), value=", ".join(view.numbers)),
    ]
    written = [Line(label=_("From the security team"), value=view.note)] if view.note else []
    head = [Line(label=_("Period"), value=period(view)), Line(label=_("Version"), value=str(view.revision)), *written]
    return Paper(
        title=_("Report to the parents’ committee"),
        subject=period(view),
        organisation=school,
        language=language,
        taken_by=mark,
        made_at=clock.now(),
        sections=[
            Section(title=_("The report"), lines=head),
            *(Section(title=one.title, points=one.lines) for one in view.sections),
            Section(title=_("Where help is to be found"), lines=help_at),
        ],
        hidden_word="",
        page_word=_("page"),
    )
