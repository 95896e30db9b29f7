"""Letters between the city and a school: listed, written, read, withdrawn, answered, asked again, closed."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from src.platform.db.unit import Unit
from src.platform.incidents.evidence import proposals
from src.platform.kit import i18n
from src.platform.kit.errors import Invalid
from src.platform.kit.forms import form, question
from src.platform.kit.i18n import N_
from src.platform.kit.i18n import gettext as _
from src.platform.kit.kept import Kept
from src.platform.kit.page import NavItem, Page, redirect
from src.platform.kit.payload import Field, Spec
from src.platform.oversight.letters import readers, service, states, views
from src.platform.oversight.letters.schemas import SUBJECTS, LetterList, LetterView, NewLetter

READERS = readers.__name__
NAV = (
    NavItem("/letters", N_("Letters to schools"), service.WRITE, 64),
    NavItem("/letters", N_("Letters of the city"), service.READ, 57, unless=service.WRITE),
)
_MOST = 4_000
_VERSION = Field("version", "int", required=True)
_TEXT = Field("text", "longtext", required=True, most=_MOST)
_READ, _DAY = Field("read", "bool"), Field("answer_by", "date")
_SUBJECT = Field("subject", "enum", options=frozenset(SUBJECTS))
LISTED = Spec(Field("state", "enum", options=frozenset(states.GROUPS)), Field("after", "text"))
ABOUT = Spec(Field("school", "uuid"), _SUBJECT, Field("month", "int"))
WRITTEN = Spec(
    Field("school", "uuid", required=True),
    Field("subject", "enum", required=True, options=frozenset(SUBJECTS)),
    Field("month", "int"),
    _TEXT,
    _DAY,
    _READ,
)
STEP, ASKED, ANSWERED = Spec(_VERSION), Spec(_VERSION, _TEXT, _DAY, _READ), Spec(_VERSION, _TEXT, _READ)
PREPARED = Spec(_TEXT)
_NEW = "/letters/new"
_ONE, _PAGE = "/letters/{letter_id:uuid}", "/letters/{letter_id}"


@get("/letters", permission=service.READ, name="letters.list")
async def listing(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Page[LetterList]:
    """Letters of my organisation, the newest first."""
    async with question(request, LISTED, again=lambda: _listed(unit)) as values:
        return await _listed(unit, values.get("state"), values.get("after"))


@get(_NEW, permission=service.WRITE, name="letters.new")
async def new(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Page[NewLetter]:
    """Write to a school; a question of the city's page fills in school, subject, month and its sentence."""
    async with question(request, ABOUT, again=lambda: _written(unit)) as values:
        return await _written(unit, **values)


@post(
    _NEW,
    permission=service.WRITE,
    kept=Kept(_NEW, WRITTEN),
    name="letters.write",
    status_code=200,
)
async def write(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Response[Any]:
    """Send a letter to one school."""
    async with form(request, WRITTEN, again=lambda: _written(unit)) as values:
        letter_id = await service.write(unit, **values)
    return redirect(f"/letters/{letter_id}")


@get(_ONE, permission=service.READ, name="letters.one")
async def one(unit: NamedDependency[Unit], letter_id: FromPath[UUID]) -> Page[LetterView]:
    """One letter with everything that was written."""
    return await _one(unit, letter_id)


@post(_ONE + "/withdraw", permission=service.WRITE, name="letters.withdraw", status_code=200)
async def withdraw(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], letter_id: FromPath[UUID]
) -> Response[Any]:
    """Take a letter back before it is answered."""
    async with form(request, STEP, again=lambda: _one(unit, letter_id)) as values:
        await service.withdraw(unit, letter_id, **values)
    return redirect(f"/letters/{letter_id}")


@post(_ONE + "/ask", permission=service.WRITE, kept=Kept(_PAGE, ASKED), name="letters.ask", status_code=200)
async def ask(request: Request[Any, Any, Any], unit: NamedDependency[Unit], letter_id: FromPath[UUID]) -> Response[Any]:
    """Ask once more."""
    async with form(request, ASKED, again=lambda: _one(unit, letter_id)) as values:
        await service.ask(unit, letter_id, **values)
    return redirect(f"/letters/{letter_id}")


@post(_ONE + "/close", permission=service.WRITE, name="letters.close", status_code=200)
async def close(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], letter_id: FromPath[UUID]
) -> Response[Any]:
    """Nothing more is asked."""
    async with form(request, STEP, again=lambda: _one(unit, letter_id)) as values:
        await service.close(unit, letter_id, **values)
    return redirect(f"/letters/{letter_id}")


@post(_ONE + "/answer", permission=service.ANSWER, kept=Kept(_PAGE, ANSWERED), name="letters.answer", status_code=200)
async def answer(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], letter_id: FromPath[UUID]
) -> Response[Any]:
    """Answer for the school; words that may be names are shown where they stand."""
    places: list[int] = []
    async with form(request, ANSWERED, again=lambda: _one(unit, letter_id, places)) as values:
        try:
            await service.answer(unit, letter_id, **values)
        except Invalid as complaint:
            places += proposals.places_in(complaint)
            raise
    return redirect(f"/letters/{letter_id}")


@post(
    _ONE + "/prepare", permission=service.PREPARE, kept=Kept(_PAGE, PREPARED), name="letters.prepare", status_code=200
)
async def prepare(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], letter_id: FromPath[UUID]
) -> Response[Any]:
    """Prepare the answer for the one who answers."""
    async with form(request, PREPARED, again=lambda: _one(unit, letter_id)) as values:
        await service.prepare(unit, letter_id, **values)
    return redirect(f"/letters/{letter_id}")


async def _listed(unit: Unit, group: str | None = None, after: str | None = None) -> Page[LetterList]:
    return Page(await views.listing(unit, group, after), template="oversight/letters.html", context=_words(unit))


async def _one(unit: Unit, letter_id: UUID, places: Sequence[int] = ()) -> Page[LetterView]:
    context = {**_words(unit), "marked": proposals.marked, "places": places}
    return Page(await views.one(unit, letter_id), template="oversight/letter.html", context=context)


async def _written(
    unit: Unit, school: UUID | None = None, subject: str | None = None, month: int | None = None
) -> Page[NewLetter]:
    page = await views.new(unit)
    i18n.use(unit.language)
    known = {"school": school and str(school), "subject": subject, "month": month and str(month)}
    beneath = {
        **{name: value for name, value in known.items() if value},
        "text": await views.asked(unit, school, subject, month),
        "answer_by": page.default_day.isoformat(),
    }
    return Page(page, template="oversight/letter_new.html", context={**_words(unit), "beneath": beneath})


def _words(unit: Unit) -> dict[str, Any]:
    i18n.use(unit.language)
    return {"subjects": {key: _(title) for key, title in SUBJECTS.items()}}


route_handlers = [listing, new, write, one, withdraw, ask, close, answer, prepare]
