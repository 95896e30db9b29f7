"""Keys of the region that belong to no organisation: fingerprints of sign-in names and codes, marks of pages.

They are made once and then kept wrapped under the master keys, so that a new master key changes none of them: nobody
could compute the fingerprint of a code again whose clear text is only on paper.
"""

import json
from functools import cache

import psycopg

from src.platform.kit import crypto, master
from src.platform.kit.settings import settings

_PURPOSES = (
    *("second-factor-attempt", "second-factor-app", "second-factor-offer", "recovery-code"),
    *("sign-in-name", "paper-code", "password", "api-key", "api-request", "calendar-feed"),
    *("door-form", "door-seed", "door-id", "door-use", "receipt", "receipt-code"),
    *("page-mark", "stash", "stash-id", "sent-form"),
    *("invitation", "invitation-attempts", "personal-code", "report-link"),
)
OWNER = b"region"


def region_key(purpose: str) -> bytes:
    """One of them. Raises MasterUnknownError where this process has not the master key."""
    return _opened(settings().role_url("qorgan_app").replace("+psycopg", "", 1))[purpose]


def fresh() -> bytes:
    """Keys of a new region, bare."""
    return _written({purpose: crypto.new_key() for purpose in _PURPOSES})


def derived(first: master.Master) -> bytes:
    """Keys of a region whose people signed in before this table: they were derived and stay what they were."""
    return _written({purpose: crypto.blind(first.key, purpose.encode()) for purpose in _PURPOSES})


def _written(made: dict[str, bytes]) -> bytes:
    return json.dumps({purpose: key.hex() for purpose, key in made.items()}).encode()


def wrap(admin: psycopg.Connection) -> int:
    """Wrap them under every master key given here; how many wrappings were missing."""
    wrapped = _stored(admin)
    bare = master.unwrap(wrapped, owner=OWNER)
    missing = [one for one in master.known().values() if one.id not in wrapped]
    for one in missing:
        admin.execute("insert into region_key values (%s, %s)", (one.id, master.wrap(one, bare, owner=OWNER)))
    return len(missing)


def unwrap_from(admin: psycopg.Connection, old: str) -> int:
    """Destroy what is wrapped under a master key. Raises MasterUnknownError where the others would not open it."""
    master.unwrap({name: one for name, one in _stored(admin).items() if name != old}, owner=OWNER)
    return admin.execute("delete from region_key where master = %s", (old,)).rowcount


def _stored(connection: psycopg.Connection) -> dict[str, bytes]:
    return dict(connection.execute("select master, wrapped from region_key").fetchall())


@cache
def _opened(database_url: str) -> dict[str, bytes]:
    with psycopg.connect(database_url) as connection:
        wrapped = _stored(connection)
    kept = json.loads(master.unwrap(wrapped, owner=OWNER))
    return {purpose: bytes.fromhex(text) for purpose, text in kept.items()}
