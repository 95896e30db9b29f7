"""Counters of one school and month, exact; numbers of its children by quarter; partners, agreements, letters."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from src.platform.db.base import Base, Tenancy, TenantRow, TwoPartyRow


class ProcessCounter(Base):
    """How the clocks that fell due in a month ended: facts about the school, exact (decisions 27)."""

    __tablename__ = "oversight_process"
    __tenancy__: ClassVar[Tenancy] = "tenant"

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    month: Mapped[int] = mapped_column(primary_key=True)
    clock: Mapped[str] = mapped_column(primary_key=True)
    met_in_time: Mapped[int]
    met_late: Mapped[int]
    missed: Mapped[int]
    reached_city: Mapped[int]


class Pace(Base):
    """How many hours lay between the start and the end of a school's clocks, done by the end of the month.

    The school's own row, as `ChildrenCount`: the city reads medians of ten and more, of three schools and more.
    """

    __tablename__ = "oversight_pace"
    __tenancy__: ClassVar[Tenancy] = "tenant"

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    month: Mapped[int] = mapped_column(primary_key=True)
    clock: Mapped[str] = mapped_column(primary_key=True)
    hours: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]


class DistrictSum(Base):
    """The counters of a district's schools, added up by triggers as they change; `district_id` is null without one.

    `schools` have such a counter, `paced` of them told how long it took; `mark` changes with every counter in it.
    """

    __tablename__ = "oversight_sum"
    __tenancy__: ClassVar[Tenancy] = "platform"

    month: Mapped[int] = mapped_column(primary_key=True)
    district_id: Mapped[UUID | None] = mapped_column(primary_key=True)
    clock: Mapped[str] = mapped_column(primary_key=True)
    met_in_time: Mapped[int]
    met_late: Mapped[int]
    missed: Mapped[int]
    reached_city: Mapped[int]
    schools: Mapped[int]
    paced: Mapped[int]
    mark: Mapped[Decimal]


class DistrictPace(Base):
    """The same of paces. No role reads it: a function tells medians of ten and more, of three schools and more."""

    __tablename__ = "oversight_pace_sum"
    __tenancy__: ClassVar[Tenancy] = "platform"

    month: Mapped[int] = mapped_column(primary_key=True)
    district_id: Mapped[UUID | None] = mapped_column(primary_key=True)
    clock: Mapped[str] = mapped_column(primary_key=True)
    hours: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]


class ChildrenCount(Base):
    """How many children of a school have one value in one quarter (YYYYQ).

    The school's own row: the city reads sums of districts only, through a function that the worker alone may run.
    """

    __tablename__ = "oversight_children"
    __tenancy__: ClassVar[Tenancy] = "tenant"

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    quarter: Mapped[int] = mapped_column(primary_key=True)
    dimension: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)
    children: Mapped[int]


class Release(TenantRow, Base):
    """What the city is shown of a quarter, already suppressed. It is never changed: no role may update or delete it.

    `method` numbers the function and the tables, so that an old release stays readable.
    """

    __tablename__ = "oversight_release"

    number: Mapped[int]
    quarter: Mapped[int]
    made_at: Mapped[datetime]
    method: Mapped[int]
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)


class PartnerCounter(Base):
    """How a partner's terms of one month ended, over all schools, and how many schools those are.

    The partner's own row: the city reads what ties no school to it, through a function (ADR 29).
    """

    __tablename__ = "oversight_partner"
    __tenancy__: ClassVar[Tenancy] = "tenant"

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    month: Mapped[int] = mapped_column(primary_key=True)
    clock: Mapped[str] = mapped_column(primary_key=True)
    in_time: Mapped[int]
    late: Mapped[int]
    missed: Mapped[int]
    schools: Mapped[int]


class KnownAgreement(Base):
    """An agreement that both sides signed, as the city sees it: services and days, nothing of a child."""

    __tablename__ = "oversight_agreement"
    __tenancy__: ClassVar[Tenancy] = "tenant"

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    agreement_id: Mapped[UUID] = mapped_column(primary_key=True)
    partner_id: Mapped[UUID]
    service_types: Mapped[list[str]]
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    ended_on: Mapped[date | None]


class Letter(TwoPartyRow, Base):
    """What the city asks one school: about what, of which month (YYYYMM), until when. Its words are `LetterText`s."""

    __tablename__ = "city_letter"

    subject: Mapped[str]
    month: Mapped[int | None]
    answer_by: Mapped[date]
    state: Mapped[str]
    sent_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(server_default="1")


class LetterText(TwoPartyRow, Base):
    """One text of a letter, sealed for who wrote it and for who reads it; signed by a function, never by a name."""

    __tablename__ = "city_letter_text"

    letter_id: Mapped[UUID]
    kind: Mapped[str]
    signed_as: Mapped[str]
    at: Mapped[datetime]
    own_text: Mapped[bytes]
    peer_text: Mapped[bytes | None]


class LetterDraft(TenantRow, Base):
    """What somebody of the school prepared for the one who answers; the city never has this row."""

    __tablename__ = "city_letter_draft"

    letter_id: Mapped[UUID]
    content: Mapped[bytes]
    prepared_by: Mapped[UUID]
    prepared_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(server_default="1")
