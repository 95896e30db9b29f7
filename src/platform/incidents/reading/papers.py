"""Form D of many incidents: one a step, each a sealed PDF of its own, all of them in one archive (ADR 31).

What stands on a paper was read when it was made. Whoever may not read as much of the incident any more when the archive
is taken – named in it since, without the role – does not get that paper.
"""

import zlib
from uuid import UUID

import msgspec

from src.platform.db.unit import Unit
from src.platform.documents import taking
from src.platform.incidents import views
from src.platform.incidents.reading import listing, paper
from src.platform.incidents.reading.filters import Asked
from src.platform.kit.errors import FieldError, Invalid, NotFound
from src.platform.kit.i18n import N_
from src.platform.longwork import kinds
from src.platform.longwork import service as longwork
from src.platform.longwork.kinds import Kind, Part, Piece, Went
from src.platform.tenants import service as tenants

_READ = "incident.read"
_LANGUAGES = ("kk", "ru")


class _Cut(msgspec.Struct, frozen=True, array_like=True):
    """How much of an incident a paper shows, in front of its bytes."""

    classes: frozenset[str]
    texts: bool


async def begin(unit: Unit, asked: Asked, language: str) -> UUID:
    """Make Form D of what the list shows; the running work about the same. Raises Invalid for none and for too many."""
    most = int(await tenants.setting(unit, "form_d_papers_most"))
    plan = await listing.ids(unit, asked, most)
    if not plan:
        raise Invalid(fields=[FieldError("", "no_incident", N_("No incident that you can see fits the filter."))])
    if len(plan) > most:
        message = N_("More than %(most)s incidents fit. Narrow the list, for example by the day of the report")
        raise Invalid(fields=[FieldError("", "too_many", message, (("most", most),))])
    return await longwork.begin(
        unit, KIND, subject_id=unit.me.membership_id, number=_number(plan, language), plan=plan, total=len(plan)
    )


def _number(plan: list[UUID], language: str) -> int:
    """The same incidents in the same language are the same work; which language, its lowest bit says."""
    return zlib.crc32(b"".join(one.bytes for one in plan)) >> 2 << 1 | _LANGUAGES.index(language)


async def _step(unit: Unit, piece: Piece) -> Went:
    done, language = piece.done + 1, _LANGUAGES[piece.number & 1]
    incident_id = piece.plan[piece.done]
    try:
        cut = await _cut(unit, incident_id)
        roles = taking.in_words_of_the_worker(unit.me.roles, language)
        number, made = await paper.form_d(unit, incident_id, language=language, names=False, roles=roles)
    except NotFound:  # no longer to be read by who asked
        return Went(done, done == piece.total)
    return Went(done, done == piece.total, Part(f"form-d-{number}.pdf", msgspec.msgpack.encode((cut, made))))


async def _hand(unit: Unit, incident_id: UUID, kept: bytes) -> bytes | None:
    """The paper, if who takes it reads at least as much of the incident now."""
    cut, made = msgspec.msgpack.decode(kept, type=tuple[_Cut, bytes])
    try:
        now = await _cut(unit, incident_id)
    except NotFound:
        return None
    return made if cut.classes <= now.classes and cut.texts <= now.texts else None


async def _cut(unit: Unit, incident_id: UUID) -> _Cut:
    found, classes = await views.tied(unit, incident_id)
    return _Cut(classes, views.shows_texts(found.incident, classes))


KIND = kinds.register(
    Kind(
        name="form_d_papers",
        title=N_("Form D of several incidents"),
        counted=N_("%(done)s of %(total)s incidents"),
        permission=_READ,
        step=_step,
        leads_to="/incidents",
        file="form-d.zip",
        finished=N_("None of these incidents can be read by you any more: there is nothing to take"),
        hand=_hand,
    )
)
