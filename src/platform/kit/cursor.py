"""Where the next page of a list begins: the key of the last row shown, readable by nobody but us and by no name."""

import base64
from datetime import datetime
from uuid import UUID

from src.platform.kit.errors import Invalid

Place = tuple[datetime | None, UUID]
"""The time a list is sorted by, where the row has one, and the row."""


def after(at: datetime | None, row_id: UUID) -> str:
    """The cursor behind a row."""
    return base64.urlsafe_b64encode(f"{at.isoformat() if at else ''}|{row_id}".encode()).decode()


def place(cursor: str | None) -> Place | None:
    """What a cursor says. Raises Invalid for a damaged one."""
    if cursor is None:
        return None
    try:
        at, _, row_id = base64.urlsafe_b64decode(cursor.encode()).decode().partition("|")
        return datetime.fromisoformat(at) if at else None, UUID(row_id)
    except ValueError:
        raise Invalid(code="page.damaged_cursor") from None
