"""What one side of a referral keeps for itself: notes and meetings with the child. The other side sees nothing of it.

The rows belong to one organisation, are sealed under its own key and cross nowhere (actors.md 7: no therapy notes).
"""

from datetime import date
from uuid import UUID

from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.kit import clock
from src.platform.kit.errors import FieldError, Invalid
from src.platform.kit.i18n import N_
from src.platform.kit.ids import new_id
from src.platform.referrals import partner_repository, service
from src.platform.referrals.errors import WrongStateError
from src.platform.referrals.models import ReferralNote
from src.platform.vault import service as vault

COLUMN = "referral_note.body"


async def write(unit: Unit, referral_id: UUID, text: str) -> None:
    """Note something for our own side; nothing is changed or taken back later. Raises NotFound."""
    await service.for_verb(unit, referral_id, "referral.note")
    note_id = new_id()
    unit.session.add(
        ReferralNote(
            tenant_id=unit.tenant_id,
            id=note_id,
            referral_id=referral_id,
            author=unit.me.membership_id,
            written_at=clock.now(),
            body=await vault.seal_text(unit, text, COLUMN, note_id),
        )
    )
    audit.record(unit, "referral.note_written", "referral", [referral_id, note_id])


async def keep_session(unit: Unit, referral_id: UUID, *, held_on: date, outcome: str) -> None:
    """Whether the child came on a day; the same day again corrects it. Raises NotFound, WrongStateError, Invalid."""
    tied = await service.for_verb(unit, referral_id, "referral.report")
    referral = tied.referral
    if referral.state != "accepted" or referral.answered_at is None:
        raise WrongStateError
    if not clock.local_date(referral.answered_at) <= held_on <= clock.local_date(clock.now()):
        message = N_("Choose a day since the child was accepted, up to today")
        raise Invalid(fields=[FieldError("held_on", "not_in_service", message)])
    row = {"tenant_id": unit.tenant_id, "id": new_id(), "referral_id": referral_id}
    session_id = await partner_repository.keep_session(unit, {**row, "held_on": held_on, "outcome": outcome})
    audit.record(unit, "referral.session_kept", "referral", [referral_id, session_id])
