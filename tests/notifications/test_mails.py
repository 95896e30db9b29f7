"""E-mail of messages: when it comes, in which language, to whom it does not come any more."""

import re
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from src.platform.kit.clock import LOCAL_ZONE
from src.platform.kit.i18n import gettext_in
from src.platform.kit.settings import settings
from src.platform.notifications import kinds, mail, service
from tests.support.http import Browser
from tests.support.incidents import act, name, reported, rows, student
from tests.support.inside import inside
from tests.support.mail import AT, proved
from tests.support.people import Person, Region
from tests.support.post import PostOffice, certificate
from tests.support.queue import dead_or_failed, drain, set_clock

LATIN = re.compile(r"[A-Za-z]{2,}")


def local(hour: int, minute: int = 0, day: int = 23) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=LOCAL_ZONE)


async def told(region: Region, person: Person, kind: str, subject_kind: str = "user", subject: Any = None) -> None:
    async with inside(person.tenant_id) as work:
        await service.notify(work, [person.membership_id], kind, subject_kind, subject or person.user_id)
    await drain()


async def test_r_059_r_074_an_email_is_an_id_a_kind_and_a_link_and_the_link_opens_for_its_reader_only(
    browser: Browser, region: Region, database: str, post: PostOffice
) -> None:
    address = await proved(browser, post, region.saule)
    incident = await reported(browser, region, who="Қырғауылова Әйсәуле", harmed="no", harm_danger="no")
    await drain()
    (letter,) = post.to(address)
    message, row = rows(
        database,
        "select n.id, o.id from notification n join outbox o on o.args->>'notification' = n.id::text "
        "where n.membership_id = %s and n.subject_id = %s and n.mailed_at is not null and o.done_at is not null",
        region.saule.membership_id,
        incident,
    )[0]
    assert letter.mail["Message-ID"] == f"<{row}@qorgan.example>"
    assert letter.mail["Subject"] == "Қорған: сізді бір іс күтіп тұр"
    assert letter.text.splitlines()[:2] == [
        "Қорғанда сізді бір іс күтіп тұр:",
        f"{settings().public_url}/messages/{message}",
    ]
    everything = letter.mail.as_string() + letter.text
    number = rows(database, "select number from incident where id = %s", incident)[0][0]
    for secret in (incident, number, "Қырғауылова", "Әйсәуле", "incident", region.saule.name.title(), "Marat"):
        assert secret not in everything, secret
    saule, marat = await browser(region.saule), await browser(region.marat)
    opened = await saule.get(f"/messages/{message}")
    assert (opened.status_code, opened.headers["location"]) == (303, f"/incidents/{incident}")
    foreign = await marat.get(f"/messages/{message}")
    unknown = await marat.get(f"/messages/{incident}")
    assert (foreign.status_code, foreign.content) == (404, unknown.content)
    assert (await browser.visitor().get(f"/messages/{message}")).status_code == 401


async def test_r_059_who_reported_is_told_in_words_that_fit_anybody(
    browser: Browser, region: Region, post: PostOffice
) -> None:
    address, incident = await proved(browser, post, region.marat), await reported(browser, region)
    assert (
        await act(browser, region.saule, region, incident, "screen", investigators=[str(region.gulnar.membership_id)])
    ).status_code == 303
    await drain()
    (moved,) = post.to(address)
    post.take()
    await told(region, region.marat, "mail_refused")
    (other,) = post.to(address)
    without_ids = [one.text.splitlines()[0] for one in (moved, other)]
    assert without_ids[0] == without_ids[1]


async def test_r_245_quiet_hours_and_digest_are_hours_of_kazakhstan_and_urgent_ones_come_at_once(
    browser: Browser, region: Region, database: str, post: PostOffice
) -> None:
    quiet = {"quiet_from": "21", "quiet_to": "7"}
    address = await proved(browser, post, region.gulnar, **quiet)
    try:
        set_clock(database, local(20, 59))
        await told(region, region.gulnar, "duty_given")
        assert len(post.to(address)) == 1
        set_clock(database, local(21))
        await told(region, region.gulnar, "duty_given")
        await told(region, region.gulnar, "meeting_planned")
        assert len(post.to(address)) == 1
        for kind in ("urgent_report", "second_factor_changed", "clock_overdue.clk_serious_forward"):
            await told(region, region.gulnar, kind)
        assert len(post.to(address)) == 4
        post.take()
        set_clock(database, local(6, 59, day=24))
        await drain()
        assert post.to(address) == []
        set_clock(database, local(7, 0, day=24))
        await drain()
        (morning,) = post.to(address)
        assert morning.text.count("/messages/") == 2 + 1  # two messages, and the page of choices
        await proved(browser, post, region.gulnar, mode="digest", digest_at="17", **quiet)
        post.take()
        set_clock(database, local(12, day=24))
        await told(region, region.gulnar, "duty_given")
        await told(region, region.gulnar, "case_given")
        await told(region, region.gulnar, "forward_today")
        assert [one.text.count("/messages/") for one in post.to(address)] == [2]  # the urgent one alone
        post.take()
        set_clock(database, local(17, day=24))
        await drain()
        await drain()
        assert [one.text.count("/messages/") for one in post.to(address)] == [3]
        post.take()
        await told(region, region.gulnar, "duty_given")
        assert (await (await browser(region.gulnar)).act("/messages/read")).status_code == 303
        set_clock(database, local(17, day=25))
        await drain()
        assert post.to(address) == []  # read meanwhile
        assert dead_or_failed(database) == []
    finally:
        set_clock(database, datetime.now(LOCAL_ZONE))
    audit = "select count(*) from audit_log where action = 'mail.choice_made' and %s = any(record_ids)"
    assert rows(database, audit, region.gulnar.membership_id)[0][0] == 2


