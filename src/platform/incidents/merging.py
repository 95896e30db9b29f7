"""Two at once in a form of an incident: what one typed beside what the other stored, for every form in one place.

A route gives one of these as `merge=` to `form()`. Where the other has taken the step already, the choice is sent to
the form that writes on its texts; a form in which nothing differs is shown again as it was typed.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from src.platform.incidents import inputs
from src.platform.incidents.families.schemas import ParentsView, TellParents
from src.platform.incidents.meetings.schemas import MeetingView
from src.platform.incidents.schemas import IncidentView
from src.platform.incidents.turns import amending
from src.platform.kit.forms import Merging
from src.platform.kit.merge import compare
from src.platform.kit.page import Page
from src.platform.kit.payload import Field, Spec

ROLE, LEVEL = "role-", "level-"
_NOT_COMPARED = frozenset({"version"})


class Stored(NamedTuple):
    """What stands now, the version of that, where the choice is sent, and words for the ids in it."""

    values: Mapping[str, Any]
    version: int
    action: str
    labels: Mapping[str, str]
    is_taken: bool = False
    """Whether the step itself is taken, so that only its texts are left to choose."""


Found = Callable[[Any, Mapping[str, Any]], Stored | None]


def _merging(spec: Spec, found: Found) -> Merging:
    def merged(page: Page[Any], typed: Mapping[str, Any]) -> Page[Any]:
        stored = found(page.content, typed)
        if stored is None:
            return page
        asked = tuple(Field(name, "enum") for name in typed if name.startswith((ROLE, LEVEL)))
        fields = Spec(*(one for one in (*spec, *asked) if one.name in stored.values or not stored.is_taken))
        both = compare(fields, typed, stored.values, _NOT_COMPARED)
        if both.differing:
            page.page_template = "incidents/merge.html"
            page.page_context = page.page_context | {**stored._asdict(), "both": both, "values": {}}
        return page

    return merged


def _of_step(step: str, values: Callable[[IncidentView, Mapping[str, Any]], Mapping[str, Any]]) -> Found:
    """While the step is open: the choice goes to the step itself; afterwards its texts can still be written on."""

    def found(view: IncidentView, typed: Mapping[str, Any]) -> Stored | None:
        at = f"/incidents/{view.id}/"
        if any(one.name == step for one in view.steps):
            path = {"replace": "investigator"}.get(step, step)
            return Stored(values(view, typed), view.version, at + path, _labels(view))
        amendable = amending.open_texts(view.state, view.may)
        texts = {name: text for name, text in _texts(view).items() if name in amendable and name in typed}
        return Stored(texts, view.version, at + "amend", {}, is_taken=True) if texts else None

    return found


def _labels(view: IncidentView) -> dict[str, str]:
    colleagues = (*view.team, *view.may_support, *view.nurses)
    return {str(one.membership_id): one.name for one in colleagues} | {str(one.id): one.code for one in view.people}


def _texts(view: IncidentView) -> dict[str, Any]:
    return {
        "findings": view.findings,
        "safety_measures": view.safety_measures,
        "minutes": view.decision.minutes if view.decision else None,
        "additional_info": view.additional_info,
    }


def _answers(view: IncidentView, typed: Mapping[str, Any]) -> dict[str, Any]:
    stored = msgspec.structs.asdict(view.answers)
    for hidden in view.hidden:  # what one may not see is added to, never chosen between
        name = hidden.removeprefix("answers.")
        stored[name] = typed.get(name)
    return stored


def _screened(view: IncidentView, _typed: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "investigators": [str(one.membership_id) for one in view.investigators],
        "support": [str(one.membership_id) for one in view.supporters],
    }


def _roles(view: IncidentView, typed: Mapping[str, Any]) -> dict[str, Any]:
    roles: dict[str, Any] = {f"{ROLE}{one.id}": one.role for one in view.people}
    hurt = [str(one.id) for one in view.people if one.injured]
    return roles | {"injured": typed.get("injured") if "answers.injured_names" in view.hidden else hurt}


def _of_parents(view: ParentsView, typed: Mapping[str, Any]) -> Stored | None:
    child = next((one for one in view.children if str(one.participation_id) == typed.get("participation_id")), None)
    if child is None:
        return None
    values = {"informed": child.informed, "informed_at": child.informed_at, "reason": child.reason}
    same = {"participation_id": typed.get("participation_id")}
    return Stored(values | same, child.version, f"/incidents/{view.id}/parents", {})


def _of_told(view: TellParents, typed: Mapping[str, Any]) -> Stored | None:
    child = next((one for one in view.children if str(one.participation_id) == typed.get("participation_id")), None)
    if child is None:
        return None
    same = {name: typed.get(name) for name in ("participation_id", "read", "sure")}
    return Stored({"measures": child.measures, **same}, child.version, f"/incidents/{view.id}/tell-parents", {})


def _of_meeting(view: MeetingView, _typed: Mapping[str, Any]) -> Stored | None:
    open_items = [one for one in view.items if not one.decided]
    came = list(dict.fromkeys(name for one in open_items for name in one.attended))
    ids = {one.name: str(one.membership_id) for one in view.invited}
    values = {
        "held_at": next((one.held_at for one in open_items if one.held_at), None),
        "attended": [ids[name] for name in came if name in ids],
    }
    labels = {str(one.membership_id): one.name for one in view.invited}
    return Stored(values, view.version, f"/meetings/{view.id}/attendance", labels)


def participation_of(name: str, prefix: str) -> UUID | None:
    """The person of a field like `role-<participation>`; None for what is no id."""
    try:
        return UUID(name.removeprefix(prefix))
    except ValueError:
        return None


triage = _merging(inputs.TRIAGE, _of_step("triage", _answers))
screen = _merging(inputs.SCREEN, _of_step("screen", _screened))
finish = _merging(inputs.FINISH, _of_step("finish", lambda view, _: _texts(view)))
classify = _merging(Spec(*inputs.CLASSIFY), _of_step("classify", lambda view, _: _texts(view)))
measures = _merging(inputs.MEASURES, _of_step("measures", lambda view, _: {"measures": view.staff_measures}))
roles = _merging(Spec(*inputs.DESCRIBE), _of_step("roles", _roles))
amend = _merging(inputs.AMEND, _of_step("amend", lambda view, _: _texts(view)))
inform_parents = _merging(inputs.PARENTS, _of_parents)
tell_parents = _merging(inputs.TELL_PARENTS, _of_told)
attend = _merging(inputs.ATTEND, _of_meeting)
