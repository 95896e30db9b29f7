"""What every table shares: names of constraints, declared tenancy, the two-column key."""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from sqlalchemy import DateTime, LargeBinary, MetaData, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from src.platform.kit.ids import new_id

Tenancy = Literal["tenant", "two_party", "platform"]

NAMING = {
    "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "ck": "%(table_name)s_%(constraint_name)s_check",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "pk": "%(table_name)s_pkey",
}


class Base(DeclarativeBase):
    """A table. Every subclass declares `__tenancy__`; a test walks metadata and catalogue (S-1)."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar = {
        str: Text,
        datetime: DateTime(timezone=True),
        UUID: Uuid,
        bytes: LargeBinary,
        list[str]: ARRAY(Text),
        list[UUID]: ARRAY(Uuid),
    }
    __tenancy__: ClassVar[Tenancy]


class TenantRow:
    """A row of one organisation: `tenant_id` leads the primary key and every foreign key (S-7)."""

    __tenancy__: ClassVar[Tenancy] = "tenant"

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)


class TwoPartyRow(TenantRow):
    """A row that two organisations share by law: author in `tenant_id`, the other in `peer_tenant_id` (decisions 6)."""

    __tenancy__: ClassVar[Tenancy] = "two_party"

    peer_tenant_id: Mapped[UUID]