async def test_decision_17_who_lost_the_right_between_writing_and_sending_gets_nothing(
    browser: Browser, region: Region, database: str, post: PostOffice
) -> None:
    address = await proved(browser, post, region.aigerim, mode="digest", digest_at="12")
    try:
        set_clock(database, local(9))
        incident = await reported(browser, region)
        await drain()
        another = await reported(browser, region)
        await name(browser, region, incident, str(region.aigerim.person_id), "alleged_offender", "employee")
        await drain()
        set_clock(database, local(12))
        await drain()
        (letter,) = post.to(address)
        mine = rows(
            database,
            "select subject_id::text, mailed_at is not null, withdrawn_at is not null from notification "
            "where membership_id = %s and subject_id::text = any(%s) and kind = 'incident_reported'",
            region.aigerim.membership_id,
            [incident, another],
        )
        assert sorted(mine) == sorted([(incident, False, True), (another, True, False)])
        assert letter.text.count("/messages/") == 2
        post.take()
        await proved(browser, post, region.aigerim)
        async with inside(region.organisations["school12"]) as work:  # written before, sent after
            await service.notify(work, [region.aigerim.membership_id], "duty_given", "incident", incident)  # type: ignore[arg-type]  # text of an id
        await drain()
        assert post.to(address) == []
    finally:
        set_clock(database, datetime.now(LOCAL_ZONE))


SUBJECTS = {
    "kk": "Қорған: сізді бір іс күтіп тұр",
    "ru": "Қорған: вас кое-что ждёт",
    "en": "Qorgan: something is waiting for you",
}


@pytest.mark.parametrize("language", SUBJECTS)
def test_r_059_r_074_s_16_every_kind_in_every_language_is_words_of_ours_and_an_id(
    language: str, post: PostOffice
) -> None:
    home = f"{settings().public_url}/messages"
    for kind in kinds.KINDS:
        message_id = uuid4()
        subject, body = mail.told(language, [(message_id, kinds.of(kind).words)])
        lines = body.splitlines()
        assert (subject, lines[1], lines[-1]) == (SUBJECTS[language], f"{home}/{message_id}", f"{home}/settings")
        fixed = "".join((lines[0], *lines[2:-1]))
        assert fixed == f"{gettext_in(language, kinds.of(kind).words)}:{gettext_in(language, mail.BODY)}"
        assert language == "en" or not LATIN.findall(fixed), "a text without a translation"
        assert not re.search(r"[0-9{}%«»]", fixed), "nothing is filled in"
    _, many = mail.told(language, [(uuid4(), kinds.WAITING)] * 30)
    assert many.count("/messages/") == 20 + 1


async def test_s_16_the_words_of_each_kind_go_out_in_the_language_of_the_reader_with_no_planted_name(
    browser: Browser, region: Region, post: PostOffice
) -> None:
    daulet, child = await browser(region.daulet), await student(region, "Қырғауылова", "Әйсәуле")
    incident = await reported(browser, region, who="Қырғауылова Әйсәуле", harmed="no", harm_danger="no")
    await name(browser, region, incident, child, "victim")
    await drain()
    address = await proved(browser, post, region.daulet)
    different = {kinds.of(kind): kind for kind in kinds.KINDS}
    for language, subject in SUBJECTS.items():
        assert (await daulet.act(f"/language/{language}")).status_code == 303
        async with inside(region.organisations["school12"]) as work:
            for kind in different.values():
                await service.notify(work, [region.daulet.membership_id], kind, "incident", UUID(incident))
        await drain()
        letters = post.to(address)
        post.take()
        assert {one.mail["Subject"] for one in letters} == {subject}
        words = {gettext_in(language, kind.words) for kind in different}
        assert {one.text.splitlines()[0] for one in letters} == {f"{one}:" for one in words}
        everything = "".join(one.mail.as_string() + one.text for one in letters)
        for secret in ("Қырғауылова", "Әйсәуле", child, incident, "№12", "mek12"):
            assert secret not in everything, secret
    await daulet.act("/language/kk")


