"""Setting papers with typst: PDF/A-2a and PDF/UA-1 at once, in the bounded pool, with our own fonts only (ui.md 5)."""

import re
import threading
import unicodedata
from functools import cache
from pathlib import Path

import msgspec
import typst

from src.platform.documents.errors import PaperError
from src.platform.documents.schemas import Paper, SlipSheet
from src.platform.kit.threads import run_in_pool

_HERE = Path(__file__).parent
_FORM, _SLIPS = _HERE / "typst" / "form.typ", _HERE / "typst" / "slips.typ"
_FONTS = _HERE / "fonts"
_of_thread = threading.local()
_PRINTED = (
    "\n\\u0020-\\u007e\\u00a0-\\u00ac\\u00ae-\\u024f\\u02b0-\\u02ff\\u0300-\\u0304\\u0400-\\u052f"
    "\\u2010-\\u2027\\u2030-\\u205e\\u20a0-\\u20be\\u2100-\\u214f\\u2190-\\u2195"
)
_NOT_PRINTED = re.compile(f"[^{_PRINTED}]")
"""What our fonts have no letter for; typst refuses such a paper, so it is said in words."""


async def pdf(paper: Paper) -> bytes:
    """A paper as PDF. Raises PaperError for one that would come out with letters missing."""
    return await run_in_pool(render, paper)


def render(paper: Paper) -> bytes:
    """The same, in the thread that asks."""
    return _rendered(_FORM, paper)


async def slips(sheet: SlipSheet) -> bytes:
    """Papers to be cut, as PDF. Raises PaperError."""
    return await run_in_pool(_rendered, _SLIPS, sheet)


def _rendered(template: Path, paper: Paper | SlipSheet) -> bytes:
    told = {"paper": _NOT_PRINTED.sub(_in_words, msgspec.json.encode(paper).decode())}
    made, warnings = _compiler(template).compile_with_warnings(
        format="pdf", sys_inputs=told, pdf_standards=["a-2a", "ua-1"], timestamp=int(paper.made_at.timestamp())
    )
    if warnings or not isinstance(made, bytes):  # a missing font or letter is only a warning to typst
        raise PaperError([warning.message for warning in warnings])
    return made


def _in_words(found: re.Match[str]) -> str:
    """An emoji by its Unicode name in brackets; what has no shape, as a joiner, by nothing."""
    letter = found[0]
    if unicodedata.category(letter) == "Cf":
        return ""
    return f"[{unicodedata.name(letter, 'sign').lower()}]"


def _compiler(template: Path) -> typst.Compiler:
    """Reading fonts takes longer than setting a page, and a compiler cannot be shared between threads."""
    known: dict[Path, typst.Compiler] = _of_thread.__dict__.setdefault("compilers", {})
    if template not in known:
        known[template] = typst.Compiler(template, root=_HERE, font_paths=[_fonts()], ignore_system_fonts=True)
    return known[template]


@cache
def _fonts() -> Path:
    if not any(_FONTS.glob("*.ttf")):
        raise PaperError
    return _FONTS
