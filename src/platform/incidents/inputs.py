"""What each form of the module may hold."""

from collections.abc import Mapping
from typing import Any

from src.platform.incidents.reading.daytimes import DAYTIMES, LACKS
from src.platform.incidents.states import TRANSITIONS
from src.platform.kit.payload import Field, Spec

_THREE = frozenset({"yes", "no", "unknown"})
_PLACES = frozenset(
    {
        "classroom",
        "canteen",
        "corridor_stairs",
        "toilet",
        "playground",
        "gym",
        "foyer",
        "way_to_school",
        "school_event",
        "online",
        "residential_institution",
        "home",
        "outside_school",
        "other_place",
    }
)
_VERSION = Field("version", "int", required=True)
REPORT = Spec(
    Field("description", "longtext", required=True),
    Field("who", "longtext", most=2000),
    Field("happened", "text"),
    Field("place", "enum", options=_PLACES),
    Field("harmed", "enum", options=_THREE),
    Field("harm_danger", "enum", options=_THREE),
    Field("reporter_status", "enum", options=frozenset({"teacher", "staff", "student", "other"})),
    Field("reporter_status_other", "text", most=200),
    Field("told_by", "text", most=200),
    Field("residential_child", "bool"),
)
TELL = Spec(
    Field("description", "longtext", required=True),
    Field("who", "longtext", most=2000),
    Field("happened", "text"),
    Field("place", "enum", options=_PLACES),
    Field("harmed", "enum", options=_THREE),
    Field("harm_danger", "enum", options=_THREE),
    Field("child", "uuid"),
)
TELL_PARENTS = Spec(
    _VERSION,
    Field("participation_id", "uuid", required=True),
    Field("measures", "longtext", most=2000),
    Field("read", "bool"),
    Field("sure", "bool"),
)
_BEHAVIOURS = frozenset(
    {
        "non_compliant",
        "disruptive",
        "disrespect",
        "tardiness",
        "bad_language",
        "fighting",
        "threatening",
        "name_calling",
        "theft",
        "extortion_behaviour",
        "vandalism",
        "other_behaviour",
    }
)
_VIOLENCE = frozenset(
    {
        "psychological",
        "physical",
        "sexual_harassment",
        "extortion",
        "cyberbullying",
        "peer_bullying",
        "discrimination",
        "corporal_punishment",
    }
)
_BULLYING = frozenset({"verbal", "social", "physical_bullying"})
ROLES = frozenset(
    {
        "role_perpetrator",
        "role_victim",
        "role_assistant",
        "role_reinforcer",
        "role_outsider",
        "role_defender",
    }
)
_SIGNS = frozenset(
    {
        "physical_danger",
        "physical_injury",
        "physical_weapon",
        "sexual",
        "money_taken",
        "peer_harm",
        "corporal_harm",
    }
)
_YES_NO = frozenset({"yes", "no"})
TRIAGE = Spec(
    _VERSION,
    Field("harmed", "bool"),
    Field("harm_danger", "bool"),
    Field("self_harm_sign", "bool"),
    Field("sent_to_medical", "enum", options=_YES_NO),
    Field("injured_count", "int", most=1000),
    Field("injuries", "longtext"),
    Field("medical_where", "text", most=200),
    Field("happened_on", "date"),
    Field("happened_time", "time"),
    Field("happened_until", "date"),
    Field("happened_about", "bool"),
    Field("place", "enum", options=_PLACES),
    Field("problem_behaviours", "multi_enum", options=_BEHAVIOURS),
    Field("behaviour_other", "text", most=500),
    Field("violence_types", "multi_enum", options=_VIOLENCE),
    Field("bullying_subtypes", "multi_enum", options=_BULLYING),
    Field("serious_signs", "multi_enum", options=_SIGNS),
    Field("sexual_words_only", "enum", options=_YES_NO),
    Field("repetition", "enum", options=frozenset({"single_first", "isolated", "repeated"})),
    Field("residential_child", "bool"),
    Field("criminal_offence", "bool"),
)
WORSEN = Spec(
    _VERSION,
    Field("harmed", "bool"),
    Field("harm_danger", "bool"),
    Field("self_harm_sign", "bool"),
    Field("sent_to_medical", "enum", options=_YES_NO),
    Field("serious_signs", "multi_enum", options=_SIGNS),
    Field("sexual_words_only", "enum", options=_YES_NO),
    Field("residential_child", "bool"),
    Field("criminal_offence", "bool"),
)
LINK = Spec(_VERSION, Field("into", "text", required=True, most=40))
FORWARD = Spec(
    _VERSION,
    Field("targets", "multi_enum", required=True, options=frozenset({"commission", "police", "medical", "prosecutor"})),
)
WAIVE = Spec(_VERSION, Field("reason", "longtext", required=True, most=4000))
AGREE = Spec(_VERSION, Field("waiver_id", "uuid", required=True))
PARENTS = Spec(
    Field("version", "int"),
    Field("participation_id", "uuid", required=True),
    Field("informed", "enum", options=frozenset({"parents", "other_representative", "guardianship_body"})),
    Field("informed_at", "datetime"),
    Field("reason", "longtext", most=2000),
)
RESIDENCE = Spec(
    Field("participation_id", "uuid", required=True), Field("residential", "enum", required=True, options=_YES_NO)
)
COUNCIL = Spec(_VERSION, Field("planned_for", "date", required=True))
DESCRIBE = (_VERSION, Field("injured", "uuids"))
"""The role of a person stands in `role-<participation>`."""
ASK_NURSE = Spec(_VERSION, Field("nurse", "uuid", required=True), Field("injured", "uuids"))
AMEND = Spec(
    _VERSION,
    Field("findings", "longtext"),
    Field("safety_measures", "longtext"),
    Field("minutes", "longtext"),
    Field("additional_info", "longtext"),
)
SEARCH = Spec(Field("text", "text", required=True, most=100))
NAME = Spec(
    Field("person_id", "uuid", required=True),
    Field("involvement", "enum", required=True, options=frozenset({"alleged_offender", "victim", "both", "witness"})),
    Field("kind", "enum", required=True, options=frozenset({"student", "employee", "other_adult"})),
)
MARK = Spec(
    _VERSION,
    Field("surface", "text", required=True, most=100),
    Field("stands_for", "uuid", required=True),
)
UNMARK = Spec(_VERSION, Field("token_id", "uuid", required=True))
SCREEN = Spec(_VERSION, Field("investigators", "uuids", required=True), Field("support", "uuids"))
STEP = Spec(_VERSION)
ASK = Spec(Field("report_id", "uuid", required=True), Field("text", "longtext", required=True, most=2000))
ANSWER = Spec(
    Field("report_id", "uuid", required=True), Field("text", "longtext", required=True), Field("question_id", "uuid")
)
HEAR = Spec(
    Field("participation_id", "uuid"),
    Field("report_id", "uuid"),
    Field("held_at", "datetime"),
    Field("held_by", "uuids"),
    Field("notes", "longtext"),
    Field(
        "waiver",
        "enum",
        options=frozenset({"left_to_police", "child_not_fit", "refused", "not_reachable", "anonymous"}),
    ),
)
FINISH = Spec(_VERSION, Field("findings", "longtext", required=True))
CLASSIFY = (
    _VERSION,
    Field("held_at", "datetime"),
    Field("attended", "uuids"),
    Field(
        "outcome",
        "enum",
        required=True,
        options=frozenset({"confirmed_violence", "confirmed_problem_behaviour", "not_confirmed"}),
    ),
    Field("safety_measures", "longtext"),
    Field("minutes", "longtext"),
    Field("mode", "enum", options=frozenset({"consensus", "vote"})),
)
PLAN = Spec(Field("planned_for", "datetime", required=True), Field("incident_ids", "uuids", required=True))
ATTEND = Spec(
    Field("version", "int"), Field("held_at", "datetime", required=True), Field("attended", "uuids", required=True)
)
NOTHING = Spec()
REPLACE = Spec(
    _VERSION,
    Field("leaving", "uuid", required=True),
    Field("coming", "uuid", required=True),
    Field("reason", "longtext"),
)
MEASURES = Spec(_VERSION, Field("measures", "longtext", required=True))
REOPEN = Spec(_VERSION, Field("reason", "longtext", required=True))
SECONDARY = Spec(
    Field("participation_id", "uuid", required=True),
    Field("answer", "enum", required=True, options=frozenset({"accepted", "declined"})),
)
RECONCILE = Spec(
    Field("victim", "uuid", required=True),
    Field("offender", "uuid", required=True),
    Field("victim_agreed_at", "datetime", required=True),
    Field("offender_agreed_at", "datetime", required=True),
    Field("result", "longtext", required=True),
)
LEVELS = frozenset({"not_at_risk", "at_risk", "high_risk"})
FILTER = Spec(
    Field("code", "text", most=40),
    Field("state", "multi_enum", options=frozenset(state for state, _ in TRANSITIONS)),
    Field("urgency", "enum", options=frozenset({"urgent", "standard"})),
    Field("clock", "enum", options=frozenset({"overdue", "amber", "open", "none"})),
    Field("place", "enum", options=_PLACES),
    Field("violence", "enum", options=_VIOLENCE),
    Field("behaviour", "enum", options=_BEHAVIOURS),
    Field("daytime", "enum", options=frozenset(DAYTIMES)),
    Field("weekday", "enum", options=frozenset("1234567")),
    Field("lacks", "enum", options=frozenset(LACKS)),
    Field("school_class", "uuid"),
    Field("reported_from", "date"),
    Field("reported_to", "date"),
    Field("sort", "enum", options=frozenset({"newest", "next_term"})),
)
"""What the list may be narrowed by. Nothing that is hidden from any of its readers stands here but `school_class`,
which is refused to whoever may not read it (S-17)."""
LISTED = Spec(*FILTER, Field("after", "text", most=200))
SAVE_FILTER = Spec(Field("name", "text", required=True, most=60), Field("query", "text", required=True))
RENAME_FILTER = Spec(_VERSION, Field("name", "text", required=True, most=60))
PAPER = Spec(Field("language", "enum", required=True, options=frozenset({"kk", "ru"})), Field("names", "bool"))
PAPERS = Spec(Field("language", "enum", required=True, options=frozenset({"kk", "ru"})))
_TOLD = frozenset({"sent_to_medical", "sexual_words_only"})


def told_as_bools(values: Mapping[str, Any]) -> dict[str, Any]:
    """Answers without the version; a question that may stay open is asked as yes or no and kept as true or false."""
    told = {name: value for name, value in values.items() if name != "version"}
    return {name: value == "yes" if name in _TOLD else value for name, value in told.items()}
