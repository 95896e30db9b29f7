"""Identifiers. A uuid7 tells its millisecond, so the anonymous channel uses uuid4 (decisions 2, S-18)."""

import secrets
from uuid import UUID, uuid4

import uuid_utils.compat as uuid_utils

from src.platform.kit import clock


def new_id() -> UUID:
    """A time-ordered id; one that says nothing where the moment of creation is a secret."""
    return uuid4() if clock.tells_hours_only() else uuid_utils.uuid7()


def incident_number() -> str:
    """Six random digits: a sequence would tell how many incidents a school has (decisions 11)."""
    return f"{secrets.randbelow(900_000) + 100_000}"
