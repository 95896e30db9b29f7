"""Signing in and out, switching organisations, the language of a user."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from src.platform.access import service as access
from src.platform.accounts import passwords, repository, tokens
from src.platform.accounts.errors import (
    NameTakenError,
    PasswordChangeNeededError,
    SecondFactorNeededError,
    TooManyAttemptsError,
    WrongPasswordError,
    WrongSignInError,
)
from src.platform.accounts.models import User
from src.platform.accounts.schemas import MySession
from src.platform.audit import service as audit
from src.platform.db.binding import Platform, SignedIn
from src.platform.db.unit import Unit, unit
from src.platform.kit import clock
from src.platform.kit.errors import FieldError, Invalid, NotFound, StaleVersion
from src.platform.kit.i18n import LANGUAGES, N_
from src.platform.kit.ids import new_id
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import Organisation

MOST_ATTEMPTS = 10


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """The cookie value of a new session, which is never stored, and the page that comes first, if one does."""

    token: str
    then: str = ""


async def create_user(work: Unit, sign_in: str, password: str, *, language: str = "kk") -> UUID:
    """Make a user who can sign in. Raises NameTakenError."""
    user = User(
        id=new_id(),
        password_hash=await passwords.hashed(password),
        language=language,
        created_at=clock.now(),
        must_change_password=False,
        version=1,
    )
    if not await repository.add_user(work, user, tokens.name_blind(sign_in)):
        raise NameTakenError
    return user.id


async def create_on_paper(work: Unit, papers: Mapping[str, str], *, until: datetime) -> dict[str, UUID]:
    """Make users who sign in with a code on paper and then choose a password; sign-in name -> user.

    `papers` maps random sign-in names to codes. Two statements for any number: a code costs no slow hash.
    """
    made, at = {name: new_id() for name in papers}, clock.now()
    users: list[dict[str, object]] = [
        {
            "id": made[name],
            "password_hash": passwords.of_paper(code, until),
            "created_at": at,
            "must_change_password": True,
        }
        for name, code in papers.items()
    ]
    names: list[dict[str, object]] = [
        {"blind": tokens.name_blind(name), "user_id": user_id} for name, user_id in made.items()
    ]
    await repository.add_users(work, users, names)
    return made


async def recognised(work: Unit, sign_in: str, password: str) -> UUID | None:
    """Who signs in with this name and password; nobody takes as long as somebody (S-27)."""
    user = await repository.user_by_name(work, tokens.name_blind(sign_in))
    allowed = await passwords.matches(user.password_hash if user else None, password)
    return user.id if user is not None and allowed and user.blocked_at is None else None


async def check_attempts(*blinds: bytes) -> None:
    """Raise TooManyAttemptsError when one of these was tried too often in 15 minutes."""
    async with unit(Platform()) as work:
        counts = [await repository.recent_attempts(work, blind) for blind in blinds]
    if max(counts) >= MOST_ATTEMPTS:
        raise TooManyAttemptsError


async def note_attempts(*blinds: bytes) -> None:
    """Remember a failure in a transaction of its own: the one that failed is rolled back."""
    async with unit(Platform()) as work:
        for blind in blinds:
            await repository.note_attempt(work, blind)


async def user_id(work: Unit, sign_in: str) -> UUID | None:
    """Who signs in under a name. For programs only: no page may tell whether a name is known (S-15)."""
    user = await repository.user_by_name(work, tokens.name_blind(sign_in))
    return user.id if user else None


async def sign_in(name: str, password: str) -> OpenedSession:
    """Open a session in the user's first living organisation.

    Opens its own transactions: the attempt is counted even when the answer is no, and the audit row belongs to the
    organisation that the new session is in. Raises WrongSignInError, TooManyAttemptsError.
    """
    blind = tokens.name_blind(name)
    async with unit(Platform()) as work:
        too_many = await repository.recent_attempts(work, blind) >= MOST_ATTEMPTS
        user = await repository.user_by_name(work, blind)
        allowed = await passwords.matches(user.password_hash if user else None, password)
        token = None
        if user is not None and allowed and not too_many and user.blocked_at is None:
            token = await _open_first(work, user.id)
        if token is None:
            await repository.note_attempt(work, blind)
        else:
            await repository.forget_attempts(work, blind)
    if too_many:
        raise TooManyAttemptsError
    if token is None:
        raise WrongSignInError
    return await _entered(token)


async def sign_out(work: Unit, token: str) -> None:
    """End this session; a request that is still running cannot bring it back (S-23)."""
    audit.record(work, "account.signed_out", "user", [work.me.user_id])
    await repository.close_session(work, tokens.token_hash(token))


async def my_sessions(work: Unit, token: str) -> list[MySession]:
    """Where I am signed in at this moment, here first."""
    here = tokens.token_hash(token)
    found = [(one, one.token_hash == here) for one in await repository.living_sessions(work, work.me.user_id, here)]
    return [
        MySession(is_here=is_here, since=one.created_at, used_at=None if is_here else one.seen_at)
        for one, is_here in found
    ]


async def sign_out_elsewhere(work: Unit, token: str) -> None:
    """End every session of mine but this one (S-23)."""
    audit.record(work, "account.signed_out_elsewhere", "user", [work.me.user_id])
    await repository.close_other_sessions(work, work.me.user_id, tokens.token_hash(token))


async def switch(work: Unit, token: str, tenant_id: UUID) -> OpenedSession:
    """Go on in another organisation under a new session id (S-22). Raises NotFound."""
    if tenant_id not in await repository.tenants_of(work, work.me.user_id):
        raise NotFound
    fresh = tokens.new_token()
    if not await repository.rotate_session(
        work, tokens.token_hash(token), tokens.token_hash(fresh), tokens.new_csrf(), tenant_id
    ):
        raise NotFound
    audit.record(work, "account.switched_organisation", "user", [work.me.user_id])
    return OpenedSession(fresh)


async def my_organisations(work: Unit) -> list[Organisation]:
    """Where this user may switch to."""
    known = await repository.tenants_of(work, work.me.user_id)
    return [o for o in await tenants.organisations(work) if o.id in known and o.status == "active"]


async def organisations_of(work: Unit, user_id: UUID) -> list[UUID]:
    """Wherever a user works, to tell them something there."""
    return await repository.tenants_of(work, user_id)


async def choose_language(work: Unit, language: str) -> None:
    """Remember a language for pages and messages. Raises NotFound for a language the house does not speak."""
    if language not in LANGUAGES:
        raise NotFound
    await repository.set_language(work, work.me.user_id, language)


async def choose_language_of(work: Unit, user_id: UUID, language: str) -> None:
    """The same for somebody who is only just coming in."""
    await repository.set_language(work, user_id, language)


async def open_here(work: Unit, user_id: UUID) -> OpenedSession:
    """Open a session in the unit's organisation for somebody who has just become a member."""
    token = tokens.new_token()
    await repository.open_session(work, tokens.token_hash(token), user_id, work.tenant_id, tokens.new_csrf())
    audit.record(work, "account.signed_in", "user", [user_id])
    return OpenedSession(token)


