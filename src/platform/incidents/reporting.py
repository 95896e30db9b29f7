"""What somebody who reports sees: the form, the numbers to call, the state of the own reports and nothing else."""

from src.platform.access import service as access
from src.platform.db.unit import Unit
from src.platform.incidents import repository
from src.platform.incidents.schemas import MyReports, Progress, ReportForm
from src.platform.incidents.triage import questions
from src.platform.tenants import service as tenants

_MY_MOST = 50
ALWAYS_CALL = ["112", "102", "103", "111"]


async def report_form(unit: Unit, *, danger: bool = False, back: str = "") -> ReportForm:
    """The empty report page with the numbers to call (R-260); `back` leads to where somebody was typing (R-258)."""
    access.require(unit, "report.submit")
    return ReportForm(emergency_numbers=await numbers_to_call(unit), danger=danger, back=back)


async def numbers_to_call(unit: Unit) -> list[str]:
    """The organisation's list; an empty one never leaves a child without a number (R-260)."""
    return await tenants.setting(unit, "emergency_numbers") or ALWAYS_CALL


async def my_reports(unit: Unit) -> MyReports:
    """The state of my own reports and what the team asks me, nothing else (R-057)."""
    return MyReports(
        rows=await my_progress(unit),
        tell_at="/report" if access.may_enter(unit.me, "report.submit") else "/tell",
        emergency_numbers=await numbers_to_call(unit),
    )


async def my_progress(unit: Unit) -> list[Progress]:
    """How far my own reports are, and what the team asks me."""
    return await questions.progress(unit, await repository.my_reports(unit, _MY_MOST))
