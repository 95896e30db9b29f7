"""What other modules may know of an organisation: a setting inside their own queries, and what the commission hears."""

from datetime import datetime
from enum import Enum
from uuid import UUID

from sqlalchemy import BindParameter, Boolean, ColumnElement, cast, func, literal, select
from sqlalchemy.types import Text

from src.platform.tenants.models import Membership, TenantSetting
from src.platform.tenants.settings import DEFAULTS


class Alert(Enum):
    """Why a school cannot go on alone; the commission learns this and which school, never the record."""

    NOBODY_TO_TELL = "nobody_to_tell"  # decisions 17: every rung of a ladder is in conflict
    HEAD_IN_CONFLICT = "head_in_conflict"
    TEAM_TOO_SMALL = "team_too_small"
    BROWSING = "browsing"  # ADR 39: much is opened, and whoever may ask who has looked is who opens it


def member_since(membership_id: BindParameter[UUID]) -> ColumnElement[datetime]:
    """Since when somebody is in the organisation, as SQL."""
    return select(Membership.since).where(Membership.id == membership_id).scalar_subquery()


def setting_is_on(name: str) -> ColumnElement[bool]:
    """A yes-or-no setting of the unit's organisation as SQL, read once a statement. Raises KeyError."""
    chosen = select(cast(cast(TenantSetting.value, Text), Boolean)).where(TenantSetting.name == name).scalar_subquery()
    return func.coalesce(chosen, literal(bool(DEFAULTS[name])))
