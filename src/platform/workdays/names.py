"""Names of public holidays. The package has no Russian, and some of its English is not ours (calendar.md 2)."""

from datetime import date

from src.platform.kit.i18n import N_

_NAMES = {
    "New Year's Day": N_("New Year"),
    "Orthodox Christmas": N_("Orthodox Christmas"),
    "International Women's Day": N_("International Women’s Day"),
    "Constitution Day": N_("Constitution Day"),
    "Nowruz Holiday": N_("Nauryz"),
    "Kazakhstan's People Solidarity Holiday": N_("Unity Day"),
    "Defender of the Fatherland Day": N_("Defender’s Day"),
    "Victory Day": N_("Victory Day"),
    "Eid al-Adha": N_("Kurban Ait, first day"),
    "Capital Day": N_("Capital Day"),
    "Republic Day": N_("Republic Day"),
    "Independence Day": N_("Independence Day"),
}
_OLD_CONSTITUTION_DAY = N_("Constitution Day (30 August)")
_OLD_CONSTITUTION_ENDS = 2026


def holiday_name(package_name: str, day: date) -> str:
    """The msgid of a holiday as the package calls it in English; empty for a day off that only changed places."""
    plain = package_name.partition(" (")[0]
    if plain == "Constitution Day" and day.year < _OLD_CONSTITUTION_ENDS:
        return _OLD_CONSTITUTION_DAY
    return _NAMES.get(plain, "")


def is_moved(package_name: str) -> bool:
    """Whether the day is free because a holiday or a day off was moved to it."""
    return "(observed)" in package_name or "substituted" in package_name
