"""The ways that are not the straight one, on a fresh instance with processes of its own; a line a step.

A child without an account, a second report of the same, a director who is named, a member of the team who saw it, a
child who cannot be heard. Run by `make scenario`; everything goes over HTTP.
"""

from typing import Any

import httpx
import pytest

from src.platform.kit.ids import new_id
from src.platform.vault import service as vault
from src.platform.vault.schemas import Identity
from tests.scenario.caller import Caller, say, visitor
from tests.support.commands import qorgan
from tests.support.incidents import rows
from tests.support.inside import inside
from tests.support.people import Region
from tests.support.processes import quiet

pytestmark = pytest.mark.scenario
DOOR = "/s/mek12"
TOLD, QUESTION, ANSWER = "Спортзалда біреуді ұрады", "Қай күні болды?", "Сейсенбіде, түстен кейін"
VICTIM, OFFENDER = ("Қырғауылова", "Әйсәуле"), ("Тұрлыханов", "Ерсайын")


class Child:
    """Somebody without an account and without a cookie, who keeps a code."""

    def __init__(self, base: str) -> None:
        self._http, self.code = visitor(base), ""

    def tell(self, text: str) -> httpx.Response:
        answer = self._http.post(f"{DOOR}/report", json={"number": self._number("report"), "description": text})
        assert answer.status_code == 200, answer.text
        self.code = answer.json()["code"]
        return answer

    def look(self) -> Any:
        answer = self._http.post(f"{DOOR}/receipt", json={"code": self.code})
        assert answer.status_code == 200, answer.text
        return answer.json()["progress"]

    def answer(self, text: str, question: str) -> None:
        body = {"number": self._number("receipt"), "code": self.code, "text": text, "question_id": question}
        answer = self._http.post(f"{DOOR}/receipt/answer", json=body)
        assert answer.status_code == 200, answer.text

    def _number(self, page: str) -> str:
        return str(self._http.get(f"{DOOR}/{page}").json()["number"])


