"""Names stand in the order in which a reader of Kazakh looks for them."""

from src.platform.kit.i18n import sort_key


def test_names_follow_the_kazakh_alphabet_and_numbers_their_value() -> None:
    sorted_by_hand = ["№2 мектеп", "№10 мектеп", "№10 Өркен", "№101 мектеп", "Айгүл", "Әлия", "Қайрат", "Ұлжан", "Үміт"]
    assert sorted(reversed(sorted_by_hand), key=sort_key) == sorted_by_hand
