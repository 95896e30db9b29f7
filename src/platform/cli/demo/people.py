"""Invented organisations and people of the demo region; every name is made up."""

from typing import NamedTuple


class DemoOrganisation(NamedTuple):
    """An organisation to make."""

    key: str
    kind: str
    code: str
    name_kk: str
    name_ru: str
    name_en: str


class DemoPerson(NamedTuple):
    """Somebody to sign in as; `seat` in the security team, if any, and whether they are its `leader` or `deputy`."""

    place: str
    sign_in: str
    family_name: str
    given_name: str
    roles: tuple[str, ...]
    seat: str = ""
    leads: str = ""


ORGANISATIONS = (
    DemoOrganisation("school", "school", "mek12", "№12 мектеп-гимназия", "Школа-гимназия № 12", "School No. 12"),
    DemoOrganisation("other", "school", "mek45", "№45 жалпы білім беретін мектеп", "Школа № 45", "School No. 45"),
    DemoOrganisation("commission", "commission", "ktizhk", "Қалалық КТІЖК", "Городская КДН", "City commission"),
    DemoOrganisation("ngo", "ngo", "umit", "«Үміт» қоғамдық қоры", "Общественный фонд «Үміт»", "Umit NGO"),
    DemoOrganisation(
        "city",
        "education_department",
        "bilim",
        "Қалалық білім басқармасы",
        "Городское управление образования",
        "City education department",
    ),
)
PEOPLE = (
    DemoPerson("operator", "operator@demo.kz", "Омаров", "Олжас", ("region_operator",)),
    DemoPerson("school", "director@demo.kz", "Дәуітов", "Дәулет", ("school_director",), "director"),
    DemoPerson("school", "coordinator@demo.kz", "Сапарова", "Сәуле", ("deputy_upbringing",), "other", "leader"),
    DemoPerson("school", "social@demo.kz", "Ғаниева", "Гүлнар", ("social_pedagogue",), "specialist", "deputy"),
    DemoPerson("school", "psychologist@demo.kz", "Ахметова", "Айгерім", ("psychologist",), "specialist"),
    DemoPerson("school", "teacher@demo.kz", "Мұратов", "Марат", ("subject_teacher",)),
    DemoPerson("school", "class@demo.kz", "Бекова", "Бота", ("class_teacher",)),
    DemoPerson("ngo", "partner@demo.kz", "Темірова", "Тоғжан", ("partner_worker",)),
    DemoPerson("commission", "commission@demo.kz", "Құсайынова", "Қарлығаш", ("commission_secretary",)),
    DemoPerson("city", "city@demo.kz", "Асанова", "Әсел", ("city_officer",)),
    DemoPerson("other", "psychologist45@demo.kz", "Ермекова", "Еркежан", ("psychologist", "team_member")),
    DemoPerson("other", "teacher45@demo.kz", "Ерланов", "Ерлан", ("subject_teacher",)),
)
FAMILIES = (
    DemoPerson("school", "student@demo.kz", "Әлиева", "Мадина", ("student",)),
    DemoPerson("school", "parent@demo.kz", "Әлиева", "Ирина", ("parent",)),
)
"""A student of the first class of the list and her mother; in the demo they have easy names to sign in with."""
COLLEAGUES = (
    DemoPerson("school", "nurse@demo.kz", "Кенжебаева", "Раушан", ("school_nurse",), "specialist"),
    DemoPerson("school", "social-worker@demo.kz", "Орлова", "Светлана", ("school_social_worker",), "specialist"),
    DemoPerson("school", "inspector@demo.kz", "Жақсылықов", "Бауыржан", ("school_inspector",), "specialist"),
    DemoPerson("school", "teacher2@demo.kz", "Сұлтанова", "Меруерт", ("subject_teacher",), "teacher"),
    DemoPerson("school", "teacher3@demo.kz", "Ли", "Евгений", ("subject_teacher",), "teacher"),
    DemoPerson("school", "teacher4@demo.kz", "Нұрғалиева", "Жанар", ("class_teacher",), "teacher"),
)
