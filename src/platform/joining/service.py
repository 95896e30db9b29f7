"""Verbs of coming and going: invite, renew, revoke, join with a code, give roles, end a membership."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from uuid import UUID

from src.platform.access import catalogue
from src.platform.access import service as access
from src.platform.accounts import passwords
from src.platform.accounts import service as accounts
from src.platform.accounts.errors import NameTakenError
from src.platform.accounts.service import OpenedSession
from src.platform.accounts.tokens import folded, is_address, name_blind
from src.platform.audit import service as audit
from src.platform.db.binding import Invited
from src.platform.db.unit import Unit, unit
from src.platform.deadlines import service as deadlines
from src.platform.joining import recovery_repository, repository, tokens
from src.platform.joining.errors import (
    AlreadyMemberError,
    FamilyAccountError,
    HasPeopleError,
    LastHeadError,
    NotWaitingError,
    OwnMembershipError,
    SignInRefusedError,
    SuspendedError,
    UnknownCodeError,
)
from src.platform.joining.models import Invitation
from src.platform.joining.schemas import Newcomer, Paper
from src.platform.kit import clock
from src.platform.kit.errors import FieldError, Invalid, NotFound, StaleVersion
from src.platform.kit.i18n import N_
from src.platform.kit.ids import new_id
from src.platform.kit.settings import settings
from src.platform.outbox import service as outbox
from src.platform.teams import service as teams
from src.platform.tenants import families
from src.platform.tenants import service as tenants
from src.platform.tenants.schemas import Employee, NewOrganisation, Organisation
from src.platform.vault import service as vault
from src.platform.vault.schemas import Identity

ACCOUNTS = ("new", "known")
LEFT = "casework.manager_left"
"""The actor that hears of somebody's last day; it stands above this module, so only its name is known here."""


async def create(unit: Unit, new: NewOrganisation) -> Paper:
    """Create an organisation and invite who is to head it. Raises CodeTakenError, Invalid."""
    return await call_head(unit, await tenants.create(unit, new))


async def invite_head(unit: Unit, tenant_id: UUID) -> Paper:
    """Invite once more where nobody came. Raises NotFound, SuspendedError, HasPeopleError."""
    access.require(unit, "tenant.create")
    return await call_head(unit, tenant_id)


async def call_head(unit: Unit, tenant_id: UUID) -> Paper:
    """The same from the region operator's context without a person; what was open before is revoked."""
    organisation, code = await tenants.organisation(unit, tenant_id), tokens.new_code()
    if organisation.status != "active":
        raise SuspendedError
    invitation = await _drawn_up(unit, tenant_id, code, catalogue.roles_of(organisation.kind).heads[:1])
    if not await repository.invite_first(unit, tenant_id, invitation):
        raise HasPeopleError
    audit.record(unit, "invitation.made", "invitation", [invitation.id, tenant_id])
    return _paper(unit, organisation, invitation, code)


async def invite(unit: Unit, roles: Sequence[str]) -> Paper:
    """Invite a colleague with roles that this kind of organisation has. Raises Invalid."""
    access.require(unit, "member.keep")
    _check_roles(unit, roles)
    code = tokens.new_code()
    invitation = await _drawn_up(unit, unit.tenant_id, code, roles)
    await repository.add(unit, invitation)
    audit.record(unit, "invitation.made", "invitation", [invitation.id])
    return _paper(unit, await tenants.organisation(unit, unit.tenant_id), invitation, code)


async def renew(unit: Unit, invitation_id: UUID, version: int) -> Paper:
    """A new paper with the same roles for one that is lost or has ended, which opens nothing from now on.

    Raises NotFound, NotWaitingError, StaleVersion, Invalid when such a role is no longer given.
    """
    return await invite(unit, await _withdraw(unit, invitation_id, version))


async def revoke(unit: Unit, invitation_id: UUID, version: int) -> None:
    """Let the paper open nothing. Raises NotFound, NotWaitingError, StaleVersion."""
    await _withdraw(unit, invitation_id, version)


async def join(new: Newcomer) -> OpenedSession:
    """Come in with a code, and sign in. Opens its own transactions, so that a failed try is counted.

    A second click of the same person leads in again and changes nothing. Raises UnknownCodeError, SignInRefusedError,
    AlreadyMemberError, TooManyAttemptsError, Invalid.
    """
    blinds = (tokens.attempts_blind(new.code), name_blind(new.sign_in))
    await accounts.check_attempts(*blinds)
    try:
        async with unit(Invited(tokens.code_blind(new.code))) as work:
            return await _join(work, new)
    except (UnknownCodeError, SignInRefusedError):
        await accounts.note_attempts(*blinds)
        raise


