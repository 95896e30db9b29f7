"""People over plain HTTP, for the stories of the scenario: what each step needs, and a line a step."""

from typing import Any

import httpx

from tests.support.http import PRINTED
from tests.support.people import PASSWORD, Person


class Caller:
    """A signed-in person over plain HTTP; the Secure cookie is carried by hand."""

    def __init__(self, base: str, person: Person) -> None:
        self._http = visitor(base)
        if self._enter("/sign-in", sign_in=person.sign_in, password=PASSWORD).startswith("/second-factor"):
            self._prove(PRINTED.setdefault(person.sign_in, []))

    def _enter(self, path: str, **body: str) -> str:
        """Go on with the session that is answered; where it leads."""
        answer = self._http.post(path, json=body)
        assert answer.status_code == 303, answer.text
        self._http.headers["Cookie"] = answer.headers["set-cookie"].partition(";")[0]
        page = self._http.get("/organisations/mine", headers={"Accept": "text/html"}).text
        self._http.headers["X-CSRF-Token"] = page.partition('name="csrf_token" value="')[2].partition(".")[0]
        return answer.headers["location"]

    def _prove(self, printed: list[str]) -> None:
        """The second factor of somebody without a phone."""
        if printed:
            self._enter("/second-factor", code=printed.pop())
            return
        printed += self.get("/second-factor/codes").json()["codes"]
        self._enter("/second-factor/codes", code=printed.pop())

    def get(self, path: str) -> httpx.Response:
        return self._http.get(path)

    def page(self, path: str) -> str:
        return self._http.get(path, headers={"Accept": "text/html"}).text

    def post(self, path: str, **body: Any) -> httpx.Response:
        return self._http.post(path, json=body)

    def done(self, path: str, **body: Any) -> str:
        answer = self.post(path, **body)
        assert answer.status_code == 303, (path, answer.text)
        return answer.headers["location"]

    def step(self, path: str, verb: str, **body: Any) -> str:
        """A verb on a record as it stands now."""
        return self.done(f"{path}/{verb}", version=self.get(path).json()["version"], **body)


def visitor(base: str) -> httpx.Client:
    """Somebody without a session."""
    return httpx.Client(
        base_url=base,
        headers={"Origin": base, "Sec-Fetch-Site": "same-origin"},
        timeout=20,
        limits=httpx.Limits(max_keepalive_connections=0),
    )


def say(text: str) -> None:
    print(f"  ✓ {text}")


def version(caller: Caller, path: str) -> int:
    return int(caller.get(path).json()["version"])
