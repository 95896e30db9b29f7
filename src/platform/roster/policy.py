"""The relation of a person to a class."""

from sqlalchemy import Uuid, bindparam

from src.platform.access import relations
from src.platform.roster.models import SchoolClass

relations.register("school_class", "own_class", SchoolClass.teacher_id == bindparam("me_membership", type_=Uuid))
