"""Verbs of long work: begin, do one step, cancel, go on, take the files (ADR 31).

A step is one call of the worker: its effect, the progress and the next call are one transaction (decisions 26), so a
worker that dies leaves the piece exactly where the last step ended. The row is locked while a step runs.
"""

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

import psycopg
import structlog
from sqlalchemy.exc import DBAPIError

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db.context import NOBODY
from src.platform.db.subject import Subject
from src.platform.db.unit import Unit
from src.platform.kit import clock, i18n, telemetry
from src.platform.kit.errors import Forbidden, NotFound, QorganError
from src.platform.kit.ids import new_id
from src.platform.kit.threads import run_in_pool
from src.platform.longwork import kinds, repository, states
from src.platform.longwork.errors import NoneLeftError, NotNowError
from src.platform.longwork.kinds import Kind, Part, Piece, Went
from src.platform.longwork.models import LongWork, LongWorkPart
from src.platform.longwork.schemas import Taken
from src.platform.outbox import service as outbox
from src.platform.tenants import service as tenants
from src.platform.vault import service as vault

STEP, RETURNED, EXPIRE = "longwork.step", "longwork.returned", "longwork.expire"
TELL = "notifications.work_ended"
_TELL_AFTER = timedelta(minutes=1)
"""Who looks at the page meanwhile needs no message."""
_log = structlog.get_logger(__name__)


async def begin(
    unit: Unit, kind: Kind, *, subject_id: UUID = NOBODY, number: int = 0, plan: Sequence[UUID] = (), total: int
) -> UUID:
    """Hand a piece of work to the worker; the one that goes on already where there is one about the same."""
    access.require(unit, kind.permission)
    await repository.lock_kind(unit, kind.name)
    if (running := await repository.living(unit, kind.name, subject_id, number)) is not None:
        return running
    now = clock.now()
    row = LongWork(
        tenant_id=unit.tenant_id,
        id=new_id(),
        membership_id=unit.me.membership_id,
        kind=kind.name,
        subject_id=subject_id,
        number=number,
        plan=list(plan),
        state="waiting",
        turn=0,
        done=0,
        total=total,
        created_at=now,
        changed_at=now,
    )
    repository.add(unit, row)
    await outbox.emit(unit, STEP, {"work": row.id, "turn": 0})
    audit.record(unit, "long_work.begun", "long_work", [row.id], detail={"kind": kind.name})
    return row.id


async def step(unit: Unit, work_id: UUID, turn: int) -> None:
    """Do one batch as the person who asked. A call that comes late, twice or after a cancelling does nothing."""
    row = await repository.locked(unit, work_id)
    if row is None or row.turn != turn or row.state not in states.LIVING:
        return
    kind, piece, asker, state = kinds.of(row.kind), _piece(row), row.membership_id, row.state
    before = i18n.language()
    try:
        await _act_as(unit, asker, kind)
        i18n.use(unit.language)
        async with unit.session.begin_nested():
            went = await kind.step(unit, piece)
            await unit.session.flush()  # what the batch wrote belongs to it, and fails with it
    except (DBAPIError, psycopg.Error):
        raise  # the database may be back in a moment: the outbox tries again, and gives it to the operator
    except Exception as error:  # noqa: BLE001  # whatever a step raises ends the piece, in words
        unit.forget_before_commit()
        await _failed(unit, kind, piece, state, error)
        return
    finally:
        i18n.use(before)
    await _went(unit, kind, piece, state, turn, went)


async def hand_over(unit: Unit, piece: Piece, actor: str, args: Mapping[str, outbox.Argument], *, to: UUID) -> Went:
    """Let an actor of another organisation do the step; it ends with `give_back`, in its own transaction."""
    told = {**args, "home": unit.tenant_id, "work": piece.id, "turn": piece.turn + 1}
    await outbox.emit(unit, actor, told, target_tenant=to)
    return Went(piece.done, is_over=False, is_elsewhere=True)


async def give_back(unit: Unit, home: UUID, work_id: UUID, turn: int) -> None:
    """The step that was handed over is done."""
    await outbox.emit(unit, RETURNED, {"work": work_id, "turn": turn}, target_tenant=home)


