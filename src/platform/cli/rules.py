"""`make rules`: every rule of the law and every security line with the tests that quote it by name.

A test quotes a rule in its name: `test_r_036_…`, `test_s_12_…`; several numbers may follow each other. A number that
does not exist is an error, and so is one of `tests/promised.txt` that no test quotes any more.
"""

import ast
import os
import re
from collections import defaultdict
from pathlib import Path

_SHARED = Path(os.environ.get("QORGAN_SHARED", "../shared"))
_SOURCES = {
    "R": (Path("domain/rules.md"), r"^\| (R-\d{3}) \| ([^|]*)"),
    "S": (Path("design/security.md"), r"^(S-\d+)\. (.*)"),
}
_TESTS, _PROMISED = Path("tests"), Path("tests/promised.txt")
_QUOTED = re.compile(r"(?:^test|(?<=\d))_([rs])_(\d+)(?=_|$)")
_WIDTH = 72


def main(_arguments: list[str]) -> int:
    """Print the list; 1 when a quotation or a promise is broken."""
    if not _SHARED.is_dir():
        print(f"The rules are not here: {_SHARED} is missing. Say where they are: QORGAN_SHARED=… make rules")
        return 1
    rules, quoted = _rules(), quotations()
    for number, text in rules.items():
        tests = quoted.get(number, [])
        print(f"{number:<6} {text[:_WIDTH]:<{_WIDTH}} {', '.join(tests) or '–'}")
    unknown = sorted(quoted.keys() - rules.keys())
    lost = [number for number in _PROMISED.read_text().split() if number not in quoted]
    print(f"\n{len(quoted)} of {len(rules)} are quoted by a test.")
    for number in unknown:
        print(f"{number} does not exist, but is quoted by {', '.join(quoted[number])}")
    for number in lost:
        print(f"{number} was promised and no test quotes it any more")
    return 1 if unknown or lost else 0


def quotations() -> dict[str, list[str]]:
    """Number -> files of the tests that quote it."""
    found: dict[str, list[str]] = defaultdict(list)
    for file in sorted(_TESTS.rglob("test_*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                for number in quoted_in(node.name):
                    if str(file) not in found[number]:
                        found[number].append(str(file))
    return dict(found)


def quoted_in(name: str) -> list[str]:
    """`test_r_075_r_076_x` -> R-075, R-076."""
    return [f"R-{int(number):03d}" if kind == "r" else f"S-{int(number)}" for kind, number in _QUOTED.findall(name)]


def _rules() -> dict[str, str]:
    found: dict[str, str] = {}
    for path, line in _SOURCES.values():
        text = (_SHARED / path).read_text()
        found |= {number: " ".join(said.split()) for number, said in re.findall(line, text, re.MULTILINE)}
    return found
