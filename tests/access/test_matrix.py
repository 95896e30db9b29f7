"""The compiled policy beside actors.md §2, row by row, and beside its own printed form.

`matrix.txt` is `make matrix`, reviewed line by line; after a change of the policy: qorgan matrix > tests/access/matrix.txt
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from src.platform.access.policy import RELATION, Table, compile_table, enforcer
from src.platform.cli import matrix
from src.platform.cli.matrix import CLASSES, lines

FOLDER, FILE = Path("policies"), Path(__file__).with_name("matrix.txt")
# actors.md §2, quoted: school-internal | case-sensitive | victim | reporter | witness | offender | health
ACTORS = {
    "school_director": "T | T¹ | T¹ | T¹ | T¹ | T¹ | C",
    "deputy_upbringing": "T | C (register files: T) | C | — ² | C | C | C (packet only)",
    "team_member": "T | T (incidents) / C (write) | T | T | T | T | C",
    "team_coordinator": "T | T | T | T | T | T | C",
    "case_manager": "T | C | C ³ | C | C | C ³ | C",
    "investigator": "T | C | C | C | C | C | C",
    "social_pedagogue": "T | C + register + social passport T | C | — ² | C | C | C",
    "psychologist": "T | C | C | — ² | C | C | C (own conclusions)",
    "school_nurse": "T | C (injury fields of D only) | C (injured child) | — | — | — | C",
    "school_social_worker": "T | C | C | — ² | C | C | C",
    "class_teacher": "own class | own class: plan tasks | — ⁵ | own report only | — | own student: “has a plan” | —",
    "subject_teacher": "own lessons | own tasks in plans | — | own report only | — | — | —",
    "support_staff": "own lessons | own tasks in plans | — | own report only | — | — | —",
    "school_inspector": "— | — | — | own report only | — | — | —",  # without a seat in the team; its row is of who has one
    "prevention_manager": "T | register + journal; incidents C | C | — ² | — | C | C",
    "residential_director": "own institution | own reports only ⁸ | own reports ⁸ | own reports ⁸ | own reports ⁸ | own reports ⁸ | own reports ⁸",
    "student": "public | O | O | O (own report status) | — | — | O",
    "parent": "public | O | O (own child) | — | — | O (own child) | O",
    "city_officer": "A + plans, Form 2, Form E, lists of partners | A ⁹ | — | — | — | — | —",
    "methodologist": "templates, A | — | — | — | — | — | —",
    "commission_secretary": "— | C (help requests, cases); P (J rows) | C | — ⁷ | C | C | C",
    "curator": "— | C | C ³ | C ⁷ | C | C ³ | C",
    "partner_worker": "— | C (referred child only) | C | — | — | C | C (what the service needs)",
    "region_operator": "— | — | — | — | — | — | —",  # not in actors.md: keeps organisations, sees nothing of them
}
ROW_OF_RELATION = {
    "is:investigator": "investigator",
    "is:support_person": "psychologist",  # a specialist at the side of the victim
    "is:counsellor": "psychologist",  # who owes the talk after a sign of self-harm
    "is:appointed_curator": "curator",
    "is:council_caller": "prevention_manager",  # who starts the council's session after an offence
    "is:nurse": "school_nurse",  # whom the team asked
    "is:manager": "case_manager",
    "is:case_manager": "case_manager",
    "is:own_class": "class_teacher",
    "is:own_child": "parent",
    "is:acting_coordinator": "team_coordinator",
    "is:broke_glass": "case_manager",  # one record for a day at most, never who reported (decisions 27)
}
OPEN_TO_COLLEAGUES = {"roster", "team"}
"""Decisions 16: every employee may find a person; actors.md §1: the names of team contacts are public."""
ONLY_OWN_ROWS = {"referral", "assessment", "assessment_copy", "referral_log_entry"}
"""In a partner's organisation these tables hold referred children only: all of them are actors.md's C.

