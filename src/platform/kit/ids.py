"""Identifiers. A uuid7 tells its millisecond, so the anonymous channel uses uuid4 (decisions 2, S-18)."""

import secrets
from uuid import UUID, uuid4

import uuid_utils.compat as uuid_utils


def new_id() -> UUID:
    """A time-ordered id for rows whose moment of creation is no secret."""
    return uuid_utils.uuid7()


def anonymous_id() -> UUID:
    """An id that says nothing about when it was made."""
    return uuid4()


def incident_number() -> str:
    """Six random digits: a sequence would tell how many incidents a school has (decisions 11)."""
    return f"{secrets.randbelow(900_000) + 100_000}"