async def test_r_219_the_head_hears_the_same_day_even_at_night_and_without_content(
    browser: Browser, region: Region, database: str, post: PostOffice
) -> None:
    address = await proved(browser, post, region.daulet, mode="digest", quiet_from="18", quiet_to="9")
    try:
        set_clock(database, local(23, 59))
        await told(region, region.daulet, "clock_overdue.clk_manager_notify")
        (letter,) = post.to(address)
        assert letter.text.splitlines()[0] == "Мерзім өтіп кетті:"
        await told(region, region.daulet, "clock_overdue.clk_investigation")
        assert len(post.to(address)) == 1  # that term had days: it waits for the morning
    finally:
        set_clock(database, datetime.now(LOCAL_ZONE))


async def test_a_kind_without_words_cannot_be_written(region: Region, post: PostOffice) -> None:
    with pytest.raises(KeyError):
        await told(region, region.saule, "what_the_child_said")


def again(database: str, attempts: int | None = None) -> None:
    """The pause of what failed is over."""
    query = "update outbox set next_at = clock_timestamp(), attempts = coalesce(%s, attempts) "
    rows(database, query + "where done_at is null and dead_at is null returning id", attempts)


def pauses(database: str) -> list[int]:
    query = (
        "select extract(epoch from next_at - clock_timestamp()) from outbox where done_at is null and dead_at is null"
    )
    return [round(float(one[0])) for one in rows(database, query)]


async def test_decision_26_a_temporary_refusal_is_tried_again_under_the_same_message_id(
    browser: Browser, region: Region, database: str, post: PostOffice
) -> None:
    address = await proved(browser, post, region.bota)
    post.refusals[address] = "451 4.7.1 greylisted, come back"
    await told(region, region.bota, "case_given")
    assert (post.take(), dead_or_failed(database)) == ([], [("notifications.send_mail", "SMTPRecipientsRefused")])
    post.refusals.clear()
    post.after_data[address] = "451 4.3.0 taken, and then the line broke"
    again(database)
    await drain()
    post.after_data.clear()
    again(database)
    await drain()
    first, second = post.take()  # at least once: the mail server knows the second copy by its id
    assert first.mail["Message-ID"] == second.mail["Message-ID"]
    assert dead_or_failed(database) == []
    post.refusals[address] = "550 5.7.1 relaying denied"  # our configuration and not the address
    await told(region, region.bota, "case_given")
    assert (await (await browser(region.bota)).get(AT)).json()["state"] == "confirmed"
    waited = pauses(database)
    for _ in range(6):
        again(database)
        await drain()
        waited += pauses(database)
    assert all(abs(had - wanted) <= 3 for had, wanted in zip(waited, (2, 8, 32, 128, 512, 2048, 3600), strict=True))
    post.refusals.clear()
    again(database)
    await drain()
    assert len(post.take()) == 1


async def test_s_48_mail_that_is_given_up_is_the_operators_and_goes_out_when_they_say_so(
    browser: Browser, region: Region, database: str, post: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, oleg = await proved(browser, post, region.bota), await browser(region.oleg)
    other = certificate(post.folder, "localhost")  # nobody we trust signed the server's
    monkeypatch.setenv("QORGAN_SMTP_CA_FILE", str(other))
    settings.cache_clear()
    await told(region, region.bota, "case_given")
    again(database, attempts=7)
    await drain()
    monkeypatch.undo()
    settings.cache_clear()
    assert post.to(address) == []
    (row,) = (await oleg.get("/queue")).json()["rows"]
    assert (row["actor"], row["organisation"]) == ("notifications.send_mail", "№12 мектеп")
    assert row["failure"] == "SSLCertVerificationError"
    assert "queue_dead" in {one["kind"] for one in (await oleg.get("/messages")).json()["rows"]}
    assert f"/queue/{row['id']}/again" in (await oleg.page("/queue")).text
    assert (await oleg.act(f"/queue/{row['id']}/again")).status_code == 303
    await drain()
    assert len(post.to(address)) == 1
    assert (await oleg.act(f"/queue/{row['id']}/again")).status_code == 404
    audit = "select action from audit_log where %s = any(record_ids)"
    assert rows(database, audit, UUID(row["id"])) == [("queue.tried_again",)]


async def test_a_region_without_a_mail_server_says_so(
    browser: Browser, region: Region, post: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QORGAN_SMTP_HOST", "")
    settings.cache_clear()
    saule, oleg = await browser(region.saule), await browser(region.oleg)
    assert (await saule.get(AT)).json()["state"] == "off"
    assert 'name="address"' not in (await saule.page(AT)).text
    assert (await saule.act(f"{AT}/address", {"address": "a@b.kz"})).status_code == 409
    assert (await oleg.get("/queue")).json()["mail"] is False
    assert "QORGAN_SMTP_HOST" in (await oleg.page("/queue")).text
    await told(region, region.saule, "case_given")
    monkeypatch.undo()
    settings.cache_clear()
    assert post.take() == []
