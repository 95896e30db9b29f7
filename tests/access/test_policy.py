"""The compiled policy beside Casbin, while it is swapped, and when its files are damaged."""

import itertools
import random
import threading
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from uuid import UUID

import pytest

from src.platform.access import policy, relations
from src.platform.access import service as access
from src.platform.access.policy import RELATION, PolicyError, enforcer
from src.platform.cli.matrix import CLASSES
from src.platform.db.subject import Subject
from src.platform.web.modules import route_modules

FOLDER = Path("policies")
NOBODY = UUID(int=0)


@pytest.fixture(autouse=True)
def _in_force() -> None:
    policy.load(FOLDER)


def copied(to: Path, change: Callable[[str], str] = str) -> Path:
    """The policy in another folder, changed."""
    to.mkdir(exist_ok=True)
    (to / "model.conf").write_text((FOLDER / "model.conf").read_text())
    (to / "policy.csv").write_text(change((FOLDER / "policy.csv").read_text()))
    return to


def somebody(*roles: str) -> Subject:
    return Subject(NOBODY, NOBODY, "school", NOBODY, NOBODY, frozenset(roles), "kk", b"", None, False, False, 1)  # noqa: FBT003


def atoms_and_more() -> tuple[list[str], list[str], list[str], list[str]]:
    """Everything that a line names, and something that none does."""
    now = policy.table()
    return (
        sorted({atom for atom, _, _ in now.grants} | {"nobody", "is:nothing"}),
        sorted({resource for _, resource, _ in now.grants} | {"unknown"}),
        sorted({action for _, _, action in now.grants} | {"unknown"}),
        sorted({*CLASSES, *(one for granted in now.grants.values() for one in granted)}),
    )


def test_decision_13_the_table_says_what_casbin_says_in_two_thousand_random_cells() -> None:
    oracle, now = enforcer(FOLDER), policy.table()
    chance = random.Random(20261121)  # noqa: S311  # the same cells every time
    every = atoms_and_more()
    granted = [(*key, one) for key, opened in sorted(now.grants.items()) for one in sorted(opened)]
    allowed = 0
    for number in range(2_000):
        asked = chance.choice(granted) if number % 4 == 0 else tuple(map(chance.choice, every))
        atom, resource, action, opened = asked
        said = oracle.enforce(atom, resource, action, opened)
        assert said == (opened in now.of(atom, resource, action)), asked
        allowed += said
    assert allowed >= 500


@pytest.mark.long
def test_decision_13_the_table_says_what_casbin_says_for_every_atom() -> None:
    oracle, now = enforcer(FOLDER), policy.table()
    atoms, resources, actions, classes = atoms_and_more()
    for atom in atoms:
        for resource in resources:
            for action in actions:
                said = {one for one in classes if oracle.enforce(atom, resource, action, one)}
                assert said == now.of(atom, resource, action), (atom, resource, action)


def test_a_relation_opens_nothing_without_a_role_that_may_ask() -> None:
    """A duty outlives the role that it was given to."""
    duties = {"investigator", "support_person"}
    assert access.classes(somebody("psychologist"), "incident.read", duties)
    assert access.classes(somebody("subject_teacher"), "incident.read", duties) == frozenset()
    assert access.classes(somebody("school_nurse"), "incident.care", {"nurse"})
    assert access.classes(somebody("school_nurse"), "incident.read", {"nurse"}) == frozenset()
    assert access.classes(somebody("school_nurse"), "incident.care", {"nurse", "accused_side"}) == frozenset()
    assert access.classes(somebody("subject_teacher"), "incident.care", {"nurse"}) == frozenset()


def mixed_up(seconds: float, tmp_path: Path) -> tuple[int, int]:
    """Decisions of eight threads while two policies take turns: how many were asked, how many neither would give.

    One policy gives the team everything and takes it away in a conflict; the other gives it to the director, and knows
    no conflict. An answer made of both would open something in spite of a conflict, or to nobody.
    """
    folders = [
        copied(tmp_path / "a"),
        copied(
            tmp_path / "b",
            lambda text: text.replace("g2, is:accused, conflict\n", "").replace(
                "p, team_member, incident, read", "p, support_staff, incident, read"
            ),
        ),
    ]
    people = [somebody("team_member"), somebody("support_staff"), somebody("team_coordinator")]
    cases = [
        (one, tied) for one in people for tied in ((), ("accused",), ("investigator",), ("accused", "investigator"))
    ]
    right: list[set[frozenset[str]]] = [set() for _ in cases]
    for folder in folders:
        policy.load(folder)
        for answers, (one, tied) in zip(right, cases, strict=True):
            answers.add(access.classes(one, "incident.read", tied))
    stop, asked, wrong = threading.Event(), [0] * 8, [0] * 8

    def ask(number: int) -> None:
        while not stop.is_set():
            for answers, (one, tied) in zip(right, cases, strict=True):
                asked[number] += 1
                wrong[number] += access.classes(one, "incident.read", tied) not in answers

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for folder in folders:
            policy.load(folder)
    stop.set()
    for thread in threads:
        thread.join()
    return sum(asked), sum(wrong)


