"""`qorgan breach key|report|open`: whom a breach concerns, for the notice within one business day.

`key FILE` makes the key of the responsible person on that person's own machine and prints its public half. `report`
asks two people with the right for password and second factor, prints counts and codes, and writes the list sealed for
that key beside the text of the notice in Kazakh and Russian. `open` reads the list where the private half is.
"""

import argparse
import asyncio
import csv
import getpass
import sys
import time
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Self
from uuid import UUID

import msgspec
import psycopg

from src.platform.access import policy
from src.platform.access import service as access
from src.platform.accounts import second_factor, tokens
from src.platform.accounts import service as accounts
from src.platform.audit import service as audit
from src.platform.breach import notice, service
from src.platform.breach.schemas import Asked, Found, Report
from src.platform.cli.region import found_operator
from src.platform.db import engine
from src.platform.db.binding import Inside, Platform, SignedIn
from src.platform.db.context import TenantContext
from src.platform.db.subject import Subject as Person
from src.platform.db.unit import unit
from src.platform.kit import clock, crypto
from src.platform.kit.errors import Forbidden, QorganError
from src.platform.kit.settings import settings

_OWNER = b"qorgan breach report"
_SEALED, _LONGEST_SESSION = "subjects.sealed", timedelta(hours=12)
_COLUMNS = ("organisation", "name", "birth_date", "iin", "phone", "email", "records", "classes", "first_at", "last_at")
_PRIVATE = 0o600


def main(arguments: list[str]) -> int:
    """Run one verb; 1 when the answer is no."""
    chosen = _parser().parse_args(arguments)
    try:
        return int(_VERBS[chosen.verb](chosen) or 0)
    except (crypto.SealBrokenError, ValueError, OSError) as error:
        print(f"Refused: {type(error).__name__}")
        return 1
    except QorganError as refused:
        print(f"{refused.title} ({refused.code})")
        return 1


def _key(chosen: argparse.Namespace) -> None:
    private, public = crypto.new_recipient()
    _write(chosen.file, private.hex().encode())
    print(public.hex())


def _open(chosen: argparse.Namespace) -> None:
    private = bytes.fromhex(chosen.key.read_text().strip())
    report = msgspec.json.decode(crypto.unseal_as(private, chosen.sealed.read_bytes(), owner=_OWNER), type=Report)
    _write(chosen.out, b"")
    with chosen.out.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file, delimiter=";")
        table.writerow(_COLUMNS)
        table.writerows([_cell(getattr(one, name)) for name in _COLUMNS] for one in report.subjects)
    print(f"{len(report.subjects)} people written to {chosen.out}")


def _cell(value: object) -> str:
    """A cell that no spreadsheet takes for a formula (S-56)."""
    text = ", ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def _report(chosen: argparse.Namespace) -> int:
    if len(public := bytes.fromhex(chosen.key)) != crypto.KEY_BYTES:
        raise ValueError
    policy.load()
    began = time.monotonic()
    found, asked = asyncio.run(_asked(chosen, public))
    people = [one for organisation in found for one in organisation.subjects]
    chosen.out.mkdir(parents=True, exist_ok=True)
    whole = Report(since=asked.since, until=asked.until, made_at=clock.real_now(), subjects=people)
    _write(chosen.out / _SEALED, crypto.seal_to(public, msgspec.json.encode(whole), owner=_OWNER))
    concerned = [one.organisation for one in found if one.subjects]
    health = sum("health" in one.classes for one in people)
    for language in notice.LANGUAGES:
        text = notice.text(
            language,
            since=asked.since,
            until=asked.until,
            organisations=concerned,
            subjects=len(people),
            health=health,
        )
        _write(chosen.out / f"notice.{language}.txt", text.encode())
    for line in _lines(found):
        print(line)
    print(f"{len(people)} people in {len(concerned)} organisations, {time.monotonic() - began:.1f} s: {chosen.out}")
    return 0


def _lines(found: list[Found]) -> list[str]:
    return [
        f"{one.organisation:<12} {len(one.subjects):>7} people {one.rows:>8} rows {one.accounts:>5} accounts  "
        + ", ".join(f"{kind} {number}" for kind, number in sorted(one.by_record.items()))
        for one in found
        if one.rows
    ]


async def _asked(chosen: argparse.Namespace, public: bytes) -> tuple[list[Found], Asked]:
    with psycopg.connect(settings().database_url) as admin:
        operator = found_operator(admin)
        known: dict[str, UUID] = dict(admin.execute("select code, id from tenants order by code").fetchall())
    if chosen.tenant is not None and chosen.tenant not in known:
        raise ValueError
    places = [known[chosen.tenant]] if chosen.tenant else list(known.values())
    try:
        by = await _two_people(chosen, {operator, *(places if chosen.tenant else ())})
        asked = await _window(chosen, places)
        fingerprint = sha256(public).hexdigest()[:16]
        found = []
        for place in places:
            async with unit(Inside(TenantContext(place))) as work:
                found.append(await service.found(work, asked, by, fingerprint))
        return found, asked
    finally:
        await engine.dispose()


