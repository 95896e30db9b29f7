"""The second factor: setting one up, giving its code, printing codes anew (decisions 21, S-22, S-26).

A new factor is offered before it is stored: the offer follows from the session and becomes the person's own with the
first right code. Whoever has one already must have given it a short while ago. Real time only, never the domain's.
"""

from datetime import timedelta
from uuid import UUID

from src.platform.accounts import repository, tokens, totp
from src.platform.accounts.errors import SecondFactorNeededError, TooManyAttemptsError, WrongCodeError
from src.platform.accounts.models import RecoveryCode, User
from src.platform.accounts.schemas import AppOffer, CodesOffer, SecondFactorPage
from src.platform.accounts.service import MOST_ATTEMPTS, OpenedSession
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.kit import clock, crypto
from src.platform.kit.errors import QorganError, Unauthenticated
from src.platform.outbox import service as outbox
from src.platform.tenants import service as tenants

FRESH = timedelta(minutes=15)
"""How long after giving its code a person may change the factor."""
FEW_CODES = 2
"""With so many printed codes left, the next thing is to print new ones."""
_PRINTED_AT = "/second-factor/codes"


async def overview(unit: Unit, next_path: str) -> SecondFactorPage:
    """What the person has, and whether its code is asked now."""
    user, codes = await _held(unit)
    return SecondFactorPage(
        next=next_path,
        set_up=unit.me.has_second_factor,
        asked=unit.me.has_second_factor and not _is_fresh(unit),
        app=user.totp_sealed is not None,
        codes_left=_left(codes),
    )


async def offer_app(unit: Unit, next_path: str) -> AppOffer:
    """A secret for an application. Raises SecondFactorNeededError."""
    _demand_present_one(unit, has_one=unit.me.has_second_factor)
    secret = totp.app_secret(_seed(unit, *await _held(unit)))
    account = (await tenants.organisation(unit, unit.tenant_id)).code
    return AppOffer(next=next_path, account=account, secret=totp.for_typing(secret), address=totp.uri(secret, account))


async def offer_codes(unit: Unit, next_path: str) -> CodesOffer:
    """Ten codes to print. Raises SecondFactorNeededError."""
    _demand_present_one(unit, has_one=unit.me.has_second_factor)
    user, codes = await _held(unit)
    offered = totp.printed_codes(_seed(unit, user, codes))
    return CodesOffer(next=next_path, codes=offered, app=user.totp_sealed is not None, replaces=bool(codes))


async def give(unit: Unit, token: str, code: str) -> OpenedSession:
    """Pass the second factor; the session gets a new id (S-22). Raises WrongCodeError, TooManyAttemptsError.

    The attempt is counted under the lock of the user, so that parallel guesses are guesses one after another.
    """
    user, _ = await _locked(unit, token)
    blind = tokens.second_factor_blind(user.id)
    if await repository.recent_attempts(unit, blind) >= MOST_ATTEMPTS:
        raise _refusal(unit, TooManyAttemptsError())
    by = await _spend(unit, user, totp.folded(code))
    if by is None:
        await repository.note_attempt(unit, blind)
        raise _refusal(unit, WrongCodeError())
    await repository.forget_attempts(unit, blind)
    audit.record(unit, "account.second_factor_passed", "user", [user.id], detail={"by": by})
    few = by == "printed_code" and _left(await repository.recovery_codes(unit, user.id)) <= FEW_CODES
    return await _raised(unit, token, then=_PRINTED_AT if few else "")


async def take_app(unit: Unit, token: str, code: str) -> OpenedSession:
    """Make the offered application the person's own, in the place of an earlier one. Raises WrongCodeError."""
    user, codes = await _locked(unit, token, others=True)
    _demand_present_one(unit, has_one=_has_one(user, codes))
    secret = totp.app_secret(_seed(unit, user, codes))
    step = totp.matching_step(secret, totp.folded(code), clock.real_now())
    if step is None:
        raise WrongCodeError
    sealed = crypto.seal(tokens.app_secret_key(), secret, owner=tokens.app_secret_owner(user.id))
    await repository.save_app(unit, user.id, sealed, step)
    await repository.close_other_sessions(unit, user.id, tokens.token_hash(token))
    audit.record(unit, "account.second_factor_enrolled", "user", [user.id], detail={"by": "app"})
    await _tell_owner(unit)
    return await _raised(unit, token, then="" if _left(codes) > FEW_CODES else _PRINTED_AT)


