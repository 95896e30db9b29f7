"""Codes of applications beside the vectors of RFC 6238, appendix B (six digits of its eight)."""

from datetime import UTC, datetime, timedelta

import pytest

from src.platform.accounts import totp

SECRET = b"12345678901234567890"
VECTORS = {
    59: "287082",
    1111111109: "081804",
    1111111111: "050471",
    1234567890: "005924",
    2000000000: "279037",
    20000000000: "353130",
}


@pytest.mark.parametrize(("second", "code"), VECTORS.items())
def test_s_26_codes_are_those_of_every_application(second: int, code: str) -> None:
    moment = datetime.fromtimestamp(second, UTC)
    assert totp.matching_step(SECRET, code, moment) == second // 30
    assert totp.matching_step(SECRET, code, moment + timedelta(seconds=30)) == second // 30
    assert totp.matching_step(SECRET, code, moment + timedelta(seconds=60)) is None
    assert totp.matching_step(SECRET, code[:5], moment) is None


def test_what_was_typed_with_spaces_and_dashes_of_any_kind_is_the_same_code() -> None:
    assert {totp.folded(one) for one in ("4821-0937-5526", "4821 0937 5526", "4821–0937–5526", "482109375526")} == {
        "482109375526"
    }
