"""A declined referral that nobody follows: the duty to find another partner ends with a reason, and stays visible."""

from uuid import UUID

from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.deadlines import service as deadlines
from src.platform.kit import clock
from src.platform.kit.errors import NotFound, StaleVersion
from src.platform.referrals import referring, referring_repository, service
from src.platform.referrals.errors import WrongStateError
from src.platform.vault import service as vault

COLUMN = "referral_case.unfollowed_reason"


async def close(unit: Unit, referral_id: UUID, version: int, *, reason: str) -> None:
    """No other partner is asked, for this reason. Raises NotFound, Forbidden, WrongStateError, StaleVersion."""
    tied = await service.for_verb(unit, referral_id, "referral.send")
    note, followed_by = await referring_repository.note_of(unit, referral_id)
    if note is None:
        raise NotFound
    if tied.referral.version != version:
        raise StaleVersion
    if tied.referral.state != "declined" or followed_by is not None or note.unfollowed_at is not None:
        raise WrongStateError
    note.unfollowed_reason = await vault.seal_text(unit, reason, COLUMN, referral_id)
    note.unfollowed_at, note.unfollowed_by = clock.now(), unit.me.membership_id
    await deadlines.cancel(unit, referring.REDIRECT, referral_id)
    audit.record(unit, "referral.left_unfollowed", "referral", [referral_id])