async def test_the_other_ways(base: str, region: Region, database: str) -> None:
    names = ("marat", "saule", "aigerim", "gulnar", "daulet", "zhanna")
    marat, saule, aigerim, gulnar, daulet, zhanna = (Caller(base, region.people[one]) for one in names)
    reach = {"contact": str(region.aigerim.membership_id), "reach": "112-кабинет", "is_on": "on"}
    daulet.done("/door", **reach)
    child = Child(base)
    receipt = child.tell(TOLD)
    assert "set-cookie" not in receipt.headers
    quiet(database)
    kept = "select reporter_sealed, reporter_blind, extract(minute from received_at)::int from report"
    assert rows(database, kept) == [(None, None, 0)]
    say("a child tells it on the school's public address: no cookie, no name and no minute is kept, only a code given")

    first = saule.get("/incidents").json()["rows"][0]
    path = f"/incidents/{first['id']}"
    assert child.look()["state"] == "received"
    view = aigerim.get(path).json()
    aigerim.done(f"{path}/ask", report_id=view["reports"][0]["id"], text=QUESTION)
    quiet(database)
    seen = child.look()
    (asked,) = seen["questions"]
    assert (asked["text"], seen["was_read"]) == (QUESTION, True)
    child.answer(ANSWER, asked["id"])
    quiet(database)
    assert "report_answered" in {one["kind"] for one in saule.get("/messages").json()["rows"]}
    assert ANSWER in aigerim.page(path)
    say("with the code the child sees that it was read and what the team asks, and answers; the team hears of it")

    marat.done("/report", description="Спортзалда ұрғанын көрдім", harmed="no", harm_danger="no")
    quiet(database)
    second = next(one for one in saule.get("/incidents").json()["rows"] if one["id"] != first["id"])
    again = f"/incidents/{second['id']}"
    assert saule.step(again, "link", into=first["number"]) == path
    view = saule.get(path).json()
    assert len(view["reports"]) == 2
    assert (view["urgency"], saule.get(again).json()["state"]) == ("urgent", "linked")
    say("a teacher reports the same: linked, both texts stay, the earlier and stricter clock runs, nothing is deleted")

    async with inside(region.organisations["school12"]) as work:
        people = await vault.add_people(
            work, "student", [Identity(family_name=f, given_name=g) for f, g in (VICTIM, OFFENDER)]
        )
    for person, involvement, kind in (
        (people[0], "victim", "student"),
        (people[1], "alleged_offender", "student"),
        (region.gulnar.person_id, "witness", "employee"),
        (region.daulet.person_id, "alleged_offender", "employee"),
    ):
        saule.done(f"{path}/people", person_id=str(person), involvement=involvement, kind=kind)
    quiet(database)
    gone, never = daulet.get(path), daulet.get(f"/incidents/{new_id()}")
    assert (gone.status_code, gone.content) == (404, never.content)
    for page in ("/", "/incidents", "/messages", "/cases", f"/incidents?code={first['number']}"):
        assert not {first["id"], first["number"]} & set(daulet.get(page).text.replace('"', " ").split()), page
        assert path not in daulet.page(page), page
    heard = {one["kind"] for one in zhanna.get("/messages").json()["rows"]}
    assert {"school_alert.head_in_conflict", "school_alert.team_too_small"} <= heard
    say(
        "the director is named: 404 everywhere, nothing in lists, messages or filters; the commission is told by itself"
    )

    calm: dict[str, Any] = {"harmed": True, "sent_to_medical": "yes", "place": "gym"}
    saule.step(path, "triage", **calm)
    named = {"version": saule.get(path).json()["version"], "investigators": [str(region.gulnar.membership_id)]}
    assert saule.post(f"{path}/screen", **named).json()["code"] == "incident.named_person"
    saule.step(path, "screen", investigators=[str(region.aigerim.membership_id)])
    aigerim.step(path, "start")
    refused = gulnar.post(f"{path}/finish", version=1, findings="x")
    assert refused.status_code in (404, 409)
    say("a member of the team who saw it may not investigate; another one does")

    waiting = aigerim.get(path).json()
    codes = {one["id"]: one["involvement"] for one in waiting["people"]}
    assert [
        one for one in waiting["to_hear"] if one["field"] == "report_id"
    ].__len__() == 1  # nobody looks for the child
    early = aigerim.post(f"{path}/finish", version=waiting["version"], findings="ерте")
    assert early.json()["code"] == "incident.interviews_missing"
    for person in waiting["to_hear"]:
        is_victim = codes.get(person["id"]) == "victim"
        talk = {"waiver": "child_not_fit"} if is_victim else {"held_at": "2026-11-20T10:00", "notes": "тыңдалды"}
        aigerim.done(f"{path}/hear", **{person["field"]: person["id"]}, **talk)
    assert gulnar.get(path).status_code == 200
    aigerim.step(path, "finish", findings="ұрғаны расталды")
    say(
        "everybody is heard; for the victim a waiver with its reason is written down; the witness reads after the own talk"
    )

    view = saule.get(path).json()
    levels = {f"level-{one['id']}": "at_risk" for one in view["people"] if one["kind"] == "student"}
    team = [str(region.people[one].membership_id) for one in ("saule", "aigerim")]
    decided = {"held_at": "2026-11-20T16:00", "outcome": "confirmed_violence", "safety_measures": "бөлек отырғызу"}
    with_witness = {"version": view["version"], "attended": [team[0], str(region.gulnar.membership_id)]}
    assert (
        saule.post(f"{path}/classify", **with_witness, **decided, **levels).json()["code"] == "incident.not_full_team"
    )
    saule.step(path, "classify", attended=team, **decided, **levels)
    quiet(database)
    cases = {row["side"]: row["id"] for row in saule.get("/cases").json()["rows"]}
    saule.done(f"/cases/{cases['victim']}/manager", version=1, manager=str(region.aigerim.membership_id))
    saule.step(path, "close")
    quiet(database)
    assert child.look()["state"] == "action_taken"
    say(
        "the team decides without the witness; the victim has a manager; the child sees by the code that action was taken"
    )

    for page in ("/", "/incidents", "/messages", "/cases"):
        assert path not in daulet.page(page), page
    assert not any(word in str(child.look()) for word in (*VICTIM, *OFFENDER, first["number"], "Бала-"))
    say("to the end neither the director nor the code tells anything of it")
    verified = await qorgan("audit", "verify")
    assert verified.returncode == 0, verified.stdout
    say("qorgan audit verify: every chain is clean")
