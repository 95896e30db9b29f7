"""An address is proved by a code that is mailed to it; refusals of its server are shown to its owner."""

import re
from uuid import UUID

from src.platform.vault import service as vault
from tests.support.http import Browser
from tests.support.incidents import reported, rows
from tests.support.inside import inside
from tests.support.mail import AT, address_of, mailed_code, proved
from tests.support.people import Region
from tests.support.post import PostOffice
from tests.support.queue import dead_or_failed, drain


def audited(database: str, action: str, record: object) -> int:
    query = "select count(*) from audit_log where action = %s and %s = any(record_ids)"
    return int(rows(database, query, action, record)[0][0])


async def test_s_13_an_address_is_sealed_and_works_only_after_its_code(
    browser: Browser, region: Region, database: str, post: PostOffice
) -> None:
    gulnar, me = await browser(region.gulnar), region.gulnar.membership_id
    assert (await gulnar.get(AT)).json()["state"] == "none"
    typed = await gulnar.act(f"{AT}/address", {"address": "not an address"}, html=True)
    assert (typed.status_code, "not an address" in typed.text) == (422, True)
    for bad in ("a@b", "a@b.kz,c@d.kz", "Аты@пошта.kz", "a b@c.kz", "<a@b.kz>"):
        assert (await gulnar.act(f"{AT}/address", {"address": bad})).status_code == 422, bad
    assert (await gulnar.act(f"{AT}/address", {"address": address_of(region.gulnar)})).status_code == 303
    await drain()
    (letter,) = post.to(address_of(region.gulnar))
    assert (letter.to, letter.mail["Auto-Submitted"]) == (address_of(region.gulnar), "auto-generated")
    code = await mailed_code(post, address_of(region.gulnar))
    assert code not in str(letter.mail["Subject"])
    post.take()
    await reported(browser, region)
    await drain()
    assert post.to(address_of(region.gulnar)) == []  # nothing goes to an address that nobody proved
    box = rows(database, "select t::text from mail_box t where id = %s", me)[0][0]
    outbox = str(rows(database, "select args from outbox where actor = 'notifications.send_code'"))
    assert address_of(region.gulnar) not in box + outbox
    assert code.replace("-", "") not in box + outbox
    wrong = await gulnar.act(f"{AT}/confirm", {"code": "0000-0000"})
    assert (wrong.status_code, wrong.json()["fields"][0]["field"]) == (422, "code")
    page = (await gulnar.page(AT)).text
    assert address_of(region.gulnar) in page
    assert code not in page
    assert (await gulnar.act(f"{AT}/confirm", {"code": code.lower()})).status_code == 303
    seen = (await gulnar.get(AT)).json()
    assert (seen["state"], seen["address"]) == ("confirmed", address_of(region.gulnar))
    assert audited(database, "mail.address_given", me) == 1
    assert audited(database, "mail.address_confirmed", me) == 1
    assert (await gulnar.act(f"{AT}/confirm", {"code": code})).status_code == 422  # spent
    async with inside(region.organisations["school12"]) as work:
        assert await vault.contact_of_staff(work, region.gulnar.person_id) == address_of(region.gulnar)


async def test_a_code_is_guessed_five_times_and_asked_for_three_times(
    browser: Browser, region: Region, database: str, post: PostOffice
) -> None:
    bota = await browser(region.bota)
    assert (await bota.act(f"{AT}/address", {"address": address_of(region.bota)})).status_code == 303
    code = await mailed_code(post, address_of(region.bota))
    for _ in range(5):
        assert (await bota.act(f"{AT}/confirm", {"code": "1111-1111"})).status_code == 422
    assert (await bota.act(f"{AT}/confirm", {"code": code})).status_code == 422
    for _ in range(2):
        assert (await bota.act(f"{AT}/address", {"address": address_of(region.bota)})).status_code == 303
    assert (await bota.act(f"{AT}/address", {"address": address_of(region.bota)})).status_code == 429
    fresh = await mailed_code(post, address_of(region.bota))
    older(database, region.bota.membership_id)
    assert (await bota.act(f"{AT}/confirm", {"code": fresh})).status_code == 422
    assert (await bota.act(f"{AT}/address", {"address": address_of(region.bota)})).status_code == 303
    assert (
        await bota.act(f"{AT}/confirm", {"code": await mailed_code(post, address_of(region.bota))})
    ).status_code == 303


