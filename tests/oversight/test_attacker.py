"""What the city is shown gives away no small number, to anybody who knows everything shown (S-60, R-067)."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import pytest

from src.platform.oversight.children import VALUES
from src.platform.oversight.schemas import Frozen
from src.platform.oversight.suppression import SCHOOLS_AT_LEAST, SMALL, Row, suppress
from tests.oversight.attacker import Bounds, Cell, bounds, eliminate, shown, subtract, totals
from tests.oversight.school_year import REFERRAL, Counted, SchoolYear, generate


def known(year: SchoolYear, table: Frozen, quarter: int) -> dict[int, int]:
    """What Form E or the counters tell of the children of a table, school by school."""
    months = range(quarter * 3 - 2, quarter * 3 + 1)
    return totals(year.answers_due() if table.dimension in REFERRAL else year.form_e(), months)


def by_district(year: SchoolYear, of_schools: dict[int, int]) -> dict[UUID, int]:
    found = dict.fromkeys(year.district_of.values(), 0)
    for school, number in of_schools.items():
        found[year.district_of[school]] += number
    return found


def given_away(year: SchoolYear, quarter: int, tables: Sequence[Frozen]) -> list[tuple[Cell, int, Bounds]]:
    """Hidden cells that are known more closely than the protection asks."""
    truth, found = year.truth(year.quarter(quarter)), []
    for table in tables:
        of_schools = known(year, table, quarter)
        sums = by_district(year, of_schools)
        few = {d for d in sums if sum(1 for s, n in of_schools.items() if n and year.district_of[s] == d) < 3}
        for cell, between in bounds(table, year.district_of, of_schools).items():
            number = truth[cell]
            assert between.low <= number <= between.high, "the attacker knows nothing that is not so"
            whole = sums[cell[1]] if cell[1] else sum(sums.values())
            if not is_protected(number, whole, between, of_few=cell[1] in few):
                found.append((cell, number, between))
    return found


def is_protected(number: int, whole: int, between: Bounds, *, of_few: bool) -> bool:
    """A small number may be anything from 0 to 7 that Form E alone leaves open; a larger one is not known exactly."""
    if 1 <= number <= SMALL or (of_few and number <= SMALL):
        return between.low == 0 and between.high >= min(SMALL, whole)
    if of_few:
        return between.low <= number - SMALL and between.high >= min(number + SMALL, whole)
    return not between.is_exact


def naive(year: SchoolYear, counted: Iterable[Counted]) -> list[Frozen]:
    """The rule that everybody thinks of first: hide what is under five, show the sums."""
    truth = year.truth(counted)

    def cells(dimension: str, district: UUID | None) -> list[int | None]:
        numbers = [truth[dimension, district, value] for value in VALUES[dimension]]
        return [None if 0 < number < 5 else number for number in numbers]

    districts = sorted(set(year.district_of.values()), key=str)
    return [
        Frozen(dimension=d, values=list(v), rows=[(one, cells(d, one)) for one in districts], region=cells(d, None))
        for d, v in VALUES.items()
    ]


@pytest.mark.parametrize("seed", [3, 12])
def test_s_60_the_attacker_recovers_no_cell_of_a_quarter(seed: int) -> None:
    attack(seed, districts=5, schools=24, quarters=[4])


@pytest.mark.long
@pytest.mark.parametrize("seed", range(10))
def test_s_60_the_attacker_recovers_no_cell_of_a_year(seed: int) -> None:
    attack(seed, districts=3 + seed % 6, schools=20 + 2 * seed, quarters=[1, 2, 3, 4])


def attack(seed: int, *, districts: int, schools: int, quarters: Sequence[int]) -> None:
    months = [month for quarter in quarters for month in range(quarter * 3 - 2, quarter * 3 + 1)]
    year = generate(seed, districts=districts, schools=schools, months=months)
    hidden = seen = 0
    for quarter in quarters:
        tables = year.release(year.quarter(quarter))
        assert tables == year.release(reversed(year.quarter(quarter))), "the same counts give the same release"
        truth = year.truth(year.quarter(quarter))
        for cell, number in shown(tables).items():
            assert number in (None, truth[cell]), "what is shown is so"
            assert number is None or not 1 <= number <= SMALL
            hidden, seen = hidden + (number is None), seen + (number is not None)
        for table in tables:
            assert eliminate(table, by_district(year, known(year, table, quarter))) == {}
        assert given_away(year, quarter, tables) == []
    assert min(hidden, seen) > 0, "there is something to hide and something to show"


def test_s_60_the_same_attacker_breaks_a_naive_rule() -> None:
    year = generate(7, districts=5, schools=24, months=[10, 11, 12])
    tables = naive(year, year.quarter(4))
    hidden = [cell for cell, number in shown(tables).items() if number is None]
    eliminated = {}
    for table in tables:
        eliminated |= eliminate(table, by_district(year, known(year, table, 4)))
    truth = year.truth(year.quarter(4))
    assert len(eliminated) > len(hidden) / 20, "simple elimination alone"
    assert all(number == truth[cell] for cell, number in eliminated.items())
    broken = given_away(year, 4, tables)
    assert len(broken) > len(hidden) / 2
    assert sum(1 for _cell, _number, between in broken if between.is_exact) >= len(eliminated)


def test_s_60_numbers_that_are_published_again_are_subtracted_and_a_release_is_not() -> None:
    year = generate(5, districts=4, schools=20, months=[10, 11, 12])
    children = [one for one in year.quarter(4) if "sex" in one.values]
    before, after = year.release(children[:-1]), year.release(children)
    gained = subtract(naive(year, children[:-1]), naive(year, children), SMALL)
    assert 1 in gained.values(), "a naive table that is published every week says who came last"
    assert subtract(before, after, SMALL), "so would ours: that is why a quarter has one release only (ADR 21)"


def test_r_067_a_cell_of_three_is_hidden_with_one_more_of_its_row_and_column() -> None:
    rows = [Row((20, 3, 30), 5), Row((25, 12, 40), 6), Row((30, 60, 9), 4)]
    districts, region = suppress(rows)
    assert districts[0][1] is None
    assert [None in row for row in districts].count(True) >= 2
    for row in (*districts, region):
        assert row.count(None) != 1
    for column in zip(*districts, region, strict=True):
        assert column.count(None) != 1
    assert [n for row in (*districts, region) for n in row].count(None) <= 6, "not more than must be"


def test_s_60_a_row_of_two_schools_is_theirs_and_hidden_whole() -> None:
    districts, _region = suppress([Row((40, 50), SCHOOLS_AT_LEAST - 1), Row((60, 70), 9), Row((80, 90), 9)])
    assert districts[0] == (None, None)
    assert suppress([Row((40, 50), 9), Row((60, 70), 9)]) == ([(40, 50), (60, 70)], (100, 120))
    assert suppress([Row((40, 50), 2)])[0] == [(None, None)]


def test_r_067_a_single_district_shows_no_region_beside_it() -> None:
    districts, region = suppress([Row((20, 3, 30), 5)])
    assert districts[0].count(None) >= 2
    assert region == (None, None, None)
    assert suppress([]) == ([], ())
