"""Who is in the region beside the people of the small one: a third school, partners, everybody who works there."""

import csv
import io
from dataclasses import dataclass
from random import Random
from uuid import UUID

from src.platform.cli.demo.history import names
from src.platform.cli.demo.history.plots import Pupil
from src.platform.cli.demo.people import DemoOrganisation, DemoPerson

ORGANISATIONS = (
    DemoOrganisation(
        "third", "school", "mek07", "№7 лицей (алты күндік апта)", "Лицей № 7 (шестидневная неделя)", "Lyceum No. 7"
    ),
    DemoOrganisation(
        "residential",
        "residential_institution",
        "meirim",
        "«Мейірім» балалар үйі",
        "Детский дом «Мейірім»",
        "Meirim children’s home",
    ),
    DemoOrganisation(
        "police", "internal_affairs", "polisiya", "Қалалық ішкі істер басқармасы", "Управление полиции", "City police"
    ),
    DemoOrganisation(
        "health",
        "mental_health_service",
        "densaulyq",
        "Психикалық денсаулық орталығы",
        "Центр психического здоровья",
        "Mental health centre",
    ),
    DemoOrganisation(
        "social",
        "labour_social_department",
        "eleumet",
        "Әлеуметтік қорғау бөлімі",
        "Отдел социальной защиты",
        "Social protection",
    ),
    DemoOrganisation("tirek", "ngo", "tirek", "«Тірек» қоғамдық қоры", "Общественный фонд «Тірек»", "Tirek NGO"),
    DemoOrganisation(
        "family",
        "family_support_centre",
        "otbasy",
        "Отбасын қолдау орталығы",
        "Центр поддержки семьи",
        "Family support centre",
    ),
)
OUTSIDE = (
    ("residential", "residential@demo.kz", "residential_director"),
    ("police", "police@demo.kz", "partner_worker"),
    ("health", "health@demo.kz", "partner_worker"),
    ("social", "protection@demo.kz", "partner_worker"),
    ("tirek", "partner2@demo.kz", "partner_worker"),
    ("family", "family@demo.kz", "partner_worker"),
    ("commission", "curator@demo.kz", "curator"),
)
STAFF = (
    ("director", "school_director", "director", ""),
    ("coordinator", "deputy_upbringing", "other", "leader"),
    ("social", "social_pedagogue", "specialist", "deputy"),
    ("psychologist", "psychologist", "specialist", ""),
    ("nurse", "school_nurse", "specialist", ""),
    ("social-worker", "school_social_worker", "specialist", ""),
    ("inspector", "school_inspector", "specialist", ""),
    ("teacher2", "subject_teacher", "teacher", ""),
    ("teacher3", "subject_teacher", "teacher", ""),
    ("teacher4", "class_teacher", "teacher", ""),
    ("teacher", "subject_teacher", "", ""),
    ("class", "class_teacher", "", ""),
)
"""Part of a sign-in name, role, kind of seat, place in the team: the same in every school."""
SCHOOLS = (("school", "mek12", ""), ("other", "mek45", "45"), ("third", "mek07", "7"))
"""Key, address, what stands behind the name of a sign-in."""
SIX_DAYS = "third"


@dataclass(frozen=True, slots=True)
class SchoolCast:
    """A school with its people; `members` maps the part of a sign-in name to the membership."""

    key: str
    slug: str
    suffix: str
    tenant_id: UUID
    members: dict[str, UUID]
    pupils: list[Pupil]

    def sign_in(self, who: str) -> str:
        """How somebody of this school signs in."""
        return f"{who}{self.suffix}@demo.kz"

    @property
    def team(self) -> list[UUID]:
        """Everybody with a seat."""
        return [self.members[who] for who, _, seat, _ in STAFF if seat]


def people_of(key: str, suffix: str, rng: Random) -> list[tuple[str, DemoPerson]]:
    """Who works in a school, by the part of the sign-in name."""
    made = []
    for who, role, seat, leads in STAFF:
        name = names.adult(rng)
        made.append((who, DemoPerson(key, f"{who}{suffix}@demo.kz", name.family, name.given, (role,), seat, leads)))
    return made


def outsiders(rng: Random) -> list[DemoPerson]:
    """Who works in the other organisations."""
    made = []
    for key, sign_in, role in OUTSIDE:
        name = names.adult(rng)
        made.append(DemoPerson(key, sign_in, name.family, name.given, (role,)))
    return made


def class_list(pupils: list[Pupil], year: int) -> bytes:
    """The list as a school would upload it, with a state number that nobody has (day, sex, 98…)."""
    out = io.StringIO()
    sheet = csv.writer(out, delimiter=";")
    sheet.writerow(
        ("Сынып", "Тегі", "Аты", "Әкесінің аты", "ЖСН", "Өкілінің аты-жөні", "Өкілінің телефоны", "Өкілі кім")
    )
    taken: set[str] = set()
    for number, one in enumerate(pupils):
        iin = _number_of(number, one, year, taken)
        who = "Анасы" if names.is_mother(one.name) else "Әкесі"
        phone = f"+7 700 000 {number // 100:02d} {number % 100:02d}"
        name = one.name
        place = f"{one.grade}{one.letter}"
        sheet.writerow((place, name.family, name.given, name.patronymic, iin, name.parent, phone, who))
    return out.getvalue().encode()


def _number_of(number: int, one: Pupil, year: int, taken: set[str]) -> str:
    born = f"{(year - 6 - one.grade) % 100:02d}{number % 12 + 1:02d}{number % 28 + 1:02d}"
    century = "5" if one.name.sex == "male" else "6"
    for serial in range(9800, 9900):
        digits = f"{born}{century}{serial}"
        control = _control(digits)
        if control is not None and f"{digits}{control}" not in taken:
            taken.add(f"{digits}{control}")
            return f"{digits}{control}"
    raise LookupError(born)


def _control(digits: str) -> int | None:
    """The check digit of the state's rule; None for a number that is never given."""
    numbers = [int(one) for one in digits]
    for weights in (range(1, 12), (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)):
        control = sum(n * w for n, w in zip(numbers, weights, strict=True)) % 11
        if control < 10:  # noqa: PLR2004  # ten asks for the second round
            return control
    return None
