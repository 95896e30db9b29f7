"""Clocks as other modules see them."""

import msgspec


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """How the clocks of one code ended that fell due in a month."""

    code: str
    met_in_time: int
    met_late: int
    missed: int