@pytest.mark.parametrize("seconds", [2, pytest.param(60, marks=pytest.mark.long)])
def test_s_32_a_policy_that_is_swapped_is_never_seen_half_or_mixed(tmp_path: Path, seconds: float) -> None:
    asked, wrong = mixed_up(seconds, tmp_path)
    policy.load(FOLDER)
    assert wrong == 0
    assert asked >= 1_000


def test_s_32_the_table_in_force_cannot_be_changed() -> None:
    now = policy.table()
    with pytest.raises(AttributeError):
        now.grants = {}  # type: ignore[misc]
    with pytest.raises(TypeError):
        now.grants["city_officer", "incident", "read"] = frozenset({"identity-victim"})  # type: ignore[index]


@pytest.mark.parametrize(
    "damage",
    [
        lambda _text: "",
        lambda _text: "# The end: a file that was cut anywhere does not load.\n",
        lambda text: text[: len(text) // 2],
        lambda text: text[: text.index("\n", len(text) // 2)],
        lambda text: text.replace("p, is:manager, child_case, read, case-sensitive", "p, is:manager, child_case, read"),
        lambda text: text.replace("p, city_officer, oversight, read, -", "p, city_officer, , read, -"),
    ],
    ids=["empty", "only its end", "cut in a line", "cut between lines", "a part is missing", "a part is empty"],
)
def test_s_33_a_damaged_policy_closes_everything(tmp_path: Path, damage: Callable[[str], str]) -> None:
    with pytest.raises(PolicyError):
        policy.load(copied(tmp_path / "damaged", damage))
    assert not policy.table().is_open
    assert not access.may_enter(somebody("team_coordinator", "school_director"), "incident.read")


@pytest.mark.parametrize("name", ["model.conf", "policy.csv"])
def test_s_33_a_missing_file_closes_everything(tmp_path: Path, name: str) -> None:
    (copied(tmp_path / "poor") / name).unlink()
    with pytest.raises(PolicyError):
        policy.load(tmp_path / "poor")
    assert not policy.table().is_open


def test_s_33_a_policy_cut_between_any_two_lines_does_not_load(tmp_path: Path) -> None:
    text = (FOLDER / "policy.csv").read_text().rstrip("\n").splitlines()
    for kept in range(len(text)):
        folder = copied(tmp_path / "cut", lambda _text, kept=kept: "\n".join(text[:kept]) + "\n")  # type: ignore[misc]
        with pytest.raises(PolicyError):
            enforcer(folder)


def test_s_34_few_rules_that_nobody_edits_at_run_time_and_quick_answers(
    record_property: Callable[[str, object], None],
) -> None:
    lines = [line for line in (FOLDER / "policy.csv").read_text().splitlines() if line.startswith("p,")]
    assert len(lines) <= 300
    assert "eval(" not in (FOLDER / "model.conf").read_text()
    assert tuple(map(int, version("simpleeval").split(".")[:3])) >= (1, 0, 5)
    person, took = somebody("deputy_upbringing", "team_coordinator"), []
    for _ in range(2_000):
        start = time.thread_time()
        access.classes(person, "incident.read", ("investigator", "accused"))
        took.append(time.thread_time() - start)
    record_property("figure", f"{len(lines)} rules, a decision p95 {sorted(took)[1_900] * 1e6:.0f} µs of CPU")
    assert sorted(took)[1_900] <= 0.001


def test_every_relation_of_the_policy_is_registered_by_a_module() -> None:
    """A misspelt relation would grant nothing, or keep nobody out."""
    route_modules()
    now = policy.table()
    used = {(resource, atom) for atom, resource, _ in now.grants if atom.startswith(RELATION)}
    for resource, atom in used:
        assert atom.removeprefix(RELATION) in relations.names(resource), (resource, atom)
    known = {name for resource in {r for _, r, _ in now.grants} for name in relations.names(resource)}
    not_yet = {"own_child", "self"}  # of the pages for parents and students
    assert {one.removeprefix(RELATION) for one in now.conflicts | now.personal} <= known | not_yet


def test_s_15_relations_that_are_not_asked_for_would_have_opened_and_closed_nothing() -> None:
    """Every verb of every role on records with relations, and every relation alone and in pairs."""
    route_modules()
    now, asked, left_out = policy.table(), 0, 0
    verbs = {(role, f"{of}.{verb}") for role, of, verb in now.grants if relations.names(of) and RELATION not in role}
    for role, permission in sorted(verbs):
        known = relations.names(permission.partition(".")[0])
        held = [frozenset(tied) for most in range(3) for tied in itertools.combinations(sorted(known), most)]
        for wanted in (access.IDENTITY, frozenset({"health"})):
            deciding = relations.deciding(frozenset({role}), permission, wanted)
            left_out += len(known - deciding)
            for tied in held:
                whole = access.classes(somebody(role), permission, tied)
                if whole:  # the scope shows such a row and no other
                    told = access.classes(somebody(role), permission, tied & deciding)
                    assert told & wanted == whole & wanted, (role, permission, tied)
                    asked += 1
    assert asked > 5_000
    assert left_out > 500
