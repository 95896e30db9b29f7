"""Making, counting and revoking tokens of programs (issue 4, S-24, S-28).

A token is 256 random bits, so a plain hash keeps it. Its life is real time, like a session's, and ends with the
membership of who made it.
"""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from src.platform.access import scopes as policy
from src.platform.access import service as access
from src.platform.api import repository
from src.platform.api.errors import OutOfScopeError, TokenEndedError, TokenRefusedError, TooManyRequestsError
from src.platform.api.models import ApiToken
from src.platform.api.schemas import TokenPaper, TokenRow, TokensPage
from src.platform.audit import service as audit
from src.platform.db import together
from src.platform.db.binding import Bearer, Platform
from src.platform.db.unit import Unit, unit
from src.platform.kit import clock
from src.platform.kit.errors import FieldError, Invalid, NotFound
from src.platform.kit.i18n import N_
from src.platform.kit.ids import new_id
from src.platform.kit.settings import settings
from src.platform.tenants import service as tenants
from src.platform.vault import service as vault

KEEP = "api_token.keep"
_PREFIX, _BYTES = "qorgan_", 32
_NAME = "api_token.name"
_HOURS = 24


async def page(unit: Unit) -> TokensPage:
    """The tokens of the organisation, for whoever keeps them. Names of colleagues are school-internal."""
    access.require(unit, KEEP)
    await together.prefetch(unit.session, repository.all_tokens(), tenants.all_members(), tenants.all_settings())
    people = {one.membership_id: one.person_id for one in await tenants.employees(unit)}
    rows = await repository.tokens(unit)
    makers = {people[row.membership_id] for row in rows if row.membership_id in people}
    names = await vault.staff_names(unit, sorted(makers))
    return TokensPage(
        rows=[
            TokenRow(
                id=row.id,
                name=await vault.open_text(unit, row.name, _NAME, row.id),
                scopes=row.scopes,
                made_by=names.get(people.get(row.membership_id, row.id), ""),
                made_at=row.made_at,
                expires_at=row.expires_at,
                used_on=row.used_on,
                state=_state(row, is_member=row.membership_id in people),
            )
            for row in rows
        ],
        scopes=list(policy.scopes()),
        days_most=await _days_most(unit),
    )


async def make(unit: Unit, name: str, scopes: Sequence[str], days: int) -> TokenPaper:
    """A token that can what its maker can and its scopes name. Raises Forbidden, Invalid."""
    access.require(unit, KEEP)
    if complaints := _complaints(scopes, days, await _days_most(unit)):
        raise Invalid(fields=complaints)
    token, at, token_id = _PREFIX + secrets.token_urlsafe(_BYTES), clock.real_now(), new_id()
    row = ApiToken(
        tenant_id=unit.tenant_id,
        id=token_id,
        membership_id=unit.me.membership_id,
        name=await vault.seal_text(unit, name, _NAME, token_id),
        scopes=[one for one in policy.scopes() if one in scopes],
        token_hash=token_hash(token),
        made_at=at,
        expires_at=at + timedelta(hours=days * _HOURS),
    )
    await repository.add(unit, row)
    audit.record(unit, "api_token.made", "api_token", [token_id], detail={"scopes": " ".join(row.scopes)})
    address = settings().public_url.rstrip("/")
    return TokenPaper(
        id=token_id, name=name, scopes=row.scopes, token=token, expires_at=row.expires_at, address=address
    )


async def revoke(unit: Unit, token_id: UUID) -> None:
    """The token opens nothing from now on. Raises NotFound, Forbidden, TokenEndedError."""
    access.require(unit, KEEP)
    if await repository.one(unit, token_id) is None:
        raise NotFound
    if not await repository.revoke(unit, token_id, clock.real_now()):
        raise TokenEndedError
    audit.record(unit, "api_token.revoked", "api_token", [token_id])


async def count(token: str) -> None:
    """Count a request in a transaction of its own: what is refused later stays counted. Raises TooManyRequestsError."""
    today = clock.local_date(clock.real_now())
    async with unit(Platform()) as work:
        too_often = await repository.spend(work, token_hash(token), settings().api_requests_per_hour, today)
    if too_often:
        raise TooManyRequestsError


def check_scope(work: Unit, route: str | None) -> None:
    """Whether the token of a request is alive and was made for this route; each use is told under both its names.

    Raises TokenRefusedError, OutOfScopeError.
    """
    subject = work.subject
    if subject is None or subject.scopes is None or subject.token_id is None:
        raise TokenRefusedError
    if route not in policy.operations_of(subject.scopes):
        raise OutOfScopeError
    audit.record(work, "api_token.used", "api_token", [subject.token_id], detail={"operation": route or ""})


async def refuse_elsewhere(token: str) -> None:
    """A route that no scope reaches, public ones too: no for every token, with the audit row of a denial.

    Raises TokenRefusedError, OutOfScopeError, TooManyRequestsError.
    """
    await count(token)
    async with unit(Bearer(token_hash(token))) as work:
        if work.subject is None:
            raise TokenRefusedError
        denied: dict[str, str | int | bool] = {"code": OutOfScopeError.code, "status": OutOfScopeError.status}
        await audit.append(work, audit.Entry("access.denied", "route", detail=denied))
    raise OutOfScopeError


def token_hash(token: str) -> bytes:
    """All that is stored of a token."""
    return sha256(token.encode()).digest()


def _complaints(scopes: Sequence[str], days: int, most: int) -> list[FieldError]:
    found = []
    if not set(scopes) <= set(policy.scopes()):
        found.append(FieldError("scopes", "not_an_option", N_("Choose one of the answers")))
    if not 1 <= days <= most:
        message = N_("Enter a whole number from 1 to %(most)s")
        found.append(FieldError("days", "not_in_range", message, (("most", most),)))
    return found


async def _days_most(unit: Unit) -> int:
    return int(await tenants.setting(unit, "api_token_hours_most")) // _HOURS


def _state(row: ApiToken, *, is_member: bool) -> str:
    if row.revoked_at is not None:
        return "revoked"
    if not is_member:
        return "left"
    return "open" if clock.real_now() < row.expires_at else "expired"
