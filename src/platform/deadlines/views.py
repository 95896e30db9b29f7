"""Why a term ends when it ends, in the reader's language."""

from src.platform.deadlines.catalogue import Clock
from src.platform.deadlines.terms import Terms
from src.platform.kit.i18n import format_date, format_period, gettext, ngettext
from src.platform.workdays.schemas import Skipped


def why(clock: Clock, terms: Terms, *, period: str = "") -> str:
    """“2 working days from 15.12.2026, without 16.12.2026 (Independence Day)”, as it was counted when it began."""
    said = _of_period(clock, terms, period) if clock.period else _from_start(clock, terms)
    days = ", ".join(_skipped(day) for day in terms.explanation)
    if not days:
        return said
    if clock.day == "working":
        return gettext("%(counted)s, without %(days)s", counted=said, days=days)
    return gettext("%(counted)s, moved because of %(days)s", counted=said, days=days)


def _from_start(clock: Clock, terms: Terms) -> str:
    start = format_date(terms.started_at)
    if not clock.limit:
        return gettext("by the end of the same day, %(start)s", start=start)
    return gettext("%(counted)s from %(start)s", counted=_counted(clock), start=start)


def _of_period(clock: Clock, terms: Terms, period: str) -> str:
    """A duty that returns: it ends with its period, or so many days after it."""
    named = format_period(period) if period else ""
    if not clock.limit:
        return {
            "week": gettext("by the end of the week %(period)s", period=named),
            "month": gettext("by the end of the month"),
            "quarter": gettext("by the end of the quarter"),
            "school_year": gettext("by the end of the school year"),
            "date": gettext("on the day that is fixed for it, %(day)s", day=format_date(terms.due_at)),
        }[str(clock.period)]
    counted = _counted(clock)
    return {
        "week": gettext("%(counted)s after the end of the week %(period)s", counted=counted, period=named),
        "month": gettext("%(counted)s after the end of the month %(period)s", counted=counted, period=named),
        "quarter": gettext("%(counted)s after the end of the quarter", counted=counted),
        "school_year": gettext("%(counted)s after the end of the school year", counted=counted),
        "date": gettext("%(counted)s after the day that is fixed for it", counted=counted),
    }[str(clock.period)]


def _counted(clock: Clock) -> str:
    number = clock.limit
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
