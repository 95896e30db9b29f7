"""The relations of a person to a referral. In the partner's organisation only roles count."""

from collections.abc import Sequence

from sqlalchemy import ARRAY, BindParameter, ColumnElement, LargeBinary, Uuid, and_, bindparam, exists

from src.platform.access import relations
from src.platform.grants.events import holds_glass
from src.platform.incidents import events
from src.platform.referrals.models import Referral, ReferralCase

_me_membership = bindparam("me_membership", type_=Uuid)
_mine = bindparam("mine", type_=ARRAY(LargeBinary))
_children = bindparam("children", type_=ARRAY(LargeBinary))


def _about(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(and_(ReferralCase.referral_id == Referral.id, condition))


def _named(blinds: BindParameter[Sequence[bytes]]) -> ColumnElement[bool]:
    return _about(events.is_named_in(ReferralCase.incident_id, blinds))


relations.register("referral", "case_manager", _about(ReferralCase.manager == _me_membership))
relations.register("referral", "named", _named(_mine))
relations.register("referral", "family", _named(_children))
relations.register(
    "referral", "acting_coordinator", _about(events.is_acting_in(ReferralCase.incident_id, _me_membership))
)
relations.register("referral", "broke_glass", holds_glass("referral", Referral.id))
