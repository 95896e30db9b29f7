"""Telling members that something waits for them."""

from collections.abc import Collection
from uuid import UUID

from src.platform.db.unit import Unit
from src.platform.kit import clock
from src.platform.kit.errors import NotFound
from src.platform.kit.ids import new_id
from src.platform.notifications import kinds, repository
from src.platform.notifications.models import Notification
from src.platform.notifications.schemas import Message, Messages
from src.platform.outbox import service as outbox
from src.platform.tenants import service as tenants

_LINKS = {
    "incident": "/incidents/{id}",
    "care": "/care/{id}",
    "referral": "/referrals/{id}",
    "retention": "/retention",
    "agreement": "/agreements/{id}",
    "child_case": "/cases/{id}",
    "assessment": "/assessments/{id}",
    "catalogue": "/catalogue/own",
    "assessment_copy": "/assessment-copies/{id}",
    "report": "/my-reports",
    "team_meeting": "/meetings/{id}",
    "clock": "/clocks/{id}",
    "grant": "/grants/{id}",
    "organisation": "/messages",
    "region": "/messages",
    "user": "/second-factor",
    "own_recovery": "/second-factor/lost",
    "recovery": "/recoveries/{id}",
    "browsing": "/access/browsing/{id}",
    "form_e": "/form-e/{id}",
    "letter": "/letters/{id}",
    "form_j": "/form-j/{id}",
    "protective_task": "/my-tasks",
    "mail": "/messages/settings",
    "queue": "/queue",
    "long_work": "/work/{id}",
}


async def notify(unit: Unit, members: Collection[UUID], kind: str, subject_kind: str, subject_id: UUID) -> None:
    """One message each, in the application and by e-mail. Raises KeyError for a kind that has no words."""
    kinds.of(kind)
    for membership_id in members:
        row = Notification(
            tenant_id=unit.tenant_id,
            id=new_id(),
            membership_id=membership_id,
            kind=kind,
            subject_kind=subject_kind,
            subject_id=subject_id,
            created_at=clock.now(),
        )
        unit.session.add(row)
        await outbox.emit(unit, "notifications.send_mail", {"notification": row.id})


async def mine(unit: Unit) -> Messages:
    """My messages."""
    rows = await repository.of_member(unit, unit.me.membership_id)
    about = {row.subject_id for row in rows if row.subject_kind == "organisation"}
    named = {one.id: one.name(unit.language) for one in await tenants.organisations(unit)} if about else {}
    return Messages(
        [
            Message(
                id=row.id,
                kind=row.kind,
                link=link(row.subject_kind, row.subject_id),
                at=row.created_at,
                unread=row.read_at is None,
                organisation=named.get(row.subject_id),
            )
            for row in rows
        ]
    )


async def withdraw(unit: Unit, members: Collection[UUID], subject_kind: str, subject_id: UUID) -> None:
    """Members who may no longer read a record have no message about it, new or old (R-064)."""
    await repository.withdraw(unit, members, subject_kind, subject_id, clock.now())


async def opened(unit: Unit, message_id: UUID) -> str:
    """Where a message of mine leads: an e-mail holds nothing but its id. Raises NotFound, for other people's too."""
    row = await repository.one(unit, message_id)
    if row is None or row.membership_id != unit.me.membership_id or row.withdrawn_at is not None:
        raise NotFound
    return link(row.subject_kind, row.subject_id)


async def read_all(unit: Unit) -> None:
    """I have seen them."""
    await repository.mark_read(unit, unit.me.membership_id, clock.now())


def link(subject_kind: str, subject_id: UUID) -> str:
    """Where a message leads."""
    return _LINKS.get(subject_kind, "/").format(id=subject_id)
