"""What a reader narrows the list by, as conditions on rows that the reader sees anyway (S-17)."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, Self
from urllib.parse import parse_qs, urlencode
from uuid import UUID

from sqlalchemy import ColumnElement, Date, cast, exists, func, literal

from src.platform.access import service as access
from src.platform.db.unit import Unit
from src.platform.deadlines import service as deadlines
from src.platform.incidents import inputs
from src.platform.incidents.models import Incident, Participation
from src.platform.incidents.reading import daytimes
from src.platform.kit import clock
from src.platform.kit.errors import FieldError, Invalid
from src.platform.kit.i18n import N_
from src.platform.kit.payload import read_payload

_DAY = cast(func.timezone(clock.LOCAL_ZONE.key, Incident.reported_at), Date)
_LOOK_ALIKE = str.maketrans("АВЕКМНОРСТУХІ", "ABEKMHOPCTYXI")
"""The letters of a code are Latin; a keyboard that is not types their look-alikes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question to the list; `code` is the number of an incident, or the code of a person in one."""

    code: str = ""
    state: tuple[str, ...] = ()
    urgency: str = ""
    clock: str = ""
    place: str = ""
    violence: str = ""
    behaviour: str = ""
    daytime: str = ""
    weekday: str = ""
    lacks: str = ""
    school_class: UUID | None = None
    reported_from: date | None = None
    reported_to: date | None = None
    sort: str = "newest"

    @classmethod
    def of(cls, values: dict[str, Any]) -> Self:
        """From the values of an address. Raises Invalid for days in the wrong order."""
        asked = cls(**values | {"state": tuple(sorted(values.get("state", ())))})
        if asked.reported_from and asked.reported_to and asked.reported_from > asked.reported_to:
            message = N_("The last day cannot be before the first")
            raise Invalid(fields=[FieldError("reported_to", "before_first", message)])
        return asked

    @classmethod
    def of_query(cls, query: str) -> Self:
        """From the text of an address. Raises Invalid."""
        sent = {name: said[0] if len(said) == 1 else said for name, said in parse_qs(query).items()}
        parsed = read_payload(sent, inputs.FILTER)
        if parsed.errors:
            raise Invalid(fields=[FieldError("", "not_a_filter", N_("This is not a filter of the list"))])
        return cls.of(parsed.values)

    @property
    def query(self) -> str:
        """The same as the text of an address, always written alike."""
        return urlencode(self._said(), doseq=True)

    @property
    def narrows(self) -> bool:
        """Whether it asks for anything but an order."""
        return not self._said().keys() <= {"sort"}

    def _said(self) -> dict[str, object]:
        if self == _NOTHING:
            return {}
        said = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: value for name, value in said.items() if value != getattr(_NOTHING, name)}

    @property
    def number(self) -> str:
        """The number of an incident, where that is asked for."""
        digits = self.code.removeprefix("№").strip()
        return digits if digits.isdecimal() else ""

    def means(self, code: str) -> bool:
        """Whether a person's code is asked for: the whole of it or its letters, in capitals or not."""
        asked, known = (text.upper().translate(_LOOK_ALIKE) for text in (self.code, code))
        return asked in (known, known.rpartition("-")[2])


_NOTHING = Asked()


def may_ask_for_classes(unit: Unit) -> bool:
    """Whether the reader knows every person of every incident of the list, and who learns where."""
    by_role = access.classes(unit.me, "incident.read")
    return by_role >= access.IDENTITY and access.may(unit.me, "school_class.read")


def may_press_for_names(unit: Unit) -> bool:
    """Whether some incident of the list can show the reader the name of somebody in it."""
    return bool(access.classes(unit.me, "incident.read") & access.IDENTITY)


def refuse_hidden(unit: Unit, asked: Asked) -> None:
    """Raises Invalid, as for a parameter that nobody has, for one about what is hidden from this reader (S-17)."""
    if asked.school_class is not None and not may_ask_for_classes(unit):
        message = N_("The form was sent with a field that it does not have")
        raise Invalid(fields=[FieldError("", "unknown_field", message)])


def conditions(asked: Asked, now: datetime, students: Collection[bytes]) -> Iterator[ColumnElement[bool]]:
    """The question as SQL; `students` are the fingerprints of the class that was asked for."""
    if asked.number:
        yield Incident.number == asked.number
    if asked.state:
        yield Incident.state.in_(asked.state)
    if asked.urgency:
        yield Incident.urgency == asked.urgency
    if asked.clock:
        state = func.coalesce(deadlines.next_state(Incident.id, now), "none")
        yield state == asked.clock
    if asked.place:
        yield Incident.place == asked.place
    if asked.violence:
        yield literal(asked.violence) == func.any(Incident.violence_types)
    yield from _happened(asked)
    if asked.school_class is not None:
        yield exists().where(Participation.incident_id == Incident.id, Participation.link_blind.in_(students))
    if asked.reported_from:
        yield asked.reported_from <= _DAY
    if asked.reported_to:
        yield asked.reported_to >= _DAY


def _happened(asked: Asked) -> Iterator[ColumnElement[bool]]:
    """What Form D-1 says of it, and what it does not say yet."""
    if asked.behaviour:
        yield literal(asked.behaviour) == func.any(Incident.problem_behaviours)
    if asked.daytime:
        yield daytimes.daytime() == asked.daytime
    if asked.weekday:
        yield daytimes.weekday() == int(asked.weekday)
    if asked.lacks:
        yield daytimes.LACKS[asked.lacks]