async def change_password(work: Unit, token: str, old: str, new: str) -> OpenedSession:
    """Take another password: this session goes on under a new id, all others end (S-22, S-23).

    Raises TooManyAttemptsError, WrongPasswordError, Invalid, StaleVersion when it was changed meanwhile.
    """
    me, bucket = work.me.user_id, tokens.password_bucket(work.me.user_id)
    if await repository.recent_attempts(work, bucket) >= MOST_ATTEMPTS:
        raise TooManyAttemptsError
    stored = await repository.password_of(work, me)
    if not await passwords.matches(stored, old):
        await note_attempts(bucket)
        raise WrongPasswordError
    if wrong := passwords.complaint(new, field="new_password"):
        raise Invalid(fields=[wrong])
    if old == new or (passwords.is_of_paper(stored) and await passwords.matches(stored, new)):
        message = N_("Choose a password that you do not have yet")
        raise Invalid(fields=[FieldError("new_password", "the_same", message)])
    if not await repository.set_password(work, me, stored, await passwords.hashed(new)):
        raise StaleVersion
    await repository.forget_attempts(work, bucket)
    return await _go_on_alone(work, token)


async def end_sessions_here(work: Unit, user_ids: list[UUID]) -> None:
    """Sign people out of the unit's organisation, at once (S-23)."""
    await repository.close_sessions_in(work, work.tenant_id, user_ids)


async def end_sessions(work: Unit, user_ids: list[UUID]) -> None:
    """Sign people out everywhere, at once."""
    await repository.close_sessions_of(work, user_ids)


async def _go_on_alone(work: Unit, token: str) -> OpenedSession:
    fresh = tokens.new_token()
    old, new = tokens.token_hash(token), tokens.token_hash(fresh)
    if not await repository.renew_session(work, old, new, tokens.new_csrf()):
        raise NotFound
    await repository.close_other_sessions(work, work.me.user_id, new)
    audit.record(work, "account.password_changed", "user", [work.me.user_id])
    return OpenedSession(fresh)


async def _open_first(work: Unit, user_id: UUID) -> str | None:
    for tenant_id in await repository.tenants_of(work, user_id):
        if (await tenants.organisation(work, tenant_id)).status == "active":
            token = tokens.new_token()
            await repository.open_session(work, tokens.token_hash(token), user_id, tenant_id, tokens.new_csrf())
            return token
    return None


async def _entered(token: str) -> OpenedSession:
    async with unit(SignedIn(tokens.token_hash(token))) as work:
        if work.subject is None:  # blocked or let go between the two transactions
            raise WrongSignInError
        audit.record(work, "account.signed_in", "user", [work.subject.user_id])
        asked = access.lacks_second_factor(work.subject)
        own_password = not work.subject.must_change_password
    first = "" if own_password else PasswordChangeNeededError.asked_at
    return OpenedSession(token, then=SecondFactorNeededError.asked_at if asked else first)
