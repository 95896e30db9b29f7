"""Everything sealed in an organisation, opened through the keys that stand; commands on keys that are ended by force."""

import contextlib
import io
import os
import subprocess
import sys
import time
from uuid import UUID

import psycopg

from src.platform.cli import keys
from src.platform.db.binding import Inside
from src.platform.db.context import TenantContext
from src.platform.db.unit import unit
from src.platform.kit.settings import settings
from src.platform.vault import changing
from src.platform.vault import changing_repository as repository
from src.platform.vault.keys import keys_of
from src.platform.vault.sealed import SEALED

PATIENCE = 30.0


async def opened(tenant_id: UUID) -> dict[tuple[str, ...], bytes]:
    """Every sealed value in clear, by table, column and key. Raises SealBrokenError for one that does not open."""
    found = {}
    async with unit(Inside(TenantContext(tenant_id)), role="qorgan_owner") as work:
        ring_of = await keys_of(work)
        for one in SEALED:
            after = None
            while values := await repository.values(work, one, b"\0", after):
                for value in values:
                    ring = getattr(ring_of, one.purpose)
                    if one.kind == "slice":
                        clear = ring.open_slice(value.sealed, owner=value.owner.bytes)
                    else:
                        clear = ring.open(value.sealed, owner=changing.owner_of(work.tenant_id, one, value))
                    found[one.table, one.column, *map(str, value.key)] = clear
                after = values[-1].key
    return found


class Command:
    """`qorgan keys …` as a process that can be ended at any moment."""

    def __init__(self, *arguments: str) -> None:
        self._child = subprocess.Popen(
            [sys.executable, "-m", "src.platform.cli", "keys", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def until(self, database: str, query: str, *params: object) -> None:
        """Wait until a query answers true."""
        deadline = time.monotonic() + PATIENCE
        with psycopg.connect(database, autocommit=True) as admin:
            while admin.execute(query, params).fetchone() != (True,):  # type: ignore[call-overload]
                if time.monotonic() > deadline or self._child.poll() is not None:
                    raise TimeoutError(
                        self._child.communicate(timeout=1)[0] if self._child.poll() is not None else query
                    )
                time.sleep(0.02)

    def kill(self) -> None:
        """kill -9."""
        self._child.kill()
        self._child.communicate()


async def qorgan_keys(*arguments: str) -> str:
    """The same without a process of its own: what it said. Raises what it refuses with."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        await keys.run(keys.parser().parse_args(arguments))
    return said.getvalue()


def given(*masters: str) -> None:
    """The master keys that this process and its children have from now on."""
    os.environ["QORGAN_MASTER_KEY"] = " ".join(masters)
    settings.cache_clear()
