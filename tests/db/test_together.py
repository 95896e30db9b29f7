"""Reads in one statement give the same rows as each by itself, and forget whenever something may have changed."""

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, text

from src.platform.db import together
from src.platform.db.binding import Inside
from src.platform.db.context import TenantContext
from src.platform.db.together import Read
from src.platform.db.unit import unit
from src.platform.tenants import service as tenants
from src.platform.tenants.models import Membership, Tenant, TenantSetting
from src.platform.tenants.schemas import NewOrganisation
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


async def test_the_organisations_are_sent_once_and_a_new_one_is_seen_at_once(region: Region) -> None:
    code = f"new{uuid4().hex[:8]}"
    new = NewOrganisation(kind="ngo", code=code, slug=code, name_kk="Жаңа", name_ru="Новая", name_en="New one")
    async with as_person(region.daulet) as work:
        before = await tenants.organisations(work)
    async with as_person(region.marat) as work:
        assert await tenants.organisations(work) is before
        assert {one.id for one in before} == set((await work.session.scalars(select(Tenant.id))).all())
    with pytest.raises(RuntimeError):
        async with unit(Inside(TenantContext(region.operator))) as work:
            made = await tenants.provision(work, new)
            assert made in {one.id for one in await tenants.organisations(work)}
            raise RuntimeError
    async with as_person(region.daulet) as work:
        assert made not in {one.id for one in await tenants.organisations(work)}, "it was never there"
    async with as_person(region.marat) as work:
        assert await tenants.organisations(work) is before, "what was rolled back is not asked with any more"
    async with unit(Inside(TenantContext(region.operator))) as work:
        made = await tenants.provision(work, new)
    async with as_person(region.daulet) as work:
        await together.prefetch(work.session, MEMBERS, tenants.all_tenants())  # with one that is not kept as text
        assert made in {one.id for one in await tenants.organisations(work)}
    async with as_person(region.oleg) as work:
        await tenants.set_suspended(work, made, 1)
    async with as_person(region.daulet) as work:
        assert [one.status for one in await tenants.organisations(work) if one.id == made] == ["suspended"]


async def test_organisations_that_the_process_forgot_meanwhile_are_asked_for(
    region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with as_person(region.daulet) as work:
        expected = {one.id for one in await tenants.organisations(work)}
    monkeypatch.setattr(together, "_EDITIONS", 0)
    monkeypatch.setattr(together, "_standing", {})
    async with as_person(region.daulet) as work:
        await together.prefetch(work.session, tenants.all_tenants())
        assert {one.id for one in await tenants.organisations(work)} == expected
