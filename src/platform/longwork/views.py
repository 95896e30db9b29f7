"""Long work as its reader sees it."""

from uuid import UUID

from src.platform.db.unit import Unit
from src.platform.kit import clock, i18n
from src.platform.kit.errors import NotFound
from src.platform.kit.i18n import gettext
from src.platform.longwork import kinds, repository, service, states
from src.platform.longwork.repository import Seen
from src.platform.longwork.schemas import WorkList, WorkView


async def one(unit: Unit, work_id: UUID) -> WorkView:
    """A piece of work; who asked and sees that it has ended needs no message. Raises NotFound."""
    seen = await repository.one(unit, work_id)
    if seen is None:
        raise NotFound
    row = seen.work
    if row.seen_at is None and row.state not in states.LIVING and row.membership_id == unit.me.membership_id:
        await repository.change(unit, work_id, seen_at=clock.now())
    return _view(unit, seen)


async def mine(unit: Unit) -> WorkList:
    """My pieces of work, and the shared ones."""
    return WorkList(rows=[_view(unit, one) for one in await repository.listed(unit)])


def _view(unit: Unit, seen: Seen) -> WorkView:
    i18n.use(unit.language)
    row, kind = seen.work, kinds.of(seen.work.kind)
    may_take = row.membership_id == unit.me.membership_id
    has_files = may_take and service.has_files_now(row, has_files=seen.has_files)
    said = gettext(kind.counted, done=i18n.format_number(row.done), total=i18n.format_number(row.total))
    if row.state == "done" and kind.finished and row.expires_at is None:
        said = gettext(kind.finished)
    return WorkView(
        id=row.id,
        kind=row.kind,
        title=gettext(kind.title),
        state=row.state,
        done=row.done,
        total=row.total,
        said=said,
        failure=gettext(row.failure) if row.failure else "",
        created_at=row.created_at,
        changed_at=row.changed_at,
        finished_at=row.finished_at,
        files_until=row.expires_at if has_files else None,
        leads_to=kind.leads_to,
        keeps_steps=kind.undo is None,
        goes_on=row.state in states.LIVING,
        may_go_on=service.may_go_on(row, kind),
    )
