"""What a transaction is bound to. A session without a binding raises before any SQL is sent (S-3).

A binding yields the one statement that opens its transaction; the row it answers is kept on the session. `key_epoch` is
how often keys of organisations were changed: no transaction works with keys of an earlier one (ADR 33).
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text

from src.platform.db.context import TenantContext
from src.platform.db.prepared import Compiled, compiled
from src.platform.kit.settings import settings

Opening = tuple[Compiled, dict[str, Any]]


def _opens(sql: str) -> Compiled:
    return compiled(text(sql))


_REQUEST = _opens("select b.*, p.key_epoch from begin_request(:hash) b, platform_state p")
_PUBLIC = _opens("select b.*, p.key_epoch from begin_public(:slug) b, platform_state p")
_JOINING = _opens("select b.*, p.key_epoch from begin_joining(:blind) b, platform_state p")
_LINK = _opens("select b.*, p.key_epoch from begin_link(:blind) b, platform_state p")
_FEED = _opens("select b.*, p.key_epoch from begin_feed(:hash, :most) b, platform_state p")
_TOKEN = _opens("select b.*, p.key_epoch from begin_token(:hash) b, platform_state p")
_INSIDE = _opens(
    "select set_config('qorgan.ctx', :ctx, true), clock_offset as shift, p.key_epoch from platform_state p"
)
_JOB = _opens("select b.*, p.key_epoch from begin_job(:id) b, platform_state p")
_CLOCK = _opens("select clock_offset as shift from platform_state")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A request with a session cookie; the database finds the person and sets the context."""

    token_hash: bytes

    def opening(self) -> Opening:
        """One call of begin_request()."""
        return _REQUEST, {"hash": self.token_hash}


@dataclass(frozen=True, slots=True)
class PublicAddress:
    """A page under an organisation's public address, without a person."""

    slug: str

    def opening(self) -> Opening:
        """One call of begin_public()."""
        return _PUBLIC, {"slug": self.slug.lower().replace("\0", "")}


@dataclass(frozen=True, slots=True)
class Invited:
    """Somebody with the code of an invitation and without a person; the database finds the organisation."""

    code_blind: bytes

    def opening(self) -> Opening:
        """One call of begin_joining()."""
        return _JOINING, {"blind": self.code_blind}


@dataclass(frozen=True, slots=True)
class Linked:
    """Somebody with the code of a one-time link and without a person; the database finds the partner's organisation."""

    code_blind: bytes

    def opening(self) -> Opening:
        """One call of begin_link()."""
        return _LINK, {"blind": self.code_blind}


@dataclass(frozen=True, slots=True)
class Feed:
    """The secret address of somebody's calendar; the database finds the person, who is not signed in by it."""

    token_hash: bytes
    most: int

    def opening(self) -> Opening:
        """One call of begin_feed(), which counts the use."""
        return _FEED, {"hash": self.token_hash, "most": self.most}


@dataclass(frozen=True, slots=True)
class Bearer:
    """The token of a program; the database finds the person who made it, who is not signed in by it."""

    token_hash: bytes

    def opening(self) -> Opening:
        """One call of begin_token()."""
        return _TOKEN, {"hash": self.token_hash}


@dataclass(frozen=True, slots=True)
class Inside:
    """Work inside one organisation that this process signs for itself (command line, tests)."""

    context: TenantContext

    def opening(self) -> Opening:
        """Set the signed context."""
        signed = self.context.signed(settings().key("context"))
        return _INSIDE, {"ctx": signed}


@dataclass(frozen=True, slots=True)
class Job:
    """One outbox row; the database locks it and sets the context of the organisation it is for."""

    outbox_id: UUID

    def opening(self) -> Opening:
        """One call of begin_job()."""
        return _JOB, {"id": self.outbox_id}


@dataclass(frozen=True, slots=True)
class Platform:
    """Tables of the region only (signing in, relay); every organisation's table answers 42501."""

    def opening(self) -> Opening:
        """No context, only the clock."""
        return _CLOCK, {}


Binding = SignedIn | PublicAddress | Invited | Linked | Feed | Bearer | Inside | Job | Platform
