"""Words that may be forms of a name, in two languages and three spellings, and words that only begin like one."""

import pytest

from src.platform.incidents.evidence.inflection import may_be, skeleton

FORMS = {
    "Арман": (
        "Арман Арманның Арманға Арманды Арманда Арманнан Арманмен Армандар Армандардың Арманжан Арманым Арманымның",
        "Арман Армана Арману Арманом Армане",
        "Arman Armannyn Armannyń Armanǵa Armanga Armandy Armanda Armannan Armanmen Armana Armanom",
    ),
    "Әсел": (
        "Әсел Әселдің Әселге Әселді Әселде Әселден Әселмен Әселім Әселжан",
        "Асель Асели Аселью Асель Аселе Асел",
        "Asel Äsel Aseldin Aselge Aseldi Aselde Aselden Aselmen Aseli",
    ),
    "Серік": (
        "Серік Серіктің Серікке Серікті Серікте Серіктен Серікпен Серігі Серігім Серігіңе",
        "Серик Серика Серику Сериком Серике",
        "Serik Serіk Seriktin Serikke Serikti Serikte Serikten Serikpen Serika Serikom",
    ),
    "Бақыт": (
        "Бақыт Бақыттың Бақытқа Бақытты Бақытта Бақыттан Бақытпен",
        "Бахыт Бахыта Бахыту Бахытом Бахыте Бакыт Бакыта",
        "Baqyt Bakhyt Bakyt Baqyttyn Baqytqa Bakytty Bakytta Bakyttan Bakytpen",
    ),
    "Роза": (
        "Роза Розаның Розаға Розаны Розада Розадан Розамен Розасы",
        "Роза Розы Розе Розу Розой Розою",
        "Roza Rozanyn Rozaga Rozany Rozada Rozadan Rozamen Rozy Roze Rozu Rozoy",
    ),
    "Қанатбекова": (
        "Қанатбекова Қанатбекованың Қанатбековаға Қанатбекованы Қанатбековада Қанатбековадан Қанатбековамен",
        "Канатбекова Канатбековой Канатбекову Канатбековою",
        "Kanatbekova Qanatbekova Kanatbekovanyn Kanatbekovaga Kanatbekovoy Kanatbekovu",
    ),
}
HARMLESS = {
    "Арман": "Ол ертең армандап отырды, бірақ армансыздарды түсінбейді",
    "Бақыт": "Бақытсыздық деген сөз бақша туралы емес",
    "Роза": "Розетка сынды, розыгрыш был, розга лежала",
    "Серік": "Сериал серіктестік туралы серия",
    "Әсел": "Осел стоит, асылдар жиналды, аселсоколада нет",
    "Жан": "Жануар мен жанармай, жанжал болды",
    "Сая": "Саясат пен саятшы, саябақ ашық",
    "Гүл": "Гүлдесте мен гүлзар, гульфик",
}


@pytest.mark.parametrize("name", sorted(FORMS))
def test_s_16_every_case_form_is_known_in_kazakh_russian_and_latin(name: str) -> None:
    words = " ".join(FORMS[name]).split()
    assert [word for word in words if not may_be(word, name)] == []
    assert [word for word in words if not may_be(word.lower(), name)] == []


@pytest.mark.parametrize("name", sorted(HARMLESS))
def test_a_word_that_only_begins_like_a_name_is_not_proposed(name: str) -> None:
    words = HARMLESS[name].replace(",", "").split()
    assert [word for word in words if may_be(word, name)] == []
    assert any(skeleton(word).startswith(skeleton(name)[:2]) for word in words)  # it does begin like it


def test_names_of_two_letters_and_names_on_ia() -> None:
    assert may_be("Ли", "Ли")
    assert not may_be("Лицей", "Ли")
    assert all(may_be(word, "Алия") for word in ["Алия", "Алии", "Алию", "Алией", "Әлияға", "Aliya", "Aliyany"])
    assert all(may_be(word, "Павел") for word in ["Павел", "Павла", "Павлу", "Павлом"])
    assert all(may_be(word, "Жанар") for word in ["Жанарға", "Zhanar", "Janarga"])
