"""Messages that clocks ask for, and the e-mail of each message."""

from email.message import EmailMessage
from uuid import UUID

import aiosmtplib

from src.platform.access import service as access
from src.platform.db.unit import Unit
from src.platform.deadlines import service as deadlines
from src.platform.kit.i18n import N_, gettext_in
from src.platform.kit.settings import settings
from src.platform.notifications import service
from src.platform.notifications.models import Notification
from src.platform.outbox.actors import actor
from src.platform.tenants import service as tenants
from src.platform.tenants.events import Alert
from src.platform.vault import service as vault

SUBJECT = N_("Qorgan: something is waiting for you")
BODY = N_("Something in Qorgan is waiting for you. Open it here: %(link)s")


@actor("notifications.clock_target")
async def clock_target(unit: Unit, membership: UUID, obligation: UUID) -> None:
    """A term comes near."""
    await _tell(unit, membership, obligation, "clock_target")


@actor("notifications.clock_overdue")
async def clock_overdue(unit: Unit, membership: UUID, obligation: UUID) -> None:
    """A term has passed."""
    await _tell(unit, membership, obligation, "clock_overdue")


@actor("notifications.clock_change_asked")
async def clock_change_asked(unit: Unit, membership: UUID, obligation: UUID) -> None:
    """A colleague wants to stop or extend a clock that concerns themselves."""
    await service.notify(unit, [membership], "clock_change_asked", "clock", obligation)


@actor("notifications.alert_commission")
async def alert_commission(unit: Unit, school: UUID, why: Alert) -> None:
    """A school cannot go on alone: the members of the commission whose role hears of it learn which school and why."""
    roles = access.roles_with("school.be_alerted")
    hearing = [one.membership_id for one in await tenants.members(unit) if one.roles & roles]
    await service.notify(unit, hearing, f"school_alert.{why.value}", "organisation", school)


@actor("notifications.serious_sign")
async def serious_sign(unit: Unit, school: UUID) -> None:
    """A school makes a serious sign known (R-256): who hears of such learns which school, and asks it by telephone."""
    roles = access.roles_with("serious_sign.be_told")
    hearing = [one.membership_id for one in await tenants.members(unit) if one.roles & roles]
    await service.notify(unit, hearing, "serious_sign", "organisation", school)


@actor("notifications.residential_report")
async def residential_report(unit: Unit, school: UUID) -> None:
    """A school makes known what a child of a residential institution told there (R-170): which school, nothing else."""
    roles = access.roles_with("residential_report.be_told")
    hearing = [one.membership_id for one in await tenants.members(unit) if one.roles & roles]
    await service.notify(unit, hearing, "residential_report", "organisation", school)


@actor("notifications.second_factor_changed")
async def second_factor_changed(unit: Unit, membership: UUID, user: UUID) -> None:
    """To its owner, who may not be the one who did it."""
    await service.notify(unit, [membership], "second_factor_changed", "user", user)


@actor("notifications.send_mail")
async def send_mail(unit: Unit, notification: UUID) -> None:
    """The same message by e-mail: a link, nothing else. At least once, with the row's id as Message-ID."""
    row = await unit.session.get(Notification, (unit.tenant_id, notification))
    if row is None or not settings().smtp_host:
        return
    found = await tenants.members(unit, [row.membership_id])
    address = await vault.contact_of_staff(unit, found[0].person_id) if found else ""
    if not address:  # nobody is written to who works here no longer
        return
    language = await tenants.language_of(unit, found[0].user_id)
    mail = EmailMessage()
    mail["Message-ID"] = f"<{row.id}@qorgan>"
    mail["From"], mail["To"] = settings().mail_from, address
    mail["Subject"] = gettext_in(language, SUBJECT)
    mail.set_content(
        gettext_in(language, BODY, link=settings().public_url + service.link(row.subject_kind, row.subject_id))
    )
    await aiosmtplib.send(mail, hostname=settings().smtp_host, port=settings().smtp_port, start_tls=None)


async def _tell(unit: Unit, membership: UUID, obligation: UUID, kind: str) -> None:
    code, subject_kind, subject_id = await deadlines.told_as(unit, obligation, membership)
    await service.notify(unit, [membership], f"{kind}.{code}", subject_kind, subject_id)
