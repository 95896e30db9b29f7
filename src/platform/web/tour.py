"""The guided tour of a demo: what to try, cut by the policy to what the person's roles have."""

from typing import Any, NamedTuple

import msgspec
from litestar import get
from litestar.di import NamedDependency

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db import demo
from src.platform.db.unit import Unit
from src.platform.kit.errors import NotFound
from src.platform.kit.i18n import N_
from src.platform.kit.page import Page


class Try(NamedTuple):
    """Something to try, for whoever has the permission."""

    permission: str
    text: str
    path: str


class Step(msgspec.Struct, frozen=True):
    """Something to try, as a msgid, and where."""

    text: str
    path: str


class Tour(msgspec.Struct, frozen=True):
    """What this person may try, in the order of a day's work."""

    steps: list[Step]


_MOST = 7
_TRIES = (
    Try("report.submit", N_("Tell in one sentence what happened, and see what happens to it"), "/report"),
    Try("report.tell", N_("Tell the team what happened; nobody stands between"), "/tell"),
    Try("report.follow", N_("Look at how far your report is, and answer the team"), "/my-reports"),
    Try("incident.classify", N_("Decide an incident whose investigation is finished"), "/incidents?state=investigated"),
    Try(
        "incident.screen",
        N_("Look at a new report and name the children: they become codes"),
        "/incidents?state=reported",
    ),
    Try("incident.read", N_("Find what is overdue and see which clock runs and why"), "/incidents?clock=overdue"),
    Try("insight.read", N_("See where and when it happens at your school, and what the records leave out"), "/insight"),
    Try("child_case.refer", N_("Refer a child to several partners and see first what each will see"), "/cases"),
    Try("agreement.draft", N_("Compare agreements: in force, ending, ended, not yet signed"), "/referrals"),
    Try("form_e.confirm", N_("Confirm Form E of a month; press a number to see what it counts"), "/form-e"),
    Try("team.order", N_("Look at the order of the security team and who is on duty"), "/team"),
    Try("roster.import", N_("Load a class list from a spreadsheet, all rows or none"), "/class-lists"),
    Try("letter.answer", N_("Read what the city asks your school, and answer"), "/letters"),
    Try("door.keep", N_("Open the public address, on which children tell without a name"), "/door"),
    Try("referral.answer", N_("Open a referral in the inbox: you see only what the agreement names"), "/inbox"),
    Try("referral.report", N_("Report a week in one press, and find the weeks that are late"), "/inbox?box=due"),
    Try("assessment.open", N_("Turn a request for help into a case with a curator"), "/inbox"),
    Try("assessment.write", N_("Write a comprehensive assessment and see who gets it"), "/assessments"),
    Try("oversight.read", N_("See which schools act in time, and find no way to a child"), "/city"),
    Try("oversight.read", N_("Look at statistics about children: small numbers are hidden"), "/statistics"),
    Try("oversight.read", N_("See which school has not confirmed its Form E"), "/schools/form-e"),
    Try("letter.write", N_("Write to one school about a question, and read its answer"), "/letters"),
    Try("oversight.read", N_("See which partners act in time and which agreements end"), "/city/partners"),
    Try("tenant.read", N_("Suspend an organisation: its people are signed out at once"), "/organisations"),
    Try("queue.keep", N_("Look at what the queue gave up and say what becomes of it"), "/queue"),
    Try("member.keep", N_("Invite a colleague with a code on paper"), "/members"),
    Try("signed_in", N_("Set up a second factor; from then on you are asked for it"), "/account"),
)


@get("/tour", permission="signed_in", name="web.tour")
async def tour(unit: NamedDependency[Unit]) -> Page[Tour]:
    """What to try here. Raises NotFound in an instance that is no demo."""
    if not await demo.is_demo(unit):
        raise NotFound
    audit.record(unit, "tour.read", "tour")
    mine = [one for one in _TRIES if one.permission == "signed_in" or access.may_enter(unit.me, one.permission)]
    shown = [*mine[: _MOST - 1], mine[-1]] if len(mine) > _MOST else mine
    return Page(Tour([Step(one.text, one.path) for one in shown]), template="tour.html")


route_handlers: list[Any] = [tour]
