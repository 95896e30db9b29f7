"""Reads in one statement give the same rows as each by itself, and forget whenever something may have changed."""

from typing import Any

import pytest
from sqlalchemy import select, text

from src.platform.db import together
from src.platform.db.together import Read
from src.platform.tenants import service as tenants
from src.platform.tenants.models import Membership, Tenant, TenantSetting
from tests.support.inside import as_person
from tests.support.people import Region

SETTINGS = Read(("settings",), select(TenantSetting).order_by(TenantSetting.name))
MEMBERS = Read(("some members",), select(Membership).order_by(Membership.id))
TENANTS = Read(("some tenants",), select(Tenant).order_by(Tenant.code))
READS = (SETTINGS, MEMBERS, TENANTS)


def values(read: Read[Any], rows: list[Any]) -> list[dict[str, object]]:
    names = read.query.column_descriptions[0]["entity"].__mapper__.column_attrs.keys()
    return [{name: getattr(row, name) for name in names} for row in rows]


async def test_together_gives_what_each_read_gives(region: Region) -> None:
    async with as_person(region.daulet) as work:
        await tenants.change_setting(work, "school_week", 6)
        await tenants.change_setting(work, "emergency_numbers", ["112", "150"])
    async with as_person(region.daulet) as work:
        alone = {read.key: values(read, list((await work.session.scalars(read.query)).all())) for read in READS}
    async with as_person(region.daulet) as work:
        await together.prefetch(work.session, *READS)
        assert {read.key: values(read, await together.rows(work.session, read)) for read in READS} == alone
        assert len(alone[MEMBERS.key]) >= 6
        assert not work.session.dirty
        assert not work.session.new


async def test_what_was_read_is_forgotten_when_something_may_have_changed(region: Region) -> None:
    async with as_person(region.daulet) as work:
        for change in ("write", "lock", "text"):
            await together.prefetch(work.session, SETTINGS)
            assert work.session.info[together.PREFETCHED]
            if change == "write":
                await tenants.change_setting(work, "school_week", 5)
            elif change == "lock":
                await work.session.scalars(select(Membership).limit(1).with_for_update())
            else:
                await work.session.execute(text("select pg_advisory_xact_lock(1)"))
            assert not work.session.info.get(together.PREFETCHED), change
        assert await tenants.setting(work, "school_week") == 5


async def test_a_row_that_was_prefetched_is_not_to_be_changed(region: Region) -> None:
    async with as_person(region.daulet) as work:
        await together.prefetch(work.session, MEMBERS)
        (mine,) = [one for one in await together.rows(work.session, MEMBERS) if one.id == region.bota.membership_id]
        with pytest.raises(AttributeError):
            mine.version += 1


async def test_a_compiled_read_never_answers_for_another_one(region: Region) -> None:
    async with as_person(region.daulet) as work:
        for turn in range(60):  # made and let go: an id that was freed comes again soon
            limit = 1 + turn % 3
            read = Read(("turn", turn), select(Membership).order_by(Membership.id).limit(limit), {})
            await together.prefetch(work.session, read)
            assert len(await together.rows(work.session, read)) == limit


async def test_a_kept_text_sees_what_the_session_holds(region: Region) -> None:
    kept = Read(("kept",), select(TenantSetting).order_by(TenantSetting.name), {})
    async with as_person(region.daulet) as work:
        work.session.add(TenantSetting(tenant_id=work.tenant_id, name="form_d_papers_most", value=7))
        await together.prefetch(work.session, kept)
        found = {one.name: one.value for one in await together.rows(work.session, kept)}
        await work.session.rollback()
    assert found["form_d_papers_most"] == 7
