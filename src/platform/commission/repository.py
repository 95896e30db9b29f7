"""Every query of the module."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, Uuid, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from src.platform.access.relations import my_relations, scope
from src.platform.commission import policy
from src.platform.commission.models import Assessment, AssessmentCopy
from src.platform.db import together
from src.platform.db.unit import Unit
from src.platform.tenants import service as tenants
from src.platform.vault import service as vault

RELATIONS = policy.__name__
_MOST = 200
_GIVEN = func.array(
    select(AssessmentCopy.peer_tenant_id)
    .where(AssessmentCopy.assessment_id == Assessment.id)
    .correlate(Assessment)
    .scalar_subquery(),
    type_=ARRAY(Uuid),
)


@dataclass(frozen=True, slots=True)
class Tied:
    """An assessment with the relations that tie the reader to it."""

    assessment: Assessment
    relations: list[str]
    given_to: Sequence[UUID] = ()
    """The organisations that have a copy, on the page of one report."""


def _scoped(roles: frozenset[str]) -> Select[Assessment, list[str]]:
    return select(Assessment, my_relations("assessment")).where(scope(roles, "assessment.read"))


async def one(unit: Unit, assessment_id: UUID, *, lock: bool = False) -> Tied | None:
    """One assessment if the reader may."""
    query = _scoped(unit.me.roles).add_columns(_GIVEN).where(Assessment.id == assessment_id)
    if lock:
        query = query.with_for_update(of=Assessment)
    row = (await unit.session.execute(query, await vault.facts(unit))).one_or_none()
    return Tied(*row) if row else None


async def listing(unit: Unit) -> list[Assessment]:
    """Assessments that the reader may see, the newest first."""
    query = _scoped(unit.me.roles).order_by(Assessment.opened_at.desc(), Assessment.id.desc()).limit(_MOST)
    return [row[0] for row in (await unit.session.execute(query, await vault.facts(unit))).all()]


async def readable_by(unit: Unit, roles: frozenset[str], facts: dict[str, object], assessment_id: UUID) -> bool:
    """Whether somebody with these roles and facts may read an assessment."""
    query = _scoped(roles).where(Assessment.id == assessment_id)
    return (await unit.session.execute(query, facts)).one_or_none() is not None


async def is_open(unit: Unit, referral_id: UUID) -> bool:
    """Whether the request is a case already."""
    return await unit.session.scalar(select(Assessment.id).where(Assessment.id == referral_id)) is not None


async def write(unit: Unit, assessment: Assessment, version: int, **changes: object) -> bool:
    """Change an assessment if nobody did since `version`."""
    done = await unit.session.execute(
        update(Assessment)
        .where(Assessment.id == assessment.id, Assessment.version == version)
        .values(version=Assessment.version + 1, **changes)
        .returning(Assessment.id)
        .execution_options(synchronize_session=False)
    )
    return done.one_or_none() is not None


async def prefetch(unit: Unit) -> None:
    """Who works here and every organisation, in one statement."""
    await together.prefetch(unit.session, tenants.all_tenants(), tenants.all_members())


async def copies(unit: Unit) -> list[AssessmentCopy]:
    """The copies that other organisations gave to mine, the newest first."""
    query = select(AssessmentCopy).where(AssessmentCopy.peer_tenant_id == unit.tenant_id)
    query = query.order_by(AssessmentCopy.given_at.desc(), AssessmentCopy.id.desc()).limit(_MOST)
    return list((await unit.session.scalars(query)).all())


async def copy(unit: Unit, copy_id: UUID) -> AssessmentCopy | None:
    """One of them."""
    query = select(AssessmentCopy).where(AssessmentCopy.id == copy_id, AssessmentCopy.peer_tenant_id == unit.tenant_id)
    return (await unit.session.scalars(query)).one_or_none()
