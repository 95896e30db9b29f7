"""The relation of a curator to an assessment and to the referral that it is about."""

from sqlalchemy import Uuid, and_, bindparam, exists

from src.platform.access import relations
from src.platform.commission.models import Assessment
from src.platform.referrals.models import Referral

_me_membership = bindparam("me_membership", type_=Uuid)

relations.register("assessment", "appointed_curator", Assessment.curator == _me_membership)
relations.register(
    "referral",
    "appointed_curator",
    exists().where(and_(Assessment.id == Referral.id, Assessment.curator == _me_membership)),
)
