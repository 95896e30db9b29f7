"""Which fields a handler reads, from its own text: the `Spec` that it gives to `form(…)` or `question(…)`.

A list beside the routes would be right on the day it was written. `tests/web/test_description.py` hears what every
route really asks for and compares.
"""

import ast
import inspect
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any, NamedTuple

from litestar.handlers import HTTPRouteHandler

from src.platform.kit.payload import Field, Spec

_OF_A_BODY, _OF_AN_ADDRESS = "form", "question"


class Reads(NamedTuple):
    """`body` is None where no body is read; `also` are beginnings of names that are made while running."""

    query: Spec
    body: Spec | None
    also: tuple[str, ...] = ()


def of(handler: HTTPRouteHandler) -> Reads:
    """What a handler reads. `reads=Spec(…)` of a route says what its text cannot."""
    function: FunctionType = handler.fn  # type: ignore[assignment]  # every route of the house is a function
    kept = handler.opt.get("kept")
    also = kept.also if kept is not None else ()
    body: Spec | None = handler.opt.get("reads")
    query = Spec()
    for call in _calls(function):
        if call.func.id == _OF_AN_ADDRESS:  # type: ignore[attr-defined]  # only such calls are found
            query = _value(call.args[1], function.__globals__)
        elif kept is not None and also:
            body = kept.fields  # the spec itself is made for each body
        elif body is None:
            body = _value(call.args[1], function.__globals__)
    return Reads(query, body, also)


def _calls(function: FunctionType) -> list[ast.Call]:
    """The calls that read, in a handler and in what it hands the request to beside it."""
    beside = _functions(Path(inspect.getfile(function)))
    calls = _handing_on(beside[function.__name__])
    for call in tuple(calls):
        if (other := beside.get(call.func.id)) is not None:  # type: ignore[attr-defined]  # a plain name
            calls += _handing_on(other)
    return [call for call in calls if call.func.id in (_OF_A_BODY, _OF_AN_ADDRESS)]  # type: ignore[attr-defined]


def _handing_on(function: ast.AsyncFunctionDef) -> list[ast.Call]:
    """Calls of plain names that begin with the request."""
    calls = (node for node in ast.walk(function) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name))
    return [call for call in calls if call.args and ast.unparse(call.args[0]) == "request"]


@cache
def _functions(file: Path) -> Mapping[str, ast.AsyncFunctionDef]:
    return {one.name: one for one in ast.parse(file.read_text()).body if isinstance(one, ast.AsyncFunctionDef)}


def _value(node: ast.expr, names: Mapping[str, Any]) -> Spec:
    """A module's constant by its name, or an empty `Spec()`. Raises TypeError for anything else."""
    found: Any = None
    if isinstance(node, ast.Name):
        found = names.get(node.id)
    elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        found = getattr(names.get(node.value.id), node.attr, None)
    elif isinstance(node, ast.Call) and not node.args:
        found = Spec()
    if not isinstance(found, tuple) or not all(isinstance(one, Field) for one in found):
        raise TypeError(ast.unparse(node))
    return Spec(*found)
