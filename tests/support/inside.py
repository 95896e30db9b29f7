"""Work inside one organisation, as a named person or as nobody."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from src.platform.accounts import repository, tokens
from src.platform.db.binding import Inside, Platform, SignedIn
from src.platform.db.context import TenantContext
from src.platform.db.unit import Unit, unit
from tests.support.people import Person


@asynccontextmanager
async def inside(tenant_id: UUID) -> AsyncIterator[Unit]:
    """A unit of an organisation without a person."""
    async with unit(Inside(TenantContext(tenant_id))) as work:
        yield work


@asynccontextmanager
async def as_person(person: Person) -> AsyncIterator[Unit]:
    """A unit of a person, through a session of their own."""
    token = tokens.new_token()
    async with unit(Platform()) as work:
        await repository.open_session(
            work, tokens.token_hash(token), person.user_id, person.tenant_id, tokens.new_csrf()
        )
    async with unit(SignedIn(tokens.token_hash(token))) as work:
        yield work
