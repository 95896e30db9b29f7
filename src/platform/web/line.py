"""Whoever asks much waits in line: a flood on one school costs the others next to nothing (ADR 41).

A person, an organisation and its public address each have a line in every process. What is remembered of a session or
an address says only whose line a request stands in: it admits nobody, and an invented session stands in nobody's.
"""

import asyncio
import math
import random
import time
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

from litestar import Request

from src.platform.db.binding import Binding, PublicAddress
from src.platform.db.unit import Unit
from src.platform.kit.errors import QorganError
from src.platform.kit.i18n import N_
from src.platform.kit.settings import Share, settings

_MOST = 50_000
"""Sessions and addresses whose line is known, and lines; about 20 MB of a process."""
_HELD = 1_000
"""Requests that wait at the same time in a process; others are refused at once."""

Line = tuple[str, Hashable]


class Known(NamedTuple):
    """Whose lines the requests with a proof stand in, and the language to refuse them in; "" for a visitor's own."""

    lines: tuple[Line, ...]
    language: str


class LineTooLongError(QorganError):
    """The person or the school asked so much that the turn of this request would come too late."""

    status = 429
    code = "line_too_long"
    retry_after = 10
    title = N_(
        "Very many requests are coming in just now. Wait some seconds and reload this page: what you typed goes with it"
    )


class Lines:
    """When each line is free again; the memory of a process."""

    def __init__(self) -> None:
        """Nobody is known and nobody waits."""
        self._known: OrderedDict[Binding, Known] = OrderedDict()
        self._free_at: OrderedDict[Line, float] = OrderedDict()
        self._held = 0

    async def wait(self, request: Request[Any, Any, Any], binding: Binding) -> None:
        """Until it is the turn of a request. Raises LineTooLongError, to the patient only after the longest wait."""
        known = self._known.get(binding)
        if known is None:
            return
        most = settings().request_waits_most
        seconds = self._stand(known.lines, time.monotonic(), most)
        if seconds == 0:
            return
        request.state.language = known.language
        if self._held >= _HELD:
            raise LineTooLongError
        self._held += 1
        try:
            await asyncio.sleep(_until_refused(most) if seconds is None else seconds)
        finally:
            self._held -= 1
        if seconds is None:
            raise LineTooLongError

    def learn(self, binding: Binding, unit: Unit) -> None:
        """Remember whose line the requests with this proof or at this address stand in."""
        if unit.subject is None and not isinstance(binding, PublicAddress):
            return  # a visitor, or a session that has ended: many people look like that
        language = unit.subject.language if unit.subject else ""
        known = self._known.get(binding)
        if known is None or known.language != language:
            self._known[binding] = Known(_lines(unit), language)
            _forget_oldest(self._known)
        else:
            self._known.move_to_end(binding)

    @property
    def known(self) -> tuple[int, int]:
        """How many sessions and addresses, and how many lines."""
        return len(self._known), len(self._free_at)

    def _stand(self, lines: Sequence[Line], now: float, most: float) -> float | None:
        """Seconds to wait; None where that would be too long, which leaves the lines as they were."""
        shares = [_share(kind) for kind, _ in lines]
        free_at = [
            max(self._free_at.get(line, -math.inf), now - (share.burst - 1) / share.rate)
            for line, share in zip(lines, shares, strict=True)
        ]
        seconds = max(0.0, *(free - now for free in free_at))
        if seconds > most:
            return None
        for line, share, free in zip(lines, shares, free_at, strict=True):
            self._free_at[line] = free + 1 / share.rate
            self._free_at.move_to_end(line)
        _forget_oldest(self._free_at)
        return seconds


def _lines(unit: Unit) -> tuple[Line, ...]:
    if unit.subject is None:
        return (("address", unit.tenant_id),)
    return ("person", unit.me.membership_id), ("organisation", unit.tenant_id)


def _until_refused(most: float) -> float:
    """Spread, so that those who came together do not leave together."""
    return random.uniform(most, 2 * most)  # noqa: S311  # nothing secret


def _share(kind: str) -> Share:
    return settings().person_share if kind == "person" else settings().organisation_share


def _forget_oldest(kept: OrderedDict[Any, Any]) -> None:
    if len(kept) > _MOST:
        kept.popitem(last=False)


lines = Lines()
