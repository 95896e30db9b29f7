"""Texts in three languages: `python -m src.platform.cli.messages extract|check`.

Each module keeps a fragment `locale/kk.po` and `locale/ru.po`; English is the text itself. `check` is part of
`make lint`: a missing, fuzzy or unused text, two translations of one, other placeholders, or Latin letters in Kazakh
end it with 1 (R-242).
"""

import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

_HOUSE = Path(__file__).parents[1]
_TRANSLATED = ("kk", "ru")
_KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
_METHODS = {".py": "python", ".html": "jinja2.ext:babel_extract"}
_PLACEHOLDER = re.compile(r"%\((\w+)\)")
_LATIN = re.compile(r"[A-Za-z]{2,}")
_LATIN_ALLOWED = frozenset({"Qorgan", "XLSX", "CSV", "HEIC", "JPEG", "JSON", "PDF", "PNG", "QR", "mektep"})


def main() -> int:
    """Extract or check."""
    if sys.argv[1:] == ["extract"]:
        extract()
        return 0
    found = problems()
    for line in found:
        sys.stderr.write(f"{line}\n")
    return int(bool(found))


def extract() -> None:
    """Bring every fragment up to date: new texts empty, unused ones gone."""
    for module in _modules():
        texts = set(_texts(module))
        for language in _TRANSLATED if texts else ():
            file = module / "locale" / f"{language}.po"
            file.parent.mkdir(exist_ok=True)
            _write(file, language, texts)


def problems() -> list[str]:
    """What is missing or odd, one line each."""
    found: list[str] = []
    for module in _modules():
        texts = {_key(text): text for text in _texts(module)}
        for language in _TRANSLATED if texts else ():
            found += [f"{module.name}/{language}: {line}" for line in _complaints(module, language, texts)]
    return found + [line for language in _TRANSLATED for line in _contradictions(language)]


def _contradictions(language: str) -> Iterator[str]:
    """One text that two modules say in different words: all fragments are one catalogue, so one of them is not said."""
    said: dict[str, dict[str, str]] = defaultdict(dict)
    for module in _modules():
        for message in _read(module / "locale" / f"{language}.po", language):
            if message.id:
                said[_key(message.id)].setdefault(str(message.string), module.name)
    for key, words in said.items():
        if len(words) > 1:
            yield f"{', '.join(words.values())}/{language}: translated in different ways: {key}"


def _complaints(module: Path, language: str, texts: dict[str, str | tuple[str, ...]]) -> Iterator[str]:
    known = _read(module / "locale" / f"{language}.po", language)
    for key in texts:
        message = known.get(key)
        strings = message.string if message else ""
        forms = [strings] if isinstance(strings, str) else list(strings or ())
        if not forms or not all(forms) or (message and message.fuzzy):
            yield f"not translated: {key}"
            continue
        for form in forms:
            if set(_PLACEHOLDER.findall(form)) - {"num"} != set(_PLACEHOLDER.findall(key)) - {"num"}:
                yield f"other placeholders: {key}"
            if language == "kk" and set(_LATIN.findall(_PLACEHOLDER.sub("", form))) - _LATIN_ALLOWED:
                yield f"Latin letters: {key}"
    yield from (f"not used any more: {_key(m.id)}" for m in known if m.id and _key(m.id) not in texts)


def _modules() -> list[Path]:
    return sorted(folder for folder in _HOUSE.iterdir() if (folder / "__init__.py").exists())


def _texts(module: Path) -> Iterator[str | tuple[str, ...]]:
    for file in sorted(module.rglob("*")):
        method = _METHODS.get(file.suffix)
        if method is None:
            continue
        options = {"extensions": "jinja2.ext.i18n", "silent": "false", "trimmed": "true"}
        for _line, text, _comments, _context in extract_from_file(method, file, _KEYWORDS, options=options):
            if text:
                yield text


def _key(text: str | tuple[str, ...] | list[str]) -> str:
    return text if isinstance(text, str) else text[0]


def _read(file: Path, language: str) -> Catalog:
    if not file.exists():
        return Catalog(locale=language)
    with file.open("rb") as source:
        return read_po(source, locale=language)


def _write(file: Path, language: str, texts: set[str | tuple[str, ...]]) -> None:
    old = _read(file, language)
    new = Catalog(locale=language, fuzzy=False)
    for text in sorted(texts, key=_key):
        known = old.get(_key(text))
        new.add(text, known.string if known else None)
    with file.open("wb") as out:
        write_po(out, new, width=100, omit_header=True, sort_output=True)


if __name__ == "__main__":
    sys.exit(main())
