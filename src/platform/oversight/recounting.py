"""Counting a quarter of every school anew, school by school, before the city asks for its release (ADR 31).

The city begins it and each school counts inside itself, with the functions that its own events call: who counts anew
learns nothing, and gets the same numbers unless an event was lost.
"""

from uuid import UUID

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.kit.i18n import N_
from src.platform.longwork import kinds
from src.platform.longwork import service as longwork
from src.platform.longwork.kinds import Kind, Piece, Went
from src.platform.oversight import children, releases, repository, service
from src.platform.tenants import service as tenants

COUNT = "oversight.recount"


async def begin(unit: Unit, quarter: int) -> UUID:
    """Count a quarter anew that may have its release; the running work where there is one.

    Raises Invalid before its day, ReleasedAlreadyError after its release, which would not change.
    """
    access.require(unit, "oversight.release")
    await releases.check_ready(unit, quarter)
    schools = await tenants.organisations(unit, releases.SCHOOLS)
    plan = sorted(one.id for one in schools if one.status == "active")
    return await longwork.begin(unit, KIND, number=quarter, plan=plan, total=len(plan))


async def _step(unit: Unit, piece: Piece) -> Went:
    if piece.done == piece.total:
        return Went(piece.done, is_over=True)
    args = {"quarter": piece.number}
    return await longwork.hand_over(unit, piece, COUNT, args, to=piece.plan[piece.done])


async def count(unit: Unit, quarter: int) -> None:
    """In a school: its children, and the clocks of the months that are counted already."""
    await children.count(unit, quarter)
    for month in await repository.counted_months(unit, _months(quarter)):
        await service.refresh(unit, month)
    audit.record(unit, "oversight.recounted", "oversight", detail={"quarter": quarter})


def _months(quarter: int) -> list[int]:
    year, number = divmod(quarter, 10)
    return [year * 100 + number * 3 - 2 + place for place in range(3)]


KIND = kinds.register(
    Kind(
        name="recount",
        title=N_("Counting of a quarter anew"),
        counted=N_("%(done)s of %(total)s schools have counted"),
        permission="oversight.release",
        step=_step,
        finished=N_("All schools have counted"),
        leads_to="/statistics",
        shared=True,
    )
)
