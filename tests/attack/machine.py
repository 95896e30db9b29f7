"""Three schools, a partner, the commission and the city at work, and a watch over every byte that anybody gets.

Every text and every name that somebody puts in carries a word that no other text has: `Алмамаркер17`, the fruit of its
school first. `Stage` remembers who may ever read which word; whatever else comes back is a leak.
"""

import re
import zipfile
from collections import defaultdict
from dataclasses import dataclass, field
from io import BytesIO
from itertools import count
from urllib.parse import unquote
from uuid import UUID

import httpx
from pypdf import PdfReader

from src.platform.vault import service as vault
from src.platform.vault.schemas import Identity
from tests.support.http import Browser, Client
from tests.support.inside import as_person
from tests.support.people import Person, Region

FRUITS = {"alma": "Алма", "orik": "Өрік", "zhuzim": "Жүзім", "city": "Қала", "umit": "Үміт"}
WORD = re.compile(rf"(?:{'|'.join(FRUITS.values())})маркер\d+")
STAFF = ("daulet", "saule", "aigerim", "gulnar", "bota", "marat", "alua", "kamila")


@dataclass
class Incident:
    """What the machine knows of an incident: its school, how far it is, whom it names."""

    school: str
    id: str
    step: int = 0
    number: str = ""
    names: list[str] = field(default_factory=list)
    case: str = ""


@dataclass
class Referral:
    """A referral and who holds it."""

    school: str
    path: str
    partner: str
    accepted: bool = False
    weeks: int = 0


class Stage:
    """The organisations, the words that were spoken, and who may read them."""

    def __init__(self, schools: dict[str, Region], browser: Browser, database: str) -> None:
        self.schools, self.browser, self.database = schools, browser, database
        self.numbers = count(1)
        self.of: dict[str, str] = {}
        self.allowed: dict[str, set[str]] = defaultdict(set)
        self.leaks: list[tuple[str, str, str, str]] = []
        self.seen = self.answers = 0

    async def people(self) -> None:
        """Sign everybody in, and watch what they get."""
        for key, seen in self.schools.items():
            for name in STAFF:
                await self._watched(seen.people[name], key)
        shared = next(iter(self.schools.values()))
        for name, place in (("timur", "umit"), ("zhanna", "commission"), ("asel", "city"), ("oleg", "operator")):
            await self._watched(shared.people[name], place)

    async def _watched(self, person: Person, place: str) -> None:
        client = await self.browser(person)

        async def look(answer: httpx.Response) -> None:
            await answer.aread()
            self.judge(place, person.name, answer)

        client.event_hooks = {"response": [look]}

    def word(self, school: str, *readers: str) -> str:
        """A fresh word of a school; `readers` are the other places that are told it."""
        spoken = f"{FRUITS[school]}маркер{next(self.numbers)}"
        self.of[spoken] = school
        self.tell(spoken, *readers)
        return spoken

    def tell(self, spoken: str, *places: str) -> None:
        for place in places:
            self.allowed[place].add(spoken)

    def judge(self, place: str, who: str, answer: httpx.Response) -> None:
        """Search an answer with everything around it, papers and spreadsheets unpacked."""
        text = f"{readable(answer)} {unquote(str(answer.headers))} {unquote(str(answer.url))}"
        self.answers += 1
        for spoken in set(WORD.findall(text)):
            self.seen += 1
            if self.of.get(spoken) != place and spoken not in self.allowed[place]:
                self.leaks.append((place, who, f"{answer.request.method} {answer.request.url.path}", spoken))

    async def client(self, school: str, name: str) -> Client:
        return await self.browser(self.schools[school].people[name])

    async def child(self, school: str) -> tuple[str, list[str]]:
        """A student with a name of two words; the id and the words."""
        words = [self.word(school), self.word(school)]
        who = Identity(family_name=words[0], given_name=words[1])
        async with as_person(self.schools[school].aigerim) as work:
            return str(await vault.add_person(work, "student", who)), words

    def tenant(self, school: str) -> UUID:
        return self.schools[school].organisations["school12"]


def readable(answer: httpx.Response) -> str:
    """What a reader finds in an answer, whatever it is packed in."""
    body = answer.content
    if body.startswith(b"%PDF"):
        pdf = PdfReader(BytesIO(body))
        return " ".join(page.extract_text() for page in pdf.pages) + str(pdf.metadata)
    if body.startswith(b"PK"):
        with zipfile.ZipFile(BytesIO(body)) as zipped:
            return " ".join(f"{one} {zipped.read(one).decode(errors='replace')}" for one in zipped.namelist())
    return answer.text
