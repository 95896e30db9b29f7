"""Every query of the nurse: through the scope of her own right (S-31)."""

from sqlalchemy import select

from src.platform.access.relations import scope
from src.platform.db import together
from src.platform.db.unit import Unit
from src.platform.incidents import repository
from src.platform.incidents.models import Incident
from src.platform.vault import service as vault

_MOST = 50


async def mine(unit: Unit, permission: str) -> list[Incident]:
    """Incidents for which I was asked, the latest first."""
    query = select(Incident).where(scope(unit.me.roles, permission)).order_by(Incident.reported_at.desc(), Incident.id)
    return list((await unit.session.scalars(query.limit(_MOST), await vault.facts(unit))).all())


async def prefetch(unit: Unit, incident: Incident) -> None:
    """What the page shows, in one statement."""
    reads = (repository.participations_of([incident.id]), repository.injuries_of(incident.id))
    await together.prefetch(unit.session, *reads)
