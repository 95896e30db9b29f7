"""Papers: the standards they claim, the letters they keep, the mark they bear."""

import asyncio
import io
from datetime import UTC, datetime

import msgspec
import pytest
from pypdf import PdfReader

from src.platform.documents import service
from src.platform.documents.errors import PaperError
from src.platform.documents.schemas import Line, Paper, Section, Table

LETTERS = "ӘҒҚҢӨҰҮҺІәғқңөұүһі«»№₸–…"
PAPER = Paper(
    title="Оқиғаны хабарлау және тексеру үлгісі",
    subject="№ 123456",
    organisation="№12 мектеп",
    language="kk",
    taken_by="Сапарова Сәуле · педагог · №12 мектеп · 21.11.2026, 17:20",
    made_at=datetime(2026, 11, 21, 12, tzinfo=UTC),
    sections=[
        Section(
            title="D-1",
            lines=[Line(label="Сипаттау", value=LETTERS), Line(label="Жарақат", hidden=True)],
            tables=[Table(label="Кесте", columns=["Кім", "Қашан"], rows=[["Бала-KTR", "кеше"]] * 60)],
        )
    ],
    hidden_word="Жасырылған",
    page_word="бет",
)


def read(content: bytes) -> tuple[PdfReader, str]:
    found = PdfReader(io.BytesIO(content))
    return found, "\n".join(page.extract_text() for page in found.pages)


def test_a_paper_claims_both_standards_is_tagged_and_tells_nothing_of_a_machine() -> None:
    found, _ = read(service.render(PAPER))
    xmp = found.xmp_metadata.stream.get_data().decode()
    assert "<pdfaid:part>2</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance>" in xmp
    assert "<pdfuaid:part>1</pdfuaid:part>" in xmp
    root = found.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert root["/Lang"] == "kk"
    assert found.metadata.title == PAPER.title
    assert found.metadata.author is None
    assert "creator>" not in xmp.lower().replace("xmp:creatortool>", "")


def test_every_page_keeps_its_letters_bears_the_mark_twice_and_counts() -> None:
    found, text = read(service.render(PAPER))
    assert set(LETTERS) <= set(text)
    assert "Жасырылған" in text
    assert len(found.pages) > 1
    for number, page in enumerate(found.pages, start=1):
        said = " ".join(page.extract_text().split())
        assert said.count(PAPER.taken_by) == 2, said
        assert f"{number} / {len(found.pages)} бет" in said


def test_all_fonts_are_ours_and_stand_in_the_file() -> None:
    found, _ = read(service.render(PAPER))
    fonts = {
        font.get_object()["/BaseFont"].partition("+")[2]
        for page in found.pages
        for font in page["/Resources"]["/Font"].values()
    }
    assert fonts
    assert all(name.startswith(("Tinos", "GolosText")) for name in fonts), fonts


@pytest.mark.parametrize(("typed", "printed"), [("😭", "[loudly crying face]"), ("a\u200bb", "ab"), ("中", "[cjk")])
def test_what_has_no_letter_is_said_in_words_and_never_stops_a_paper(typed: str, printed: str) -> None:
    _, text = read(service.render(msgspec.structs.replace(PAPER, subject=f"сөз {typed}")))
    assert printed in text


@pytest.mark.parametrize(
    "typed", ['#import "x"', "*жуан* _көлбеу_ $x$ @a <b> // c", "= тақырып", "\\u{1F62D} #sys.inputs"]
)
def test_s_57_what_was_typed_is_never_read_as_markup(typed: str) -> None:
    _, text = read(service.render(msgspec.structs.replace(PAPER, subject=typed)))
    assert typed in text


@pytest.mark.parametrize("letters", [range(0x20, 0x250), range(0x400, 0x530), range(0x2010, 0x2200)])
def test_no_text_stops_a_paper(letters: range) -> None:
    typed = "".join(map(chr, letters))
    assert service.render(msgspec.structs.replace(PAPER, subject=typed, taken_by=typed[:300])).startswith(b"%PDF")


async def test_papers_are_set_side_by_side_in_the_pool() -> None:
    made = await asyncio.gather(*(service.pdf(PAPER) for _ in range(12)))
    assert {len(PdfReader(io.BytesIO(one)).pages) for one in made} == {2}


def test_a_paper_without_our_fonts_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setattr(service, "_FONTS", tmp_path)
    service._fonts.cache_clear()
    monkeypatch.delattr(service._of_thread, "compilers", raising=False)
    with pytest.raises(PaperError):
        service.render(PAPER)
    service._fonts.cache_clear()
