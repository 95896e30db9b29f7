"""S-55, S-57, S-29: the document of the API against the running service, with every operation, as two people.

Schemathesis makes what the document allows and what it forbids; a real server answers, on real PostgreSQL. Addresses
hold the real records of a lived-in school, so that a request of who may gets as far as its verb. ADR 40 says which of
its checks have nothing to look at here, and why.
"""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import CheckContext, load_all_checks, not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.parameters import ParameterLocation
from schemathesis.core.result import Ok
from schemathesis.core.transport import Response
from schemathesis.generation.meta import CoverageScenario
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi import checks

from src.platform.accounts.session_cookie import NAME
from src.platform.web.app import create_app
from src.platform.web.dependencies import CSRF_HEADER
from src.platform.web.description.document import document
from tests.support.http import Browser, Client
from tests.support.people import Person, Region
from tests.support.processes import Processes
from tests.support.world import World, lived

pytestmark = pytest.mark.trust

Operation = APIOperation[Any, Any, Any, Any]
ALLOWED, WRONG, MOST_SECONDS = 2, 5, 240
ENDS_THE_SESSION = ("accounts.sign_out", "accounts.switch", "accounts.change_password")
OF_THE_READER = {"not_text", "control_characters", "too_long", "not_bool", "not_number", "not_date", "not_datetime"}
OF_THE_READER |= {"not_time", "not_rows", "unknown_field", "too_much"}
"""Complaints about the shape of a body. `required`, `not_an_option` and `too_many` are left out: rules say them too."""
ACCEPTED = ["2xx", "3xx", "401", "403", "404", "409", "422", "429"]
"""422 is the answer to every rule that a schema cannot say (ADR 24); `taken_as_said` looks at its reasons."""


@dataclass
class Identity:
    """Somebody who sends: their session, and others for what ends one."""

    person: Person
    cookie: str
    token: str
    spare: dict[str, tuple[str, str]]
    statuses: Counter[int] = field(default_factory=Counter)
    visited: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def proof(self, name: str) -> tuple[str, str]:
        return self.spare.get(name, (self.cookie, self.token))


def taken_as_said(ctx: CheckContext, response: Response, case: Case) -> bool | None:
    """What the document allows is refused for no reason of shape."""
    if case.meta is None or not case.meta.generation.mode.is_positive or response.status_code != 422:
        return None
    codes = {one["code"] for one in response.json()["fields"]} & OF_THE_READER
    if codes or response.json()["code"] == "request.malformed":
        raise Failure(operation=case.operation.label, title="Refused", message=str(response.json()))
    return None


CHECKS: list[Callable[..., Any]] = [
    *(not_a_server_error, checks.status_code_conformance, checks.content_type_conformance),
    *(checks.response_headers_conformance, checks.response_schema_conformance, checks.negative_data_rejection),
    *(checks.positive_data_acceptance, taken_as_said, checks.ignored_auth, checks.use_after_free),
    *(checks.ensure_resource_availability, checks.unsupported_method, checks.missing_required_header),
    *(checks.allow_header_conformance,),
]


@pytest.fixture(scope="module")
async def world(region: Region, browser: Browser, database: str) -> World:
    return await lived(region, browser, database)


