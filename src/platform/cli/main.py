"""`qorgan`: one command, its verbs as sub-commands. Expected trouble is one sentence with a way out."""

import argparse
import os
import sys
from collections.abc import Callable
from importlib import import_module

from src.platform.cli.local import lifeline
from src.platform.cli.local.problems import LocalProblemError

_VERBS = {
    "demo": ("src.platform.cli.demo.run", "the whole service on this machine with a demo region"),
    "migrate": ("src.platform.migrations.run", "bring the database to the present schema"),
    "web": ("src.platform.web.run", "serve pages and API"),
    "worker": ("src.platform.worker.run", "run queued work"),
    "relay": ("src.platform.worker.relay", "send outbox rows, tick the clocks"),
    "passwords": ("src.platform.cli.passwords", "print the database passwords that running processes need"),
    "tenant": ("src.platform.cli.tenant", "create, list, suspend, resume organisations; invite the first person"),
    "matrix": ("src.platform.cli.matrix", "print who reads what from the compiled policy"),
    "rules": ("src.platform.cli.rules", "print every rule with the tests that quote it"),
    "calendar": ("src.platform.cli.calendar", "enter school years, days off and working days that an act makes"),
    "backup": ("src.platform.cli.backup.run", "write one sealed file of the whole region, or make the key for it"),
    "restore": ("src.platform.cli.backup.restore", "bring a backup back into an empty database and compare it"),
    "breach": ("src.platform.cli.breach", "whom a breach concerns: the list and the notice"),
    "audit": ("src.platform.cli.audit", "verify the audit chains"),
    "retention": ("src.platform.cli.retention", "erase again what was erased before a restore"),
    "keys": ("src.platform.cli.keys", "change master keys and keys of organisations while the service runs"),
}


def main() -> None:
    """Run one verb."""
    parser = argparse.ArgumentParser(prog="qorgan", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    for name, (_, tells) in _VERBS.items():
        verbs.add_parser(name, help=tells, add_help=False)
    chosen, rest = parser.parse_known_args()
    lifeline.watch()
    try:
        sys.exit(_verb(chosen.verb)(rest) or 0)
    except LocalProblemError as problem:
        if os.environ.get("QORGAN_DEBUG"):
            raise
        sys.stderr.write(f"{problem}\n")
        sys.exit(2)


def _verb(name: str) -> Callable[[list[str]], int | None]:
    module = import_module(_VERBS[name][0])
    run: Callable[..., int | None] = module.main
    takes_arguments = name not in {"migrate", "relay", "web", "worker"}
    return run if takes_arguments else lambda _rest: run()
