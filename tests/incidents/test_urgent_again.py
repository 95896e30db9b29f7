"""A provisional urgency that the team took back can return: its clock runs again (R-038)."""

from tests.support.http import Browser
from tests.support.incidents import act, reported
from tests.support.people import Region


def running(view: dict[str, list[dict[str, str]]]) -> list[str]:
    return [clock["code"] for clock in view["clocks"] if clock["state"] in ("open", "amber", "overdue")]


async def test_r_038_urgent_again_after_a_first_answer_runs_the_urgent_clock_again(
    browser: Browser, region: Region
) -> None:
    incident, aigerim = await reported(browser, region), await browser(region.aigerim)
    for danger, expected in ((False, "clk_screen_standard"), (True, "clk_screen_urgent")):
        answered = await act(browser, region.aigerim, region, incident, "triage", harmed=False, harm_danger=danger)
        assert answered.status_code == 303, answered.text
        assert running((await aigerim.get(f"/incidents/{incident}")).json()) == [expected]
