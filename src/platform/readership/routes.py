"""«Who can see this» for each kind of record, and «why not»."""

from typing import Any
from uuid import UUID

from litestar import Request, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from src.platform.db.unit import Unit
from src.platform.kit.forms import question
from src.platform.kit.page import Page
from src.platform.kit.payload import Field, Spec
from src.platform.readership import browsing, service
from src.platform.readership.schemas import AccessLog, Browsing, Readership, Refusal

_PAGE = Spec(Field("page", "int", most=10_000))


@get("/access/who/incidents/{incident_id:uuid}", permission="incident.show_readers", name="readership.incident")
async def of_incident(unit: NamedDependency[Unit], incident_id: FromPath[UUID]) -> Page[Readership]:
    """Who can see an incident."""
    return await _page(unit, "incident", incident_id)


@get("/access/who/cases/{case_id:uuid}", permission="child_case.show_readers", name="readership.case")
async def of_case(unit: NamedDependency[Unit], case_id: FromPath[UUID]) -> Page[Readership]:
    """Who can see a child's case."""
    return await _page(unit, "child_case", case_id)


@get("/access/who/referrals/{referral_id:uuid}", permission="referral.show_readers", name="readership.referral")
async def of_referral(unit: NamedDependency[Unit], referral_id: FromPath[UUID]) -> Page[Readership]:
    """Who can see a referral, in this organisation and in the other."""
    return await _page(unit, "referral", referral_id)


@get("/access/log/incidents/{incident_id:uuid}", permission="incident.show_readers", name="readership.incident_log")
async def log_of_incident(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], incident_id: FromPath[UUID]
) -> Page[AccessLog]:
    """Who has looked at an incident."""
    return await _log(request, unit, "incident", incident_id)


@get("/access/log/cases/{case_id:uuid}", permission="child_case.show_readers", name="readership.case_log")
async def log_of_case(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], case_id: FromPath[UUID]
) -> Page[AccessLog]:
    """Who has looked at a child's case."""
    return await _log(request, unit, "child_case", case_id)


@get("/access/log/referrals/{referral_id:uuid}", permission="referral.show_readers", name="readership.referral_log")
async def log_of_referral(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], referral_id: FromPath[UUID]
) -> Page[AccessLog]:
    """Who of this organisation has looked at a referral."""
    return await _log(request, unit, "referral", referral_id)


@get("/access/browsing/{browsing_id:uuid}", permission="incident.show_readers", name="readership.browsing")
async def of_browsing(unit: NamedDependency[Unit], browsing_id: FromPath[UUID]) -> Page[Browsing]:
    """What a colleague opened outside their own work."""
    return Page(await browsing.shown(unit, browsing_id), template="readership/browsing.html")


@get("/access/why/{permission:str}", permission="signed_in", name="readership.why")
async def why(unit: NamedDependency[Unit], permission: FromPath[str]) -> Page[Refusal]:
    """Why my role does not have something. Raises NotFound where roles are not the reason."""
    return Page(service.why(unit, permission), template="readership/why.html")


async def _page(unit: Unit, resource: str, record_id: UUID) -> Page[Readership]:
    return Page(await service.who(unit, resource, record_id), template="readership/who.html")


async def _log(request: Request[Any, Any, Any], unit: Unit, resource: str, record_id: UUID) -> Page[AccessLog]:
    async with question(request, _PAGE) as values:
        found = await service.log(unit, resource, record_id, max(1, values.get("page", 1)))
    return Page(found, template="readership/log.html")


route_handlers = [
    of_incident,
    of_case,
    of_referral,
    log_of_incident,
    log_of_case,
    log_of_referral,
    of_browsing,
    why,
]
