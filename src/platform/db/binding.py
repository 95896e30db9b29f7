"""What a transaction is bound to. A session without a binding raises before any SQL is sent (S-3).

A binding yields the one statement that opens its transaction; the row it answers is kept on the session.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from src.platform.db.context import TenantContext
from src.platform.kit.settings import settings

Opening = tuple[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A request with a session cookie; the database finds the person and sets the context."""

    token_hash: bytes

    def opening(self) -> Opening:
        """One call of begin_request()."""
        return "select * from begin_request(%(hash)s)", {"hash": self.token_hash}


@dataclass(frozen=True, slots=True)
class PublicAddress:
    """A page under an organisation's public address, without a person."""

    slug: str

    def opening(self) -> Opening:
        """One call of begin_public()."""
        return "select * from begin_public(%(slug)s)", {"slug": self.slug.lower().replace("\0", "")}


@dataclass(frozen=True, slots=True)
class Invited:
    """Somebody with the code of an invitation and without a person; the database finds the organisation."""

    code_blind: bytes

    def opening(self) -> Opening:
        """One call of begin_joining()."""
        return "select * from begin_joining(%(blind)s)", {"blind": self.code_blind}


@dataclass(frozen=True, slots=True)
class Linked:
    """Somebody with the code of a one-time link and without a person; the database finds the partner's organisation."""

    code_blind: bytes

    def opening(self) -> Opening:
        """One call of begin_link()."""
        return "select * from begin_link(%(blind)s)", {"blind": self.code_blind}


@dataclass(frozen=True, slots=True)
class Feed:
    """The secret address of somebody's calendar; the database finds the person, who is not signed in by it."""

    token_hash: bytes
    most: int

    def opening(self) -> Opening:
        """One call of begin_feed(), which counts the use."""
        return "select * from begin_feed(%(hash)s, %(most)s)", {"hash": self.token_hash, "most": self.most}


@dataclass(frozen=True, slots=True)
class Bearer:
    """The token of a program; the database finds the person who made it, who is not signed in by it."""

    token_hash: bytes

    def opening(self) -> Opening:
        """One call of begin_token()."""
        return "select * from begin_token(%(hash)s)", {"hash": self.token_hash}


@dataclass(frozen=True, slots=True)
class Inside:
    """Work inside one organisation that this process signs for itself (command line, tests)."""

    context: TenantContext

    def opening(self) -> Opening:
        """Set the signed context."""
        signed = self.context.signed(settings().key("context"))
        return (
            "select set_config('qorgan.ctx', %(ctx)s, true), clock_offset as shift from platform_state",
            {"ctx": signed},
        )


@dataclass(frozen=True, slots=True)
class Job:
    """One outbox row; the database locks it and sets the context of the organisation it is for."""

    outbox_id: UUID

    def opening(self) -> Opening:
        """One call of begin_job()."""
        return "select * from begin_job(%(id)s)", {"id": self.outbox_id}


@dataclass(frozen=True, slots=True)
class Platform:
    """Tables of the region only (signing in, relay); every organisation's table answers 42501."""

    def opening(self) -> Opening:
        """No context, only the clock."""
        return "select clock_offset as shift from platform_state", {}


Binding = SignedIn | PublicAddress | Invited | Linked | Feed | Bearer | Inside | Job | Platform
