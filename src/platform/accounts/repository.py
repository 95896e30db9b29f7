"""Every query of the module; sessions and attempts use real time, which is the database's."""

from uuid import UUID

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from src.platform.accounts.models import RecoveryCode, SignInName, User, UserSession, UserTenant
from src.platform.db.unit import Unit

_COUNT = text(
    "select count(*) from sign_in_attempt where blind = :blind and at > clock_timestamp() - interval '15 minutes'"
)
_NOTE = text("insert into sign_in_attempt (blind) values (:blind)")
_MOST_SESSIONS = 20
_IS_LIVING = text(
    "seen_at > clock_timestamp() - interval '30 minutes' and created_at > clock_timestamp() - interval '12 hours'"
)
_FORGET = text("delete from sign_in_attempt where blind = :blind")


async def user_by_name(unit: Unit, blind: bytes) -> User | None:
    """Whoever signs in with this name."""
    query = select(User).join(SignInName, SignInName.user_id == User.id).where(SignInName.blind == blind)
    return (await unit.session.scalars(query)).one_or_none()


async def add_user(unit: Unit, user: User, blind: bytes) -> bool:
    """Store a user with a sign-in name; False when the name is taken."""
    unit.session.add(user)
    await unit.session.flush()  # the name refers to the user
    query = (
        insert(SignInName).values(blind=blind, user_id=user.id).on_conflict_do_nothing().returning(SignInName.user_id)
    )
    return (await unit.session.execute(query)).one_or_none() is not None


async def add_users(unit: Unit, users: list[dict[str, object]], names: list[dict[str, object]]) -> None:
    """Store many users with their sign-in names, which are random and nobody's yet."""
    await unit.session.execute(insert(User), users)
    await unit.session.execute(insert(SignInName), names)


async def tenants_of(unit: Unit, user_id: UUID) -> list[UUID]:
    """Organisations a user has ever been let into; begin_request() decides whether they still are."""
    query = select(UserTenant.tenant_id).where(UserTenant.user_id == user_id).order_by(UserTenant.tenant_id)
    return list((await unit.session.scalars(query)).all())


async def open_session(unit: Unit, hashed: bytes, user_id: UUID, tenant_id: UUID, csrf: bytes) -> None:
    """Store a session."""
    await unit.session.execute(
        insert(UserSession).values(token_hash=hashed, user_id=user_id, tenant_id=tenant_id, csrf=csrf)
    )


async def rotate_session(unit: Unit, old: bytes, new: bytes, csrf: bytes, tenant_id: UUID) -> bool:
    """Give a live session a new id in another organisation (S-22); False when it is gone.

    A second factor that was passed says who is there, wherever they go; whether it is asked is decided anew.
    """
    query = (
        update(UserSession)
        .where(UserSession.token_hash == old)
        .values(token_hash=new, csrf=csrf, tenant_id=tenant_id)
        .returning(UserSession.user_id)
    )
    return (await unit.session.execute(query)).one_or_none() is not None


async def renew_session(unit: Unit, old: bytes, new: bytes, csrf: bytes) -> bool:
    """Give a live session a new id where it is; False when it is gone."""
    query = (
        update(UserSession)
        .where(UserSession.token_hash == old)
        .values(token_hash=new, csrf=csrf)
        .returning(UserSession.user_id)
    )
    return (await unit.session.execute(query)).one_or_none() is not None


async def raise_session(unit: Unit, old: bytes, new: bytes, csrf: bytes) -> None:
    """Give a session whose second factor was passed just now a new id (S-22); it is locked by `lock_for_proof`."""
    await unit.session.execute(
        update(UserSession)
        .where(UserSession.token_hash == old)
        .values(token_hash=new, csrf=csrf, second_factor_at=func.clock_timestamp())
    )


async def lock_for_proof(unit: Unit, user_id: UUID, hashed: bytes, *, others: bool) -> User | None:
    """Lock a session, then its user, so that proofs of one person come one after another; None when it is gone.

    The session first, because begin_request() may hold it already; the others too, in one order, if they are to end.
    """
    locked = select(UserSession.token_hash).where(UserSession.user_id == user_id)
    locked = locked.order_by(UserSession.token_hash).with_for_update()
    if not others:
        locked = locked.where(UserSession.token_hash == hashed)
    if hashed not in (await unit.session.scalars(locked)).all():
        return None
    return await unit.session.get(User, user_id, with_for_update=True, populate_existing=True)


async def lock_sessions(unit: Unit, user_id: UUID) -> None:
    """Lock every session of a user, then the user, in the order of `lock_for_proof`."""
    locked = select(UserSession.token_hash).where(UserSession.user_id == user_id).order_by(UserSession.token_hash)
    await unit.session.execute(locked.with_for_update())
    await unit.session.get(User, user_id, with_for_update=True, populate_existing=True)


async def user(unit: Unit, user_id: UUID) -> User:
    """One user."""
    return await unit.session.get_one(User, user_id)


