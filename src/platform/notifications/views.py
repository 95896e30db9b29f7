"""What a person sees of their own e-mail, and the operator of the queue."""

from typing import Literal

from src.platform.db.unit import Unit
from src.platform.notifications import boxes, mail, repository
from src.platform.notifications.models import MailBox
from src.platform.notifications.schemas import MailSettings, QueueState, Refused, Stopped, Waiting
from src.platform.outbox import dead
from src.platform.tenants import families
from src.platform.tenants import service as tenants
from src.platform.vault import service as vault

_MOST_REFUSED = 50
State = Literal["off", "family", "none", "unconfirmed", "waiting", "confirmed", "refused"]


async def mail_settings(unit: Unit) -> MailSettings:
    """The page about e-mail."""
    box = await repository.box(unit, unit.me.membership_id)
    is_family = await families.holds(unit, unit.me.user_id)
    address = "" if is_family else await vault.contact_of_staff(unit, unit.me.person_id)
    waiting = await boxes.waiting_in(unit, box) if box else None
    return MailSettings(
        state="family" if is_family else await _state(unit, box, address, waiting),
        address=address,
        waiting=waiting.address if waiting else "",
        code_refused=box.code_refused if box else None,
        refused=box.refused if box else None,
        refused_at=box.refused_at if box else None,
        choice=await boxes.choice_of(unit, box),
    )


async def _state(unit: Unit, box: MailBox | None, address: str, waiting: Waiting | None) -> State:
    if not mail.is_on():
        return "off"
    if waiting is not None:
        return "waiting"
    if not address:
        return "none"
    if box is None or not boxes.is_proved(box, await boxes.fingerprint(unit, address)):
        return "unconfirmed"
    return "confirmed" if box.refused is None else "refused"


async def queue(unit: Unit) -> QueueState:
    """The page of the queue. Raises Forbidden."""
    found = await dead.state(unit)
    refused = await repository.told_lately(unit, unit.me.membership_id, boxes.REFUSED, _MOST_REFUSED)
    asked = found.dead or refused
    names = {one.id: one.name(unit.language) for one in await tenants.organisations(unit)} if asked else {}
    return QueueState(
        open=found.open,
        oldest=found.oldest,
        rows=[
            Stopped(
                id=one.id,
                organisation=names.get(one.target_tenant, ""),
                actor=one.actor,
                attempts=one.attempts,
                since=one.dead_at,
                failure=one.failure,
            )
            for one in found.dead
        ],
        refused=[Refused(organisation=names.get(one.subject_id, ""), at=one.created_at) for one in refused],
        weaknesses=await dead.weaknesses(),
        mail=mail.is_on(),
    )