Rows of the log are its P; their names open only with the commission's case, which is C (R-152, test_referral_log.py).
"""
PARTNERS = {"partner_worker", "commission_secretary"}
NOTHING, SOME, ALL = 0, 1, 2


@pytest.fixture(scope="module")
def now() -> Table:
    return compile_table(enforcer(FOLDER))


def of_law(row: str, opened: str) -> int:
    """How much actors.md gives: everything, some records, nothing."""
    said = dict(zip(CLASSES, ACTORS[row].split(" | "), strict=True))[opened]
    if said.startswith(("—", "A")) or said == "own report only":  # own reports are a state without any class
        return NOTHING
    return ALL if said.startswith("T") else SOME


def granted(now: Table) -> list[tuple[str, str, str, str]]:
    cells = [(*key, opened) for key, classes in now.grants.items() for opened in classes & set(CLASSES)]
    return [cell for cell in cells if cell[1] not in OPEN_TO_COLLEAGUES]


def test_no_role_opens_more_than_actors_says(now: Table) -> None:
    too_much = []
    for role, resource, action, opened in granted(now):
        if role.startswith(RELATION):
            continue
        own_rows = resource in ONLY_OWN_ROWS and role in PARTNERS
        if of_law(role, opened) < (SOME if own_rows else ALL):
            too_much.append((role, resource, action, opened))
    assert too_much == []


def test_no_relation_opens_more_than_actors_says(now: Table) -> None:
    related = [cell for cell in granted(now) if cell[0].startswith(RELATION)]
    assert [cell for cell in related if of_law(ROW_OF_RELATION[cell[0]], cell[3]) < SOME] == []


def test_who_asks_by_relation_has_some_records_in_actors(now: Table) -> None:
    for (role, resource, action), classes in now.grants.items():
        if "by_relation" not in classes or role.startswith(RELATION):
            continue
        opened = {
            one
            for (atom, *rest), given in now.grants.items()
            if atom.startswith(RELATION)
            for one in given
            if rest == [resource, action]
        }
        assert any(of_law(role, one) for one in opened & set(CLASSES)) or opened == {"-"}, (role, resource)


@pytest.mark.parametrize("resource", ["incident", "child_case"])
@pytest.mark.parametrize("role", ["school_director", "team_coordinator"])
def test_who_has_every_record_in_actors_has_every_record_here(now: Table, role: str, resource: str) -> None:
    """Health is C for both: no role alone opens it."""
    known = {opened for _, asked, action, opened in granted(now) if (asked, action) == (resource, "read")}
    assert now.of(role, resource, "read") - {"by_relation"} == known - {"health"}


def test_every_role_of_the_policy_is_a_row(now: Table) -> None:
    assert {atom for atom, _, _ in now.grants if not atom.startswith(RELATION)} <= set(ACTORS)
    assert {atom for atom, _, _ in now.grants if atom.startswith(RELATION)} == set(ROW_OF_RELATION)


def test_who_reported_is_open_to_the_fewest(now: Table) -> None:
    """R-060: beside the team and the director only an investigator of the incident."""
    open_to = {atom for (atom, _, _), given in now.grants.items() if "identity-reporter" in given}
    assert open_to == {"school_director", "team_member", "team_coordinator", "is:investigator"}


def test_the_city_reads_counters_and_nothing_else(now: Table) -> None:
    """And keeps its own people, sees which partners have not said what they offer (R-270), and its own letters (R-071)."""
    known = {(asked, action) for atom, asked, action in now.grants if atom == "city_officer"}
    letters = {("letter", "read"), ("letter", "write")}
    counted = {("oversight", "read"), ("oversight", "release"), ("catalogue", "oversee")}
    assert known == {*counted, *letters, ("member", "keep")}
    assert now.grants["city_officer", "letter", "read"] == {"-"}


def test_s_30_every_cell_and_every_verb_is_as_it_was_reviewed(now: Table) -> None:
    assert "\n".join(lines(now)) + "\n" == FILE.read_text()


def test_s_30_a_policy_without_any_one_of_its_lines_is_noticed(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """Every line that grants, inherits or takes away is a mutant; the reviewed table kills each of them."""
    (tmp_path / "model.conf").write_text((FOLDER / "model.conf").read_text())
    whole = (FOLDER / "policy.csv").read_text().splitlines()
    survived, tried = [], 0
    for number, line in enumerate(whole):
        if not line.startswith(("p,", "g,", "g2,")):
            continue
        tried += 1
        (tmp_path / "policy.csv").write_text("\n".join(whole[:number] + whole[number + 1 :]) + "\n")
        if "\n".join(lines(compile_table(enforcer(tmp_path)))) + "\n" == FILE.read_text():
            survived.append(line)
    record_property("figure", f"{tried} lines taken out one by one, {len(survived)} unnoticed")
    assert survived == []


def test_the_printed_matrix_can_stand_in_a_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert matrix.main(["--markdown"]) == 0
    printed = capsys.readouterr().out
    assert "| team_coordinator" in printed
    assert "|---|---|" in printed