async def save_app(unit: Unit, user_id: UUID, sealed: bytes, step: int) -> None:
    """Keep the secret of an application and the step that proved it."""
    await unit.session.execute(
        update(User).where(User.id == user_id).values(totp_sealed=sealed, totp_last_step=step, version=User.version + 1)
    )


async def drop_second_factor(unit: Unit, user_id: UUID) -> None:
    """Forget the secret of an application and all printed codes."""
    changes = {"totp_sealed": None, "totp_last_step": None, "version": User.version + 1}
    await unit.session.execute(update(User).where(User.id == user_id).values(**changes))
    await unit.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))


async def spend_step(unit: Unit, user_id: UUID, step: int) -> bool:
    """Use up a step and all before it; False when it was used."""
    query = (
        update(User)
        .where(User.id == user_id, func.coalesce(User.totp_last_step, -1) < step)
        .values(totp_last_step=step)
        .returning(User.id)
    )
    return (await unit.session.execute(query)).one_or_none() is not None


async def recovery_codes(unit: Unit, user_id: UUID) -> list[RecoveryCode]:
    """The printed codes of a user, used ones too."""
    return list((await unit.session.scalars(select(RecoveryCode).where(RecoveryCode.user_id == user_id))).all())


async def replace_recovery_codes(unit: Unit, user_id: UUID, hashes: list[bytes]) -> None:
    """Put new printed codes in the place of all old ones."""
    await unit.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    await unit.session.execute(insert(RecoveryCode), [{"user_id": user_id, "code_hash": one} for one in hashes])


async def spend_recovery_code(unit: Unit, user_id: UUID, hashed: bytes) -> bool:
    """Use up a printed code; False when there is none or it was used."""
    query = (
        update(RecoveryCode)
        .where(RecoveryCode.user_id == user_id, RecoveryCode.code_hash == hashed, RecoveryCode.used_at.is_(None))
        .values(used_at=func.clock_timestamp())
        .returning(RecoveryCode.user_id)
    )
    return (await unit.session.execute(query)).one_or_none() is not None


async def living_sessions(unit: Unit, user_id: UUID, here: bytes) -> list[UserSession]:
    """A user's sessions that begin_request() would still take: this one, then the last used."""
    query = select(UserSession).where(UserSession.user_id == user_id, _IS_LIVING)
    query = query.order_by((UserSession.token_hash == here).desc(), UserSession.seen_at.desc()).limit(_MOST_SESSIONS)
    return list((await unit.session.scalars(query)).all())


async def close_session(unit: Unit, hashed: bytes) -> None:
    """End one session."""
    await unit.session.execute(delete(UserSession).where(UserSession.token_hash == hashed))


async def close_sessions_of(unit: Unit, user_ids: list[UUID]) -> None:
    """End every session of these users (S-23)."""
    await unit.session.execute(delete(UserSession).where(UserSession.user_id.in_(user_ids)))


async def close_sessions_in(unit: Unit, tenant_id: UUID, user_ids: list[UUID]) -> None:
    """End the sessions that these users have in one organisation (S-23)."""
    await unit.session.execute(
        delete(UserSession).where(UserSession.user_id.in_(user_ids), UserSession.tenant_id == tenant_id)
    )


async def close_other_sessions(unit: Unit, user_id: UUID, kept: bytes) -> None:
    """End every session of a user but one."""
    await unit.session.execute(
        delete(UserSession).where(UserSession.user_id == user_id, UserSession.token_hash != kept)
    )


async def password_of(unit: Unit, user_id: UUID) -> str:
    """The stored form of a user's password."""
    return str((await unit.session.execute(select(User.password_hash).where(User.id == user_id))).scalar_one())


async def set_password(unit: Unit, user_id: UUID, old: str, new: str) -> bool:
    """Replace the stored form if it is still the old one."""
    done = await unit.session.execute(
        update(User)
        .where(User.id == user_id, User.password_hash == old)
        .values(password_hash=new, must_change_password=False, version=User.version + 1)
        .returning(User.id)
        .execution_options(synchronize_session=False)
    )
    return done.one_or_none() is not None


async def recent_attempts(unit: Unit, blind: bytes) -> int:
    """Failed attempts on a name within 15 minutes."""
    found: int = (await unit.session.execute(_COUNT, {"blind": blind})).scalar_one()
    return found


async def note_attempt(unit: Unit, blind: bytes) -> None:
    """Remember a failed attempt."""
    await unit.session.execute(_NOTE, {"blind": blind})


async def forget_attempts(unit: Unit, blind: bytes) -> None:
    """A good sign-in clears the name."""
    await unit.session.execute(_FORGET, {"blind": blind})


async def set_language(unit: Unit, user_id: UUID, language: str) -> None:
    """Remember the language of a user's pages and messages."""
    await unit.session.execute(update(User).where(User.id == user_id).values(language=language))
