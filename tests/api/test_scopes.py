"""Scopes are data: what they name exists, and none of them opens a class that asks for a second factor."""

from pathlib import Path

import pytest

from src.platform.access import policy, scopes
from src.platform.access.policy import GUARDED, PolicyError
from src.platform.access.service import Permission

FOLDER = Path("policies")
SCOPE = '[{}]\npolicy = ["{}"]\noperations = ["{}"]\n'


def test_decision_21_no_scope_names_a_verb_that_opens_who_a_child_is() -> None:
    table = policy.compile_table(policy.enforcer(FOLDER))
    for name, scope in scopes.catalogue(FOLDER).items():
        for line in scope.policy:
            resource, action = Permission.parse(line)
            opened = {
                cls
                for (_, res, act), given in table.grants.items()
                if (res, act) == (resource, action)
                for cls in given
            }
            assert not opened & GUARDED, (name, line)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[read]\npolicy = []\noperations = ['referrals.one']\n", r"\[read\] needs"),
        (SCOPE.format("read", "referral.read", "referrals.one") + "roles = ['all']\n", r"\[read\] needs"),
        ("[read", "cannot be read"),
    ],
)
def test_s_33_a_damaged_file_of_scopes_does_not_load(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "api.toml").write_text(text)
    with pytest.raises(PolicyError, match=complaint):
        scopes.catalogue(tmp_path)


@pytest.mark.parametrize("line", [("referral.rea", "referrals.one"), ("referral.read", "referrals.nothing")])
def test_s_33_a_scope_that_names_what_nobody_knows_does_not_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, line: tuple[str, str]
) -> None:
    (tmp_path / "api.toml").write_text(SCOPE.format("read", *line))
    monkeypatch.setattr(scopes, "scopes", lambda: scopes.catalogue(tmp_path))
    monkeypatch.setattr(scopes, "table", lambda: policy.compile_table(policy.enforcer(FOLDER)))
    with pytest.raises(PolicyError, match=r"which nobody knows"):
        scopes.check(["referrals.one"])
