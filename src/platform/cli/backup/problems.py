"""What can stand in the way of a backup or of a restore, as sentences with a way out."""

from pathlib import Path

from src.platform.cli.local.problems import LocalProblemError


def no_recipient() -> LocalProblemError:
    """Nobody could open the backup, so none is made."""
    return LocalProblemError(
        "No public key is named, so a backup could not be sealed. Make a pair away from this machine with "
        "`qorgan backup key FILE` and name its public half: QORGAN_BACKUP_RECIPIENTS='[\"age1…\"]'"
    )


def no_public_key(value: str) -> LocalProblemError:
    """An entry of QORGAN_BACKUP_RECIPIENTS cannot be sealed to; a private key there must not be printed."""
    shown = value if value.startswith("age1") else "…"
    return LocalProblemError(
        f"“{shown}” in QORGAN_BACKUP_RECIPIENTS is no public key. A public key begins with age1; `qorgan backup key` "
        "prints one."
    )


def not_whole(why: str) -> LocalProblemError:
    """The role of the backup would not see every row."""
    return LocalProblemError(
        f"The backup would not be whole: {why}. No file was made. `qorgan migrate` with the administrator of the "
        "database gives the role qorgan_backup what it needs, BYPASSRLS included."
    )


def no_place(folder: Path, error: OSError) -> LocalProblemError:
    """The file could not be written; what was begun is gone."""
    return LocalProblemError(
        f"The backup could not be written to {folder} ({error.strerror}). Nothing half made was left. Free some space "
        "or name another folder: qorgan backup --to FOLDER"
    )


def unreachable() -> LocalProblemError:
    """The database does not answer or broke off."""
    return LocalProblemError(
        "The database named by QORGAN_DATABASE_URL does not answer, does not let us in or broke off. Nothing was left "
        "behind. Check its address and password and start again."
    )


def broke_off() -> LocalProblemError:
    """The database does not answer, or went away in the middle."""
    return LocalProblemError(
        "The database named by QORGAN_DATABASE_URL does not answer, does not let us in or broke off. No row was "
        "restored. Check its address and password; if it has tables now, drop it and make a new one (`createdb`)."
    )


def key_exists(file: Path) -> LocalProblemError:
    """A private key is never written over: backups would be lost with it."""
    return LocalProblemError(f"{file} is there already and may be the key of older backups. Name another file.")


def no_private_key(file: Path) -> LocalProblemError:
    """The named file holds no age identity, or is not there."""
    return LocalProblemError(
        f"{file} holds no private key. It is the file that `qorgan backup key` made: one line of it begins with "
        "AGE-SECRET-KEY-1."
    )


def wrong_key(file: Path) -> LocalProblemError:
    """None of the private keys opens the file."""
    return LocalProblemError(
        f"The private key does not open {file}: it was sealed to another key. Take the key that belongs to "
        "QORGAN_BACKUP_RECIPIENTS of the day it was made. Nothing was restored."
    )


def damaged(file: Path) -> LocalProblemError:
    """Cut off, altered or no backup at all."""
    return LocalProblemError(
        f"{file} is no whole backup: it was cut off or altered, or is another kind of file. Take another copy of it, "
        "or the backup before. Nothing was restored."
    )


def not_signed(file: Path) -> LocalProblemError:
    """Sealing needs only the public key, so anybody could have made the file."""
    return LocalProblemError(
        f"{file} was not made by this region: its signature does not fit QORGAN_CHECKPOINT_KEY. Restore with the "
        "secrets of the region, or give the public key that `qorgan audit key` printed: --signed-by HEX. "
        "Nothing was restored."
    )


def other_version(file: Path, what: str) -> LocalProblemError:
    """The file was made by a later program."""
    return LocalProblemError(
        f"{file} was made by a later version of Qorgan ({what}). Restore it with that version or a later one. "
        "Nothing was restored."
    )


def not_empty(named: str) -> LocalProblemError:
    """A restore never writes over anything."""
    return LocalProblemError(
        f"The database named by QORGAN_DATABASE_URL is not empty: it has {named}. Make a new one (`createdb`) and name "
        "it; a restore never writes over anything."
    )


def other_master_key() -> LocalProblemError:
    """The rows would be there and nobody could ever read them."""
    return LocalProblemError(
        "QORGAN_MASTER_KEY does not open the keys in the backup, so no name and no text could be read. Restore with "
        "the secrets of the region at the time of the backup. The database is empty again."
    )


def does_not_fit(part: str) -> LocalProblemError:
    """The database refused a row; its own message would hold the row."""
    return LocalProblemError(
        f"The database refused a row of {part}. The database is empty again. Restore with the version of Qorgan that "
        "made the backup, or take the backup before."
    )


def no_checkpoint_place(folder: Path) -> LocalProblemError:
    """Without its signed line every later look at the audit chains would call them broken."""
    return LocalProblemError(
        f"The folder {folder} of QORGAN_CHECKPOINT_DIRS cannot be written, and a restore has to leave a signed line "
        "there. Make it writable; nothing was restored."
    )
