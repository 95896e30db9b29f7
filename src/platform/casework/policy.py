"""The relations of a person to a child's case."""

from sqlalchemy import ARRAY, LargeBinary, Uuid, bindparam

from src.platform.access import relations
from src.platform.casework.models import ChildCase
from src.platform.incidents import events

_me_membership = bindparam("me_membership", type_=Uuid)
_mine = bindparam("mine", type_=ARRAY(LargeBinary))
_children = bindparam("children", type_=ARRAY(LargeBinary))

relations.register("child_case", "manager", ChildCase.manager == _me_membership)
relations.register("child_case", "named", events.is_named_in(ChildCase.incident_id, _mine))
relations.register("child_case", "family", events.is_named_in(ChildCase.incident_id, _children))
relations.register("child_case", "acting_coordinator", events.is_acting_in(ChildCase.incident_id, _me_membership))
