"""The whole document: every route with its body, its parameters, who may call it and what it answers.

Litestar describes what its own readers read and what its own errors say; ours do neither. So the document is made here,
from the routes, their Specs and the structs of their answers, and only when somebody asks for it.
"""

import inspect
import re
from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Any, Union, get_args, get_origin

import msgspec
from litestar import Litestar, Request
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.serialization import encode_json

from src.platform.access import scopes
from src.platform.accounts.session_cookie import NAME as COOKIE
from src.platform.kit.page import Page
from src.platform.kit.payload import Field
from src.platform.web.dependencies import CSRF_HEADER
from src.platform.web.description import reads, shapes
from src.platform.web.description.shapes import Schema
from src.platform.web.errors import Problem
from src.platform.web.keeping import SAFE
from src.platform.web.keyed import HEADER as KEY
from src.platform.web.modules import route_modules

_SCHEMAS = "#/components/schemas/{name}"
_HTML: Schema = {"text/html": {"schema": {"type": "string"}}}
_NEVER_KEPT: Schema = {"Cache-Control": {"$ref": "#/components/headers/NoStore"}}
_ALWAYS, _OF_UNSAFE = ("401", "403", "404", "422", "429"), ("409", "413")
_FORM, _PARTS = "application/x-www-form-urlencoded", "multipart/form-data"
_PARAMETER = re.compile(r"\{(\w+):(\w+)\}")
_GIVEN = ("request", "unit")
_MEANT = {
    "401": "No live session, or a token that opens nothing",
    "403": "Not for these roles or this scope, or without the token of the session",
    "404": "Not there, or not for this reader: both answer alike",
    "409": "No input would be accepted in the present state",
    "413": "More than the service takes",
    "422": "Another input would be accepted",
    "429": "Too many for now",
}
_SECURITY: dict[str, Schema] = {
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": f"A person. What changes something also needs {CSRF_HEADER} and comes from this site (Origin).",
    },
    "program": {"type": "http", "scheme": "bearer", "description": "A program of a partner, within its scopes."},
}
_HEADERS: dict[str, Schema] = {
    "NoStore": {"required": True, "schema": {"const": "no-store"}},
    "Onwards": {"required": True, "schema": {"type": "string", "pattern": "^/"}, "description": "Where to go on"},
    "Later": {"required": False, "schema": {"type": "integer", "description": "Seconds after which to ask again"}},
    "File": {"required": True, "schema": {"type": "string", "pattern": "^(attachment|inline)"}},
}
_UNSAFE_PARAMETERS: dict[str, Schema] = {
    "Token": {
        "name": CSRF_HEADER,
        "in": "header",
        "required": True,
        "schema": {"type": "string"},
        "description": "The token of the session; a page sends it as the field `csrf_token` instead.",
    },
    "Key": {
        "name": KEY,
        "in": "header",
        "required": False,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{8,100}$"},
        "description": "Of programs: the same request again has the answer of the first.",
    },
}


class Described(JsonRenderPlugin):
    """Serves the document instead of the framework's; made once a process, when first asked for."""

    def __init__(self) -> None:
        super().__init__()
        self._made = b""

    def render(self, request: Request[Any, Any, Any], openapi_schema: Mapping[str, Any]) -> bytes:  # noqa: ARG002  # theirs
        """The document as JSON."""
        self._made = self._made or encode_json(document(request.app))
        return self._made


def document(app: Litestar) -> Schema:
    """OpenAPI 3.1 of an application."""
    described = sorted(_described(app), key=lambda one: (one[0], one[1]))
    structs = sorted({one for _, _, handler in described for one in _structs(handler)} | {Problem}, key=repr)
    shown, schemas = msgspec.json.schema_components(structs, ref_template=_SCHEMAS)
    names = dict(zip(structs, shown, strict=True))
    paths: dict[str, Schema] = {}
    for path, method, handler in described:
        paths.setdefault(path, {})[method] = _operation(handler, names)
    problems = {f"Problem{status}": _problem(meant, names[Problem]) for status, meant in _MEANT.items()}
    problems["Problem429"]["headers"] |= {"Retry-After": {"$ref": "#/components/headers/Later"}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Qorgan", "version": "1"},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": schemas | shapes.COMPONENTS,
            "securitySchemes": _SECURITY,
            "headers": _HEADERS,
            "parameters": _UNSAFE_PARAMETERS,
            "responses": problems,
        },
    }


def _described(app: Litestar) -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    """Addresses as OpenAPI writes them, with method and handler; not the built files, not what a machine asks."""
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            is_ours = isinstance(handler, HTTPRouteHandler) and handler.name in _named()
            if is_ours and handler.include_in_schema is not False:
                for method in handler.http_methods - {"OPTIONS", "HEAD"}:
                    yield route.path_format, method.lower(), handler


