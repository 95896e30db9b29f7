"""Who takes a paper along: the language of the paper, and the mark that names its reader across every page."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from litestar import Request

from src.platform.db.unit import Unit
from src.platform.kit import clock, i18n
from src.platform.kit.i18n import sort_key
from src.platform.tenants import service as tenants
from src.platform.vault import service as vault

_environments: list[Callable[[], Any]] = []


@contextmanager
def speaking(unit: Unit, language: str) -> Iterator[None]:
    """Codes and texts in the language of the paper, which need not be the reader's."""
    before = unit.me
    unit.subject = replace(before, language=language)
    i18n.use(language)
    try:
        yield
    finally:
        unit.subject = before
        i18n.use(before.language)


async def taken_by(unit: Unit, roles: Sequence[str]) -> str:
    """Who takes the paper, as what, where and when."""
    name = (await vault.staff_names(unit, [unit.me.person_id])).get(unit.me.person_id, "")
    said = [name, ", ".join(sorted(roles, key=sort_key)), await organisation(unit), i18n.format_datetime(clock.now())]
    return " · ".join(one for one in said if one)


async def organisation(unit: Unit) -> str:
    """The reader's organisation."""
    return (await tenants.organisation(unit, unit.tenant_id)).name(unit.language)


def in_words(request: Request[Any, Any, Any], roles: frozenset[str], language: str) -> list[str]:
    """Roles as the pages call them: the words stand in one place, which is a template."""
    return _said(request.app.template_engine.engine, roles, language)  # type: ignore[union-attr]  # set in create_app


def speak_with(environment: Callable[[], Any]) -> None:
    """Where the words of the pages are, for a process that answers no request: the worker says it when it starts."""
    _environments[:] = [environment]


def in_words_of_the_worker(roles: frozenset[str], language: str) -> list[str]:
    """The same roles on a paper that is made while nobody waits; none where nobody said where the words are."""
    return [word for environment in _environments for word in _said(environment(), roles, language)]


def _said(environment: Any, roles: frozenset[str], language: str) -> list[str]:
    before = i18n.language()
    i18n.use(language)
    words = environment.get_template("macros/readership.html").module
    said = [str(words.atom_label(role)).strip() for role in roles]
    i18n.use(before)
    return said
