"""The guided tour of a demo: cut by the policy, and nowhere but in a demo (ADR 27)."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from src.platform.kit import i18n
from src.platform.kit.ids import new_id
from tests.support.http import Browser
from tests.support.incidents import rows
from tests.support.people import Region


@contextmanager
def demo(database: str) -> Iterator[None]:
    """What `qorgan demo` marks; the guard of the tests that pass a real second factor stays as it was."""
    with psycopg.connect(database, autocommit=True) as admin:
        admin.execute("update platform_state set second_factor_optional = true")
        yield
        admin.execute("update platform_state set second_factor_optional = false")


LOOKED = "select count(*) from audit_log where action = 'tour.read'"


async def test_the_tour_is_there_in_a_demo_only(browser: Browser, region: Region, database: str) -> None:
    aigerim = await browser(region.aigerim)
    unknown = await aigerim.get(f"/incidents/{new_id()}")
    hidden = await aigerim.get("/tour")
    assert (hidden.status_code, hidden.content) == (404, unknown.content)
    assert (await aigerim.page("/tour")).status_code == 404
    assert "/tour" not in (await aigerim.page("/")).text
    with demo(database):
        ((before,),) = rows(database, LOOKED)
        shown = await aigerim.page("/tour")
        assert (shown.status_code, 'href="/tour"' in (await aigerim.page("/")).text) == (200, True)
        assert rows(database, LOOKED) == [(before + 1,)]


async def test_everybody_sees_three_to_seven_things_that_open(browser: Browser, region: Region, database: str) -> None:
    everybody = ("marat", "saule", "aigerim", "daulet", "timur", "asel", "zhanna")
    clients = {who: await browser(region.people[who]) for who in everybody}  # before the demo lets in without a proof
    with demo(database):
        seen: dict[str, set[str]] = {}
        for who, client in clients.items():
            steps = (await client.get("/tour")).json()["steps"]
            assert 2 <= len(steps) <= 7, (who, steps)
            for step in steps:
                opened = await client.page(step["path"])
                assert opened.status_code == 200, (who, step)
            seen[who] = {step["path"] for step in steps}
        assert "/city" in seen["asel"]
        assert all("/city" not in paths for who, paths in seen.items() if who != "asel")
        assert "/insight" in seen["saule"]
        assert any(path.startswith("/inbox") for path in seen["timur"])
        texts = {language: i18n.gettext_in(language, "What to try") for language in ("kk", "ru", "en")}
        assert len(set(texts.values())) == 3
