"""What crosses between the two sides of an agreement, and what comes with its last days."""

from uuid import UUID

from src.platform.db.unit import Unit
from src.platform.outbox.actors import actor
from src.platform.referrals import agreements


@actor("referrals.agreement_to_sign")
async def to_sign(unit: Unit, agreement: UUID) -> None:
    """At the partner's: a school has signed an agreement and waits."""
    await agreements.tell(unit, agreement, "agreement_to_sign")


@actor("referrals.agreement_signed")
async def signed(unit: Unit, agreement: UUID) -> None:
    """In the school: the partner has signed."""
    await agreements.tell(unit, agreement, "agreement_signed")


@actor("referrals.agreement_ended")
async def ended(unit: Unit, agreement: UUID) -> None:
    """The other side has ended an agreement."""
    await agreements.tell(unit, agreement, "agreement_ended")


@actor("referrals.agreement_in_force")
async def in_force(unit: Unit, agreement: UUID) -> None:
    """On either side: both have signed."""
    await agreements.watch(unit, agreement)


@actor("referrals.agreement_ends_soon")
async def ends_soon(unit: Unit, agreement: UUID) -> None:
    """On either side: the last day comes near."""
    await agreements.tell(unit, agreement, "agreement_ends_soon")
