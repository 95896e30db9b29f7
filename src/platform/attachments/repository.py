"""Every query of the module."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from src.platform.attachments.models import Attachment, AttachmentPart
from src.platform.db import together
from src.platform.db.together import Read
from src.platform.db.unit import Unit

_OF_SUBJECT = (
    select(Attachment).where(Attachment.subject_id == bindparam("subject")).order_by(Attachment.added_at, Attachment.id)
)


def of_subject(subject_id: UUID) -> Read[Attachment]:
    """The files of a record, the earliest first."""
    return Read(("attachment", subject_id), _OF_SUBJECT, {"subject": subject_id})


async def listed(unit: Unit, subject_id: UUID) -> list[Attachment]:
    """The files of a record."""
    return await together.rows(unit.session, of_subject(subject_id))


async def move(unit: Unit, from_id: UUID, into_id: UUID) -> list[UUID]:
    """The files of one record stand beside another; which they are. The fingerprints of their contents stay apart."""
    moved = await unit.session.scalars(
        update(Attachment)
        .where(Attachment.subject_id == from_id)
        .values(subject_id=into_id)
        .returning(Attachment.id)
        .execution_options(synchronize_session=False)
    )
    return list(moved.all())


async def store(unit: Unit, stored_as: UUID, parts: Sequence[bytes]) -> None:
    """Keep the sealed pieces of one copy."""
    rows = [
        {"tenant_id": unit.tenant_id, "stored_as": stored_as, "number": number, "content": content}
        for number, content in enumerate(parts)
    ]
    await unit.session.execute(insert(AttachmentPart), rows)


async def stored(unit: Unit, stored_as: UUID) -> list[bytes]:
    """The sealed pieces of one copy, in their order."""
    query = select(AttachmentPart.content).where(AttachmentPart.stored_as == stored_as)
    return list((await unit.session.scalars(query.order_by(AttachmentPart.number))).all())
