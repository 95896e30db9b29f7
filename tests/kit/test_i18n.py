"""Names stand in the order in which a reader of Kazakh looks for them."""

from src.platform.kit.i18n import sort_key


def test_names_follow_the_kazakh_alphabet_and_numbers_their_value() -> None:
    by_hand = ["2-мектеп", "10-мектеп", "Lyceum", "Айгүл", "Әлия", "Қайрат", "Ұлжан", "Үміт", "№9 мектеп", "№10 мектеп"]
    assert sorted(sorted(by_hand), key=sort_key) == by_hand
