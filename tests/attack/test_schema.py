"""S-55, S-57, S-29: the document of the API against the running service, with every operation, as two people.

Schemathesis makes what the document allows and what it forbids; a real server answers, on real PostgreSQL. Addresses
hold the real records of a lived-in school, so that a request of who may gets as far as its verb. ADR 40 says which of
its checks have nothing to look at here, and why.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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
from src.platform.web.description.document import document
from tests.support.http import Browser, Client
from tests.support.people import Person, Region
from tests.support.processes import Processes
from tests.support.world import World, lived

pytestmark = pytest.mark.trust

POSITIVE, NEGATIVE, MOST_SECONDS = 3, 3, 240
ENDS_THE_SESSION = ("accounts.sign_out", "accounts.switch", "accounts.change_password")
OF_THE_READER = {"not_text", "control_characters", "too_long", "not_bool", "not_number", "not_date", "not_datetime"}
OF_THE_READER |= {"not_time", "too_many", "not_rows", "unknown_field", "too_much"}
"""Complaints about the shape of a body. `required` and `not_an_option` are left out: rules of the law say them too."""
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
        raise Failure(operation=case.operation.label, title="Refused", message=f"{response.json()} of {case.body!r}")
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
def operations(world: World) -> list[APIOperation[Any, Any, Any, Any]]:
    """Of the document as the service serves it."""
    load_all_checks()
    config = SchemathesisConfig.from_dict({"checks": {"positive_data_acceptance": {"expected-statuses": ACCEPTED}}})
    schema = schemathesis.openapi.from_dict(document(create_app()), config=config)
    found = [one.ok() for one in schema.get_all_operations() if isinstance(one, Ok)]
    assert len(found) == sum(len(of) for of in schema.raw_schema["paths"].values())
    return found


def test_s_55_s_29_the_service_does_what_its_document_says_whoever_sends_what(
    operations: list[APIOperation[Any, Any, Any, Any]], identities: list[Identity], address: str, world: World
) -> None:
    began = time.monotonic()
    for one in identities:
        with requests.Session() as session:
            session.headers["Origin"] = address
            for operation in operations:
                _visit(operation, one, address, world, session)
    took = time.monotonic() - began
    for one in identities:
        print(f"{one.person.name}: {len(one.visited)} operations, {sum(one.visited.values())} cases, {dict(one.statuses)}")
    print(f"{len(operations)} operations × {len(identities)} identities, {took:.0f} s")
    assert [fault for one in identities for fault in one.faults] == []
    labels = {operation.label for operation in operations}
    for one in identities:
        assert one.visited.keys() == labels
        assert one.statuses[401] < sum(one.statuses.values()) / 20, one.statuses  # they stayed signed in
        assert {200, 303, 403, 404, 422} <= one.statuses.keys()
    assert took < MOST_SECONDS


def test_nothing_is_deleted_or_created_by_a_method_so_two_checks_have_nothing_to_look_at(
    operations: list[APIOperation[Any, Any, Any, Any]],
) -> None:
    """`use_after_free` waits for DELETE, `ensure_resource_availability` for 201: with the first of them this fails."""
    assert {operation.method.upper() for operation in operations} == {"GET", "POST"}
    assert not any("201" in operation.definition.raw["responses"] for operation in operations)


def _visit(
    operation: APIOperation[Any, Any, Any, Any],
    one: Identity,
    address: str,
    world: World,
    session: requests.Session,
) -> None:
    """Some cases of each kind; every operation at least once, whatever there is to bend in it."""
    cookie, token = one.proof(operation.definition.raw["operationId"])
    asks_for_token = any("Token" in str(told) or told.get("in") == "header" for told in operation.definition.raw["parameters"])
    known = {
        "path_parameters": _path(operation, world),
        "headers": {"X-CSRF-Token": token} if asks_for_token else None,
        "cookies": {NAME: cookie} if operation.definition.raw["security"] else None,
    }

    def send(case: Case) -> None:
        one.visited[operation.label] = one.visited.get(operation.label, 0) + 1
        try:
            answer = case.call(base_url=address, session=session, allow_redirects=False)
            one.statuses[answer.status_code] += 1
            transport = {"session": session, "base_url": address, "allow_redirects": False}
            case.validate_response(answer, CHECKS, transport_kwargs=transport)
        except FailureGroup as group:
            one.faults.extend(f"{one.person.name} {case.method} {case.path} {case.body!r} {case.query}: {wrong}" for wrong in group.exceptions)
        finally:
            session.cookies.clear()

    _some(operation.as_strategy(GenerationMode.POSITIVE, **known), send, POSITIVE)
    if operation.body or operation.query:
        _some(operation.as_strategy(GenerationMode.NEGATIVE, **known), send, NEGATIVE)
    for case in _by_hand(operation, known):
        send(case)


def _some(cases: st.SearchStrategy[Case], send: Callable[[Case], None], most: int) -> None:
    @settings(
        max_examples=most,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
    @given(cases)
    def each(case: Case) -> None:
        send(case)

    each()


def _by_hand(operation: APIOperation[Any, Any, Any, Any], known: dict[str, Any]) -> Iterator[Case]:
    """Methods that an address does not have, and requests without a header that they need."""
    coverage = operation.schema.iter_coverage_cases(
        operation,
        generation_modes=[GenerationMode.NEGATIVE],
        generation_config=operation.schema.config.generation_for(operation=operation),
    )
    for case in coverage:
        data = case.meta.phase.data if case.meta else None
        scenario, place = getattr(data, "scenario", None), getattr(data, "parameter_location", None)
        is_header = scenario == CoverageScenario.MISSING_PARAMETER and place == ParameterLocation.HEADER
        if scenario == CoverageScenario.UNSPECIFIED_HTTP_METHOD or is_header:
            case.path_parameters = known["path_parameters"] or {}
            case.cookies = known["cookies"] or {}
            yield case


def _path(operation: APIOperation[Any, Any, Any, Any], world: World) -> dict[str, Any] | None:
    """Real records in the address, and words that exist."""
    words = {"step": "mark", "measure": "screened", "code": "kk", "permission": "incident.read", "slug": "mek12"}
    names = [told["name"] for told in operation.definition.raw["parameters"] if told.get("in") == "path"]
    found = {name: str(world.ids[name]) if name in world.ids else words.get(name, "main") for name in names}
    return found or None