async def returned(unit: Unit, work_id: UUID, turn: int) -> None:
    """Go on after a step that was done elsewhere; not after a cancelling, and once."""
    row = await repository.locked(unit, work_id)
    if row is None or row.turn != turn or row.state not in states.LIVING:
        return
    await repository.change(unit, work_id, done=row.done + 1, turn=turn + 1, changed_at=clock.now())
    await outbox.emit(unit, STEP, {"work": work_id, "turn": turn + 1})


async def cancel(unit: Unit, work_id: UUID) -> None:
    """No other step begins; the one that runs is waited for. Raises NotFound, NotNowError."""
    row, kind = await _mine(unit, work_id)
    state = states.advance(row.state, "cancel")
    if kind.undo is not None:
        await kind.undo(unit, _piece(row))
    await _end(unit, row.id, state, has_files=await repository.has_parts(unit, row.id))
    audit.record(unit, "long_work.cancelled", "long_work", [row.id], detail={"kind": row.kind, "done": row.done})


async def go_on(unit: Unit, work_id: UUID) -> None:
    """Go on after the last step that ended. Raises NotFound, NotNowError, also where nothing was left to go on."""
    row, kind = await _mine(unit, work_id)
    state = states.advance(row.state, "go_on")
    await repository.lock_kind(unit, row.kind)
    about_the_same = await repository.living(unit, row.kind, row.subject_id, row.number)
    if not may_go_on(row, kind) or about_the_same is not None:
        raise NotNowError
    turn = row.turn + 1
    values = {"state": state, "turn": turn, "failure": None, "finished_at": None, "seen_at": None}
    await repository.change(unit, row.id, changed_at=clock.now(), **values)
    await outbox.emit(unit, STEP, {"work": row.id, "turn": turn})
    audit.record(unit, "long_work.continued", "long_work", [row.id], detail={"kind": row.kind, "done": row.done})


def may_go_on(row: LongWork, kind: Kind) -> bool:
    """Whether there is something to go on with: what was undone is not."""
    return row.state == "failed" or (row.state == "cancelled" and kind.undo is None)


async def take(unit: Unit, work_id: UUID) -> Taken:
    """The files in one archive, for who asked only. Raises NotFound, NoneLeftError."""
    seen = await repository.one(unit, work_id)
    if seen is None or seen.work.membership_id != unit.me.membership_id:
        raise NotFound
    row, kind = seen.work, kinds.of(seen.work.kind)
    access.require(unit, kind.permission)
    parts = await repository.parts(unit, work_id) if has_files_now(row, has_files=seen.has_files) else []
    opened = [(one, (await vault.open_pieces(unit, [one.content], one.id))[0]) for one in parts]
    given, about = await _handed_over(unit, row, kind, opened)
    if not given:
        raise NoneLeftError
    told: dict[str, str | int | bool] = {"kind": row.kind, "files": len(given)}
    audit.record(unit, "long_work.taken", "long_work", [row.id, *about], detail=told)
    return Taken(name=kind.file, content=await run_in_pool(_archive, given))


async def _handed_over(
    unit: Unit, row: LongWork, kind: Kind, opened: Sequence[tuple[LongWorkPart, bytes]]
) -> tuple[list[tuple[str, bytes]], list[UUID]]:
    """The files that may be taken now by their names, and the records that they are about where the kind asks that."""
    if kind.hand is None:
        return [(one.name, content) for one, content in opened], []
    given, about = [], []
    for one, kept in opened:
        record = row.plan[one.number]
        if (content := await kind.hand(unit, record, kept)) is not None:
            given.append((one.name, content))
            about.append(record)
    return given, about


def has_files_now(row: LongWork, *, has_files: bool) -> bool:
    """Whether files may be taken: the piece has ended, somehow, and their time is not over."""
    return has_files and row.expires_at is not None and row.expires_at > clock.now() and row.state not in states.LIVING


async def expire(unit: Unit, work_id: UUID) -> None:
    """The time of its files is over; they may be gone already, or live longer since it went on."""
    if gone := await repository.drop_parts(unit, work_id, clock.now()):
        audit.record(unit, "long_work.files_gone", "long_work", [work_id], detail={"files": len(gone)})


async def unseen(unit: Unit, work_id: UUID) -> UUID | None:
    """The membership to be told that a piece has ended, None when it was seen or goes on."""
    row = await repository.locked(unit, work_id)
    if row is None or row.state in states.LIVING or row.seen_at is not None:
        return None
    return row.membership_id