def _named() -> frozenset[str | None]:
    return frozenset(handler.name for module in route_modules() for handler in module.route_handlers)


def _operation(handler: HTTPRouteHandler, names: Mapping[type, Schema]) -> Schema:
    read, (method,) = reads.of(handler), handler.http_methods - {"OPTIONS", "HEAD"}
    is_unsafe, is_open = method not in SAFE, handler.opt.get("permission") is None
    for_programs = scopes.is_operation(handler.name)
    made: Schema = {
        "operationId": handler.name,
        "tags": [str(handler.name).partition(".")[0]],
        "summary": (inspect.getdoc(handler.fn) or "").partition("\n")[0],
        "parameters": [*_parameters(handler), *(_of_address(one) for one in read.query)],
        "responses": {**_answers(handler, names), **_refusals(is_unsafe)},
        "security": [] if is_open else [{"session": []}, *([{"program": []}] if for_programs else [])],
    }
    if is_unsafe and not is_open:
        made["parameters"] += _of_unsafe(for_programs)
    if read.body is not None:
        made["requestBody"] = _body(read)
    return made


def _parameters(handler: HTTPRouteHandler) -> list[Schema]:
    """Those that Litestar reads for a handler: of the address, and the few of a question."""
    (path,), found = handler.paths, []
    in_path = dict(_PARAMETER.findall(path))
    for name, kind in in_path.items():
        schema = {"type": "string"} | ({"format": "uuid"} if kind == "uuid" else {"minLength": 1})
        found.append({"name": name, "in": "path", "required": True, "schema": schema})
    for name, one in handler.parsed_fn_signature.parameters.items():
        if name in _GIVEN or name in in_path:
            continue
        told = getattr(one.kwarg_definition, "name", None) or name
        schema = {"type": "boolean" if one.annotation is bool else "string"}
        found.append({"name": told, "in": "query", "required": False, "schema": schema})
    return found


def _of_address(field: Field) -> Schema:
    return {"name": field.name, "in": "query", "required": field.required, "schema": shapes.of_address(field)}


def _of_unsafe(for_programs: bool) -> list[Schema]:
    token: Schema = {"$ref": "#/components/parameters/Token"}
    if not for_programs:
        return [token]
    return [_UNSAFE_PARAMETERS["Token"] | {"required": False}, {"$ref": "#/components/parameters/Key"}]


def _body(read: reads.Reads) -> Schema:
    """In parts only where there may be a file: a form in parts has at most `kit.uploads.MOST_PARTS` of them."""
    fields = tuple(read.body or ())
    of_form = shapes.of_form(fields, read.also)
    files = [one for one in fields if one.kind == "file"]
    content = {"application/json": shapes.of_json(fields, read.also), _FORM: of_form}
    if any(one.required for one in files):
        content = {}
    if files:
        content[_PARTS] = of_form
    told = {name: {"schema": schema} for name, schema in content.items()}
    return {"required": any(one.required for one in fields), "content": told}


def _structs(handler: HTTPRouteHandler) -> list[Any]:
    return [get_args(one)[0] for one in _returned(handler) if get_origin(one) is Page]


def _returned(handler: HTTPRouteHandler) -> tuple[Any, ...]:
    annotation = handler.parsed_return_field.annotation
    return get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)


def _answers(handler: HTTPRouteHandler, names: Mapping[Any, Schema]) -> Schema:
    """What a handler says that it returns; whatever is no page and no file leads onwards (ADR 40)."""
    shown = [names[one] for one in _structs(handler)]
    found: Schema = {}
    if shown:
        content = {"application/json": {"schema": shown[0] if len(shown) == 1 else {"anyOf": shown}}} | _HTML
        found["200"] = {"description": "What is asked for", "headers": _NEVER_KEPT, "content": content}
    if given := handler.opt.get("gives"):
        content = {media: {"schema": {"type": "string", "format": "binary"}} for media in given}
        found["200"] = {"description": "A file", "headers": _NEVER_KEPT, "content": content}
    if not given and any(get_origin(one) is not Page for one in _returned(handler)):
        headers = _NEVER_KEPT | {"Location": {"$ref": "#/components/headers/Onwards"}}
        found["303"] = {"description": "Done; go on there", "headers": headers}
    return found


def _refusals(is_unsafe: bool) -> Schema:
    statuses = (*_ALWAYS, *(_OF_UNSAFE if is_unsafe else ()))
    return {one: {"$ref": f"#/components/responses/Problem{one}"} for one in statuses}


def _problem(meant: str, schema: Schema) -> Schema:
    content = {"application/problem+json": {"schema": schema}} | _HTML
    return {"description": meant, "headers": {**_NEVER_KEPT}, "content": content}
