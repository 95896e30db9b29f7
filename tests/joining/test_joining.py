"""Coming in with a code: once, by one person, with one answer for every code that lets nobody in."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg import sql

from src.platform.accounts.session_cookie import NAME
from src.platform.db.catalogue import offences
from src.platform.joining import tokens
from src.platform.kit import clock
from src.platform.kit.clock import LOCAL_ZONE
from src.platform.kit.settings import settings
from src.platform.migrations.registry import metadata
from src.platform.vault import service as vault
from src.platform.vault import ties as vault_ties
from src.platform.vault.schemas import Identity
from tests.support.http import HTML, Browser
from tests.support.incidents import rows
from tests.support.inside import inside
from tests.support.joining import NEW_PASSWORD, audited, come_in, form, organisation, paper
from tests.support.people import PASSWORD, Region
from tests.support.queue import drain, set_clock


def members_of(database: str, invitation: str) -> list[Any]:
    query = """select m.user_id, m.roles, m.person_id, m.tenant_id from membership m
               join invitation i on i.tenant_id = m.tenant_id and i.membership_id = m.id where i.id = %s"""
    return rows(database, query, invitation)


async def test_a_newcomer_comes_in_with_a_code_and_is_signed_in(
    browser: Browser, region: Region, database: str
) -> None:
    invited = await paper(browser, region.daulet, "psychologist", "class_teacher")
    visitor, answer = await come_in(browser, invited["code"])
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    home = await visitor.page("/")
    assert home.status_code == 200
    assert 'lang="ru"' in home.text
    ((user, roles, _, tenant),) = members_of(database, invited["invitation_id"])
    assert (sorted(roles), tenant) == (["class_teacher", "psychologist"], region.organisations["school12"])
    assert audited(database, "invitation.made", invited["invitation_id"]) == 1
    assert audited(database, "invitation.used", invited["invitation_id"]) == 1
    assert audited(database, "account.signed_in", user) == 1
    assert (await visitor.get("/members")).status_code == 403


async def test_a_code_is_typed_as_people_type(browser: Browser, region: Region) -> None:
    invited = await paper(browser, region.daulet, "support_staff")
    look_alikes = str.maketrans("0ABEKMHPCTX1", "оАВЕКМНРСТХl")
    typed = invited["code"].translate(look_alikes).lower().replace("-", " – ")
    assert (await come_in(browser, typed))[1].status_code == 303


def test_a_code_has_eighty_bits_and_nothing_to_mix_up() -> None:
    codes = {tokens.new_code() for _ in range(500)}
    assert len(codes) == 500
    letters = set("".join(codes)) - {"-"}
    assert letters == set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
    assert {len(code.replace("-", "")) * 5 for code in codes} == {80}


async def test_s_12_every_code_that_lets_nobody_in_answers_alike(
    browser: Browser, region: Region, database: str
) -> None:
    used, revoked, expired = [await paper(browser, region.daulet, "support_staff") for _ in range(3)]
    closed = await organisation(browser, region)
    daulet, oleg = await browser(region.daulet), await browser(region.oleg)
    await come_in(browser, used["code"])
    gone = f"/invitations/{revoked['invitation_id']}/revoke"
    assert (await daulet.act(gone, {"version": 1})).status_code == 303
    where = rows(database, "select id from tenants where code = %s", closed["org"])[0][0]
    assert (await oleg.act(f"/organisations/{where}/suspend", {"version": 1})).status_code == 303
    with psycopg.connect(database) as admin:
        admin.execute(
            "update invitation set made_at = now() - interval '3 days', expires_at = now() - interval '1 second' "
            "where id = %s",
            (expired["invitation_id"],),
        )
    never = tokens.new_code()
    before = rows(database, "select (select count(*) from users), (select count(*) from membership)")
    answers = []
    for code in (never, used["code"], revoked["code"], expired["code"], closed["code"]):
        visitor, answer = await come_in(browser, code)
        answers.append(answer)
        assert NAME not in visitor.cookies
    assert {answer.status_code for answer in answers} == {422}
    assert {answer.content for answer in answers} == {answers[0].content}
    assert answers[0].json()["code"] == "joining.unknown_code"
    assert {tuple(sorted(answer.headers)) for answer in answers} == {tuple(sorted(answers[0].headers))}
    assert rows(database, "select (select count(*) from users), (select count(*) from membership)") == before


async def test_an_invitation_ends_after_fourteen_days(browser: Browser, region: Region, database: str) -> None:
    first, second = [await paper(browser, region.daulet, "support_staff") for _ in range(2)]
    until = datetime.fromisoformat(first["expires_at"])
    assert timedelta(days=13, hours=23) < until - clock.real_now() <= timedelta(days=14)
    set_clock(database, until - timedelta(minutes=1))
    early = (await come_in(browser, first["code"]))[1]
    set_clock(database, until + timedelta(minutes=1))
    late = (await come_in(browser, second["code"]))[1]
    listed = (await (await browser.fresh(region.daulet)).get("/members")).json()["invitations"]
    set_clock(database, datetime.now(LOCAL_ZONE))
    assert (early.status_code, late.status_code) == (303, 422)
    assert {row["id"]: row["ended"] for row in listed}[second["invitation_id"]]


async def test_a_used_code_is_replayed_by_nobody_but_whom_it_let_in(
    browser: Browser, region: Region, database: str
) -> None:
    invited = await paper(browser, region.daulet, "support_staff")
    mine = form(invited["code"])
    assert (await browser.visitor().post("/join", json=mine)).status_code == 303
    for more in ({"password": "бөтен құпиясөз 1"}, {"sign_in": region.marat.sign_in, "password": PASSWORD}):
        answer = await browser.visitor().post("/join", json=mine | more)
        assert (answer.status_code, answer.json()["code"]) == (422, "joining.unknown_code")
    again = await browser.visitor().post("/join", json=mine)
    assert (again.status_code, again.headers["location"]) == (303, "/")
    assert len(members_of(database, invited["invitation_id"])) == 1
    assert audited(database, "invitation.used", invited["invitation_id"]) == 1


async def test_two_clicks_at_once_have_one_effect_and_both_lead_in(
    browser: Browser, region: Region, database: str
) -> None:
    invited = await paper(browser, region.daulet, "support_staff")
    typed, people = form(invited["code"]), rows(database, "select count(*) from person")[0][0]
    answers = await asyncio.gather(*(browser.visitor().post("/join", data=typed, headers=HTML) for _ in range(4)))
    assert [answer.status_code for answer in answers] == [303] * 4
    assert len(members_of(database, invited["invitation_id"])) == 1
    assert rows(database, "select count(*) from person")[0][0] == people + 1
    assert audited(database, "invitation.used", invited["invitation_id"]) == 1


async def test_two_people_with_one_paper_race_and_one_comes_in(browser: Browser, region: Region, database: str) -> None:
    invited = await paper(browser, region.daulet, "support_staff")
    users = rows(database, "select count(*) from users")[0][0]
    answers = [one[1] for one in await asyncio.gather(*(come_in(browser, invited["code"]) for _ in range(4)))]
    assert sorted(answer.status_code for answer in answers) == [303, 422, 422, 422]
    assert len(members_of(database, invited["invitation_id"])) == 1
    assert rows(database, "select count(*) from users")[0][0] == users + 1


async def test_somebody_with_an_account_joins_with_the_password_they_have(
    browser: Browser, region: Region, database: str
) -> None:
    invited = await paper(browser, region.daulet, "school_inspector")
    known = {"account": "known", "sign_in": region.timur.sign_in.upper(), "password": PASSWORD}
    visitor, answer = await come_in(browser, invited["code"], **known)
    assert answer.status_code == 303
    ((user, *_),) = members_of(database, invited["invitation_id"])
    assert user == region.timur.user_id
    assert "№12 мектеп" not in (await visitor.page("/organisations/mine")).text  # Russian was chosen
    assert "Школа №12" in (await visitor.page("/organisations/mine")).text
    there = await visitor.act(f"/organisations/{region.timur.tenant_id}/switch")
    assert there.status_code == 303
    again = await paper(browser, region.daulet, "support_staff")
    twice = (await come_in(browser, again["code"], **known))[1]
    assert (twice.status_code, twice.json()["code"]) == (409, "joining.already_member")
    assert (await come_in(browser, again["code"]))[1].status_code == 303  # the invitation stayed open


async def test_s_27_a_known_name_an_unknown_name_and_a_wrong_password_answer_alike(
    browser: Browser, region: Region, database: str
) -> None:
    invited = await paper(browser, region.daulet, "support_staff")
    answers = [
        (await come_in(browser, invited["code"], **said))[1]
        for said in (
            {"account": "new", "sign_in": region.erlan.sign_in},
            {"account": "known", "sign_in": "nobody-canary@qorgan.test"},
            {"account": "known", "sign_in": region.erlan.sign_in, "password": "secret-canary"},
        )
    ]
    assert {answer.status_code for answer in answers} == {422}
    assert {answer.content for answer in answers} == {answers[0].content}
    assert "canary" not in answers[0].text
    assert members_of(database, invited["invitation_id"]) == []


async def test_s_28_guessing_is_slowed_down_by_code_and_by_name(browser: Browser, region: Region) -> None:
    invited = await paper(browser, region.daulet, "support_staff")
    name = "guesser@qorgan.test"
    for _ in range(10):
        assert (await come_in(browser, tokens.new_code(), sign_in=name))[1].status_code == 422
    locked = (await come_in(browser, invited["code"], sign_in=name))[1]
    assert (locked.status_code, locked.json()["code"]) == (429, "account.too_many_attempts")
    for _ in range(10):
        known = {"account": "known", "sign_in": f"n{tokens.new_code()}@qorgan.test"}
        await come_in(browser, invited["code"], **known)
    assert (await come_in(browser, invited["code"]))[1].status_code == 429


@pytest.mark.parametrize(
    ("more", "field", "code"),
    [
        ({"password": "қысқа"}, "password", "not_in_length"),
        ({"password": "а" * 201}, "password", "not_in_length"),
        ({"password": "aaaaaaaaaaaa"}, "password", "easy_to_guess"),
        ({"sign_in": "name@qorgan.test", "password": "NAME@qorgan.test"}, "password", "easy_to_guess"),
        ({"sign_in": "мугалим"}, "sign_in", "not_a_name"),
        ({"sign_in": "mek12 0000-0000"}, "sign_in", "not_a_name"),
        ({"family_name": ""}, "family_name", "required"),
        ({"language": "de"}, "language", "not_an_option"),
        ({"roles": "school_director"}, "", "unknown_field"),
    ],
)
async def test_what_cannot_be_taken_is_said_at_its_field_and_uses_nothing_up(
    browser: Browser, region: Region, database: str, more: dict[str, Any], field: str, code: str
) -> None:
    invited = await paper(browser, region.daulet, "support_staff")
    answer = (await come_in(browser, invited["code"], **more))[1]
    assert answer.status_code == 422
    assert [(one["field"], one["code"]) for one in answer.json()["fields"]] == [(field, code)]
    assert members_of(database, invited["invitation_id"]) == []


async def test_decision_20_without_e_mail_and_phone_the_printed_name_signs_in(browser: Browser, region: Region) -> None:
    invited = await paper(browser, region.daulet, "support_staff")
    assert invited["personal_name"].startswith("mek12 ")
    assert (await come_in(browser, invited["code"], sign_in=invited["personal_name"]))[1].status_code == 303
    typed = invited["personal_name"].upper().replace("-", " ")
    entered = await browser.visitor().post("/sign-in", json={"sign_in": typed, "password": NEW_PASSWORD})
    assert entered.status_code == 303


async def test_a_phone_is_one_name_however_it_is_written(browser: Browser, region: Region) -> None:
    invited = await paper(browser, region.daulet, "support_staff")
    assert (await come_in(browser, invited["code"], sign_in="8 (701) 555-77-01"))[1].status_code == 303
    entered = await browser.visitor().post("/sign-in", json={"sign_in": "+77015557701", "password": NEW_PASSWORD})
    assert entered.status_code == 303


async def test_a_refused_form_keeps_what_was_typed_and_never_the_password(browser: Browser) -> None:
    page = await browser.visitor().post("/join", data=form("AAAA-BBBB", password="secret-canary 1"), headers=HTML)
    assert page.status_code == 422
    assert 'value="Жаңабеков"' in page.text
    assert "Бұл код ешкімді кіргізбейді" in page.text
    assert "secret-canary" not in page.text


async def test_s_22_a_session_id_chosen_by_the_client_is_not_adopted(browser: Browser, region: Region) -> None:
    invited = await paper(browser, region.daulet, "support_staff")
    visitor = browser.visitor()
    visitor.cookies.set(NAME, "attacker")
    answer = await visitor.post("/join", json=form(invited["code"]))
    assert answer.cookies[NAME] != "attacker"


async def test_s_16_the_code_stands_nowhere_but_on_its_page(
    browser: Browser, region: Region, database: str, capfd: pytest.CaptureFixture[str]
) -> None:
    invited, first = await paper(browser, region.daulet, "support_staff"), await organisation(browser, region)
    for code in (invited["code"], first["code"]):
        assert (await come_in(browser, code, account="known"))[1].status_code == 422
        assert (await come_in(browser, code))[1].status_code == 303
    await drain()
    with psycopg.connect(database) as admin:
        names = admin.execute(
            "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
        ).fetchall()
        query = sql.SQL("select coalesce(string_agg(t::text, ' '), '') from {} t")
        dump = "".join(str(admin.execute(query.format(sql.Identifier(name))).fetchone()) for (name,) in names)
    dump += "".join(capfd.readouterr())
    assert "Жаңабеков" not in dump
    daulet = await browser(region.daulet)
    for path in ("/members", f"/invitations/{invited['invitation_id']}"):
        dump += (await daulet.page(path)).text + (await daulet.get(path)).text
    for code in (invited["code"], first["code"]):
        for form_of_it in (code, code.replace("-", ""), code.replace("-", "").encode().hex()):
            assert form_of_it not in dump


async def test_the_link_carries_the_code_only_behind_the_hash(browser: Browser, region: Region) -> None:
    invited = await paper(browser, region.daulet, "support_staff")
    assert invited["link"] == f"{settings().public_url}/join#{invited['code']}"
    page = await (await browser(region.daulet)).act("/members/invite", {"roles": ["support_staff"]}, html=True)
    assert page.headers["cache-control"] == "no-store"
    assert "Бұл бет бір рет қана көрсетіледі" in page.text
    assert "data-code" in (await browser.visitor().page("/join")).text


async def test_r_064_a_parent_who_comes_to_work_here_stays_one_person(
    browser: Browser, region: Region, database: str
) -> None:
    async with inside(region.organisations["school12"]) as work:
        child = await vault.add_person(work, "student", Identity(family_name="Ана", given_name="Бала"))
        (mother,) = await vault.settle_contacts(
            work, [Identity(family_name="Анаева", given_name="Гүл", phone="+77015550199")]
        )
        await vault_ties.tie(work, child, mother, "mother")
    invited = await paper(browser, region.daulet, "subject_teacher")
    said = {"family_name": "Анаева", "given_name": "Гүл", "phone": "8 701 555 01 99"}
    assert (await come_in(browser, invited["code"], **said))[1].status_code == 303
    ((_, _, person, _),) = members_of(database, invited["invitation_id"])
    assert person == mother
    assert rows(database, "select kind from person where id = %s", mother) == [("staff",)]
    names = {row["name"] for row in (await (await browser(region.daulet)).get("/members")).json()["members"]}
    assert "Анаева Гүл" in names
    thief = await paper(browser, region.daulet, "support_staff")
    assert (await come_in(browser, thief["code"], **said))[1].status_code == 303
    ((_, _, other, _),) = members_of(database, thief["invitation_id"])
    assert other != mother  # the person of a living colleague is not taken over by typing a name


async def test_a_line_that_only_points_somewhere_opens_nothing(browser: Browser, region: Region, database: str) -> None:
    code = tokens.new_code()
    async with inside(region.organisations["school45"]) as work:
        connection = await work.session.connection()
        await connection.exec_driver_sql(
            "insert into invitation_code values (%(blind)s, %(tenant)s)",
            {"blind": tokens.code_blind(code), "tenant": region.organisations["school12"]},
        )
    answer = (await come_in(browser, code))[1]
    assert (answer.status_code, answer.json()["code"]) == (422, "joining.unknown_code")
    with psycopg.connect(settings().role_url("qorgan_app").replace("+psycopg", "")) as app:
        assert offences(app, metadata) == []
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("select * from invitation_code")