async def assign_roles(unit: Unit, membership_id: UUID, version: int, roles: Sequence[str]) -> None:
    """Give a colleague exactly these roles, beside what an order gives; their sessions end (S-23).

    Raises NotFound, OwnMembershipError, LastHeadError, Invalid, StaleVersion.
    """
    staff = await staff_now(unit)
    target = colleague(unit, staff, membership_id)
    _check_roles(unit, roles)
    wanted = [*roles, *by_order(unit, target.roles)]
    _check_a_head_stays(unit, [(wanted if one is target else one.roles) for one in staff])
    await tenants.assign_roles(unit, membership_id, version, wanted)
    await accounts.end_sessions_here(unit, [target.user_id])
    if not access.roles_with("member.keep") & set(wanted):
        await _drop_recoveries(unit, target.user_id, left=False)


async def end(unit: Unit, membership_id: UUID, version: int) -> None:
    """Somebody's last day: access ends at once, what they owed and led goes on without them (S-23).

    Raises NotFound, OwnMembershipError, LastHeadError, StaleVersion, and LeaderStaysError of the security team.
    """
    access.require(unit, "member.keep")
    await teams.hold_still(unit, leaving=membership_id)
    staff = await staff_now(unit)
    target = colleague(unit, staff, membership_id)
    _check_a_head_stays(unit, [one.roles for one in staff if one is not target])
    await tenants.end_membership(unit, membership_id, version, target.user_id)
    await teams.let_go(unit, membership_id)
    await accounts.end_sessions_here(unit, [target.user_id])
    await deadlines.release(unit, membership_id)
    await outbox.emit(unit, LEFT, {"membership": membership_id})
    revoked = await repository.revoke_made_by(unit, target.user_id, clock.now())
    if revoked:  # a paper kept for the day after would open the door again
        audit.record(unit, "invitation.revoked", "invitation", revoked)
    await _drop_recoveries(unit, target.user_id, left=True)


def given(unit: Unit, roles: Collection[str]) -> list[str]:
    """Those of these roles that an invitation may carry here, the head's first."""
    return [role for role in catalogue.roles_of(unit.me.tenant_kind).all if role in roles]


def by_order(unit: Unit, roles: Collection[str]) -> list[str]:
    """Those of these roles that come from elsewhere, like a seat in the security team (R-003)."""
    return sorted(set(roles) - set(catalogue.roles_of(unit.me.tenant_kind).all))


async def _withdraw(unit: Unit, invitation_id: UUID, version: int) -> list[str]:
    access.require(unit, "member.keep")
    invitation = await repository.one(unit, invitation_id)
    if invitation is None:
        raise NotFound
    if not repository.is_waiting(invitation):
        raise NotWaitingError
    if not await repository.revoke(unit, invitation_id, version, clock.now()):
        raise StaleVersion
    audit.record(unit, "invitation.revoked", "invitation", [invitation_id])
    return invitation.roles


async def _drawn_up(unit: Unit, tenant_id: UUID, code: str, roles: Sequence[str]) -> Invitation:
    at = clock.now()
    return Invitation(
        tenant_id=tenant_id,
        id=new_id(),
        code_blind=tokens.code_blind(code),
        roles=list(roles),
        made_at=at,
        made_by=unit.subject.user_id if unit.subject else None,
        expires_at=at + timedelta(hours=await tenants.setting(unit, "invitation_hours")),
        version=1,
    )


def _paper(unit: Unit, organisation: Organisation, invitation: Invitation, code: str) -> Paper:
    return Paper(
        invitation_id=invitation.id,
        organisation=organisation.name(unit.language),
        roles=invitation.roles,
        code=code,
        link=f"{settings().public_url.rstrip('/')}/join#{code}",
        personal_name=tokens.personal_name(organisation.code, invitation.id),
        expires_at=invitation.expires_at,
    )


async def _join(work: Unit, new: Newcomer) -> OpenedSession:
    invitation_id = repository.led_to(work)
    if invitation_id is None:
        await passwords.matches(None, new.password)  # as long as with a code that is known (S-27)
        raise UnknownCodeError
    staff = await tenants.lock_members(work)
    invitation = await repository.locked(work, invitation_id)
    if invitation is None:
        raise UnknownCodeError
    if invitation.used_at is not None:
        return await _again(work, invitation, staff, new)
    if not repository.is_open(invitation, clock.now()):
        await passwords.matches(None, new.password)
        raise UnknownCodeError
    user_id = await _user(work, new, invitation)
    if user_id in {one.user_id for one in staff}:
        raise AlreadyMemberError
    if await families.holds(work, user_id):
        raise FamilyAccountError
    await accounts.choose_language_of(work, user_id, new.language)
    person_id = await _person(work, user_id, staff, new)
    membership_id = await tenants.add_member(work, user_id, person_id, invitation.roles)
    await work.session.flush()  # the invitation refers to the membership
    invitation.used_at, invitation.membership_id, invitation.version = (
        clock.now(),
        membership_id,
        invitation.version + 1,
    )
    audit.record(work, "invitation.used", "invitation", [invitation.id, membership_id, user_id])
    return await accounts.open_here(work, user_id)


