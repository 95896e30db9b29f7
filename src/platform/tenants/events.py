"""What other modules may know of an organisation inside their own queries."""

from sqlalchemy import Boolean, ColumnElement, cast, func, literal, select
from sqlalchemy.types import Text

from src.platform.tenants.models import TenantSetting
from src.platform.tenants.settings import DEFAULTS


def setting_is_on(name: str) -> ColumnElement[bool]:
    """A yes-or-no setting of the unit's organisation as SQL, read once a statement. Raises KeyError."""
    chosen = select(cast(cast(TenantSetting.value, Text), Boolean)).where(TenantSetting.name == name).scalar_subquery()
    return func.coalesce(chosen, literal(bool(DEFAULTS[name])))