async def take_codes(unit: Unit, token: str, code: str) -> OpenedSession:
    """Make the offered codes the person's own; all earlier ones end. Raises WrongCodeError.

    The one that was typed shows that they are on paper, and is spent by it.
    """
    user, codes = await _locked(unit, token, others=True)
    _demand_present_one(unit, has_one=_has_one(user, codes))
    offered = [totp.folded(one) for one in totp.printed_codes(_seed(unit, user, codes))]
    if totp.folded(code) not in offered:
        raise WrongCodeError
    await repository.replace_recovery_codes(unit, user.id, [tokens.code_hash(user.id, one) for one in offered])
    await repository.spend_recovery_code(unit, user.id, tokens.code_hash(user.id, totp.folded(code)))
    await repository.close_other_sessions(unit, user.id, tokens.token_hash(token))
    if _has_one(user, codes):
        audit.record(unit, "account.recovery_codes_made", "user", [user.id])
    else:
        audit.record(unit, "account.second_factor_enrolled", "user", [user.id], detail={"by": "printed_code"})
    await _tell_owner(unit)
    return await _raised(unit, token)


async def is_set_up(unit: Unit, user_id: UUID) -> bool:
    """Whether somebody has a second factor."""
    return _has_one(await repository.user(unit, user_id), await repository.recovery_codes(unit, user_id))


async def make_void(unit: Unit, user_id: UUID) -> None:
    """Secret and printed codes open nothing any more, every session ends; the caller has heard two people (S-26)."""
    await repository.lock_sessions(unit, user_id)
    await repository.drop_second_factor(unit, user_id)
    await repository.forget_attempts(unit, tokens.second_factor_blind(user_id))
    await repository.close_sessions_of(unit, [user_id])
    audit.record(unit, "account.second_factor_void", "user", [user_id])


async def _held(unit: Unit) -> tuple[User, list[RecoveryCode]]:
    return await repository.user(unit, unit.me.user_id), await repository.recovery_codes(unit, unit.me.user_id)


async def _locked(unit: Unit, token: str, *, others: bool = False) -> tuple[User, list[RecoveryCode]]:
    """What the person has, locked until the end of the transaction. Raises Unauthenticated for an ended session."""
    user = await repository.lock_for_proof(unit, unit.me.user_id, tokens.token_hash(token), others=others)
    if user is None:
        raise Unauthenticated
    return user, await repository.recovery_codes(unit, user.id)


async def _spend(unit: Unit, user: User, code: str) -> str | None:
    """Use up a code; by what it was given, or None."""
    if not totp.is_of_app(code):
        spent = await repository.spend_recovery_code(unit, user.id, tokens.code_hash(user.id, code))
        return "printed_code" if spent else None
    if user.totp_sealed is None:
        return None
    secret = crypto.unseal(tokens.app_secret_key(), user.totp_sealed, owner=tokens.app_secret_owner(user.id))
    step = totp.matching_step(secret, code, clock.real_now())
    return "app" if step is not None and await repository.spend_step(unit, user.id, step) else None


async def _raised(unit: Unit, token: str, *, then: str = "") -> OpenedSession:
    fresh = tokens.new_token()
    await repository.raise_session(unit, tokens.token_hash(token), tokens.token_hash(fresh), tokens.new_csrf())
    return OpenedSession(fresh, then=then)


async def _tell_owner(unit: Unit) -> None:
    """Whoever holds the password only may be the one who did it."""
    args = {"membership": unit.me.membership_id, "user": unit.me.user_id}
    await outbox.emit(unit, "notifications.second_factor_changed", args)


def _refusal(unit: Unit, error: QorganError) -> QorganError:
    audit.record(unit, "account.second_factor_failed", "user", [unit.me.user_id], detail={"code": error.code})
    return error


def _demand_present_one(unit: Unit, *, has_one: bool) -> None:
    if has_one and not _is_fresh(unit):
        raise SecondFactorNeededError


def _is_fresh(unit: Unit) -> bool:
    given = unit.me.second_factor_at
    return given is not None and clock.real_now() - given < FRESH


def _has_one(user: User, codes: list[RecoveryCode]) -> bool:
    return user.totp_sealed is not None or bool(codes)


def _left(codes: list[RecoveryCode]) -> int:
    return sum(one.used_at is None for one in codes)


def _seed(unit: Unit, user: User, codes: list[RecoveryCode]) -> bytes:
    known = [user.totp_sealed or b"", *(one.code_hash for one in codes)]
    return tokens.offer_seed(user.id, unit.me.csrf, known)