def older(database: str, member: UUID) -> None:
    """Real time went by: the machine's own clock is not ours to move."""
    query = (
        "update mail_box set sent_at = sent_at - interval '61 minutes', asked_at = asked_at - interval '61 minutes' "
    )
    rows(database, query + "where id = %s returning id", member)


async def test_families_and_strangers_have_no_address_here(browser: Browser, region: Region, post: PostOffice) -> None:
    for person in (region.alua, region.kamila):
        client = await browser(person)
        assert (await client.get(AT)).json()["state"] == "family"
        assert 'name="address"' not in (await client.page(AT)).text
        assert (await client.act(f"{AT}/address", {"address": "child@post.example"})).status_code == 409
    assert (await browser.visitor().get(AT)).status_code == 401
    await drain()
    assert post.to("child@post.example") == []


async def test_an_address_that_somebody_else_changed_gets_nothing_until_its_owner_proves_it(
    browser: Browser, region: Region, post: PostOffice
) -> None:
    await proved(browser, post, region.saule)
    async with inside(region.organisations["school12"]) as work:
        await vault.keep_address(work, region.saule.person_id, "somebody-else@post.example")
    saule = await browser(region.saule)
    assert (await saule.get(AT)).json()["state"] == "unconfirmed"
    await reported(browser, region)
    await drain()
    assert "somebody-else@post.example" not in {one.to for one in post.take()}
    assert (await saule.act(f"{AT}/forget")).status_code == 303
    seen = (await saule.get(AT)).json()
    assert (seen["state"], seen["address"]) == ("none", "")


async def test_a_permanent_refusal_marks_the_address_and_its_owner_sees_what_to_do(
    browser: Browser, region: Region, database: str, post: PostOffice
) -> None:
    address, aigerim = await proved(browser, post, region.aigerim), await browser(region.aigerim)
    me = region.aigerim.membership_id
    post.refusals[address] = "550 5.1.1 no such mailbox <Қырғауылова>"
    await reported(browser, region)
    await drain()
    assert dead_or_failed(database) == []  # it is done: another attempt would be refused as well
    seen = (await aigerim.get(AT)).json()
    assert (seen["state"], seen["refused"]) == ("refused", 550)
    page = (await aigerim.page(AT)).text
    assert re.search(r"\(550\)", page)
    assert "Қырғауылова" not in page
    assert audited(database, "mail.address_refused", me) == 1
    assert [m["link"] for m in (await aigerim.get("/messages")).json()["rows"] if m["kind"] == "mail_refused"] == [AT]
    assert (await aigerim.get("/queue")).status_code == 403
    oleg = await browser(region.oleg)
    assert [one["organisation"] for one in (await oleg.get("/queue")).json()["refused"]] == ["№12 мектеп"]  # not whose
    page = (await oleg.page("/queue")).text
    assert ("№12 мектеп" in page, address in page) == (True, False)
    assert [m["link"] for m in (await oleg.get("/messages")).json()["rows"] if m["kind"] == "address_refused"] == [
        "/queue"
    ]
    post.refusals.clear()
    await reported(browser, region)
    await drain()
    assert post.to(address) == []  # nothing more, until it is proved again
    assert (await aigerim.act(f"{AT}/address", {"address": address})).status_code == 303
    assert (await aigerim.act(f"{AT}/confirm", {"code": await mailed_code(post, address)})).status_code == 303
    assert (await aigerim.get(AT)).json()["refused"] is None
    post.take()
    await reported(browser, region, harmed="no", harm_danger="no")
    await drain()
    assert len(post.to(address)) == 1


async def test_a_code_that_cannot_be_delivered_is_said_and_the_old_address_stays(
    browser: Browser, region: Region, post: PostOffice
) -> None:
    await proved(browser, post, region.daulet)
    daulet = await browser(region.daulet)
    post.refusals["dauler@post.example"] = "553 5.1.3 bad address"
    assert (await daulet.act(f"{AT}/address", {"address": "dauler@post.example"})).status_code == 303
    await drain()
    seen = (await daulet.get(AT)).json()
    assert (seen["state"], seen["code_refused"], seen["address"]) == ("confirmed", 553, address_of(region.daulet))
    assert "(553)" in (await daulet.page(AT)).text
