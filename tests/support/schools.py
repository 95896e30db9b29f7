"""A fresh school that orders a security team."""

from itertools import count
from typing import Any
from uuid import UUID

from src.platform.accounts import service as accounts
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import NewOrganisation
from src.platform.vault import service as vault
from src.platform.vault.schemas import Identity
from tests.support.http import Browser
from tests.support.incidents import rows
from tests.support.inside import inside
from tests.support.people import PASSWORD, Person, Region

_numbers = count(100)


class School:
    """A fresh school with a director, and as many employees as a test hires."""

    def __init__(self, tenant_id: UUID, browser: Browser) -> None:
        self.tenant_id, self._browser = tenant_id, browser
        self.people: list[Person] = []

    async def hire(self, *roles: str) -> Person:
        number = next(_numbers)
        sign_in = f"employee-{number}@qorgan.test"
        async with inside(self.tenant_id) as work:
            identity = Identity(family_name=f"Қызметкер{'абвгдежзик'[number % 10]}", given_name="Асан")
            person_id = await vault.add_person(work, "staff", identity)
            user_id = await accounts.create_user(work, sign_in, PASSWORD)
            membership_id = await tenants.add_member(work, user_id, person_id, roles)
        person = Person(sign_in, sign_in, self.tenant_id, user_id, membership_id, person_id, roles)
        self.people.append(person)
        return person

    async def act(self, path: str, body: dict[str, Any], *, by: int = 0, html: bool = False) -> Any:
        return await (await self._browser(self.people[by])).act(path, body, html=html)

    async def page(self, *, by: int = 0) -> dict[str, Any]:
        found: dict[str, Any] = (await (await self._browser(self.people[by])).get("/team")).json()
        return found

    async def draft(self) -> str:
        year = (await self.page())["school_years"][0]
        body = {"school_year": year, "order_no": "12-н", "order_date": "2026-09-01"}
        answer = await self.act("/team", body)
        assert answer.status_code == 303, answer.text
        return next(one["id"] for one in (await self.page())["teams"] if one["status"] == "draft")

    async def seat(self, team: str, kind: str, *, trained: str = "2026-09-10", who: Person | None = None) -> Any:
        who = who or await self.hire("psychologist" if kind == "specialist" else "subject_teacher")
        body = {"membership_id": str(who.membership_id), "kind": kind, "trained_on": trained}
        return await self.act(f"/teams/{team}/members", body)

    async def fill(self, team: str, *, specialists: int = 5, teachers: int = 3, others: int = 1) -> None:
        await self.seat(team, "director", who=self.people[0])
        for kind, number in (("specialist", specialists), ("teacher", teachers), ("other", others)):
            for _ in range(number):
                assert (await self.seat(team, kind)).status_code == 303

    async def lead(self, team: str, leader: int = 1, deputy: int = 2) -> None:
        seats = self.seats(await self.page(), team)
        for place, at in (("leader", leader), ("deputy", deputy)):
            answer = await self.act(f"/teams/{team}/leader", {"seat_id": seats[at]["id"], "place": place})
            assert answer.status_code == 303, answer.text

    async def activate(self, team: str, **more: Any) -> Any:
        view = next(one for one in (await self.page())["teams"] if one["id"] == team)
        return await self.act(f"/teams/{team}/activate", {"version": view["version"]}, **more)

    async def working(self) -> str:
        team = await self.draft()
        await self.fill(team)
        await self.lead(team)
        assert (await self.activate(team)).status_code == 303
        return team

    async def roles(self, database: str) -> dict[UUID, set[str]]:
        found = rows(database, "select id, roles from membership where tenant_id = %s", self.tenant_id)
        return {membership: set(roles) for membership, roles in found}

    @staticmethod
    def seats(page: dict[str, Any], team: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = next(one for one in page["teams"] if one["id"] == team)["seats"]
        return found


async def founded(region: Region, browser: Browser) -> School:
    """A school with its director."""
    code = f"tst{next(_numbers)}"
    async with inside(region.operator) as work:
        new = NewOrganisation(kind="school", code=code, slug=code, name_kk="М", name_ru="Ш", name_en="S")
        made = School(await tenants.provision(work, new), browser)
    await made.hire("school_director")
    return made
