"""The relations of a person to an incident, each once, as SQL (decisions 12). Parameters come from vault.facts()."""

from collections.abc import Sequence

from sqlalchemy import ARRAY, BindParameter, LargeBinary, Uuid, and_, any_, bindparam, exists, func, not_, or_
from sqlalchemy.sql.elements import ColumnElement

from src.platform.access import relations
from src.platform.incidents.models import (
    OFFENDERS,
    FamilyNotice,
    Incident,
    IncidentDuty,
    Interview,
    Participation,
    Report,
)
from src.platform.teams.events import is_deputy
from src.platform.tenants.events import member_since, setting_is_on

_mine = bindparam("mine", type_=ARRAY(LargeBinary))
_children = bindparam("children", type_=ARRAY(LargeBinary))
_me_membership = bindparam("me_membership", type_=Uuid)
_VICTIMS = ("victim", "both")
_lives_on_in = func.coalesce(Incident.linked_into, Incident.id)
"""Who stands in the incident that a linked one points to stands in both: nobody comes back by the empty one."""


def _named(blinds: BindParameter[Sequence[bytes]], involvements: tuple[str, ...]) -> ColumnElement[bool]:
    return exists().where(
        Participation.incident_id == _lives_on_in,
        Participation.link_blind == any_(blinds),
        Participation.involvement.in_(involvements),
    )


relations.register("incident", "accused", _named(_mine, OFFENDERS))
relations.register("incident", "accused_side", _named(_children, OFFENDERS))
relations.register("incident", "victim_side", or_(_named(_mine, _VICTIMS), _named(_children, _VICTIMS)))
_is_witness = _named(_mine, ("witness",))
_is_reporter = exists().where(Report.incident_id == _lives_on_in, Report.reporter_blind == any_(_mine))
relations.register("incident", "witness", _is_witness)
relations.register("incident", "own_report", _is_reporter)
_was_heard = exists().where(
    Interview.participation_id == Participation.id,
    Participation.incident_id == Incident.id,
    Participation.link_blind == any_(_mine),
)
_reads_first = setting_is_on("witness_reads_before_interview")
relations.register(
    "incident",
    "kept_out_as_witness",
    or_(
        and_(not_(setting_is_on("witness_keeps_reading")), or_(_is_witness, _is_reporter)),
        and_(not_(_reads_first), _is_witness, not_(_was_heard)),
    ),
)


def is_told(notice: type[FamilyNotice], child: type[Participation]) -> ColumnElement[bool]:
    """That I was told of a child of mine with this account; a new code opens nothing of a former one (ADR 13).

    Never of a child who lives in a residential institution: whoever stands for it there is of the institution, and
    nothing goes back (R-170). Until somebody says which child it is, it may be any.
    """
    return and_(
        not_(func.coalesce(child.residential, Incident.residential_child)),
        notice.incident_id == Incident.id,
        notice.participation_id == child.id,
        child.incident_id == Incident.id,
        child.link_blind == any_(_children),
        notice.told_at >= member_since(_me_membership),
    )


_told = exists().where(is_told(FamilyNotice, Participation))
relations.register("incident", "own_child", and_(_told, not_(_named(_mine, OFFENDERS))))
relations.register("incident", "counsellor", Incident.counsellor == _me_membership)
relations.register("incident", "council_caller", Incident.council_caller == _me_membership)
relations.register("incident", "acting_coordinator", and_(Incident.lacks_coordinator, is_deputy(_me_membership)))
for _duty in ("investigator", "support_person", "nurse"):
    relations.register(
        "incident",
        _duty,
        exists().where(
            IncidentDuty.incident_id == _lives_on_in,
            IncidentDuty.membership_id == _me_membership,
            IncidentDuty.duty == _duty,
        ),
    )
