"""Three languages, Kazakh first. Texts, dates, numbers and sorting are made on the server only.

msgids are English sentences; each module keeps its own fragment `locale/kk.po` and `locale/ru.po`. Chromium claims
Kazakh and has no data for it, and PostgreSQL here has no ICU, so neither formats nor sorts anything (ui.md 6).
"""

import re
import unicodedata
from contextvars import ContextVar
from datetime import date, datetime
from functools import cache
from pathlib import Path

from babel.dates import format_date as format_day
from babel.dates import format_timedelta
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from src.platform.kit import clock

LANGUAGES = ("kk", "ru", "en")
DEFAULT = "kk"
_HOUSE = Path(__file__).parents[1]
_ALPHABET = "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя"
_ORDER = {letter: chr(0x400 + place) for place, letter in enumerate(_ALPHABET)}
_NUMBER, _DIGITS = re.compile(r"\d+"), 12
_MONTHS_KK = (
    "қаңтар",
    "ақпан",
    "наурыз",
    "сәуір",
    "мамыр",
    "маусым",
    "шілде",
    "тамыз",
    "қыркүйек",
    "қазан",
    "қараша",
    "желтоқсан",
)
_MONTHS_RU = (
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
)
_language: ContextVar[str] = ContextVar("qorgan_language", default=DEFAULT)


def N_(message: str) -> str:  # noqa: N802  # gettext's own name for "mark, translate later"
    """Mark a text for extraction; it is translated where it is shown."""
    return message


def use(language: str) -> None:
    """Speak this language for the rest of the current task."""
    _language.set(language if language in LANGUAGES else DEFAULT)


def language() -> str:
    """The language of the current task."""
    return _language.get()


def gettext(message: str, **params: str | int) -> str:
    """A text in the language of the current task."""
    return gettext_in(language(), message, **params)


def ngettext(singular: str, plural: str, number: int, **params: str | int) -> str:
    """A counted text in the language of the current task; `num` is filled in."""
    forms = catalog(language()).get(singular)
    if language() == "en" or forms is None:
        text = singular if number == 1 else plural
    else:
        strings = forms.string if isinstance(forms.string, tuple | list) else (str(forms.string),)
        text = strings[min(_plural(language(), number), len(strings) - 1)]
    return text % {"num": number, **params}


def gettext_in(target: str, message: str, **params: str | int) -> str:
    """A text in a named language. A missing translation is English here and red in `make lint`."""
    text = _texts(target).get(message, message)
    return text % params if params else text


@cache
def _texts(target: str) -> dict[str, str]:
    """Message -> its translation, where there is one: a page asks for thousands."""
    return {
        message.id: message.string
        for message in catalog(target)
        if isinstance(message.id, str) and message.id and isinstance(message.string, str) and message.string
    }


@cache
def catalog(target: str) -> Catalog:
    """All fragments of a language as one catalogue."""
    merged = Catalog(locale=target)
    if target == "en":
        return merged
    for fragment in fragments(target):
        with fragment.open("rb") as source:
            for message in read_po(source, locale=target):
                if message.id and not message.fuzzy:
                    merged[message.id] = message
    return merged


def fragments(target: str) -> list[Path]:
    """The modules' files of a language."""
    return sorted(_HOUSE.glob(f"*/locale/{target}.po"))


def format_date(day: date | datetime) -> str:
    """22.11.2026: the form of official papers; CLDR's short Kazakh form is not."""
    local = clock.local_date(day) if isinstance(day, datetime) else day
    return f"{local:%d.%m.%Y}"


def format_datetime(moment: datetime) -> str:
    """22.11.2026, 09:05 local time."""
    return f"{moment.astimezone(clock.LOCAL_ZONE):%d.%m.%Y, %H:%M}"


def format_recent(moment: datetime) -> str:
    """09:05 of today, with the day when it was another."""
    local = moment.astimezone(clock.LOCAL_ZONE)
    is_today = local.date() == clock.local_date(clock.now())
    return f"{local:%H:%M}" if is_today else format_datetime(moment)


def format_period(period: str) -> str:
    """An ISO week as its days, 16.11–22.11.2026; any other period as it is."""
    year, is_week, number = period.partition("-W")
    if not is_week:
        return period
    monday, sunday = (date.fromisocalendar(int(year), int(number), day) for day in (1, 7))
    return f"{monday:%d.%m}–{sunday:%d.%m.%Y}"


def format_long_date(day: date) -> str:
    """2026 жылғы 20 қараша; 20 ноября 2026 года; 20 November 2026."""
    if language() == "kk":
        return f"{day.year} жылғы {day.day} {_MONTHS_KK[day.month - 1]}"
    if language() == "ru":
        return f"{day.day} {_MONTHS_RU[day.month - 1]} {day.year} года"
    return f"{day.day} {day:%B %Y}"


def format_month(month: int) -> str:
    """2026 жылғы қазан; октябрь 2026; October 2026. `month` is YYYYMM."""
    year, number = divmod(month, 100)
    if language() == "kk":
        return f"{year} жылғы {_MONTHS_KK[number - 1]}"
    return format_day(date(year, number, 1), "LLLL yyyy", locale=language())


def format_relative(moment: datetime) -> str:
    """3 күн бұрын."""
    return format_timedelta(moment - clock.now(), add_direction=True, locale=language())


def format_number(number: float) -> str:
    """1 234,5."""
    return format_decimal(number, locale=language())


def sort_key(text: str) -> str:
    """A key that sorts names by the Kazakh alphabet of 42 letters; Latin comes first, school No. 9 before No. 10."""
    folded = _NUMBER.sub(lambda found: found[0].zfill(_DIGITS), unicodedata.normalize("NFC", text).casefold())
    return "".join(_ORDER.get(letter, letter) for letter in folded)


def _plural(target: str, number: int) -> int:
    if target != "ru":
        return int(number != 1)
    if number % 10 == 1 and number % 100 != 11:  # noqa: PLR2004  # Russian plural rule
        return 0
    return 1 if number % 10 in (2, 3, 4) and number % 100 not in (12, 13, 14) else 2
