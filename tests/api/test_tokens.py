"""A partner's program: a token of few scopes, never a name, limited, revoked in one press, dead with its maker."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest

from src.platform.access import scopes
from src.platform.kit import clock
from src.platform.kit.clock import LOCAL_ZONE
from src.platform.kit.settings import settings
from src.platform.workdays.calendar import week_of
from tests.support.http import HTML, Browser
from tests.support.incidents import rows
from tests.support.people import Region, hire
from tests.support.programs import ALL, made, program
from tests.support.queue import drain, set_clock
from tests.support.referrals import WEEKLY, accepted, sent
from tests.web.test_every_route import filled, routes


def this_week() -> str:
    return week_of(clock.local_date(clock.now()))


def actions(database: str, region: Region, token_id: str) -> list[tuple[Any, ...]]:
    """What was done with a token: verb, person, what the row says besides."""
    query = (
        "select action, actor_id, detail from audit_log where tenant_id = %s and detail ->> 'token' = %s order by seq"
    )
    return rows(database, query, region.organisations["umit"], token_id)


async def test_s_24_a_token_is_shown_once_kept_as_a_hash_and_made_by_partners_only(
    browser: Browser, region: Region, database: str, capfd: pytest.CaptureFixture[str]
) -> None:
    timur = await browser(region.timur)
    for person in (region.saule, region.daulet, region.asel, region.oleg, region.kamila):
        client = await browser(person)
        assert (await client.get("/api-tokens")).status_code == 403
        assert (await client.act("/api-tokens", {"name": "A", "scopes": ["read"], "days": 1})).status_code == 403
    wrong = await timur.act("/api-tokens", {"name": "Бағдарлама", "scopes": ["everything"], "days": "999"}, html=True)
    assert (wrong.status_code, wrong.text.count("govuk-error-message"), "Бағдарлама" in wrong.text) == (422, 2, True)
    paper = await made(timur, ["read", "report"])
    assert len(paper["token"]) > 40
    assert paper["token"] not in (await timur.page("/api-tokens")).text
    (row,) = [one for one in (await timur.get("/api-tokens")).json()["rows"] if one["id"] == paper["id"]]
    assert (row["scopes"], row["used_on"], row["state"]) == (["read", "report"], None, "open")
    assert "Timur" in row["made_by"]
    done = rows(database, "select actor_id, record_ids::text from audit_log where action = 'api_token.made'")
    assert (region.timur.user_id, f"{{{paper['id']}}}") in done
    client = program(browser, paper["token"])
    assert (await client.get("/inbox", headers=HTML)).json()["box"] == "waiting"  # JSON whatever it accepts
    today = clock.local_date(clock.real_now()).isoformat()
    days = {one["id"]: one["used_on"] for one in (await timur.get("/api-tokens")).json()["rows"]}
    assert days[paper["id"]] == today
    (used,) = [one for one in actions(database, region, paper["id"]) if one[0] == "api_token.used"]
    assert used[1:] == (region.timur.user_id, {"operation": "referrals.inbox", "token": paper["id"]})
    tables = rows(
        database, "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace"
    )
    secret = paper["token"]
    for (table,) in tables:
        dump = str(rows(database, f"select t::text from {table} t"))  # noqa: S608  # names of our own tables
        assert not any(one in dump for one in (secret, secret.encode().hex(), "Бағдарлама")), table
    await client.get("/nowhere")
    assert secret not in "".join(capfd.readouterr())


@pytest.mark.crawl
async def test_s_29_a_token_reaches_the_routes_of_its_scopes_and_no_other_whatever_its_maker_may_do(
    browser: Browser, region: Region, database: str
) -> None:
    referral = (await accepted(browser, region, database)).rpartition("/")[2]
    timur = await browser(region.timur)
    everything, nothing_but_notes = [await made(timur, one) for one in (ALL, ["notes"])]
    full, narrow = [program(browser, one["token"]) for one in (everything, nothing_but_notes)]
    for method, path, handler in routes():
        reached = scopes.operations_of(ALL), scopes.operations_of(["notes"])
        for client, open_here in zip((full, narrow), reached, strict=True):
            if handler.name in open_here:
                continue
            answer = await client.request(method, filled(path, referral), json={} if method != "GET" else None)
            assert answer.status_code == 403, (method, path, answer.status_code)
            assert method == "HEAD" or answer.json()["code"] == "api.out_of_scope", path
    for path, status in (("", 200), ("/own", 200), ("/report", 200)):
        assert (await full.get(f"/referrals/{referral}{path}")).status_code == status
    assert (await narrow.get(f"/referrals/{referral}/own")).status_code == 200
    said = (await narrow.get("/inbox")).json()
    assert (said["status"], said["type"], said["fields"]) == (403, "urn:qorgan:api.out_of_scope", [])
    seen = (await full.get(f"/referrals/{referral}")).json()
    assert (seen["slice"], "open" in seen["may"], "report" in seen["may"]) == (None, False, True)  # codes only
    denied = [one for one in actions(database, region, nothing_but_notes["id"]) if one[0] == "access.denied"]
    assert len(denied) > 100
    assert {one[1] for one in denied} == {region.timur.user_id}
    stranger = program(browser, (await made(await browser(region.zhanna), ALL))["token"])
    assert (await stranger.get(f"/referrals/{referral}")).status_code == 404  # of another organisation


async def test_s_28_a_token_asks_so_often_in_an_hour_and_refused_requests_count(
    browser: Browser, region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    timur = await browser(region.timur)
    client, other = [program(browser, (await made(timur, ["read"]))["token"]) for _ in range(2)]
    monkeypatch.setattr(settings(), "api_requests_per_hour", 5)
    assert (await client.get("/sign-in")).status_code == 403
    answers = await asyncio.gather(*(client.get("/inbox") for _ in range(8)))
    assert sorted(one.status_code for one in answers) == [200] * 4 + [429] * 4
    assert (await client.get("/sign-in")).json()["code"] == "api.too_many_requests"
    assert (await other.get("/inbox")).status_code == 200


async def test_s_23_a_token_dies_revoked_expired_and_with_the_membership_of_its_maker(
    browser: Browser, region: Region, database: str
) -> None:
    timur, umit = await browser(region.timur), region.organisations["umit"]
    leaver = await hire("erlan", umit, ("partner_worker",))
    revoked, expired, suspended, left = [
        await made(client, ["read"]) for client in (timur, timur, timur, await browser(leaver))
    ]
    clients = [program(browser, one["token"]) for one in (revoked, expired, suspended, left)]
    assert [(await one.get("/inbox")).status_code for one in clients] == [200] * 4
    where = f"/api-tokens/{revoked['id']}/revoke"
    assert (await (await browser(region.zhanna)).act(where)).status_code == 404
    assert (await (await browser(region.saule)).act(where)).status_code == 403
    assert (await timur.act(where)).status_code == 303
    assert (await timur.act(where)).json()["code"] == "api.token_ended"
    assert rows(database, "select actor_id from audit_log where action = 'api_token.revoked'") == [
        (region.timur.user_id,)
    ]
    with psycopg.connect(database) as admin:
        query = "update api_token set expires_at = clock_timestamp(), made_at = '2020-01-01' where id = %s"
        admin.execute(query, [expired["id"]])
        admin.commit()
        for broken, mended, status, code in (
            (
                "update membership set roles = '{curator}'",
                "update membership set roles = '{partner_worker}'",
                403,
                "forbidden",
            ),
            ("update users set blocked_at = now()", "update users set blocked_at = null", 401, "api.token_refused"),
        ):
            who = f" where {'user_id' if 'member' in broken else 'id'} = %s"
            admin.execute(broken + who, [leaver.user_id])
            admin.commit()
            answer = await clients[3].get("/inbox")
            admin.execute(mended + who, [leaver.user_id])
            admin.commit()
            assert (answer.status_code, answer.json()["code"]) == (status, code)  # never more than its maker
    version = next(one for one in (await timur.get("/members")).json()["members"] if "Erlan" in one["name"])
    page = (await timur.get(f"/members/{version['id']}")).json()
    assert (await timur.act(f"/members/{version['id']}/end", {"version": page["version"]})).status_code == 303
    dead = [await clients[index].get("/inbox") for index in (0, 1, 3)]
    unknown = await program(browser, "qorgan_" + "a" * 43).get("/inbox")
    assert {(one.status_code, one.content) for one in dead} == {(401, unknown.content)}
    assert unknown.json()["code"] == "api.token_refused"
    assert (await clients[0].get("/teams")).status_code == 404  # no such address for anybody
    assert (await clients[0].get("/team")).status_code == 401
    states = {one["id"]: one["state"] for one in (await timur.get("/api-tokens")).json()["rows"]}
    assert [states[one["id"]] for one in (revoked, expired, suspended, left)] == ["revoked", "expired", "open", "left"]
    with psycopg.connect(database) as admin:
        admin.execute("update tenants set status = 'suspended' where id = %s", [umit])
        admin.commit()
        still = (await clients[2].get("/inbox")).status_code
        admin.execute("update tenants set status = 'active' where id = %s", [umit])
    assert still == 401


async def test_s_25_a_token_needs_no_form_and_comes_without_a_session(browser: Browser, region: Region) -> None:
    timur = await browser(region.timur)
    bearer = {"Authorization": f"Bearer {(await made(timur, ['read']))['token']}"}
    both = await timur.get("/inbox", headers=bearer)
    assert (both.status_code, both.json()["code"]) == (422, "api.two_proofs")
    assert (await timur.post("/api-tokens", json={}, headers=bearer)).json()["code"] == "api.two_proofs"
    basic = {"Authorization": "Basic YTpi", "Origin": "https://other.test", "Sec-Fetch-Site": "cross-site"}
    forged = await timur.post("/api-tokens", json={}, headers=basic)
    assert (forged.status_code, forged.json()["code"]) == (403, "forged_request")
    assert (await timur.get("/inbox", headers={"Authorization": "Basic YTpi"})).status_code == 200


async def test_r_147_a_program_does_the_whole_job_of_the_partner(
    browser: Browser, region: Region, database: str
) -> None:
    path, umit = await sent(browser, region, database), region.organisations["umit"]
    paper = await made(await browser(region.timur), ALL)
    client = program(browser, paper["token"])
    (row,) = [one for one in (await client.get("/inbox?box=new")).json()["rows"] if path.endswith(one["id"])]
    one = (await client.get(path)).json()
    assert (one["state"], one["code"], one["slice"]) == ("sent", row["code"], None)
    for verb, body in (
        ("accept", {"version": one["version"]}),
        ("sessions", {"held_on": clock.local_date(clock.now()).isoformat(), "outcome": "attended"}),
        ("notes", {"text": "анасы келді"}),
        ("weeks", {**WEEKLY, "week": this_week()}),
        ("danger", {"text": "үйде қауіпті"}),
    ):
        answer = await client.post(f"{path}/{verb}", json=body)
        assert answer.status_code == 303, (verb, answer.text)
    await drain()
    seen = (await client.get(path)).json()
    assert [one["week"] for one in seen["reports"]] == [this_week()]
    assert (await client.get(f"{path}/own")).json()["notes"][0]["text"] == "анасы келді"
    ended = {"version": seen["version"], "ending": "completed", "text": "аяқталды"}
    assert (await client.post(f"{path}/complete", json=ended)).status_code == 303
    assert (await client.get(path)).json()["state"] == "completed"
    done = actions(database, region, paper["id"])
    assert {one[1] for one in done} == {region.timur.user_id}
    verbs = {"referral.accepted", "referral.week_reported", "referral.read", "api_token.used", "referral.listed"}
    assert verbs <= {one[0] for one in done}
    told = rows(
        database, "select actor from outbox where tenant_id = %s and args ->> 'referral' = %s", umit, path[-36:]
    )
    assert {("referrals.answered",), ("referrals.week_reported",)} <= set(told)
    assert rows(database, "select count(*) from report where channel = 'partner'") == [(1,)]


async def test_s_44_a_keyed_request_has_one_effect_and_the_same_answer(
    browser: Browser, region: Region, database: str
) -> None:
    path = await accepted(browser, region, database)
    timur = await browser(region.timur)
    first, other = [program(browser, (await made(timur, ["notes", "report"]))["token"]) for _ in range(2)]
    note, key = {"text": "бір рет"}, {"Idempotency-Key": "note-0001"}
    used = "select count(*) from audit_log where action = 'api_token.used'"
    before = rows(database, used)[0][0]

    def notes() -> int:
        query = "select count(*)::int from referral_note where referral_id = %s"
        found: int = rows(database, query, path[-36:])[0][0]
        return found

    twins = await asyncio.gather(*(first.post(f"{path}/notes", json=note, headers=key) for _ in range(4)))
    again = await first.post(f"{path}/notes", json=note, headers=key)
    said = {(one.status_code, one.headers["location"]) for one in (*twins, again)}
    assert (said, notes()) == ({(303, f"{path}/own")}, 1)
    assert rows(database, used)[0][0] == before + 5  # repeated ones are on record, too
    for where, body in ((f"{path}/notes", {"text": "басқа"}), (f"{path}/no-change", {"week": this_week()})):
        reused = await first.post(where, json=body, headers=key)
        assert (reused.status_code, reused.json()["code"]) == (422, "api.key_reused")
    assert (await other.post(f"{path}/notes", json=note, headers=key)).status_code == 303  # a key is of one token
    assert notes() == 2
    odd = await first.post(f"{path}/notes", json=note, headers={"Idempotency-Key": "a b"})
    assert (odd.status_code, odd.json()["code"], notes()) == (422, "api.bad_key", 2)
    late = {"Idempotency-Key": "week-0001"}
    refused = await first.post(f"{path}/no-change", json={"week": "2031-W05"}, headers=late)
    assert (refused.status_code, refused.json()["fields"][0]["field"]) == (422, "week")
    mended = await first.post(f"{path}/no-change", json={"week": this_week()}, headers=late)
    assert mended.status_code == 303  # what was refused left no key
    twice = await first.post(f"{path}/no-change", json={"week": this_week()}, headers=late)
    assert twice.headers["location"] == mended.headers["location"]
    assert rows(database, "select count(*) from weekly_report where referral_id = %s", path[-36:]) == [(1,)]
    try:
        set_clock(database, datetime.now(LOCAL_ZONE) + timedelta(hours=25))
        await drain()
        assert rows(database, "select count(*) from api_answer") == [(0,)]
        assert (await first.post(f"{path}/notes", json=note, headers=key)).status_code == 303
        assert notes() == 3
    finally:
        set_clock(database, datetime.now(LOCAL_ZONE))
