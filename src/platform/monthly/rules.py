"""How each number of Form E comes about, in words (forms.md E, "derivation")."""

from collections.abc import Mapping
from types import MappingProxyType

from src.platform.kit.i18n import N_

_BY_STATUS = N_("Reports that came in the month from people of this kind. Two reports of one incident are two.")
_LEVEL = N_("Children with this level; each child once, with the last level that a team meeting of the month set.")
_PLAN = N_("Children whose plan of this kind was in force on a day of the month (Form G). No plan is kept here yet.")
_RULES: Mapping[str, str] = MappingProxyType(
    {
        "cases_total": N_("Incidents whose earliest report came in the month. Linked reports are one incident."),
        "reporters_student": _BY_STATUS,
        "reporters_teacher": _BY_STATUS,
        "reporters_staff": _BY_STATUS,
        "reporters_parent": _BY_STATUS,
        "reporters_other": N_("Reports that came in the month from anybody else, those without a name among them."),
        "forms_completed": N_("Incidents whose investigation was finished in the month."),
        "by_behaviour": N_(
            "Incidents reported in the month that tick this behaviour. An incident with two behaviours counts in both, "
            "so the sum may be greater than the number of incidents."
        ),
        "offenders_total": N_(
            "Students named as offender in incidents about which the team met in the month, unless nothing was "
            "confirmed. Each student counts once."
        ),
        "victims_total": N_(
            "Students named as victim in incidents about which the team met in the month, unless nothing was "
            "confirmed. Each student counts once."
        ),
        "witnesses_total": N_(
            "Students named as witness in incidents about which the team met in the month, unless nothing was "
            "confirmed. Each student counts once."
        ),
        "class_not_at_risk": _LEVEL,
        "class_at_risk": _LEVEL,
        "class_high_risk": _LEVEL,
        "injured_total": N_(
            "Children with a noted injury in incidents reported in the month, each once. Where no child is named, the "
            "number of injured that Form D says."
        ),
        "assessments_done": N_(
            "Behaviour assessments completed in the month (Form F). No assessment is kept here yet."
        ),
        "in_secondary": _PLAN,
        "in_tertiary": _PLAN,
    }
)


def of(key: str) -> str:
    """The rule of a number, as a text to translate. Raises KeyError."""
    return _RULES[key.partition(".")[0]]
