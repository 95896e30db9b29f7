"""Why a file is not taken, each in words that say what to do."""

from collections.abc import Mapping
from types import MappingProxyType

from src.platform.kit.errors import Conflict, FieldError, Invalid
from src.platform.kit.i18n import N_

FIELD = "file"
WORDS: Mapping[str, str] = MappingProxyType(
    {
        "empty": N_("This file is empty. Choose it again"),
        "kind": N_("This is no photo (JPEG, PNG) and no PDF, whatever its name says"),
        "heic": N_(
            "This is a HEIC photo, which cannot be cleaned here. Save it as JPEG, or make a screenshot of it, and "
            "choose that"
        ),
        "sound": N_(
            "This is a sound recording, which cannot be cleaned here. Keep it, pass it on to nobody, and tell "
            "the security team that you have it"
        ),
        "video": N_(
            "This is a video, which cannot be cleaned here. Send a screenshot of it; keep the video, pass it on to "
            "nobody, and tell the security team that you have it"
        ),
        "damaged": N_("This file is damaged or cut off. Open it on your device, save it anew and choose it again"),
        "two_things": N_("There is another file hidden inside this one. Save only the photo or the PDF anew"),
        "too_many_pixels": N_("This picture has more than 64 million points. Save it smaller"),
        "locked": N_("This PDF is locked with a password. Save it without one"),
        "too_many_pages": N_("This PDF has more than 300 pages. Attach it in parts"),
    }
)


class BadFileError(Invalid):
    """A file that cannot be taken; another one could."""

    def __init__(self, reason: str) -> None:
        """`reason` is a key of WORDS."""
        super().__init__(fields=[FieldError(FIELD, f"file_{reason}", WORDS[reason])])


class AlreadyAttachedError(Conflict):
    """The same bytes stand at the same record."""

    code = "attachment.known"
    title = N_("This very file is attached here already")


class WithdrawnError(Conflict):
    """Somebody has withdrawn the file."""

    code = "attachment.withdrawn"
    title = N_("This file has been withdrawn")
