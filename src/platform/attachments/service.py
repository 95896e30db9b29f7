"""Files in and out. Who may do what is decided by the record they stand beside; its module asks first."""

import subprocess
import sys
from hashlib import sha256
from uuid import UUID, uuid4

from src.platform.attachments import repository
from src.platform.attachments.errors import WORDS, AlreadyAttachedError, BadFileError, WithdrawnError
from src.platform.attachments.models import Attachment
from src.platform.attachments.repository import of_subject
from src.platform.attachments.schemas import MEDIA, Clean, NewFile, Opened
from src.platform.db.unit import Unit
from src.platform.kit import clock
from src.platform.kit.ids import new_id
from src.platform.kit.threads import run_in_pool
from src.platform.vault import service as vault

MOST_BYTES = 20_000_000
_PIECE = 1_000_000
_PATIENCE_SECONDS = 60
_CLEANER = (sys.executable, "-I", "-m", "src.platform.attachments.cleaning")
_REFUSED = 3
_ENDINGS = {"jpeg": "jpg", "png": "png", "pdf": "pdf"}


async def check(content: bytes) -> Clean:
    """What the file is and a copy without metadata. Raises BadFileError."""
    if not content:
        raise BadFileError("empty")
    return await run_in_pool(_cleaned, content)


async def keep(
    unit: Unit, subject_kind: str, subject_id: UUID, new: NewFile, clean: Clean, *, from_reporter: bool = False
) -> Attachment:
    """Seal the original and the cleaned copy. Raises AlreadyAttachedError for bytes that are here already.

    What somebody who reported brings is compared with their own files only: nobody learns what others brought.
    """
    digest, among = sha256(new.content).hexdigest(), str(new.about_id if from_reporter else subject_id)
    blind = await vault.fingerprint(unit, "attachment", subject_kind, among, digest)
    if any(one.content_blind == blind for one in await repository.listed(unit, subject_id)):
        raise AlreadyAttachedError
    file_id = new_id()
    file = Attachment(
        tenant_id=unit.tenant_id,
        id=file_id,
        subject_kind=subject_kind,
        subject_id=subject_id,
        about_kind=new.about_kind,
        about_id=new.about_id,
        kind=clean.kind,
        size=len(clean.copy),
        caption=await vault.seal_text(unit, new.caption, "attachment.caption", file_id) if new.caption else None,
        shows_child=new.shows_child,
        from_reporter=from_reporter,
        content_blind=blind,
        original=await _stored(unit, new.content),
        served=await _stored(unit, clean.copy),
        added_at=clock.now(),
    )
    unit.session.add(file)
    return file


async def of(unit: Unit, subject_id: UUID) -> list[Attachment]:
    """The files of a record, the earliest first."""
    return await repository.listed(unit, subject_id)


async def move(unit: Unit, from_id: UUID, into_id: UUID) -> bool:
    """The files of a record that became part of another stand there; whether there was one."""
    return bool(await repository.move(unit, from_id, into_id))


async def open_copy(unit: Unit, file: Attachment) -> Opened:
    """The cleaned copy. Raises WithdrawnError."""
    if file.withdrawn_at is not None:
        raise WithdrawnError
    name = f"{file.served.hex[:8]}.{_ENDINGS[file.kind]}"
    return Opened(await _read(unit, file.served), MEDIA[file.kind], name)


async def open_original(unit: Unit, file: Attachment) -> Opened:
    """The file as it came, with its metadata; a withdrawn one is still kept. The caller writes the audit row."""
    name = f"{file.original.hex[:8]}.{_ENDINGS[file.kind]}"
    return Opened(await _read(unit, file.original), "application/octet-stream", name)


async def withdraw(unit: Unit, file: Attachment, reason: str) -> None:
    """Take a file back: it stays, with the reason, and is no longer opened. Raises WithdrawnError."""
    if file.withdrawn_at is not None:
        raise WithdrawnError
    file.withdrawn_at = clock.now()
    file.withdrawn_reason = await vault.seal_text(unit, reason, "attachment.withdrawn_reason", file.id)


async def _stored(unit: Unit, content: bytes) -> UUID:
    name = uuid4()  # a random storage name: it tells nothing, not even when (S-56)
    pieces = [content[at : at + _PIECE] for at in range(0, len(content), _PIECE)]
    await repository.store(unit, name, await vault.seal_pieces(unit, pieces, name))
    return name


async def _read(unit: Unit, stored_as: UUID) -> bytes:
    return b"".join(await vault.open_pieces(unit, await repository.stored(unit, stored_as), stored_as))


def _cleaned(content: bytes) -> Clean:
    """Decoders see strangers' bytes only in a process of its own: bounded, without our keys, gone afterwards."""
    try:
        done = subprocess.run(  # noqa: S603  # our own module, nothing of the file in the command
            _CLEANER,
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            check=False,
            timeout=_PATIENCE_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise BadFileError("damaged") from None
    head, _, copy = done.stdout.partition(b"\n")
    word = head.decode(errors="replace")
    if done.returncode == 0 and word in MEDIA and copy:
        return Clean(word, copy)
    raise BadFileError(word if done.returncode == _REFUSED and word in WORDS else "damaged")


__all__ = ["MOST_BYTES", "Attachment", "check", "keep", "of", "of_subject", "open_copy", "open_original", "withdraw"]
