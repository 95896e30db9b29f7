"""A context lasts for one transaction and one organisation, however sessions, pools and savepoints are used."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapper

from src.platform.db import engine as engines
from src.platform.db import session as db_session
from src.platform.db.base import Base
from src.platform.db.binding import Inside, Platform
from src.platform.db.context import TenantContext
from src.platform.db.engine import engine, sessions
from src.platform.db.unit import unit
from src.platform.kit.ids import new_id
from src.platform.kit.settings import settings
from src.platform.migrations.registry import metadata
from src.platform.roster.models import SchoolClass
from src.platform.tenants.models import Membership
from src.platform.vault import service as vault
from src.platform.vault.schemas import Identity
from tests.support.http import Browser
from tests.support.incidents import name, reported, student
from tests.support.inside import as_person, inside
from tests.support.people import Region

OF_ORGANISATIONS = sorted(
    (mapper for mapper in Base.registry.mappers if mapper.class_.__tenancy__ != "platform"),
    key=lambda mapper: mapper.class_.__name__,
)
TABLES = [mapper.class_.__tablename__ for mapper in OF_ORGANISATIONS]


def test_s_3_every_table_of_organisations_is_mapped() -> None:
    of_the_region = {
        "user_tenant",
        "user_session",
        "outbox",
        "wake_at",
        "invitation_code",
        "report_link_code",
        "calendar_feed_code",
        "service_catalogue",  # every organisation reads what another offers
        "api_token_code",
    }
    assert set(TABLES) == {t.name for t in metadata.sorted_tables if "tenant_id" in t.columns} - of_the_region


@pytest.mark.parametrize("mapper", OF_ORGANISATIONS, ids=TABLES)
async def test_s_3_no_mapped_class_is_read_without_a_context(region: Region, mapper: Mapper[Any]) -> None:
    async with sessions()() as session:
        with pytest.raises(db_session.UnboundError):
            await session.execute(select(mapper.class_))
    async with sessions()() as session:
        db_session.bind(session, Platform())
        with pytest.raises(db_session.UnboundError):
            await session.execute(select(mapper.class_))


@pytest.fixture
async def one_connection(region: Region, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """A pool of one: whoever comes next gets the connection that was used last."""
    async for _ in pool_of(1, monkeypatch):
        yield


async def pool_of(size: int, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    await engines.dispose()
    monkeypatch.setenv("QORGAN_POOL_SIZE", str(size))
    settings.cache_clear()
    yield
    await engines.dispose()
    monkeypatch.undo()
    settings.cache_clear()


@pytest.mark.parametrize("ending", ["commit", "rollback", "savepoint"])
async def test_s_3_the_next_borrower_of_a_connection_inherits_nothing(
    region: Region, one_connection: None, ending: str
) -> None:
    async with sessions()() as session:
        db_session.bind(session, Inside(TenantContext(region.organisations["school12"])))
        if ending == "savepoint":
            async with session.begin_nested():
                assert (await session.scalars(select(Membership))).all()
        assert (await session.scalars(select(Membership))).all()
        await (session.rollback() if ending == "rollback" else session.commit())
    async with engine("qorgan_app").connect() as borrowed:
        assert (await borrowed.execute(text("select current_setting('qorgan.ctx', true)"))).scalar() in (None, "")
        with pytest.raises(DBAPIError) as refused:
            await borrowed.execute(text("select * from membership"))
    assert refused.value.orig.sqlstate == "42501"  # type: ignore[union-attr]


async def test_s_6_neither_a_savepoint_nor_its_release_lets_the_organisation_change(region: Region) -> None:
    other = Inside(TenantContext(region.organisations["school45"]))
    async with inside(region.organisations["school12"]) as work:
        async with work.session.begin_nested():
            with pytest.raises(db_session.RebindError):
                db_session.bind(work.session, other)
        with pytest.raises(db_session.RebindError):
            db_session.bind(work.session, other)
        found = (await work.session.scalars(select(Membership.tenant_id))).all()
    assert set(found) == {region.organisations["school12"]}


@pytest.mark.parametrize("size", [1, 5])
@pytest.mark.parametrize("requests", [1_000, pytest.param(10_000, marks=pytest.mark.long)])
async def test_s_4_interleaved_requests_of_two_organisations_never_see_each_other(
    region: Region, monkeypatch: pytest.MonkeyPatch, size: int, requests: int
) -> None:
    schools = [region.organisations["school12"], region.organisations["school45"]]

    async def look(school: UUID) -> bool:
        async with unit(Inside(TenantContext(school))) as work:
            return set((await work.session.scalars(select(Membership.tenant_id))).all()) == {school}

    async def client(number: int) -> int:
        turns = range(requests // 20)
        return sum([await look(schools[(number + turn) % 2]) for turn in turns])

    async for _ in pool_of(size, monkeypatch):
        assert sum(await asyncio.gather(*map(client, range(20)))) == requests


async def test_s_8_what_is_taken_in_one_school_is_free_in_the_other(region: Region) -> None:
    for school in ("school12", "school45"):
        async with inside(region.organisations[school]) as work:
            work.session.add(SchoolClass(tenant_id=work.tenant_id, id=new_id(), grade=7, letter="Ә", version=1))


async def test_s_7_naming_a_child_of_another_school_answers_like_naming_nobody(
    region: Region, browser: Browser
) -> None:
    incident = await reported(browser, region)
    own = await student(region, "Біздікі", "Бала")
    async with as_person(region.erlan) as work:
        foreign = await vault.add_person(work, "student", Identity(family_name="Бөтен", given_name="Бала"))
    answers = [await name(browser, region, incident, str(one), "victim") for one in (foreign, uuid4())]
    assert answers[0].status_code == answers[1].status_code == 404
    assert answers[0].content == answers[1].content
    assert (await name(browser, region, incident, own, "victim")).status_code == 303
