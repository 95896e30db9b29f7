"""A confirmed Form E to take along: a PDF under the labels of the law, or a spreadsheet; no person on it (R-053)."""

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
from src.platform.monthly import service, sheet, views
from src.platform.monthly.models import FormE
from src.platform.monthly.schemas import Count
from src.platform.tenants import service as tenants
from src.platform.vault import service as vault


async def of_month(
    unit: Unit, month_id: UUID, *, language: str, kind: str, roles: Sequence[str], revision: int | None = None
) -> tuple[str, bytes]:
    """In the school: the newest form of a month or an older one; its file name and content. Raises as `views.taken`."""
    form, by = await views.taken(unit, month_id, revision)
    with taking.speaking(unit, language):
        signer = (await tenants.members(unit, [by]))[:1]
        names = await vault.staff_names(unit, [one.person_id for one in signer])
        return await _made(unit, form, kind, roles, signed="".join(names.values()))


async def received(unit: Unit, form_id: UUID, *, language: str, kind: str, roles: Sequence[str]) -> tuple[str, bytes]:
    """In the city: a form that a school sent. Raises NotFound."""
    form = await views.received(unit, form_id)
    with taking.speaking(unit, language):
        return await _made(unit, form, kind, roles, signed="")


async def _made(unit: Unit, form: FormE, kind: str, roles: Sequence[str], *, signed: str) -> tuple[str, bytes]:
    school = await tenants.organisation(unit, form.tenant_id)
    counts = views.counts(form.numbers, unit.language)
    head = _head(form, school.name(unit.language), signed, unit.language)
    if kind == "xlsx":
        made = await run_in_pool(sheet.make, views.label("month", unit.language), [*head, *_rows(counts)])
    else:
        mark = await taking.taken_by(unit, roles)
        made = await documents.pdf(_paper(counts, head, unit.language, school.name(unit.language), mark))
    audit.record(unit, "form_e.taken", "form_e", [form.id], detail={"kind": kind, "language": unit.language})
    return f"form-e-{school.code}-{form.month}-{form.revision}.{kind}", made


def _head(form: FormE, school: str, signed: str, language: str) -> list[tuple[str, str | int]]:
    """The lines above the numbers."""
    head: list[tuple[str, str | int]] = [
        (views.label("school_name", language), school),
        (views.label("month", language), i18n.format_month(form.month)),
        (_("Version"), form.revision),
        (views.label("confirmed_at", language), i18n.format_datetime(form.confirmed_at)),
    ]
    return [*head, (views.label("confirmed_by", language), signed)] if signed else head


def _rows(counts: list[Count]) -> list[tuple[str, str | int]]:
    return [(one.label, one.value) for one in counts]


def _paper(counts: list[Count], head: list[tuple[str, str | int]], language: str, school: str, mark: str) -> Paper:
    kinds = [one for one in counts if one.key.startswith(service.BEHAVIOUR)]
    others = [one for one in counts if one not in kinds]
    heading = views.label(f"{service.BEHAVIOUR}*", language)
    table = Table(label=heading, columns=[heading, _("How many")], rows=[[one.label, str(one.value)] for one in kinds])
    return Paper(
        title=forms.form("form_e").title.in_language(language),
        subject=str(dict(head)[views.label("month", language)]),
        organisation=school,
        language=language,
        taken_by=mark,
        made_at=clock.now(),
        sections=[
            Section(title=_("The form"), lines=[Line(label=name, value=str(value)) for name, value in head]),
            Section(
                title=_("Numbers of the month"),
                lines=[Line(label=one.label, value=str(one.value)) for one in others],
                tables=[table],
            ),
        ],
        hidden_word="",
        page_word=_("page"),
    )