async def _two_people(chosen: argparse.Namespace, places: set[UUID]) -> list[UUID]:
    """Both have signed in with what they have, may do this, and are two. Raises Forbidden, WrongSignInError."""
    async with AsyncExitStack() as stack:
        one = await stack.enter_async_context(_Session(chosen.by))
        other = await stack.enter_async_context(_Session(chosen.second))
        for session in (one, other):
            await session.demand(places)
        first, second = one.person, other.person
        if first.user_id == second.user_id or (first.tenant_id, first.person_id) == (
            second.tenant_id,
            second.person_id,
        ):
            await one.refuse()
        return [first.user_id, second.user_id]


class _Session:
    """Somebody at this terminal, signed in for the block with password and second factor."""

    person: Person

    def __init__(self, name: str) -> None:
        self._name, self._token = name, ""

    async def __aenter__(self) -> Self:
        opened = await accounts.sign_in(self._name, _typed(f"Password of {self._name}: "))
        self._token = opened.token
        if opened.then:
            code = _typed(f"Second factor of {self._name}: ")
            async with unit(self._mine) as work:
                opened = await second_factor.give(work, self._token, code)
            self._token = opened.token
        async with unit(self._mine) as work:
            self.person = work.me
        return self

    async def __aexit__(self, *_: object) -> None:
        async with unit(self._mine) as work:
            if work.subject is not None:
                await accounts.sign_out(work, self._token)

    @property
    def _mine(self) -> SignedIn:
        return SignedIn(tokens.token_hash(self._token))

    async def demand(self, places: set[UUID]) -> None:
        """Raises Forbidden, with the audit row of a denial, without the right in one of these organisations."""
        is_here = self.person.tenant_id in places and access.may_enter(self.person, service.REPORT)
        if not is_here or access.lacks_second_factor(self.person):
            await self.refuse()

    async def refuse(self) -> None:
        """Raises Forbidden."""
        denied: dict[str, str | int | bool] = {"code": Forbidden.code, "status": Forbidden.status}
        async with unit(self._mine) as work:
            await audit.append(work, audit.Entry("access.denied", "breach", detail=denied))
        raise Forbidden(service.REPORT)


async def _window(chosen: argparse.Namespace, places: list[UUID]) -> Asked:
    user = None
    if chosen.account:
        async with unit(Platform()) as work:
            user = await accounts.user_id(work, chosen.account)
        if user is None:
            raise ValueError
    since, until = chosen.since, chosen.until or clock.now()
    if chosen.session is not None:
        if user is None:
            raise ValueError
        since, until = await _session(places, user, chosen.session)
    if since is None or since >= until:
        raise ValueError
    return Asked(since=since, until=until, user_id=user)


async def _session(places: list[UUID], user: UUID, moment: datetime) -> tuple[datetime, datetime]:
    """The session that an account had at a moment; it ends by itself after twelve hours."""
    found = []
    for place in places:
        async with unit(Inside(TenantContext(place))) as work:
            if (one := await service.session_of(work, user, moment)) is not None:
                found.append(one)
    if not found:
        raise ValueError
    since, ended = max(found, key=lambda one: one[0])
    return since, min(ended or since + _LONGEST_SESSION, since + _LONGEST_SESSION)


def _typed(prompt: str) -> str:
    if sys.stdin.isatty():
        return getpass.getpass(prompt)
    return sys.stdin.readline().rstrip("\n")


def _write(path: Path, content: bytes) -> None:
    """A file that only its owner reads."""
    path.touch(mode=_PRIVATE)
    path.chmod(_PRIVATE)
    path.write_bytes(content)


def _moment(text: str) -> datetime:
    """A moment; without a zone it is Almaty's."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=clock.LOCAL_ZONE)


_VERBS = {"key": _key, "report": _report, "open": _open}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="qorgan breach")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("key", help="make the key of the responsible person; prints its public half").add_argument(
        "file", type=Path
    )
    report = verbs.add_parser("report", help="whom a breach concerns; asks two people")
    report.add_argument("--by", required=True, help="sign-in name of who reports")
    report.add_argument("--second", required=True, help="sign-in name of the second person")
    report.add_argument("--key", required=True, help="public key of the responsible person, hex")
    report.add_argument("--out", required=True, type=Path, help="folder for the sealed list and the notice")
    report.add_argument("--account", help="sign-in name of the account that was misused")
    report.add_argument("--session", type=_moment, help="a moment within the session of that account")
    report.add_argument("--from", dest="since", type=_moment, help="the beginning of the window")
    report.add_argument("--to", dest="until", type=_moment, help="its end; now if it is not said")
    report.add_argument("--tenant", help="code of one organisation; all of the region if it is not said")
    opening = verbs.add_parser("open", help="open a sealed list where the private key is")
    opening.add_argument("sealed", type=Path)
    opening.add_argument("--key", required=True, type=Path)
    opening.add_argument("--out", required=True, type=Path)
    return parser
