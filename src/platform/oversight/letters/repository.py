"""Every query of letters. Row-level security leaves each organisation its own."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from src.platform.db import together
from src.platform.db.together import Read
from src.platform.db.unit import Unit
from src.platform.kit.cursor import Place
from src.platform.oversight.models import Letter, LetterDraft, LetterText
from src.platform.tenants import service as tenants


async def listed(unit: Unit, states: Collection[str], after: Place | None, most: int) -> list[Letter]:
    """Letters from or to the unit's organisation, the newest first."""
    query = select(Letter).order_by(Letter.sent_at.desc(), Letter.id.desc()).limit(most)
    if states:
        query = query.where(Letter.state.in_(states))
    if after is not None:
        query = query.where(tuple_(Letter.sent_at, Letter.id) < after)
    read = Read(("city_letter", tuple(states), after), query)
    await together.prefetch(unit.session, read, tenants.all_tenants())
    return await together.rows(unit.session, read)


async def page(unit: Unit, letter_id: UUID) -> tuple[Letter | None, list[LetterText], LetterDraft | None]:
    """One letter with its texts in the order of time, and what the own organisation prepared; in one statement."""
    one = Read(("city_letter", letter_id), select(Letter).where(Letter.id == letter_id))
    draft = Read(("city_letter_draft", letter_id), select(LetterDraft).where(LetterDraft.letter_id == letter_id))
    await together.prefetch(
        unit.session,
        one,
        _texts(letter_id),
        draft,
        tenants.all_tenants(),
        tenants.all_settings(),
        tenants.all_members(),
    )
    letter = next(iter(await together.rows(unit.session, one)), None)
    return (
        letter,
        await together.rows(unit.session, _texts(letter_id)),
        next(iter(await together.rows(unit.session, draft)), None),
    )


def _texts(letter_id: UUID) -> Read[LetterText]:
    query = select(LetterText).where(LetterText.letter_id == letter_id).order_by(LetterText.at, LetterText.id)
    return Read(("city_letter_text", letter_id), query)


async def locked(unit: Unit, letter_id: UUID) -> Letter | None:
    """One letter, locked for a verb."""
    query = select(Letter).where(Letter.id == letter_id).with_for_update()
    return (await unit.session.scalars(query.execution_options(populate_existing=True))).one_or_none()


async def plain(unit: Unit, letter_id: UUID) -> Letter | None:
    """One letter, for a job."""
    return (await unit.session.scalars(select(Letter).where(Letter.id == letter_id))).one_or_none()


async def write(unit: Unit, letter: Letter, version: int, **changes: object) -> bool:
    """Change a letter if nobody did since `version`."""
    done = await unit.session.execute(
        update(Letter)
        .where(Letter.id == letter.id, Letter.version == version)
        .values(version=Letter.version + 1, **changes)
        .returning(Letter.id)
        .execution_options(synchronize_session=False)
    )
    return done.one_or_none() is not None


async def destroy(unit: Unit, letter_id: UUID) -> None:
    """The other side's copy of what this side wrote is no more."""
    await unit.session.execute(
        update(LetterText)
        .where(LetterText.letter_id == letter_id, LetterText.tenant_id == unit.tenant_id)
        .values(peer_text=None)
        .execution_options(synchronize_session=False)
    )


async def keep_draft(unit: Unit, letter_id: UUID, draft_id: UUID, content: bytes, by: UUID, at: datetime) -> None:
    """Put what was prepared in place of what was before, under a new id: the seal is bound to it."""
    values = {"content": content, "prepared_by": by, "prepared_at": at}
    query = insert(LetterDraft).values(tenant_id=unit.tenant_id, id=draft_id, letter_id=letter_id, version=1, **values)
    fresh = {**values, "id": draft_id, "version": LetterDraft.version + 1}
    await unit.session.execute(query.on_conflict_do_update(index_elements=["tenant_id", "letter_id"], set_=fresh))
