"""Sealed people. A stolen database tells neither names nor who stands where."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, PrimaryKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from src.platform.db.base import Base, TenantRow


class Person(TenantRow, Base):
    """A child or adult that one organisation knows; `identity` is a sealed JSON object."""

    __tablename__ = "person"

    kind: Mapped[str]
    identity: Mapped[bytes]
    iin_blind: Mapped[bytes | None]
    contact_blind: Mapped[bytes | None]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(server_default="1")


class PersonNameBlind(Base):
    """Keyed fingerprints of the beginnings of a person's names: search without reading (S-17)."""

    __tablename__ = "person_name_blind"
    __tenancy__ = "tenant"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "blind", "person_id"),
        ForeignKeyConstraint(["tenant_id", "person_id"], ["person.tenant_id", "person.id"]),
    )

    tenant_id: Mapped[UUID]
    blind: Mapped[bytes]
    person_id: Mapped[UUID]


class PersonTie(Base):
    """Who is a close person of whom (R-064).

    Keeps person ids and no fingerprints: beside participations, which keep only fingerprints, it joins to nothing.
    """

    __tablename__ = "person_tie"
    __tenancy__ = "tenant"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "child_id", "adult_id"),
        ForeignKeyConstraint(["tenant_id", "child_id"], ["person.tenant_id", "person.id"]),
        ForeignKeyConstraint(["tenant_id", "adult_id"], ["person.tenant_id", "person.id"]),
    )

    tenant_id: Mapped[UUID]
    child_id: Mapped[UUID]
    adult_id: Mapped[UUID]
    relation: Mapped[str]


class TenantKey(Base):
    """A data key of an organisation, wrapped under one master key; a row a wrapping."""

    __tablename__ = "tenant_key"
    __tenancy__ = "tenant"

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    master: Mapped[str] = mapped_column(primary_key=True)
    wrapped: Mapped[bytes]


class KeyChange(Base):
    """Which version of its keys an organisation writes; with a phase, another one is on its way (ADR 33)."""

    __tablename__ = "key_change"
    __tenancy__ = "tenant"

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    writes: Mapped[int]
    next: Mapped[int | None]
    phase: Mapped[str | None]
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
