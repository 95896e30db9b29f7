"""A class list that is too long for a request: checked in batches, then loaded in one step, all rows or none (ADR 31).

Nothing of it is seen before the last step, which is the same transaction as that of a short list; what is cancelled
before leaves nothing, the upload included.
"""

from datetime import timedelta
from uuid import UUID

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.kit import clock
from src.platform.kit.errors import NotFound
from src.platform.kit.i18n import N_
from src.platform.longwork import kinds
from src.platform.longwork import service as longwork
from src.platform.longwork.kinds import Kind, Piece, Went
from src.platform.outbox import service as outbox
from src.platform.roster import repository, service
from src.platform.roster.errors import UploadGoneError
from src.platform.tenants import service as tenants
from src.platform.vault import service as vault
from src.platform.vault.errors import NumberTakenError

_CHECKED_AT_ONCE = 500
_WAITS = timedelta(hours=24)
"""How long an upload that is being loaded is kept, so that loading can go on after a failure."""


async def load(unit: Unit, draft_id: UUID) -> UUID | None:
    """Load a draft now, or hand a long one to the worker; the work then. Raises NotFound, NumberTakenError."""
    access.require(unit, "roster.import")
    rows = await service.size_of(unit, draft_id)
    if rows <= int(await tenants.setting(unit, "class_list_at_once")):
        await service.load(unit, draft_id)
        return None
    until = clock.now() + _WAITS
    await repository.keep_draft(unit, draft_id, until)
    await outbox.wake(unit, until, "roster.forget_draft", {"draft": draft_id})
    return await longwork.begin(unit, KIND, subject_id=draft_id, total=rows)


async def _step(unit: Unit, piece: Piece) -> Went:
    """Numbers that have become an adult's since the upload are found before anything is written."""
    try:
        students = await service.students_of_draft(unit, piece.subject_id)
    except NotFound:
        raise UploadGoneError from None
    if piece.done >= piece.total:
        await service.load(unit, piece.subject_id)
        return Went(piece.done, is_over=True)
    batch = students[piece.done : piece.done + _CHECKED_AT_ONCE]
    known = await vault.recognise(unit, [one.identity for one in batch])
    if any(one is not None and one.kind != "student" for one in known):
        raise NumberTakenError
    return Went(piece.done + len(batch), is_over=False)


async def _undo(unit: Unit, piece: Piece) -> None:
    await repository.drop_draft(unit, piece.subject_id)
    audit.record(unit, "class_list.discarded", "class_list", [piece.subject_id])


KIND = kinds.register(
    Kind(
        name="class_list",
        title=N_("Loading of a class list"),
        counted=N_("%(done)s of %(total)s rows are checked; then all of them are loaded at once"),
        permission="roster.import",
        step=_step,
        finished=N_("All rows of the list are loaded"),
        leads_to="/classes",
        undo=_undo,
    )
)
