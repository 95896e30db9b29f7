"""A person's own calendar as iCalendar (RFC 5545): codes and kinds, never a name, under a secret address.

Only all that a fixed event needs is written here, so no library is (ADR 18).
"""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.exc import IntegrityError

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db import session as db_session
from src.platform.db.binding import Feed
from src.platform.db.region_keys import region_key
from src.platform.db.unit import Unit
from src.platform.deadlines import repository, service
from src.platform.deadlines.errors import TooOftenError
from src.platform.deadlines.models import CalendarFeed, CalendarFeedCode
from src.platform.deadlines.repository import Asked
from src.platform.deadlines.schemas import Due, FeedPage
from src.platform.kit import clock, crypto
from src.platform.kit.errors import Forbidden, NotFound, StaleVersion
from src.platform.kit.i18n import format_period, gettext, use
from src.platform.kit.ids import new_id
from src.platform.kit.settings import settings

PATH = "/calendar"
USES_AN_HOUR = 30
MOST = 200
_LINE = 75
_FAMILY = "report.tell"


async def page(unit: Unit) -> FeedPage:
    """Whether there is an address; it is shown only when it is made."""
    _refuse_families(unit)
    query = select(CalendarFeed.made_at).where(_mine(unit))
    return FeedPage(made_at=(await unit.session.scalars(query)).one_or_none())


async def make(unit: Unit) -> FeedPage:
    """A new address; the one before opens nothing from now on."""
    await revoke(unit, quietly=True)
    token, at = crypto.new_key().hex(), clock.now()
    values = {"token_hash": token_hash(token), "tenant_id": unit.tenant_id}
    await unit.session.execute(insert(CalendarFeedCode).values(**values))
    row = {"id": new_id(), "membership_id": unit.me.membership_id, "made_at": at, **values}
    try:
        async with unit.session.begin_nested():  # two at once: the other one's address stands
            await unit.session.execute(insert(CalendarFeed).values(**row))
    except IntegrityError as error:
        raise StaleVersion from error
    audit.record(unit, "feed.made", "membership", [unit.me.membership_id])
    return FeedPage(made_at=at, address=f"{settings().public_url.rstrip('/')}{PATH}/{token}.ics")


async def revoke(unit: Unit, *, quietly: bool = False) -> None:
    """The address opens nothing from now on. Raises NotFound without one, unless `quietly`."""
    _refuse_families(unit)
    query = update(CalendarFeed).where(_mine(unit)).values(revoked_at=clock.now()).returning(CalendarFeed.id)
    done = (await unit.session.scalars(query.execution_options(synchronize_session=False))).all()
    if done:
        audit.record(unit, "feed.revoked", "membership", [unit.me.membership_id])
    elif not quietly:
        raise NotFound


async def written(unit: Unit) -> str:
    """What the address opens: the terms that its person owes, of records that they may read now.

    Raises NotFound alike for a wrong, a revoked and a former colleague's address, TooOftenError.
    """
    if unit.subject is None:
        raise NotFound
    if db_session.opened(unit.session).get("too_often"):
        raise TooOftenError
    use(unit.language)
    asked = Asked(owed_by=frozenset({unit.me.membership_id}), of_nobody=service.of_my_roles(unit))
    found = await repository.visible(unit, asked, now=clock.now(), most=MOST)
    rows = [await service.due_of(unit, one) for one in found]
    audit.record(unit, "feed.read", "membership", [unit.me.membership_id])
    return "".join(f"{line}\r\n" for line in _calendar(rows))


def binding_of(address: str) -> Feed:
    """What the last part of an address opens a transaction for."""
    return Feed(token_hash(address.removesuffix(".ics")), USES_AN_HOUR)


def token_hash(token: str) -> bytes:
    """All that is stored of an address."""
    return crypto.blind(region_key("calendar-feed"), token.encode())


def _calendar(rows: list[Due]) -> Iterator[str]:
    yield from ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Qorgan//Terms//EN", "METHOD:PUBLISH")
    yield from _folded(f"X-WR-CALNAME:{_escaped(gettext('Qorgan: terms'))}")
    for due in rows:
        yield from ("BEGIN:VEVENT", f"UID:{due.id}@qorgan", f"DTSTAMP:{_moment(due.started_at)}")
        yield from (f"DTSTART:{_moment(due.due_at)}", f"DTEND:{_moment(due.due_at)}", "CLASS:CONFIDENTIAL")
        yield from _folded(f"SUMMARY:{_escaped(_summary(due))}")
        yield from _folded(f"URL:{settings().public_url.rstrip('/')}/clocks/{due.id}")
        yield "END:VEVENT"
    yield "END:VCALENDAR"


def _summary(due: Due) -> str:
    """The kind of record and what it is called; not even the kind of the term, which may tell what happened."""
    kind = {
        "incident": gettext("Incident"),
        "referral": gettext("Referral"),
        service.OWN: gettext("Organisation"),
    }.get(due.subject_kind, gettext("Record"))
    period = format_period(due.period) if due.period and due.subject_kind != "incident" else ""
    return gettext("Qorgan: term") + " · " + " ".join(part for part in (kind, due.label, period) if part)


def _moment(at: datetime) -> str:
    return f"{at:%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> Iterator[str]:
    """At most 75 octets a line, never inside a character (RFC 5545, 3.1)."""
    part = ""
    for character in line:
        if len((part + character).encode()) > _LINE:
            yield part
            part = " "
        part += character
    yield part


def _mine(unit: Unit) -> ColumnElement[bool]:
    return (CalendarFeed.membership_id == unit.me.membership_id) & CalendarFeed.revoked_at.is_(None)


def _refuse_families(unit: Unit) -> None:
    if access.may_enter(unit.me, _FAMILY):
        raise Forbidden("obligation.see_all")
