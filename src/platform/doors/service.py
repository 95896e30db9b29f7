"""Verbs of the public address: report without an account, open a receipt, answer; keep the address.

Every unit of work of a visitor is bound to the address and keeps the hour only (S-18).
"""

from typing import Any
from uuid import UUID

import msgspec

from src.platform.access import service as access
from src.platform.db.context import NOBODY
from src.platform.db.unit import Unit
from src.platform.doors import repository, tokens
from src.platform.doors.errors import (
    ClosedError,
    MistypedCodeError,
    NobodyToSpeakToError,
    OutOfDateError,
    TooManyReportsError,
    TooManyTriesError,
    UnknownCodeError,
)
from src.platform.incidents import service as incidents
from src.platform.incidents.schemas import NewReport
from src.platform.incidents.triage import questions
from src.platform.kit import clock
from src.platform.kit.errors import FieldError, Invalid
from src.platform.kit.i18n import N_
from src.platform.kit.settings import settings
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import Member

_SETTING = "public_door"


class Kept(msgspec.Struct, frozen=True):
    """The setting of a school: whether the address is on, who can be spoken to instead, and where (R-033)."""

    open: bool = False
    contact: str = ""
    reach: str = ""


async def report(unit: Unit, sent: dict[str, Any]) -> str:
    """Take a report from nobody; the code of its receipt (X8, R-259). The same form sent twice is one report.

    Raises ClosedError, OutOfDateError, TooManyReportsError.
    """
    if await contact(unit) is None:
        raise ClosedError
    seed = _seed(unit, sent)
    report_id, code = tokens.id_of(seed, b"report"), tokens.code_of(seed)
    await repository.wait_for_twin(unit, report_id)
    blind = tokens.code_blind(unit.tenant_id, code)
    if await repository.report_of(unit, blind) is not None:
        return code
    await _spend(unit, "report", TooManyReportsError, only_look=True)
    answer = sent.get("danger", "unknown")
    new = NewReport(
        description=sent["description"],
        who=sent.get("who", ""),
        happened=sent.get("happened", ""),
        harmed="no" if answer == "no" else "unknown",  # one question for both: a «yes» is danger, the team asks further
        harm_danger=answer,
        reporter_status="other",
    )
    await incidents.take(unit, new, report_id, channel="anonymous", link=None)
    await unit.session.flush()  # the receipt refers to the report
    await repository.add_receipt(unit, blind, report_id)
    await unit.session.flush()  # what follows locks the counters of everybody until the end
    await _spend(unit, "report", TooManyReportsError)
    return code


async def opened(unit: Unit, code: str) -> UUID:
    """The report that a code opens.

    Raises ClosedError in a suspended school, MistypedCodeError, UnknownCodeError, TooManyTriesError.
    """
    if unit.tenant_id == NOBODY:
        raise ClosedError
    if tokens.is_mistyped(code):
        raise MistypedCodeError
    counted = await unit.session.begin_nested()
    await _spend(unit, "receipt", TooManyTriesError)
    report_id = await repository.report_of(unit, tokens.code_blind(unit.tenant_id, code))
    if report_id is None:
        raise UnknownCodeError
    await counted.rollback()  # only wrong codes count
    return report_id


async def answer(unit: Unit, sent: dict[str, Any]) -> UUID:
    """Answer a question, or tell more; the report. Raises as `opened` does, OutOfDateError, NotFound."""
    report_id = await opened(unit, sent["code"])
    message_id = tokens.id_of(_seed(unit, sent), b"message")
    await questions.answer_without_name(
        unit, report_id, message_id, text=sent["text"], question_id=sent.get("question_id")
    )
    return report_id


async def keep(unit: Unit, *, contact: UUID | None = None, reach: str = "", is_on: bool = False) -> None:
    """Say who can be spoken to, and switch the address on or off (R-033). Raises NobodyToSpeakToError, Invalid."""
    access.require(unit, "door.keep")
    if contact is not None and contact not in {one.membership_id for one in await team(unit)}:
        raise Invalid(fields=[FieldError("contact", "not_in_team", N_("Choose members of the team"))])
    if is_on and not (contact and reach):
        raise NobodyToSpeakToError
    kept = Kept(open=is_on, contact=str(contact or ""), reach=reach)
    await tenants.change_setting(unit, _SETTING, msgspec.to_builtins(kept))


async def kept(unit: Unit) -> Kept:
    """What the school chose."""
    return msgspec.convert(await tenants.setting(unit, _SETTING), Kept)


async def contact(unit: Unit) -> Member | None:
    """Who can be spoken to, while the address takes reports: it closes by itself when that person leaves the team."""
    if unit.tenant_id == NOBODY:  # suspended
        return None
    chosen = await kept(unit)
    if not chosen.open:
        return None
    return next((one for one in await team(unit) if str(one.membership_id) == chosen.contact), None)


async def team(unit: Unit) -> list[Member]:
    """The security team: whoever decides on incidents."""
    roles = access.roles_with("incident.classify")
    return [one for one in await tenants.members(unit) if one.roles & roles]


async def count_try(unit: Unit, kind: str, most: int, *, only_look: bool) -> bool:
    """Count a wrong code in the whole region, no visitor told from another; False when the hour is full (S-28)."""
    hour, bucket = clock.local_hour(clock.now()), tokens.bucket(kind, None)
    if only_look:
        return (await repository.used(unit, [bucket], hour)).get(bucket, 0) < most
    await repository.forget_uses(unit, hour)
    return await repository.spend(unit, bucket, hour, most)


def _seed(unit: Unit, sent: dict[str, Any]) -> bytes:
    seed = tokens.seed_of(unit.tenant_id, sent[tokens.NUMBER], sent)
    if seed is None:
        raise OutOfDateError
    return seed


async def _spend(unit: Unit, kind: str, refusal: type[Invalid], *, only_look: bool = False) -> None:
    """Count a use of this hour in the school and in the region; no visitor is told from another (decisions 22).

    `only_look` refuses what is over the limit already and locks nothing: a flood costs nobody else a connection.
    """
    hour = clock.local_hour(clock.now())
    name = {"report": "public_reports_per_hour", "receipt": "receipt_tries_per_hour"}[kind]
    mine: int = await tenants.setting(unit, name)
    everybody: int = getattr(settings(), name)
    limits = {tokens.bucket(kind, unit.tenant_id): mine, tokens.bucket(kind, None): everybody}
    if only_look:
        used = await repository.used(unit, list(limits), hour)
        if any(used.get(bucket, 0) >= most for bucket, most in limits.items()):
            raise refusal
        return
    await repository.forget_uses(unit, hour)
    for bucket, most in limits.items():
        if not await repository.spend(unit, bucket, hour, most):
            raise refusal
