"""The life of an agreement (N15): drafted by the school, signed by both, valid to its day or ended by a side."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.kit import clock
from src.platform.kit.errors import FieldError, Invalid, NotFound, StaleVersion
from src.platform.kit.i18n import N_
from src.platform.kit.ids import new_id
from src.platform.notifications import service as notifications
from src.platform.outbox import service as outbox
from src.platform.referrals import agreement_repository as repository
from src.platform.referrals.errors import AgreementOverError, OverlapError
from src.platform.referrals.models import Agreement
from src.platform.referrals.schemas import CONTRACT_FIELDS, PARTNER_KINDS
from src.platform.tenants import service as tenants
from src.platform.workdays import calendar

DRAFT, SIGN = "agreement.draft", "agreement.sign"
COUNTED = "oversight.count_agreements"
"""The actor that keeps what the city sees; it stands above this module, so only its name is known here."""
_DUTIES = ("weekly_report_duty", "biweekly_attendance_duty", "confidentiality")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What an agreement says (R-146)."""

    service_types: list[str]
    contract_fields: list[str]
    procedure: str
    contacts: str
    valid_from: date
    valid_to: date
    weekly_report_duty: bool = False
    biweekly_attendance_duty: bool = False
    confidentiality: bool = False


async def draft(unit: Unit, partner: UUID, terms: Terms) -> UUID:
    """Write an agreement down; the partner sees nothing of it before the school has signed. Raises OverlapError."""
    access.require(unit, DRAFT)
    _check(terms)
    if (await tenants.organisation(unit, partner)).kind not in PARTNER_KINDS:
        raise Invalid(fields=[FieldError("partner", "not_an_option", N_("Choose one of the answers"))])
    await _check_alone(unit, partner, terms.service_types, terms.valid_from, terms.valid_to)
    row = Agreement(
        tenant_id=unit.tenant_id,
        id=new_id(),
        peer_tenant_id=partner,
        service_types=terms.service_types,
        contract_fields=[one for one in CONTRACT_FIELDS if one in terms.contract_fields],
        procedure=terms.procedure,
        contacts=terms.contacts,
        weekly_report_duty=True,
        biweekly_attendance_duty=True,
        confidentiality=True,
        valid_from=terms.valid_from,
        valid_to=terms.valid_to,
        drafted_at=clock.now(),
        version=1,
    )
    unit.session.add(row)
    audit.record(unit, "agreement.drafted", "agreement", [row.id])
    return row.id


async def sign(unit: Unit, agreement_id: UUID) -> None:
    """Sign for the side that asks: the school first, then the partner (R-145). Raises NotFound, AgreementOverError."""
    access.require(unit, SIGN)
    row = await _living(unit, agreement_id)
    at = clock.now()
    if row.tenant_id == unit.tenant_id and row.signed_by_school_at is None:
        await _check_alone(unit, row.peer_tenant_id, row.service_types, row.valid_from, row.valid_to, but=row.id)
        await _write(unit, row, row.version, signed_by_school_at=at)
        await _tell_other(unit, row, "agreement_to_sign")
        audit.record(unit, "agreement.signed_by_school", "agreement", [row.id])
    elif row.peer_tenant_id == unit.tenant_id and row.signed_by_partner_at is None:
        await _write(unit, row, row.version, signed_by_partner_at=at)
        await _tell_other(unit, row, "agreement_signed")
        for tenant in (row.tenant_id, row.peer_tenant_id):
            await outbox.emit(unit, "referrals.agreement_in_force", {"agreement": row.id}, target_tenant=tenant)
        await outbox.emit(unit, COUNTED, {}, target_tenant=row.tenant_id)
        audit.record(unit, "agreement.signed_by_partner", "agreement", [row.id])
    else:
        raise NotFound


async def discard(unit: Unit, agreement_id: UUID, version: int) -> None:
    """The school takes a draft back, signed by itself or not. Raises AgreementOverError once both have signed."""
    access.require(unit, DRAFT)
    row = await _living(unit, agreement_id)
    if row.tenant_id != unit.tenant_id:
        raise NotFound
    if row.signed_by_partner_at is not None:
        raise AgreementOverError
    await _write(unit, row, version, discarded_at=clock.now())
    audit.record(unit, "agreement.discarded", "agreement", [row.id])


async def end(unit: Unit, agreement_id: UUID, version: int, reason: str) -> None:
    """A side ends what both have signed; children who are with the partner stay there. Raises AgreementOverError."""
    access.require(unit, SIGN)
    row = await _living(unit, agreement_id)
    if row.signed_by_partner_at is None:
        raise AgreementOverError
    await _write(unit, row, version, ended_at=clock.now(), ended_by=unit.tenant_id, end_reason=reason)
    await _tell_other(unit, row, "agreement_ended")
    await outbox.emit(unit, COUNTED, {}, target_tenant=row.tenant_id)
    audit.record(unit, "agreement.ended", "agreement", [row.id])


async def watch(unit: Unit, agreement_id: UUID) -> None:
    """Both have signed: this side is told before the agreement ends, so many days as it chose."""
    row = await repository.one(unit, agreement_id)
    if row is not None:
        day = calendar.add_days(row.valid_to, -await tenants.setting(unit, "agreement_ends_soon_days"))
        at = calendar.at_local(day, calendar.MIDNIGHT)
        await outbox.wake(unit, at, "referrals.agreement_ends_soon", {"agreement": agreement_id})


async def tell(unit: Unit, agreement_id: UUID, kind: str) -> None:
    """Everybody of this organisation who signs agreements; nobody of an end that has come before."""
    row = await repository.one(unit, agreement_id)
    if row is None or (kind == "agreement_ends_soon" and row.ended_at is not None):
        return
    signers = [one.membership_id for one in await tenants.members(unit) if one.roles & access.roles_with(SIGN)]
    await notifications.notify(unit, signers, kind, "agreement", agreement_id)


def _check(terms: Terms) -> None:
    complaints = [
        FieldError(name, "must_be_agreed", N_("An agreement without this duty is not possible"))
        for name in _DUTIES
        if not getattr(terms, name)
    ]
    if terms.valid_from > terms.valid_to:
        complaints.append(FieldError("valid_to", "before_start", N_("The end lies before the start")))
    if complaints:
        raise Invalid(fields=complaints)


async def _check_alone(
    unit: Unit, partner: UUID, services: list[str], valid_from: date, valid_to: date, but: UUID | None = None
) -> None:
    if await repository.in_the_way(unit, partner, services, valid_from, valid_to, but):
        raise OverlapError


async def _living(unit: Unit, agreement_id: UUID) -> Agreement:
    row = await repository.one(unit, agreement_id)
    if row is None:
        raise NotFound
    if row.discarded_at is not None or row.ended_at is not None:
        raise AgreementOverError
    return row


async def _write(unit: Unit, row: Agreement, version: int, **changes: object) -> None:
    if not await repository.write(unit, row, version, **changes):
        raise StaleVersion


async def _tell_other(unit: Unit, row: Agreement, kind: str) -> None:
    other = row.peer_tenant_id if row.tenant_id == unit.tenant_id else row.tenant_id
    await outbox.emit(unit, f"referrals.{kind}", {"agreement": row.id}, target_tenant=other)