async def asker(unit: Unit, work_id: UUID) -> UUID | None:
    """Whose piece it is."""
    row = await repository.locked(unit, work_id)
    return row.membership_id if row else None


async def _mine(unit: Unit, work_id: UUID) -> tuple[LongWork, Kind]:
    row = await repository.own_locked(unit, work_id)
    if row is None:
        raise NotFound
    kind = kinds.of(row.kind)
    access.require(unit, kind.permission)
    return row, kind


async def _act_as(unit: Unit, membership_id: UUID, kind: Kind) -> None:
    """The worker acts for the person who asked, with the roles they have now. Raises Forbidden."""
    found = await tenants.members(unit, [membership_id])
    if not found or not access.has_module(found[0].roles, kind.permission):
        raise Forbidden(kind.permission)
    member, organisation = found[0], await tenants.organisation(unit, unit.tenant_id)
    language = await tenants.language_of(unit, member.user_id)
    unit.subject = Subject(
        user_id=member.user_id,
        tenant_id=unit.tenant_id,
        tenant_kind=organisation.kind,
        membership_id=membership_id,
        person_id=member.person_id,
        roles=member.roles,
        language=language,
        csrf=b"",
        second_factor_at=None,
        has_second_factor=False,
        must_change_password=False,
        organisations=1,
        organisation=organisation.name(language),
    )


async def _went(unit: Unit, kind: Kind, piece: Piece, state: str, turn: int, went: Went) -> None:
    if went.part is not None:
        await _keep(unit, piece, went.part)
    await repository.change(unit, piece.id, done=went.done, changed_at=clock.now())
    if not went.is_over:
        state, turn = states.advance(state, "step"), turn + 1
        await repository.change(unit, piece.id, state=state, turn=turn)
        if not went.is_elsewhere:
            await outbox.emit(unit, STEP, {"work": piece.id, "turn": turn})
        return
    has_files = went.part is not None or await repository.has_parts(unit, piece.id)
    await _end(unit, piece.id, states.advance(state, "finish"), has_files=has_files)
    await outbox.wake(unit, clock.now() + _TELL_AFTER, TELL, {"work": piece.id})
    audit.record(unit, "long_work.done", "long_work", [piece.id], detail={"kind": kind.name, "done": went.done})


async def _failed(unit: Unit, kind: Kind, piece: Piece, state: str, error: Exception) -> None:
    if not isinstance(error, QorganError):
        _log.warning("long_work_failed", work=str(piece.id), kind=kind.name, exc_info=error)
        telemetry.report(error)
    said = error.title if isinstance(error, QorganError) else QorganError.title
    has_files = await repository.has_parts(unit, piece.id)
    await _end(unit, piece.id, states.advance(state, "fail"), has_files=has_files)
    await repository.change(unit, piece.id, failure=said)
    await outbox.wake(unit, clock.now() + _TELL_AFTER, TELL, {"work": piece.id})
    detail: dict[str, str | int | bool] = {"kind": kind.name, "done": piece.done}
    audit.record(unit, "long_work.failed", "long_work", [piece.id], detail=detail)


async def _end(unit: Unit, work_id: UUID, state: str, *, has_files: bool) -> None:
    now, until = clock.now(), None
    if has_files:
        until = now + timedelta(hours=int(await tenants.setting(unit, "long_work_file_hours")))
        await outbox.wake(unit, until, EXPIRE, {"work": work_id})
    await repository.change(unit, work_id, state=state, changed_at=now, finished_at=now, expires_at=until)


async def _keep(unit: Unit, piece: Piece, part: Part) -> None:
    part_id = new_id()
    sealed = (await vault.seal_pieces(unit, [part.content], part_id))[0]
    row = LongWorkPart(
        tenant_id=unit.tenant_id, id=part_id, work_id=piece.id, number=piece.done, name=part.name, content=sealed
    )
    repository.add_part(unit, row)


def _archive(files: Sequence[tuple[str, bytes]]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name), content)
    return made.getvalue()


def _piece(row: LongWork) -> Piece:
    return Piece(row.id, row.subject_id, row.number, list(row.plan), row.turn, row.done, row.total)
