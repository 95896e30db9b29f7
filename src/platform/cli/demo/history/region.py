"""The region that is told about: who is there, what time it is, which stories go on."""

import heapq
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime
from itertools import count
from typing import Any
from uuid import UUID

from src.platform.cli.demo.history.cast import SchoolCast
from src.platform.cli.demo.history.teller import RefusedError, Teller
from src.platform.kit.clock import local_date
from src.platform.workdays.calendar import WorkCalendar

Story = AsyncIterator[datetime]


class History:
    """Stories that go on side by side; each says when it goes on, and the earliest goes first."""

    def __init__(
        self, teller: Teller, schools: list[SchoolCast], tenants: dict[str, UUID], calendars: dict[str, WorkCalendar]
    ) -> None:
        self.teller, self.schools, self.tenants = teller, schools, tenants
        self.incidents: set[UUID] = set()
        self.now = datetime.min.replace(tzinfo=UTC)
        self.refused: list[str] = []
        self._calendars = calendars
        self._waiting: list[tuple[datetime, int, Story]] = []
        self._begun: list[Story] = []
        self._numbers = count()

    def calendar(self, school: SchoolCast) -> WorkCalendar:
        """The working days of a school."""
        return self._calendars[school.key]

    def known(self, incident: Any) -> UUID:
        """Remember an incident, so that one without a name is told from it."""
        found = incident if isinstance(incident, UUID) else UUID(incident)
        self.incidents.add(found)
        return found

    def begin(self, story: Story) -> None:
        """Another story begins now."""
        self._begun.append(story)

    async def tell(self, stories: list[Story], until: datetime, tick: Callable[[date], bool]) -> bool:
        """Tell everything up to a moment; False when `tick`, asked between two acts with the day, said to stop."""
        for story in stories:
            await self._go_on(story)
        while self._waiting and self._waiting[0][0] < until:
            moment, _, story = heapq.heappop(self._waiting)
            self.now = max(moment, self.now)
            if not tick(local_date(self.now)):
                return False
            await self.teller.until(self.now)
            await self._go_on(story)
            while self._begun:
                await self._go_on(self._begun.pop(0))
        await self.teller.until(until)
        await self.teller.settle()
        return True

    async def _go_on(self, story: Story) -> None:
        try:
            moment = await anext(story)
        except StopAsyncIteration:
            return
        except RefusedError as refused:
            self.refused.append(str(refused))
            return
        heapq.heappush(self._waiting, (moment, next(self._numbers), story))
