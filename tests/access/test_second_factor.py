"""Who needs a second factor follows from the policy's lines (decisions 21), never from a list of roles."""

from pathlib import Path

import pytest

from src.platform.access import policy
from src.platform.access.policy import _END, PolicyError, compile_table, enforcer
from src.platform.cli.matrix import CLASSES, cell

FOLDER = Path("policies")
SENSITIVE = [one for one in CLASSES if one.startswith("identity-") or one == "health"]
ACROSS_SCHOOLS = {"tenant", "school", "oversight"}


def compiled(tmp_path: Path, *lines: str) -> policy.Table:
    (tmp_path / "model.conf").write_text((FOLDER / "model.conf").read_text())
    (tmp_path / "policy.csv").write_text("\n".join([*lines, _END]))
    return compile_table(enforcer(tmp_path))


def test_s_26_the_roles_that_are_asked_are_those_with_t_or_c_and_those_across_schools() -> None:
    now = compile_table(enforcer(FOLDER))
    actions = {(resource, action) for _, resource, action in now.grants}
    roles = {atom for atom, _, _ in now.grants if not atom.startswith(policy.RELATION)}
    expected = {
        role
        for role in roles
        for resource, action in actions
        if (resource in ACROSS_SCHOOLS and now.of(role, resource, action))
        or any(cell(now, role, resource, one, action=action) in "TC" for one in SENSITIVE)
    }
    assert now.guarded == expected
    assert now.guarded >= {"school_director", "team_member", "psychologist", "partner_worker", "city_officer"}
    assert not now.guarded & {"subject_teacher", "class_teacher", "support_staff", "student", "parent"}


def test_s_26_all_records_and_those_of_a_relation_ask_own_ones_never(tmp_path: Path) -> None:
    now = compiled(
        tmp_path,
        "g2, is:own_child, personal",
        "p, all, incident, read, health",
        "p, some, talk, read, by_relation",
        "p, is:helper, talk, read, identity-witness",
        "p, parent, diary, read, by_relation",
        "p, is:own_child, diary, read, identity-victim",
        "p, plain, incident, list, case-sensitive",
    )
    assert now.guarded == {"all", "some"}


def test_s_26_a_role_that_holds_another_is_asked_too_and_a_new_line_is_enough(tmp_path: Path) -> None:
    lines = ("g, upper, lower", "p, lower, plan, read, school-internal")
    assert compiled(tmp_path, *lines).guarded == frozenset()
    assert compiled(tmp_path, *lines, "p, lower, plan, read, identity-offender").guarded == {"upper", "lower"}
    assert compiled(tmp_path, *lines, "g2, plan, many_schools").guarded == {"upper", "lower"}


def test_a_misspelt_kind_does_not_load(tmp_path: Path) -> None:
    with pytest.raises(PolicyError):
        compiled(tmp_path, "g2, oversight, many_scools", "p, city, oversight, read, -")
