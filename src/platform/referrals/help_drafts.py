"""Form K that somebody prepares and somebody else signs: the prevention manager collects, never sends (R-254)."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import ScalarSelect, Select, select, update

from src.platform.access import service as access
from src.platform.audit import service as audit
from src.platform.db import together
from src.platform.db.together import Read
from src.platform.db.unit import Unit
from src.platform.incidents import outward
from src.platform.kit import clock
from src.platform.kit.errors import StaleVersion
from src.platform.kit.ids import new_id
from src.platform.outbox import service as outbox
from src.platform.referrals.models import HelpRequestDraft
from src.platform.referrals.referring_schemas import Help, HelpForm, Prepared
from src.platform.vault import service as vault

PREPARE = "incident.prepare_help"
_encoder, _decoder = msgspec.json.Encoder(), msgspec.json.Decoder(Prepared)


def waiting(children: ScalarSelect[UUID] | Select[UUID] | Iterable[UUID], key: UUID) -> Read[HelpRequestDraft]:
    """What was prepared for some children and not sent yet, to be read with others; `key` names where it is read."""
    wanted = children if isinstance(children, (ScalarSelect, Select)) else list(children)
    query = select(HelpRequestDraft).where(
        HelpRequestDraft.referral_id.is_(None), HelpRequestDraft.participation_id.in_(wanted)
    )
    return Read(("help_request_draft", key), query)


async def read(unit: Unit, rows: Iterable[HelpRequestDraft]) -> dict[UUID, Prepared]:
    """The same for a person, by the child."""
    return {
        row.participation_id: msgspec.structs.replace(
            _decoder.decode(await vault.open_people(unit, row.content, row.id)), version=row.version
        )
        for row in rows
    }


async def form_of(unit: Unit, incident_id: UUID) -> HelpForm:
    """The children for whom it can be prepared, with what is prepared already. Raises NotFound, Forbidden."""
    number, children = await outward.children(unit, incident_id, PREPARE)
    found = await together.rows(unit.session, waiting(children, incident_id))
    audit.record(unit, "incident.read", "incident", [incident_id], classes={"case-sensitive"})
    return HelpForm(id=incident_id, code=number, children=children, prepared=await read(unit, found))


async def prepare(
    unit: Unit, incident_id: UUID, participation_id: UUID, version: int, *, reason: str, told: Help
) -> None:
    """Write Form K down for somebody else to sign; nothing of it leaves the school. Raises NotFound, StaleVersion."""
    child = await outward.child(unit, incident_id, participation_id, PREPARE)
    found = await together.rows(unit.session, waiting([participation_id], participation_id))
    row = next(iter(found), None)
    if (row.version if row else 0) != version:
        raise StaleVersion
    at, draft_id = clock.now(), row.id if row else new_id()
    content = await vault.seal_people(unit, _encoder.encode(await _made(unit, at, reason, told)), draft_id)
    if row is not None:
        row.content, row.prepared_by, row.prepared_at, row.version = content, unit.me.membership_id, at, version + 1
    else:
        unit.session.add(
            HelpRequestDraft(
                tenant_id=unit.tenant_id,
                id=draft_id,
                participation_id=participation_id,
                content=content,
                prepared_by=unit.me.membership_id,
                prepared_at=at,
                version=1,
            )
        )
    await outbox.emit(unit, "referrals.help_prepared", {"incident": incident_id})
    audit.record(unit, "help_request.prepared", "incident", [incident_id, draft_id], classes=child.classes)


async def signed(unit: Unit, participation_id: UUID, referral_id: UUID) -> None:
    """Form K of a child has gone: what was prepared for it waits no longer."""
    await unit.session.execute(
        update(HelpRequestDraft)
        .where(HelpRequestDraft.participation_id == participation_id, HelpRequestDraft.referral_id.is_(None))
        .values(referral_id=referral_id, version=HelpRequestDraft.version + 1)
        .execution_options(synchronize_session=False)
    )


async def _made(unit: Unit, at: datetime, reason: str, told: Help) -> Prepared:
    by = (await vault.staff_names(unit, [unit.me.person_id])).get(unit.me.person_id, "")
    return Prepared(by=by, at=at, reason=reason, help=told)


def may_sign() -> frozenset[str]:
    """The roles that send what was prepared."""
    return access.roles_with(outward.REFER)
