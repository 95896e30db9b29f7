"""Papers with codes for all classes at once: a class a step, a sealed PDF a class, all of them in one archive (ADR 31).

The codes of a class are made in the transaction that keeps their paper: nobody has a code that stands on none.
"""

from uuid import UUID

from src.platform.access import service as access
from src.platform.db.unit import Unit
from src.platform.documents import service as documents
from src.platform.documents.schemas import Line, SlipLines, SlipSheet
from src.platform.families import service
from src.platform.families.errors import EverybodyHasOneError, NoClassError
from src.platform.families.schemas import Slip, Slips
from src.platform.kit import clock, i18n
from src.platform.kit.errors import NotFound
from src.platform.kit.i18n import N_
from src.platform.kit.i18n import gettext as _
from src.platform.longwork import kinds
from src.platform.longwork import service as longwork
from src.platform.longwork.kinds import Kind, Part, Piece, Went
from src.platform.roster import service as roster


async def begin(unit: Unit) -> UUID:
    """Make the papers of all classes that I may; the running work where there is one. Raises NoClassError."""
    access.require(unit, service.GIVE)
    plan = [class_id for class_id, _label in await roster.own_classes(unit, service.GIVE)]
    if not plan:
        raise NoClassError
    return await longwork.begin(unit, KIND, subject_id=unit.me.membership_id, plan=plan, total=len(plan))


async def _step(unit: Unit, piece: Piece) -> Went:
    done = piece.done + 1
    try:
        slips = await service.give(unit, piece.plan[piece.done])
    except (EverybodyHasOneError, NotFound):  # or the class is no longer mine: there is nothing to print
        return Went(done, done == piece.total)
    part = Part(f"{slips.label}.pdf", await documents.slips(_sheet(slips, unit.language)))
    return Went(done, done == piece.total, part)


def _sheet(slips: Slips, language: str) -> SlipSheet:
    return SlipSheet(
        title=_("Papers of class %(label)s") % {"label": slips.label},
        subject=f"{slips.organisation} · {slips.label}",
        language=language,
        made_at=clock.now(),
        page_word=_("page"),
        slips=[_printed(one, slips) for one in slips.slips],
    )


def _printed(slip: Slip, sheet: Slips) -> SlipLines:
    if slip.children:
        note = _("Parent of: %(names)s") % {"names": ", ".join(slip.children)}
        told = _(
            "Open %(address)s and give the name and the code. Then choose a password of your own. You can report "
            "violence there, and see what the school tells you about your child."
        )
    else:
        note = ""
        told = _(
            "Open %(address)s and give the name and the code. Then choose a password that only you know. There you can "
            "tell the security team when somebody hurts you or others."
        )
    works = _("The code works until %(day)s.") % {"day": i18n.format_date(sheet.expires_at)}
    return SlipLines(
        name=slip.name,
        note=note,
        codes=[
            Line(label=_("Sign-in name"), value=slip.sign_in),
            Line(label=_("One-time code"), value=slip.code),
        ],
        text=f"{told % {'address': sheet.address}} {works}",
    )


KIND = kinds.register(
    Kind(
        name="papers_with_codes",
        title=N_("Papers with codes of all classes"),
        counted=N_("%(done)s of %(total)s classes"),
        permission=service.GIVE,
        step=_step,
        leads_to="/classes",
        file="papers.zip",
        finished=N_("Everybody of these classes has an account already: there is nothing to print"),
    )
)
