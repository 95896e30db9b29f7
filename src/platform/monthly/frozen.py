"""What Form E and Form J share: a month ends, its form is frozen, and opened again as a new one.

Each form gives its own tables of the same two shapes (`FormMonth`, `FormTurn`), its clock and what its rows are.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, Uuid, bindparam, func, literal, select, union_all, update
from sqlalchemy.dialects.postgresql import insert

from src.platform.access import service as access
from src.platform.access.relations import my_relations, scope
from src.platform.audit import service as audit
from src.platform.db import together
from src.platform.db.prepared import once, with_facts
from src.platform.db.together import Read
from src.platform.db.unit import Unit
from src.platform.deadlines import readers
from src.platform.deadlines import service as deadlines
from src.platform.kit import clock
from src.platform.kit.errors import Forbidden, NotFound, StaleVersion
from src.platform.kit.ids import new_id
from src.platform.monthly.errors import AlreadyConfirmedError, NoSuchMonthError, NotConfirmedError, NotOverError
from src.platform.monthly.models import FormMonth, FormTurn
from src.platform.monthly.schemas import Revision
from src.platform.notifications import service as notifications
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import Member
from src.platform.vault import service as vault
from src.platform.workdays import calendar

M = TypeVar("M", bound=FormMonth)
T = TypeVar("T", bound=FormTurn)
_MOST = 240


@dataclass(frozen=True, slots=True)
class Tied(Generic[M]):
    """A month with the relations that tie the reader to it."""

    month: M
    relations: list[str]


@dataclass(frozen=True, slots=True)
class MonthlyForm(Generic[M, T]):
    """One form of the law that is confirmed month by month; `name` is its object in the policy and in the audit."""

    name: str
    clock: str
    months: type[M]
    turns: type[T]

    @property
    def confirming(self) -> str:
        """The permission to confirm it."""
        return f"{self.name}.confirm"

    @property
    def following(self) -> str:
        """The permission to see how far a month is."""
        return f"{self.name}.follow"

    async def open_month(self, unit: Unit, month: int) -> bool:
        """A month is over: its form opens, the clock to the fifth working day runs; False where it is open already."""
        starts_at, ends_at = calendar.month_bounds(month)
        values = {"month": month, "starts_at": starts_at, "ends_at": ends_at, "state": "open", "revision": 0}
        query = insert(self.months).values(tenant_id=unit.tenant_id, id=new_id(), version=1, **values)
        added = query.on_conflict_do_nothing().returning(self.months.id)
        month_id = (await unit.session.scalars(added)).one_or_none()
        if month_id is None:
            return False
        await deadlines.start(unit, self.clock, self.name, month_id, calendar.last_moment_of(month))
        await self._tell(unit, month_id)
        audit.record(unit, f"{self.name}.opened", self.name, [month_id])
        return True

    async def _tell(self, unit: Unit, month_id: UUID) -> None:
        """Coordinators, whether they are in conflict or not: a message that fails to come would tell; the deputy."""
        members = await tenants.members(unit)
        free = await self.may(unit, members, month_id, self.confirming)
        told = {one.membership_id for one in members if one.roles & access.holders(self.confirming)} | free
        await notifications.notify(unit, sorted(told), f"{self.name}_opened", self.name, month_id)

    async def one(self, unit: Unit, month_id: UUID, *, lock: bool = False) -> Tied[M]:
        """One month, whoever asks: that a month has a form is no secret of the school. Raises NotFound."""
        query = select(self.months, my_relations(self.name)).where(self.months.id == month_id)
        if lock:
            query = query.with_for_update(of=self.months)
        row = (await unit.session.execute(query, await vault.facts(unit))).one_or_none()
        if row is None:
            raise NotFound
        return Tied(row[0], row[1])

    async def tied(self, unit: Unit, month_id: UUID, permission: str, *, lock: bool = False) -> M:
        """A month that a permission opens. Raises NotFound, and Forbidden alike for another role and for a conflict."""
        found = await self.one(unit, month_id, lock=lock)
        if not access.may(unit.me, permission, found.relations):
            raise Forbidden(permission)
        return found.month

    async def to_confirm(self, unit: Unit, month_id: UUID) -> M:
        """The same, locked, for a confirmation. Raises NotOverError and AlreadyConfirmedError besides."""
        month = await self.tied(unit, month_id, self.confirming, lock=True)
        if clock.now() < month.ends_at:
            raise NotOverError(code=f"{self.name}.month_not_over")
        if month.state == "confirmed":
            raise AlreadyConfirmedError(code=f"{self.name}.confirmed")
        return month

    async def freeze(self, unit: Unit, month: M, version: int, at: datetime, *, shown: Sequence[UUID] = ()) -> None:
        """The newest form of a month is confirmed: the turn, the clock, the audit row. Raises StaleVersion."""
        revision = month.revision + 1
        await self._turn(unit, month, version, "confirmed", revision, at, reason=None)
        await deadlines.meet(unit, self.clock, month.id, at)
        audit.record(unit, f"{self.name}.confirmed", self.name, [month.id, *shown], detail={"revision": revision})

    async def reopen(self, unit: Unit, month_id: UUID, version: int, *, reason: str) -> None:
        """Correct a confirmed form: the old one stays where it was sent until a new one is confirmed (R-056)."""
        month = await self.tied(unit, month_id, self.confirming, lock=True)
        if month.state != "confirmed":
            raise NotConfirmedError(code=f"{self.name}.not_confirmed")
        await self._turn(unit, month, version, "reopened", month.revision, clock.now(), reason=reason)
        audit.record(unit, f"{self.name}.reopened", self.name, [month.id], detail={"revision": month.revision})

    async def _turn(
        self, unit: Unit, month: M, version: int, kind: str, revision: int, at: datetime, *, reason: str | None
    ) -> None:
        done = await unit.session.execute(
            update(self.months)
            .where(self.months.id == month.id, self.months.version == version)
            .values(version=self.months.version + 1, state=kind, revision=revision)
            .returning(self.months.id)
            .execution_options(synchronize_session=False)
        )
        if done.one_or_none() is None:
            raise StaleVersion
        turn_id = new_id()
        sealed = await vault.seal_text(unit, reason, self._reason, turn_id) if reason else None
        unit.session.add(
            self.turns(
                tenant_id=unit.tenant_id,
                id=turn_id,
                month_id=month.id,
                revision=revision,
                kind=kind,
                at=at,
                by_membership=unit.me.membership_id,
                reason=sealed,
            )
        )

    @property
    def _reason(self) -> str:
        return f"{self.name}_turn.reason"

    async def known(self, unit: Unit, month: int | None = None) -> list[M]:
        """The months that are over, the newest first, or one. Raises NotOverError, NoSuchMonthError."""
        if month is not None and month >= running() and is_month(month):
            raise NotOverError(code=f"{self.name}.month_not_over")
        found = await together.rows(unit.session, self.all_months())
        chosen = [one for one in found if month in (None, one.month)]
        if month is not None and not chosen:
            raise NoSuchMonthError(code=f"{self.name}.no_such_month")
        return chosen

    def all_months(self) -> Read[M]:
        """The months that are over, the newest first."""
        return Read((self.name, "months"), once((self.name, "months"), None, self._all_months), {})

    def _all_months(self) -> Select[M]:
        return select(self.months).order_by(self.months.month.desc()).limit(_MOST)

    def turns_of(self, month_id: UUID) -> Read[T]:
        """Who confirmed or reopened a month, the newest first."""
        query = once((self.name, "turns"), None, self._turns)
        return Read((self.name, "turns", month_id), query, {"month_id": month_id})

    def _turns(self) -> Select[T]:
        query = select(self.turns).where(self.turns.month_id == bindparam("month_id", type_=Uuid))
        return query.order_by(self.turns.at.desc(), self.turns.id.desc())

    async def history(self, unit: Unit, month_id: UUID, *, with_reasons: bool) -> list[Revision]:
        """The confirmed forms of a month, the newest first, and why each was opened again."""
        turns = await together.rows(unit.session, self.turns_of(month_id))
        why = {turn.revision: turn for turn in turns if turn.reason and with_reasons}
        said = {
            number: await vault.open_text(unit, turn.reason or b"", self._reason, turn.id)
            for number, turn in why.items()
        }
        kept = [turn for turn in turns if turn.kind == "confirmed"]
        return [Revision(revision=one.revision, confirmed_at=one.at, reason=said.get(one.revision)) for one in kept]

    async def signer(self, unit: Unit, month_id: UUID, revision: int) -> UUID:
        """The membership of whoever confirmed a form."""
        turns = await together.rows(unit.session, self.turns_of(month_id))
        return next(one.by_membership for one in turns if one.kind == "confirmed" and one.revision == revision)

    async def may(self, unit: Unit, members: Collection[Member], month_id: UUID, permission: str) -> set[UUID]:
        """Which of these members a permission opens a month to, in one statement."""
        if not members:
            return set()
        facts = await vault.facts_of_members(unit, members)
        queries = [
            with_facts(
                select(literal(one.membership_id, Uuid).label("member")).where(
                    self.months.id == month_id, scope(one.roles, permission)
                ),
                facts[one.membership_id],
            )
            for one in members
        ]
        return set((await unit.session.scalars(union_all(*queries))).all())

    def heard_of_by(self) -> None:
        """Make known who hears of the clock: everybody who follows the form, for it shows nothing (decisions 17)."""

        async def may_read(_unit: Unit, members: list[Member], _month_id: UUID) -> list[Member]:
            return [one for one in members if access.has_module(one.roles, self.following)]

        def visible(roles: frozenset[str], _month_id: readers.Id, _opened: str) -> ColumnElement[bool]:
            return literal(value=access.has_module(roles, self.following))

        def number(month_id: readers.Id) -> ColumnElement[str]:
            """The month, as 10.2026."""
            text = func.concat(
                func.to_char(self.months.month % 100, "FM00"), ".", (self.months.month // 100).cast(Text)
            )
            return select(text).where(self.months.id == month_id).scalar_subquery()

        readers.register(self.name, readers.Kind(may_read, visible, number=number))


def running() -> int:
    """The month that goes on."""
    return calendar.month_of(clock.local_date(clock.now()))


def is_month(month: int) -> bool:
    """Whether a number is a month as YYYYMM."""
    return 1 <= month % 100 <= 12  # noqa: PLR2004  # months
