"""Filters of the list that a person keeps: nobody else sees them, and no text of theirs is stored in clear."""

from uuid import UUID

import msgspec

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.incidents.errors import TooManyFiltersError
from src.platform.incidents.models import SavedFilter
from src.platform.incidents.reading import repository as list_repository
from src.platform.incidents.reading.filters import Asked
from src.platform.incidents.reading.schemas import KeptFilter
from src.platform.kit.errors import NotFound, StaleVersion
from src.platform.kit.ids import new_id
from src.platform.vault import service as vault

MOST = 20
_COLUMN = "saved_filter.content"


async def mine(unit: Unit) -> list[KeptFilter]:
    """My filters, in the order I made them."""
    return [await _opened(unit, row) for row in await list_repository.my_filters(unit)]


async def save(unit: Unit, name: str, query: str) -> UUID:
    """Keep a question under a name. Raises Invalid for what is no question, TooManyFiltersError."""
    access.require(unit, "incident.read")
    asked = Asked.of_query(query)
    if len(await list_repository.my_filters(unit)) >= MOST:
        raise TooManyFiltersError
    row_id = new_id()
    row = SavedFilter(
        tenant_id=unit.tenant_id,
        id=row_id,
        membership_id=unit.me.membership_id,
        content=await _sealed(unit, row_id, name, asked.query),
        version=1,
    )
    unit.session.add(row)
    audit.record(unit, "filter.saved", "saved_filter", [row_id])
    return row_id


async def rename(unit: Unit, filter_id: UUID, version: int, name: str) -> None:
    """Call a filter something else. Raises NotFound, StaleVersion."""
    known = await _opened(unit, await _mine(unit, filter_id))
    content = await _sealed(unit, filter_id, name, known.query)
    if not await list_repository.write_filter(unit, filter_id, version, content):
        raise StaleVersion
    audit.record(unit, "filter.renamed", "saved_filter", [filter_id])


async def delete(unit: Unit, filter_id: UUID) -> None:
    """Throw a filter away; no incident is touched. Raises NotFound."""
    await _mine(unit, filter_id)
    await list_repository.drop_filter(unit, filter_id)
    audit.record(unit, "filter.deleted", "saved_filter", [filter_id])


async def _mine(unit: Unit, filter_id: UUID) -> SavedFilter:
    access.require(unit, "incident.read")
    row = await list_repository.my_filter(unit, filter_id)
    if row is None:
        raise NotFound
    return row


async def _opened(unit: Unit, row: SavedFilter) -> KeptFilter:
    name, query = msgspec.json.decode(await vault.open_text(unit, row.content, _COLUMN, row.id), type=tuple[str, str])
    return KeptFilter(id=row.id, name=name, query=query, version=row.version)


async def _sealed(unit: Unit, row_id: UUID, name: str, query: str) -> bytes:
    return await vault.seal_text(unit, msgspec.json.encode((name, query)).decode(), _COLUMN, row_id)
