"""What a colleague outside the team is asked to do for a child's safety, without learning of the incident (R-074)."""

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import Select, bindparam, not_, or_, select

from src.platform.access import relations
from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db import together
from src.platform.db.together import Read
from src.platform.db.unit import Unit
from src.platform.incidents import policy, repository, service, views
from src.platform.incidents.models import CLASSES_OF, Incident, ProtectiveTask
from src.platform.incidents.schemas import Colleague
from src.platform.kit import clock
from src.platform.kit.errors import FieldError, Invalid, NotFound, StaleVersion
from src.platform.kit.i18n import N_, sort_key
from src.platform.kit.ids import new_id
from src.platform.notifications import service as notifications
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import Member
from src.platform.vault import service as vault

RELATIONS = policy.__name__
PROTECT, FOLLOW = "incident.protect", "protective_task.follow"
_COLUMN = "protective_task.instruction"
_MOST = 200
_CLOSE = ("accused", "accused_side", "victim_side")


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """What I am asked to do: no incident, nobody who asked, nothing of what happened."""

    id: UUID
    instruction: str
    given_at: datetime
    done_at: datetime | None
    version: int


class MyTasks(msgspec.Struct, frozen=True, kw_only=True):
    """The page of a colleague."""

    rows: list[Task]


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """The same for the team."""

    colleague: str
    instruction: str
    given_at: datetime
    done_at: datetime | None


class Protection(msgspec.Struct, frozen=True, kw_only=True):
    """The team's page: what was asked, and whom one may ask."""

    id: UUID
    number: str
    given: list[Given]
    colleagues: list[Colleague]


async def page(unit: Unit, incident_id: UUID) -> Protection:
    """Who was asked what in an incident. Raises NotFound, Forbidden."""
    found, classes = await views.tied(unit, incident_id)
    access.demand(unit.me, PROTECT, found.relations, reading="incident.read")
    reads = classes >= access.IDENTITY  # an instruction may say names
    await together.prefetch(unit.session, _of_incident(incident_id), tenants.all_members())
    tasks = await together.rows(unit.session, _of_incident(incident_id)) if reads else []
    members = await tenants.members(unit)
    names = await vault.staff_names(unit, [one.person_id for one in members])
    called = {one.membership_id: names.get(one.person_id, "") for one in members}
    asked = [one for one in members if access.has_module(one.roles, FOLLOW)]
    audit.record(unit, "incident.protection_shown", "incident", [incident_id], classes=classes if tasks else ())
    return Protection(
        id=incident_id,
        number=found.incident.number,
        given=[
            Given(
                colleague=called.get(one.membership_id, ""),
                instruction=await vault.open_text(unit, one.instruction, _COLUMN, one.id),
                given_at=one.given_at,
                done_at=one.done_at,
            )
            for one in tasks
        ],
        colleagues=sorted(
            (Colleague(membership_id=one.membership_id, name=called[one.membership_id]) for one in asked),
            key=lambda one: sort_key(one.name),
        ),
    )


async def ask(unit: Unit, incident_id: UUID, *, membership_id: UUID, instruction: str, read: bool = False) -> None:
    """Ask a colleague to do something («seat them apart»); the message says only that a task waits.

    Raises Invalid for a text that nobody read for what it gives away, and for somebody who is close to the matter.
    """
    incident = await service.for_verb(unit, incident_id, PROTECT)
    if not read:
        message = N_("Confirm that the text says what to do, and not what happened or who told it")
        raise Invalid(fields=[FieldError("read", "not_read", message)])
    colleague = next((one for one in await tenants.members(unit) if one.membership_id == membership_id), None)
    if colleague is None or not access.has_module(colleague.roles, FOLLOW):
        raise Invalid(fields=[FieldError("membership_id", "not_a_colleague", N_("Choose a colleague"))])
    if await _is_close(unit, incident, colleague):
        raise Invalid(
            fields=[
                FieldError(
                    "membership_id", "in_conflict", N_("This person is close to the matter: ask another colleague")
                )
            ]
        )
    task_id = new_id()
    unit.session.add(
        ProtectiveTask(
            tenant_id=unit.tenant_id,
            id=task_id,
            incident_id=incident.id,
            membership_id=membership_id,
            instruction=await vault.seal_text(unit, instruction, _COLUMN, task_id),
            given_at=clock.now(),
            version=1,
        )
    )
    await notifications.notify(unit, [membership_id], "protective_task", "protective_task", task_id)
    audit.record(unit, "incident.protection_asked", "incident", [incident.id, task_id])


async def mine(unit: Unit) -> MyTasks:
    """What I am asked to do, the open tasks first. Whoever becomes close to a matter loses its tasks (R-064)."""
    access.require(unit, FOLLOW)
    query = (
        _mine(unit).order_by(ProtectiveTask.done_at.desc().nulls_first(), ProtectiveTask.given_at.desc()).limit(_MOST)
    )
    found = (await unit.session.scalars(query, await vault.facts(unit))).all()
    audit.record(unit, "protective_task.read", "protective_task", [one.id for one in found])
    return MyTasks(
        rows=[
            Task(
                id=one.id,
                instruction=await vault.open_text(unit, one.instruction, _COLUMN, one.id),
                given_at=one.given_at,
                done_at=one.done_at,
                version=one.version,
            )
            for one in found
        ]
    )


async def done(unit: Unit, task_id: UUID, version: int) -> None:
    """I have done it. Raises NotFound for anybody's but mine, StaleVersion."""
    access.require(unit, FOLLOW)
    query = _mine(unit).where(ProtectiveTask.id == task_id).with_for_update(of=ProtectiveTask)
    task = (await unit.session.scalars(query, await vault.facts(unit))).one_or_none()
    if task is None:
        raise NotFound
    if task.version != version or task.done_at is not None:
        raise StaleVersion
    task.done_at, task.version = clock.now(), version + 1
    audit.record(unit, "protective_task.done", "protective_task", [task_id])


def _mine(unit: Unit) -> Select[ProtectiveTask]:
    return (
        select(ProtectiveTask)
        .join(Incident, Incident.id == ProtectiveTask.incident_id)
        .where(ProtectiveTask.membership_id == unit.me.membership_id, not_(relations.any_of("incident", _CLOSE)))
    )


_HERE = select(Incident.id).where(
    or_(Incident.id == bindparam("incident"), Incident.linked_into == bindparam("incident"))
)
_ASKED = select(ProtectiveTask).where(ProtectiveTask.incident_id.in_(_HERE)).order_by(ProtectiveTask.given_at)


def _of_incident(incident_id: UUID) -> Read[ProtectiveTask]:
    """Also what was asked in an incident that was linked to this one."""
    return Read(("protective_task", incident_id), _ASKED, {"incident": incident_id})


async def _is_close(unit: Unit, incident: Incident, colleague: Member) -> bool:
    """Whether a colleague or a child of theirs stands in the incident as more than a witness."""
    facts = await vault.facts_of(unit, colleague)
    own = {blind for name in ("mine", "children") for blind in facts[name]}  # type: ignore[attr-defined]  # lists of bytes
    people = await repository.participations(unit, [incident.id])
    return any(one.link_blind in own for one in people if CLASSES_OF[one.involvement] != CLASSES_OF["witness"])
