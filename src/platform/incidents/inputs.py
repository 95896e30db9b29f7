"""What each form of the module may hold."""

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
    Field("reporter_status", "enum", options=frozenset({"teacher", "staff", "student"})),
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
TRIAGE = Spec(
    _VERSION,
    Field("harmed", "bool"),
    Field("harm_danger", "bool"),
    Field("self_harm_sign", "bool"),
    Field("sent_to_medical", "enum", options=frozenset({"yes", "no"})),
    Field("injured_count", "int", most=1000),
    Field("injuries", "longtext"),
    Field("happened_on", "date"),
    Field("place", "enum", options=_PLACES),
    Field("problem_behaviours", "multi_enum", options=_BEHAVIOURS),
    Field("violence_types", "multi_enum", options=_VIOLENCE),
    Field("serious_signs", "multi_enum", options=_SIGNS),
    Field("repetition", "enum", options=frozenset({"single_first", "isolated", "repeated"})),
    Field("residential_child", "bool"),
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
SCREEN = Spec(_VERSION, Field("investigators", "uuids", required=True), Field("support", "uuid"))
STEP = Spec(_VERSION)
HEAR = Spec(
    Field("participation_id", "uuid"),
    Field("report_id", "uuid"),
    Field("held_at", "datetime"),
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
ATTEND = Spec(Field("held_at", "datetime", required=True), Field("attended", "uuids", required=True))
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
