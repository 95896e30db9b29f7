"""The text of the notice to the authorised body, ready but for what only people know: no name stands in it."""

from datetime import datetime

from src.platform.kit.clock import LOCAL_ZONE
from src.platform.kit.i18n import N_, gettext_in

LANGUAGES = ("kk", "ru")
_TITLE = N_("Notice of a breach of the security of personal data")
_LINES = (
    N_("To: the authorised body for the protection of personal data"),
    N_("From: the operator of the Qorgan service (name, address, BIN): ____"),
    N_("Person to contact (name, phone, e-mail): ____"),
    N_("Detected on (day, hour): ____"),
    N_("When the data were opened: from %(since)s to %(until)s, Almaty time"),
    N_("Organisations concerned: %(organisations)s"),
    N_("Number of people concerned: %(subjects)s"),
    N_("Whose data: students, their parents and employees of the organisations named"),
    N_("Which data: names, IIN, phone numbers; what happened; of %(health)s people also data on health"),
    N_("What is known of the cause: ____"),
    N_("Measures taken (accounts blocked, sessions ended, keys changed): ____"),
    N_("The list of the people concerned, with name, IIN and phone, is ready to tell them and is kept sealed."),
    N_("Date, signature: ____"),
)
_MOMENT = "%d.%m.%Y %H:%M"


def text(
    language: str, *, since: datetime, until: datetime, organisations: list[str], subjects: int, health: int
) -> str:
    """The notice in one language."""
    told: dict[str, str | int] = {
        "since": f"{since.astimezone(LOCAL_ZONE):{_MOMENT}}",
        "until": f"{until.astimezone(LOCAL_ZONE):{_MOMENT}}",
        "organisations": ", ".join(organisations) or "–",
        "subjects": subjects,
        "health": health,
    }
    lines = [gettext_in(language, line, **told) for line in _LINES]
    return "\n\n".join([gettext_in(language, _TITLE), *lines]) + "\n"