async def _again(work: Unit, invitation: Invitation, staff: Sequence[Employee], new: Newcomer) -> OpenedSession:
    """A used code leads in only whom it let in, with their name and password: that is signing in."""
    user_id = await accounts.recognised(work, new.sign_in, new.password)
    if user_id is None or (invitation.membership_id, user_id) not in {(m.membership_id, m.user_id) for m in staff}:
        raise UnknownCodeError
    return await accounts.open_here(work, user_id)


async def _user(work: Unit, new: Newcomer, invitation: Invitation) -> UUID:
    if new.account == "known":
        known = await accounts.recognised(work, new.sign_in, new.password)
        if known is None:
            raise SignInRefusedError
        return known
    await _check_new_account(work, new, invitation)
    try:
        return await accounts.create_user(work, new.sign_in, new.password, language=new.language)
    except NameTakenError:
        raise SignInRefusedError from None


async def _check_new_account(work: Unit, new: Newcomer, invitation: Invitation) -> None:
    code = (await tenants.organisation(work, work.tenant_id)).code
    complaints = [passwords.complaint(new.password, new.sign_in)]
    if not is_address(new.sign_in) and folded(new.sign_in) != folded(tokens.personal_name(code, invitation.id)):
        message = N_("Give an e-mail address, a phone number or the personal sign-in name from your invitation")
        complaints.append(FieldError("sign_in", "not_a_name", message))
    if wrong := [one for one in complaints if one is not None]:
        raise Invalid(fields=wrong)


async def _person(work: Unit, user_id: UUID, staff: Sequence[Employee], new: Newcomer) -> UUID:
    """The newcomer in the vault: whoever was here before, as colleague or parent, stays one person (R-064)."""
    address = folded(new.sign_in)
    phone = new.phone or (address if address.startswith("+") else "")
    identity = Identity(
        family_name=new.family_name,
        given_name=new.given_name,
        patronymic=new.patronymic,
        phone=phone,
        email=address if "@" in address else "",
    )
    known = await tenants.former_person(work, user_id)
    if known is None and phone:
        (known,) = await vault.recognise_contacts(work, [identity])
        if known in {one.person_id for one in staff}:  # the person of a colleague is never taken over
            known = None
    return await vault.settle_colleague(work, identity, known)


async def staff_now(unit: Unit) -> list[Employee]:
    """Everybody who works here, locked; whoever lost the right while waiting for the lock is refused."""
    access.require(unit, "member.keep")
    staff = await tenants.lock_members(unit)
    mine = next((one for one in staff if one.membership_id == unit.me.membership_id), None)
    if mine is None or not access.roles_with("member.keep") & set(mine.roles):
        raise StaleVersion
    return staff


def colleague(unit: Unit, staff: Sequence[Employee], membership_id: UUID) -> Employee:
    """One of them, who is not the person themself. Raises NotFound, OwnMembershipError."""
    target = next((one for one in staff if one.membership_id == membership_id), None)
    if target is None or not given(unit, target.roles):
        raise NotFound
    if target.membership_id == unit.me.membership_id:
        raise OwnMembershipError
    return target


async def _drop_recoveries(unit: Unit, user_id: UUID, *, left: bool) -> None:
    """Nobody confirms what somebody started who may not any more, nor what was started about somebody who has left."""
    dropped = await recovery_repository.drop(unit, user_id, clock.now(), left=left)
    if dropped:
        audit.record(unit, "recovery.withdrawn", "second_factor_recovery", dropped)


def _check_roles(unit: Unit, roles: Sequence[str]) -> None:
    if len(given(unit, roles)) != len(roles):
        raise Invalid(fields=[FieldError("roles", "not_an_option", N_("Choose one of the answers"))])


def _check_a_head_stays(unit: Unit, everybody: Sequence[Collection[str]]) -> None:
    heads = set(catalogue.roles_of(unit.me.tenant_kind).heads)
    if not any(heads & set(roles) for roles in everybody):
        raise LastHeadError
