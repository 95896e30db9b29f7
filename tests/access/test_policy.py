"""The compiled policy: what actors.md §2 says, what Casbin says, and what a reader sees while it is swapped."""

import random
import threading
from pathlib import Path

import pytest

from src.platform.access import policy
from src.platform.access.policy import RELATION, compile_table, enforcer
from src.platform.cli.matrix import CLASSES, cell

FOLDER = Path("policies")
EXPECTED = {  # actors.md §2 for what exists: T, C, O or nothing, in the order of CLASSES; a case is a file of its own
    ("school_director", "incident"): "· T T T T T C",
    ("team_member", "incident"): "· T T T T T C",
    ("team_coordinator", "incident"): "· T T T T T C",
    ("school_inspector", "incident"): "· T T T T T C",
    ("psychologist", "incident"): "· C C C C C C",
    ("social_pedagogue", "incident"): "· C C C C C C",
    ("school_social_worker", "incident"): "· C C C C C C",
    ("class_teacher", "incident"): "· · · · · · ·",
    ("subject_teacher", "incident"): "· · · · · · ·",
    ("support_staff", "incident"): "· · · · · · ·",
    ("partner_worker", "incident"): "· · · · · · ·",
    ("city_officer", "incident"): "· · · · · · ·",
    ("commission_secretary", "incident"): "· · · · · · ·",
    ("region_operator", "incident"): "· · · · · · ·",
    ("team_coordinator", "child_case"): "· T T · · T ·",
    ("team_member", "child_case"): "· C C · · C ·",
    ("school_director", "child_case"): "· · · · · · ·",
    ("class_teacher", "child_case"): "· · · · · · ·",
    ("city_officer", "child_case"): "· · · · · · ·",
    ("partner_worker", "referral"): "· T · · · · ·",
    ("school_director", "referral"): "· T · · · · ·",
    ("team_member", "referral"): "· C · · · · ·",
    ("city_officer", "referral"): "· · · · · · ·",
}


@pytest.mark.parametrize(("role", "resource"), EXPECTED)
def test_the_matrix_is_that_of_actors(role: str, resource: str) -> None:
    now = compile_table(enforcer(FOLDER))
    assert " ".join(cell(now, role, resource, opened) for opened in CLASSES) == EXPECTED[role, resource]


def test_who_reported_is_open_to_the_fewest() -> None:
    """R-060: beside the team and the director only an investigator of the incident."""
    now = compile_table(enforcer(FOLDER))
    open_to = {atom for (atom, _, _), granted in now.grants.items() if "identity-reporter" in granted}
    assert open_to == {"school_director", "team_member", "team_coordinator", "school_inspector", "is:investigator"}


def test_the_city_reads_counters_and_nothing_else() -> None:
    now = compile_table(enforcer(FOLDER))
    assert {(resource, action) for atom, resource, action in now.grants if atom == "city_officer"} == {
        ("oversight", "read")
    }


def test_s_31_the_table_says_what_casbin_says_in_two_thousand_random_cells() -> None:
    oracle = enforcer(FOLDER)
    now, chance = compile_table(oracle), random.Random(20261121)  # noqa: S311  # the same cells every time
    atoms = sorted({atom for atom, _, _ in now.grants} | {"nobody", "is:nothing"})
    resources = sorted({resource for _, resource, _ in now.grants} | {"unknown"})
    actions = sorted({action for _, _, action in now.grants} | {"unknown"})
    classes = sorted({*CLASSES, *(one for granted in now.grants.values() for one in granted)})
    allowed = 0
    granted = [(*key, one) for key, opened in sorted(now.grants.items()) for one in sorted(opened)]
    for number in range(2_000):
        pick = chance.choice
        asked = pick(granted) if number % 4 == 0 else (pick(atoms), pick(resources), pick(actions), pick(classes))
        atom, resource, action, opened = asked
        said = oracle.enforce(atom, resource, action, opened)
        assert said == (opened in now.of(atom, resource, action)), asked
        allowed += said
    assert allowed >= 500


def test_s_32_a_policy_that_is_swapped_is_never_seen_half(tmp_path: Path) -> None:
    for name in ("model.conf", "policy.csv"):
        (tmp_path / name).write_text((FOLDER / name).read_text())
    other = tmp_path / "other"
    other.mkdir()
    (other / "model.conf").write_text((FOLDER / "model.conf").read_text())
    lines = (FOLDER / "policy.csv").read_text().replace("p, city_officer, oversight, read, -\n", "")
    (other / "policy.csv").write_text(lines + "p, city_officer, marker, read, -\n")
    whole = {policy.load(folder).version: len(policy.table().grants) for folder in (tmp_path, other)}
    seen: set[tuple[str, int, bool]] = set()
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            now = policy.table()
            marked = bool(now.of("city_officer", "marker", "read"))
            seen.add((now.version, len(now.grants), marked != bool(now.of("city_officer", "oversight", "read"))))

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for _ in range(20):
        policy.load(tmp_path)
        policy.load(other)
    stop.set()
    for reader in readers:
        reader.join()
    policy.load(FOLDER)
    assert {(version, size) for version, size, _ in seen} <= set(whole.items())
    assert all(one_of_both for _, _, one_of_both in seen)
    assert len(seen) == 2


def test_every_relation_of_the_policy_is_registered_by_a_module() -> None:
    """A misspelt relation would grant nothing, or keep nobody out."""
    from src.platform.access import relations  # noqa: PLC0415
    from src.platform.web.modules import route_modules  # noqa: PLC0415

    route_modules()
    now = compile_table(enforcer(FOLDER))
    used = {(resource, atom) for atom, resource, _ in now.grants if atom.startswith(RELATION)}
    for resource, atom in used:
        assert atom.removeprefix(RELATION) in relations.names(resource), (resource, atom)
    known = {name for resource in {r for _, r, _ in now.grants} for name in relations.names(resource)}
    not_yet = {"own_child", "self"}  # of the pages for parents and students
    assert {one.removeprefix(RELATION) for one in now.conflicts | now.personal} <= known | not_yet
