"""The pages of one incident: the incident itself, and the form of a step."""

from uuid import UUID

from src.platform.db.unit import Unit
from src.platform.incidents import views
from src.platform.incidents.evidence import injuries
from src.platform.incidents.schemas import IncidentView
from src.platform.incidents.turns import amending
from src.platform.kit.page import Page

_WITHOUT_FORM = "start"  # one press on the page of the incident


async def again(unit: Unit, incident_id: UUID, step: str) -> Page[IncidentView]:
    """The form of a step with what was typed, or the incident when the step is no longer open."""
    view = await views.one(unit, incident_id)
    return step_page(view, step) if is_open(view, step) else incident_page(view, left_over=True)


def is_open(view: IncidentView, step: str) -> bool:
    """Whether the reader may take a step now, and it has a form."""
    return step != _WITHOUT_FORM and any(one.name == step for one in view.steps)


def step_page(view: IncidentView, step: str) -> Page[IncidentView]:
    """The form of a step."""
    context = {"step": step, "amendable": amending.open_texts(view.state, view.may)}
    return Page(view, template=f"incidents/steps/{step}.html", context=context)


def incident_page(view: IncidentView, *, left_over: bool = False) -> Page[IncidentView]:
    """One incident; `left_over`: instead of a form that is gone, so that texts typed into it are shown here."""
    context = {"regions_of_body": injuries.REGIONS, "left_over": left_over}
    return Page(view, template="incidents/incident.html", context=context)
