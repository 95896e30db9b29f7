"""Why a term ends when it ends, in the reader's language."""

from src.platform.deadlines.catalogue import Clock
from src.platform.deadlines.terms import Terms
from src.platform.kit.i18n import format_date, gettext, ngettext
from src.platform.workdays.schemas import Skipped


def why(clock: Clock, terms: Terms) -> str:
    """“2 working days from 15.12.2026, without 16.12.2026 (Independence Day)”; empty where nothing is counted."""
    counted = _counted(clock)
    if not counted:
        return ""
    start = format_date(terms.started_at)
    days = ", ".join(_skipped(day) for day in terms.explanation)
    if not days:
        return gettext("%(counted)s from %(start)s", counted=counted, start=start)
    if clock.day == "working":
        return gettext("%(counted)s from %(start)s, without %(days)s", counted=counted, start=start, days=days)
    return gettext("%(counted)s from %(start)s, moved because of %(days)s", counted=counted, start=start, days=days)


def _counted(clock: Clock) -> str:
    number = clock.limit
    if clock.period is not None or not number:
        return ""
    if clock.backwards:
        return ngettext("%(num)s day back", "%(num)s days back", number)
    return {
        "calendar": ngettext("%(num)s day", "%(num)s days", number),
        "working": ngettext("%(num)s working day", "%(num)s working days", number),
        "month": ngettext("%(num)s month", "%(num)s months", number),
        "instructional": ngettext("%(num)s school day", "%(num)s school days", number),
        "instructional_week": ngettext("%(num)s school week", "%(num)s school weeks", number),
    }[clock.day]


def _skipped(skipped: Skipped) -> str:
    match skipped.reason:
        case "act":
            reason = gettext("by act")
        case "weekly":
            reason = gettext("weekly day off")
        case "moved" if skipped.name:
            reason = gettext("day off for: %(holiday)s", holiday=gettext(skipped.name))
        case "moved":
            reason = gettext("moved day off")
        case _:
            reason = gettext(skipped.name)
    return f"{format_date(skipped.day)} ({reason})"
