"""A service ends with a final report: served to its end, or broken off for a reason (process (e) 7)."""

from uuid import UUID

from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.deadlines import service as deadlines
from src.platform.kit import clock
from src.platform.kit.ids import new_id
from src.platform.outbox import service as outbox
from src.platform.referrals import service, states
from src.platform.referrals.models import FinalReport
from src.platform.tenants import service as tenants
from src.platform.vault import service as vault

COLUMN = "final_report.own_text"


async def end(unit: Unit, referral_id: UUID, version: int, *, ending: str, text: str) -> None:
    """No further week owes a report; `ending` is `completed`, or the reason why the service breaks off.

    Raises NotFound, Forbidden, WrongStateError, StaleVersion.
    """
    tied = await service.for_verb(unit, referral_id, "referral.answer")
    referral = tied.referral
    after = states.advance(referral.state, "complete" if ending == "completed" else "discontinue")
    at, report_id = clock.now(), new_id()
    await service.write(unit, referral, version, state=after, ended_at=at)
    school = await tenants.organisation(unit, referral.tenant_id)
    unit.session.add(
        FinalReport(
            tenant_id=unit.tenant_id,
            id=report_id,
            peer_tenant_id=school.id,
            referral_id=referral_id,
            ending=ending,
            own_text=await vault.seal_text(unit, text, COLUMN, report_id),
            peer_text=vault.seal_slice(school.recipient_key, text.encode(), report_id),
            submitted_at=at,
        )
    )
    await deadlines.cancel(unit, service.WEEKLY, referral_id)
    await outbox.emit(unit, "referrals.ended", {"referral": referral_id}, target_tenant=school.id)
    audit.record(unit, f"referral.{after}", "referral", [referral_id, report_id], detail={"ending": ending})
