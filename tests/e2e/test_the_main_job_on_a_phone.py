"""The main job by hand, in Kazakh, on a telephone of 390 pixels."""

from datetime import datetime, timedelta

import pytest

from src.platform.kit.clock import LOCAL_ZONE
from src.platform.vault import service as vault
from src.platform.vault.schemas import Identity
from tests.e2e.visitor import Visitor, Visitors
from tests.support.inside import inside
from tests.support.people import Region
from tests.support.processes import quiet

pytestmark = pytest.mark.e2e
VICTIM, OFFENDER = ("Сейітова", "Інжу"), ("Қанатбеков", "Ұлан")


async def test_r_259_r_260_the_whole_job(visitors: Visitors, region: Region, database: str) -> None:
    async with inside(region.organisations["school12"]) as work:
        await vault.add_people(work, "student", [Identity(family_name=f, given_name=g) for f, g in (VICTIM, OFFENDER)])
    await _report(await visitors(region.marat))
    quiet(database)
    saule = await visitors(region.saule)
    incident = await _triage_and_name(saule)
    await _investigate(await visitors(region.aigerim), incident)
    await _classify(saule, incident)
    quiet(database)
    await _agree(saule, await visitors(region.timur))
    referral = await _refer(saule)
    quiet(database)
    await _answer_and_report(await visitors(region.timur), referral)
    await _city_sees_that_it_was_done(await visitors(region.asel))


async def _report(marat: Visitor) -> None:
    """One sentence, two screens, numbers to call on the page (R-030, R-259, R-260)."""
    await marat.open("/report")
    await marat.axe()
    assert {"112", "102", "103", "111"} <= set((await marat.text()).split())
    await marat.page.fill("#description", "Дәлізде кішісін итерді")
    await marat.press("main form button[type=submit]")
    assert marat.screens <= 2
    await marat.axe()


async def _triage_and_name(saule: Visitor) -> str:
    await saule.open("/incidents")
    await saule.press("main table a")
    incident = saule.page.url.removeprefix(saule.site)
    await saule.axe()
    await saule.open(f"{incident}/steps/triage")
    await saule.axe()
    await saule.page.check("[name=harmed]")
    await saule.page.select_option("[name=sent_to_medical]", "yes")
    await saule.press("form[action$='/triage'] button")
    for (family, _), involvement in ((VICTIM, "victim"), (OFFENDER, "alleged_offender")):
        await saule.open(f"{incident}/steps/people")
        await saule.page.fill("#text", family[:4])
        await saule.press("form[action$='/search'] button")
        await saule.axe()
        await saule.page.check(f"[name=involvement][value={involvement}]")
        await saule.press("form[action$='/people'] button")
    assert VICTIM[0] not in await saule.text()
    await saule.open(f"{incident}/steps/screen")
    await saule.page.check("[name=investigators] >> nth=1")
    await saule.press("form[action$='/screen'] button")
    return incident


_TALK = "details:has(form[action$='/hear'])"


async def _investigate(aigerim: Visitor, incident: str) -> None:
    await aigerim.open(incident)
    await aigerim.press("form[action$='/start'] button")
    await aigerim.open(f"{incident}/steps/hear")
    await aigerim.axe()
    while await aigerim.page.locator("form[action$='/hear']").count():
        talk = aigerim.page.locator(_TALK).first
        if await talk.get_attribute("open") is None:
            await talk.locator("summary").click()
        await talk.locator("[name=waiver]").select_option("not_reachable")
        await aigerim.press(f"{_TALK}[open] form button")
    await aigerim.press("main a.govuk-button")
    await aigerim.page.fill("[name=findings]", "Итергені расталды")
    await aigerim.press("form[action$='/finish'] button")


async def _classify(saule: Visitor, incident: str) -> None:
    await saule.open(f"{incident}/steps/classify")
    await saule.axe()
    for box in await saule.page.locator("[name=attended]").all():
        await box.check()
    for level in await saule.page.locator("select[name^=level-]").all():
        await level.select_option("at_risk")
    await saule.page.select_option("[name=outcome]", "confirmed_violence")
    await saule.page.fill("[name=held_at]", f"{datetime.now(LOCAL_ZONE) - timedelta(hours=1):%Y-%m-%dT%H:%M}")
    await saule.page.fill("[name=safety_measures]", "Бөлек отырғызу")
    await saule.press("form[action$='/classify'] button")
    await saule.axe()


async def _agree(saule: Visitor, timur: Visitor) -> None:
    await saule.open("/referrals")
    await saule.axe()
    await saule.page.click("main details summary")
    await saule.page.select_option("[name=partner]", label="«Үміт» ҚҚ")
    await saule.page.check("[name=service_types][value=counselling]")
    await saule.page.check("[name=contract_fields][value=given_name]")
    await saule.page.fill("[name=procedure]", "Кейс-менеджер жолдайды")
    await saule.page.fill("[name=contacts]", "112-кабинет")
    for duty in ("weekly_report_duty", "biweekly_attendance_duty", "confidentiality"):
        await saule.page.check(f"[name={duty}]")
    await saule.page.fill("[name=valid_from]", "2026-01-01")
    await saule.page.fill("[name=valid_to]", "2028-01-01")
    await saule.press("form[action='/agreements'] button")
    await saule.axe()
    await saule.press("form[action$='/sign'] button")
    await timur.open("/referrals")
    await timur.axe()
    await timur.press("main a[href*='/agreements/']")
    await timur.axe()
    await timur.press("form[action$='/sign'] button")


async def _refer(saule: Visitor) -> str:
    await saule.open("/cases")
    await saule.axe()
    await saule.press("main table a")
    await saule.axe()
    await saule.page.select_option("[name=manager]", index=2)
    await saule.press("form[action$='/manager'] button")
    await saule.press("main a[href$='/refer']")
    await saule.axe()
    await saule.page.check("[name=to][value$='.counselling'] >> nth=0")
    await saule.press("main form[action$='/refer'] button")
    await saule.axe()
    await saule.page.fill("[name=reason]", "Кеңес керек")
    for box in ("consent", "read_for_identities"):
        await saule.page.check(f"[name={box}]")
    await saule.press("form[action$='/refer'] button")
    await saule.axe()
    await saule.press("form[action$='/refer'] button")
    return saule.page.url.removeprefix(saule.site)


async def _answer_and_report(timur: Visitor, referral: str) -> None:
    await timur.open(referral)
    await timur.axe()
    await timur.press("form[action$='/open'] button")
    text = await timur.text()
    assert any(given in text for given in (VICTIM[1], OFFENDER[1]))
    assert not any(family in text for family in (VICTIM[0], OFFENDER[0]))
    await timur.open(referral)
    await timur.press("form[action$='/accept'] button")
    await timur.axe()
    await timur.press("a[href$='/report']")
    await timur.page.fill("[name=sessions_count]", "1")
    await timur.page.fill("[name=attended_count]", "1")
    await timur.page.fill("[name=work_done]", "Өзгеріссіз")
    await timur.page.check("[name=progress][value=none]")
    await timur.press("form[action$='/weeks'] button")
    await timur.axe()


async def _city_sees_that_it_was_done(asel: Visitor) -> None:
    await asel.open("/city")
    await asel.axe()
    text = await asel.text()
    assert "№12 мектеп" in text
    assert not any(name in text for name in (*VICTIM, *OFFENDER))
