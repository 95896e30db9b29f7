"""Injuries on the map of a body: named regions, front and back, noted by whoever may, read by the class `health`."""

from collections.abc import Collection, Iterator
from typing import NamedTuple
from uuid import UUID

from src.platform.audit import service as audit
from src.platform.db.unit import Unit
from src.platform.incidents import repository, service, tokens
from src.platform.incidents.errors import WrongStateError
from src.platform.incidents.models import Incident, Injury
from src.platform.incidents.triage import urgency
from src.platform.kit import clock
from src.platform.kit.errors import NotFound
from src.platform.kit.ids import new_id
from src.platform.vault import service as vault

_WIDTH = 120
_MIDDLE = {
    "front": {
        "face": "48,8 72,8 76,24 70,38 60,42 50,38 44,24",
        "throat": "52,43 68,43 70,52 50,52",
        "chest": "42,54 78,54 80,92 40,92",
        "belly": "40,94 80,94 80,124 40,124",
        "pelvis": "40,126 80,126 82,146 60,150 38,146",
    },
    "back": {
        "back_of_head": "48,8 72,8 76,24 70,38 60,42 50,38 44,24",
        "nape": "52,43 68,43 70,52 50,52",
        "upper_back": "42,54 78,54 80,92 40,92",
        "lower_back": "40,94 80,94 80,124 40,124",
        "buttocks": "40,126 80,126 82,146 60,150 38,146",
    },
}
_LIMBS = {  # on the left of the picture; the other side is its mirror image
    "front": {
        "shoulder": "26,56 40,54 38,70 24,72",
        "upper_arm": "24,74 38,72 36,98 22,98",
        "forearm": "21,100 35,100 30,132 18,132",
        "hand": "17,134 31,134 29,154 15,154",
        "thigh": "38,152 58,154 57,190 41,190",
        "knee": "41,192 57,192 57,208 42,208",
        "shin": "42,210 57,210 55,246 45,246",
        "foot": "44,248 56,248 56,264 38,264",
    },
    "back": {
        "shoulder_blade": "26,56 40,54 38,70 24,72",
        "back_of_arm": "24,74 38,72 36,92 22,92",
        "elbow": "22,94 36,94 34,106 21,106",
        "back_of_hand": "20,108 34,108 29,154 15,154",
        "back_of_thigh": "38,152 58,154 57,190 41,190",
        "back_of_knee": "41,192 57,192 57,208 42,208",
        "calf": "42,210 57,210 55,246 45,246",
        "heel": "44,248 56,248 56,264 42,264",
    },
}


class Region(NamedTuple):
    """A part of the body on one of the two figures; `points` draw it, 120 wide and 272 high."""

    code: str
    view: str
    part: str
    side: str
    points: str


def _mirrored(points: str) -> str:
    pairs = (pair.split(",") for pair in points.split())
    return " ".join(f"{_WIDTH - int(x)},{y}" for x, y in pairs)


def _regions() -> Iterator[Region]:
    for view, parts in _MIDDLE.items():
        for part, points in parts.items():
            yield Region(part, view, part, "", points)
        near, far = (
            ("right", "left") if view == "front" else ("left", "right")
        )  # who faces us has the right on our left
        for part, points in _LIMBS[view].items():
            yield Region(f"{part}_{near}", view, part, near, points)
            yield Region(f"{part}_{far}", view, part, far, _mirrored(points))
    yield Region("not_visible", "inside", "not_visible", "", "")


REGIONS = tuple(_regions())
CODES = frozenset(region.code for region in REGIONS)
_LONGEST = max(map(len, CODES))


async def note(
    unit: Unit,
    incident_id: UUID,
    version: int,
    *,
    regions: Collection[str],
    note: str = "",
    participation_id: UUID | None = None,
    sent_to_medical: bool | None = None,
) -> UUID:
    """Note injuries in regions of one body; what stands stays, and somebody is hurt from now on (R-038, R-048)."""
    incident = await service.for_verb(unit, incident_id, "incident.note_injuries")
    if incident.state == "closed":
        raise WrongStateError
    record_id = await add(unit, incident, regions=regions, note=note, participation_id=participation_id)
    await somebody_is_hurt(unit, incident, version, sent_to_medical)
    audit.record(unit, "incident.injuries_noted", "incident", [incident.id, record_id], classes={"health"})
    return record_id


async def add(
    unit: Unit, incident: Incident, *, regions: Collection[str], note: str, participation_id: UUID | None
) -> UUID:
    """The rows of one record; the caller has asked who may. Raises NotFound for somebody who does not stand here."""
    people = await repository.participations(unit, [incident.id])
    hurt = next((one for one in people if one.id == participation_id), None)
    if participation_id and hurt is None:
        raise NotFound
    if hurt is not None:
        hurt.injured = True
    record_id, at = new_id(), clock.now()
    for region in regions:
        row_id = new_id()
        unit.session.add(
            Injury(
                tenant_id=unit.tenant_id,
                id=row_id,
                incident_id=incident.id,
                record_id=record_id,
                participation_id=participation_id,
                region=await vault.seal_text(
                    unit, region.ljust(_LONGEST), "injury.region", row_id
                ),  # all of one length
                note=await vault.seal_text(unit, tokens.typed(note), "injury.note", row_id) if note else None,
                noted_at=at,
                noted_by=unit.me.membership_id,
            )
        )
    return record_id


async def somebody_is_hurt(
    unit: Unit, incident: Incident, version: int, sent_to_medical: bool | None = None, **more: object
) -> None:
    """From now on somebody is hurt, whatever was answered before (R-038, R-048). Raises StaleVersion."""
    changes: dict[str, object] = {"harmed": True, "identities_read_at": None, **more}
    if sent_to_medical is not None:
        changes["sent_to_medical"] = sent_to_medical
    if incident.state == "reported":
        changes |= {"urgency": "urgent", "urgency_answered": True}
    before = urgency.Before(incident)
    await service.write(unit, incident, version, **changes)
    await urgency.settle(unit, incident)
    await urgency.rose(unit, before, incident)
