"""Forms whose contents are kept while they are being written (decisions 25).

A route joins with one argument, `@post(…, kept=Kept("/page", SPEC))`, its template with the macro `kept_form`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import quote

from src.platform.kit.payload import Spec

DRAFT_FIELD = "_draft"
"""The button of a form that says what to do with its draft: `save`, `discard` or `danger`."""
DANGER, REPORT_DANGER = "danger", "/report?danger=yes"
"""A child is in danger: the draft is kept and an urgent report opened at this address (R-258)."""
Fields = Mapping[str, str | list[str]]


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a form, and where it stands.

    `page` is the address of the page, with parameters of the form's own address and, in a query, with `apart`: the
    fields that tell several forms of one address apart. `also` are beginnings of names that are made while running.
    """

    page: str
    fields: Spec
    apart: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    def page_of(self, parameters: Mapping[str, object], apart: Mapping[str, str]) -> str:
        """The address of the page on which one form stands; nothing typed can lead elsewhere."""
        told = {name: quote(apart.get(name, ""), safe="") for name in self.apart}
        return self.page.format(**parameters, **told)


class Draft(NamedTuple):
    """What somebody typed into one form and has not sent. `interrupted`: it was sent when the session had ended."""

    address: str
    apart: Mapping[str, str]
    fields: Fields
    typed_at: datetime
    interrupted: bool

    def fits(self, values: Mapping[str, Any]) -> bool:
        """Whether these values name the same one of the forms of its address."""
        return all(str(values.get(name, "")) == told for name, told in self.apart.items())


def with_drafts(values: Mapping[str, Any], drafts: Iterable[Draft]) -> dict[str, Any]:
    """What a page shows in its fields: what its address chose, and the drafts of the forms that are on it."""
    shown = {name: value for name, value in values.items() if value is not None}
    for draft in drafts:
        if draft.fits(values):
            shown = {**draft.fields, **shown}
    return shown
