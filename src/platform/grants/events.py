"""What other modules may know of broken glass: the relation of its holder to a record of theirs."""

from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, Uuid, and_, bindparam, exists
from sqlalchemy.orm import InstrumentedAttribute

from src.platform.grants.models import AccessGrant

_me_membership = bindparam("me_membership", type_=Uuid)
_moment = bindparam("moment", type_=DateTime(timezone=True))


def holds_glass(resource: str, record_id: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    """That I broke the glass of this very record, another agreed, and neither its end nor anybody has closed it."""
    return exists().where(
        and_(
            AccessGrant.kind == "glass",
            AccessGrant.resource == resource,
            AccessGrant.record_id == record_id,
            AccessGrant.asked_by == _me_membership,
            AccessGrant.withdrawn_at.is_(None),
            AccessGrant.ends_at > _moment,
        )
    )