@pytest.fixture(scope="module")
def address(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of its own, which is no part of this process."""
    running = Processes(Path(tmp_path_factory.mktemp("logs")))
    running.start("web")
    running.wait_until_ready()
    yield running.address
    running.stop()


@pytest.fixture(scope="module")
async def identities(region: Region, browser: Browser, world: World) -> list[Identity]:
    """The coordinator of a school and a worker of a partner, an organisation of its own."""
    made = []
    for person in (region.saule, region.timur):
        clients = [await browser.fresh(person) for _ in range(len(ENDS_THE_SESSION) + 1)]
        proofs = [_proof(one) for one in clients]
        made.append(Identity(person, *proofs[0], dict(zip(ENDS_THE_SESSION, proofs[1:], strict=True))))
    return made


def _proof(client: Client) -> tuple[str, str]:
    return client.cookies[NAME], client.csrf


@pytest.fixture(scope="module")
def operations(world: World) -> list[Operation]:
    """Of the document as the service serves it."""
    load_all_checks()
    config = SchemathesisConfig.from_dict(
        {
            "checks": {"positive_data_acceptance": {"expected-statuses": ACCEPTED}},
            "phases": {"coverage": {"unexpected-methods": ["OPTIONS", "PUT"]}},
        }
    )
    schema = schemathesis.openapi.from_dict(document(create_app()), config=config)
    found = [one.ok() for one in schema.get_all_operations() if isinstance(one, Ok)]
    assert len(found) == sum(len(of) for of in schema.raw_schema["paths"].values())
    return found


def test_s_55_s_29_the_service_does_what_its_document_says_whoever_sends_what(
    operations: list[Operation], identities: list[Identity], address: str, world: World
) -> None:
    began, worked = time.monotonic(), time.process_time()
    with requests.Session() as session:
        session.headers["Origin"] = address
        for operation in operations:
            for made in _cases(operation, world):
                for one in identities:
                    _send(made, one, address, session)
    took = time.monotonic() - began
    for one in identities:
        sent = f"{len(one.visited)} operations, {sum(one.visited.values())} cases, {dict(one.statuses)}"
        print(f"{one.person.name}: {sent}")  # noqa: T201  # with -s
    print(f"{len(operations)} operations × {len(identities)} identities, {took:.0f} s")  # noqa: T201  # with -s
    assert [fault for one in identities for fault in one.faults] == []
    for one in identities:
        assert one.visited.keys() == {operation.label for operation in operations}
        assert one.statuses[401] < sum(one.statuses.values()) / 20, one.statuses  # they stayed signed in
        assert {200, 303, 403, 404, 405, 409, 422} <= one.statuses.keys()
    assert time.process_time() - worked < MOST_SECONDS, "of its own: how long it waits is not its doing"


def test_nothing_is_deleted_or_created_by_a_method_so_two_checks_have_nothing_to_look_at(
    operations: list[Operation],
) -> None:
    """`use_after_free` waits for DELETE, `ensure_resource_availability` for 201: with the first of them this fails."""
    assert {operation.method.upper() for operation in operations} == {"GET", "POST"}
    assert not any("201" in operation.definition.raw["responses"] for operation in operations)


def _cases(operation: Operation, world: World) -> Iterator[Case]:
    """Some that the document allows; some with one thing wrong; every other method and every header left out."""
    yield from _allowed(operation.as_strategy(GenerationMode.POSITIVE, path_parameters=_path(operation, world)))
    coverage = operation.schema.iter_coverage_cases(
        operation,
        generation_modes=[GenerationMode.NEGATIVE],
        generation_config=operation.schema.config.generation_for(operation=operation),
    )
    wrong: list[Case] = []
    for case in coverage:
        case.path_parameters = _path(operation, world) or {}
        told = case.meta.phase.data if case.meta else None
        place = getattr(told, "parameter_location", None)
        if getattr(told, "scenario", None) == CoverageScenario.UNSPECIFIED_HTTP_METHOD or _lacks_token(case):
            yield case
        elif place in (ParameterLocation.BODY, ParameterLocation.QUERY) and not _is_cut_to_length(case):
            wrong.append(case)
    yield from random.sample(wrong, min(WRONG, len(wrong)))


def _allowed(cases: st.SearchStrategy[Case]) -> list[Case]:
    made: list[Case] = []

    @settings(
        max_examples=ALLOWED,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
    @given(cases)
    def each(case: Case) -> None:
        made.append(case)

    each()
    return made


def _lacks_token(case: Case) -> bool:
    told = case.meta.phase.data if case.meta else None
    is_missing = getattr(told, "scenario", None) == CoverageScenario.MISSING_PARAMETER
    return is_missing and getattr(told, "parameter", None) == CSRF_HEADER


def _is_cut_to_length(case: Case) -> bool:
    """Blanks at the ends of a text are cut before it is measured, which no schema says: too long only by them is not."""
    told = case.meta.phase.data if case.meta else None
    sent = [*case.query.values(), *(case.body.values() if isinstance(case.body, dict) else ())]
    is_long = getattr(told, "scenario", None) == CoverageScenario.STRING_ABOVE_MAX_LENGTH
    return is_long and any(one != one.strip() for one in sent if isinstance(one, str))


def _send(made: Case, one: Identity, address: str, session: requests.Session) -> None:
    """One request as one of the two, and everything that its answer is asked."""
    case, label = made.derive(), made.operation.label
    cookie, token = one.proof(made.operation.definition.raw["operationId"])
    case.headers.pop("Authorization", None)
    case._has_explicit_auth = True
    if made.operation.definition.raw["security"]:
        case.cookies = {NAME: cookie}
        if not _lacks_token(made):
            case.headers[CSRF_HEADER] = token
    one.visited[label] = one.visited.get(label, 0) + 1
    try:
        answer = case.call(base_url=address, session=session, allow_redirects=False)
        one.statuses[answer.status_code] += 1
        transport = {"session": session, "base_url": address, "allow_redirects": False}
        case.validate_response(answer, CHECKS, transport_kwargs=transport)
    except FailureGroup as group:
        sent = f"{one.person.name} {case.method} {case.path} {case.body!r} {case.query}"
        one.faults.extend(f"{sent}: {wrong}" for wrong in group.exceptions)
    finally:
        session.cookies.clear()


def _path(operation: Operation, world: World) -> dict[str, Any] | None:
    """Real records in the address, and words that exist."""
    words = {"step": "mark", "measure": "screened", "code": "kk", "permission": "incident.read", "slug": "mek12"}
    names = [told["name"] for told in operation.definition.raw["parameters"] if told.get("in") == "path"]
    known = words | {name: str(one) for name, one in world.ids.items()}
    return {name: known.get(name) or str(uuid4()) for name in names} or None
