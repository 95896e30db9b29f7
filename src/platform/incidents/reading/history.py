"""Which answers a verb changed, as the chain remembers them: names of fields, and values of closed lists only.

Details of health and texts leave no value there: the chain is kept for good, they are not.
"""

from collections.abc import Mapping
from datetime import date, time
from typing import Any

from src.platform.incidents.models import Incident

WITH_VALUE = (
    "urgency",
    "outcome",
    "happened_on",
    "happened_time",
    "happened_until",
    "happened_about",
    "place",
    "problem_behaviours",
    "violence_types",
    "bullying_subtypes",
    "serious_signs",
    "repetition",
    "residential_child",
    "criminal_offence",
    "harmed",
    "harm_danger",
    "sent_to_medical",
)
HEALTH = ("self_harm_sign", "injured_count", "injuries", "medical_where")
TEXTS = ("behaviour_other", "findings", "safety_measures", "additional_info")
Detail = dict[str, str | int | bool]


def changed(incident: Incident, changes: Mapping[str, Any]) -> Detail:
    """What `changes` will change of an incident that is not written yet."""
    told: Detail = {}
    for name in (*WITH_VALUE, *HEALTH, *TEXTS):
        if name in changes and changes[name] != getattr(incident, name):
            told[name] = _value(changes[name]) if name in WITH_VALUE else ""
    return told


def readable(detail: Mapping[str, Any], classes: frozenset[str]) -> Detail:
    """What of it a reader of the incident may know: without the class `health` not even that such an answer changed."""
    known = (*WITH_VALUE, *HEALTH, *TEXTS) if "health" in classes else (*WITH_VALUE, *TEXTS)
    return {name: detail[name] for name in known if name in detail}


def _value(value: Any) -> str | bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, list):
        return " ".join(value)
    return value.isoformat() if isinstance(value, date) else f"{value:%H:%M}" if isinstance(value, time) else str(value)
