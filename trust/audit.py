"""Known holes in what we build on: every pinned package of Python and of the front end is asked for (S-59).

    python -m trust.audit <pip-audit>

Ends with 0 when every package was answered for and none has a hole, with 1 when one has, with 2 when no advisory
database answered for some. `pip-audit` itself says “no known vulnerabilities” and ends with 0 where it was told
nothing, so what it skipped is counted here.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REQUIREMENTS = ("requirements/runtime.txt", "requirements/dev.txt")
_CLEAN, _HOLES, _NOT_ASKED = 0, 1, 2
_PATIENCE_SECONDS = 300


@dataclass(frozen=True)
class Answer:
    """What a database said: packages asked for, those it did not answer for, and the holes it knows."""

    asked: int
    unanswered: int
    holes: tuple[str, ...] = ()

    @property
    def word(self) -> int:
        """The exit code. Nothing asked is not clean."""
        if self.holes:
            return _HOLES
        return _NOT_ASKED if self.unanswered or not self.asked else _CLEAN


def main(arguments: Sequence[str]) -> int:
    """Ask for everything; print a line a list."""
    answers = {name: of_python(_told(arguments[0], *_PYTHON, "-r", name)) for name in REQUIREMENTS}
    answers["frontend/package-lock.json"] = of_npm(_told("npm", "audit", "--json", at="frontend"))
    for name, answer in answers.items():
        print(f"{name}: {_words(answer)}")
        print(*(f"  {hole}" for hole in answer.holes), sep="\n", end="\n" * bool(answer.holes))
    return max((one.word for one in answers.values()), key=(_CLEAN, _NOT_ASKED, _HOLES).index)


_PYTHON = ("--disable-pip", "--require-hashes", "--format", "json", "--progress-spinner", "off")


def of_python(told: Any) -> Answer:
    """What `pip-audit --format json` printed; None where it printed nothing of the kind."""
    if not isinstance(told, dict) or not isinstance(told.get("dependencies"), list):
        return Answer(0, 0)
    packages = told["dependencies"]
    holes = [f"{one['name']} {one['version']}: {hole['id']}" for one in packages for hole in one.get("vulns", ())]
    return Answer(len(packages), sum("skip_reason" in one for one in packages), tuple(holes))


def of_npm(told: Any) -> Answer:
    """What `npm audit --json` printed; an error of its database is no answer."""
    if not isinstance(told, dict) or "vulnerabilities" not in told:
        return Answer(0, 0)
    asked = told.get("metadata", {}).get("dependencies", {}).get("total", 0)
    return Answer(asked, 0, tuple(f"{name}: {hole['severity']}" for name, hole in told["vulnerabilities"].items()))


def _told(*command: str, at: str = ".") -> Any:
    try:
        ended = subprocess.run(
            command, cwd=Path(at), capture_output=True, text=True, check=False, timeout=_PATIENCE_SECONDS
        )
        return json.loads(ended.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None


def _words(answer: Answer) -> str:
    if answer.holes:
        return f"{len(answer.holes)} known holes"
    if answer.word == _NOT_ASKED:
        known = answer.asked - answer.unanswered
        return f"NOT ASKED: no advisory database answered for {answer.unanswered or 'any'} packages ({known} clean)"
    return f"no known hole in {answer.asked} packages"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
