"""Every query of the module."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from src.platform.api.models import ApiAnswer, ApiToken, ApiTokenCode
from src.platform.db import together
from src.platform.db.together import Read
from src.platform.db.unit import Unit

_SPEND = "select spend_token(%(hash)s, %(most)s, %(today)s)"


async def add(unit: Unit, row: ApiToken) -> None:
    """Store a token, and in which organisation it is looked for."""
    unit.session.add(row)
    line = {"token_hash": row.token_hash, "tenant_id": row.tenant_id}
    await unit.session.execute(insert(ApiTokenCode).values(**line))


def all_tokens() -> Read[ApiToken]:
    """The tokens of the organisation, the newest first."""
    return Read(("api_token",), select(ApiToken).order_by(ApiToken.made_at.desc(), ApiToken.id))


async def tokens(unit: Unit) -> list[ApiToken]:
    """The same, read."""
    return await together.rows(unit.session, all_tokens())


async def one(unit: Unit, token_id: UUID) -> ApiToken | None:
    """One token."""
    return (await unit.session.scalars(select(ApiToken).where(ApiToken.id == token_id))).one_or_none()


async def revoke(unit: Unit, token_id: UUID, at: datetime) -> bool:
    """End a token; False when it was ended already."""
    query = update(ApiToken).where(ApiToken.id == token_id, ApiToken.revoked_at.is_(None)).values(revoked_at=at)
    done = await unit.session.execute(query.returning(ApiToken.id).execution_options(synchronize_session=False))
    return done.one_or_none() is not None


async def spend(unit: Unit, hashed: bytes, most: int, today: date) -> bool:
    """Count one request; whether it is one too many. Exact, however many come at once (S-28)."""
    connection = await unit.session.connection()
    answer = await connection.exec_driver_sql(_SPEND, {"hash": hashed, "most": most, "today": today})
    return bool(answer.scalar_one())


async def enter(unit: Unit, row: dict[str, object]) -> bool:
    """Note a keyed request; waits for a twin. False when the key is known."""
    query = insert(ApiAnswer).values(**row).on_conflict_do_nothing().returning(ApiAnswer.id)
    return (await unit.session.execute(query)).one_or_none() is not None


async def answer(unit: Unit, answer_id: UUID) -> ApiAnswer | None:
    """What a key is known for."""
    return (await unit.session.scalars(select(ApiAnswer).where(ApiAnswer.id == answer_id))).one_or_none()


async def leave(unit: Unit, answer_id: UUID, location: str) -> None:
    """Remember where a keyed request led."""
    query = update(ApiAnswer).where(ApiAnswer.id == answer_id).values(location=location)
    await unit.session.execute(query.execution_options(synchronize_session=False))


async def forget(unit: Unit, answer_id: UUID, at: datetime) -> None:
    """Delete a key whose time is over."""
    query = delete(ApiAnswer).where(ApiAnswer.id == answer_id, ApiAnswer.expires_at <= at)
    await unit.session.execute(query.execution_options(synchronize_session=False))
