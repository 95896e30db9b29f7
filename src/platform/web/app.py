"""The application: every module's routes, one list of public ones, guards that stop an unsafe start (S-29)."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from litestar import Litestar, Request, Response
from litestar.config.compression import CompressionConfig
from litestar.connection import ASGIConnection
from litestar.di import Provide
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.plugins.htmx import HTMXPlugin
from litestar.router import Router
from litestar.routes import HTTPRoute

from src.platform.access import policy, scopes
from src.platform.accounts.errors import SecondFactorNeededError
from src.platform.accounts.session_cookie import SessionCookie, binding_of
from src.platform.db import catalogue, engine, region_keys
from src.platform.db.unit import unit
from src.platform.kit.errors import Unauthenticated
from src.platform.kit.threads import run_in_pool
from src.platform.kit.uploads import MOST_PARTS
from src.platform.migrations.registry import metadata
from src.platform.web import errors
from src.platform.web.assets import static_router
from src.platform.web.dependencies import is_half_way, one_proof, provide_unit, same_origin
from src.platform.web.description.document import Described
from src.platform.web.modules import route_modules
from src.platform.web.public_routes import PUBLIC_ROUTES
from src.platform.web.security_headers import secure
from src.platform.web.templating import template_config

_BODY_LIMIT = 1_000_000


class UnguardedRouteError(RuntimeError):
    """A handler without a permission that is not in the reviewed public list: the application does not start."""


def create_app() -> Litestar:
    """Build the application. Raises UnguardedRouteError, PolicyError."""
    policy.load()
    handlers = _route_handlers()
    app = Litestar(
        route_handlers=[*handlers, static_router()],
        dependencies={"unit": Provide(provide_unit)},
        before_request=_before_request,
        before_send=[secure],
        middleware=[SessionCookie()],
        exception_handlers=errors.handlers(),
        template_config=template_config(),
        plugins=[HTMXPlugin()],
        compression_config=CompressionConfig(backend="gzip", exclude=[r"\.woff2$"]),
        openapi_config=OpenAPIConfig(
            title="Qorgan", version="1", render_plugins=[Described()], openapi_router=_schema_router()
        ),
        include_in_schema=False,  # the framework's own document would be made and thrown away
        request_max_body_size=_BODY_LIMIT,
        multipart_form_part_limit=MOST_PARTS,
        lifespan=[_lifespan],
        logging_config=None,
    )
    check_routes(app)
    scopes.check(handler.name for handler in handlers)
    return app


def check_routes(app: Litestar) -> None:
    """Walk every route: each handler has a permission or is in the reviewed list (S-29), which keeps no forms."""
    for route in app.routes:
        for handler in getattr(route, "route_handlers", []):
            if not isinstance(handler, HTTPRouteHandler) or handler.http_methods == {"OPTIONS"}:
                continue
            if handler.opt.get("permission"):
                continue
            if route.path not in PUBLIC_ROUTES or "kept" in handler.opt:
                raise UnguardedRouteError(route.path)


def _schema_router() -> Router:
    """The description of the API, for people who are signed in only (S-59)."""
    return Router(
        path="/api/schema",
        route_handlers=[],
        guards=[_signed_in],
        opt={"permission": "signed_in"},
        include_in_schema=False,
    )


async def _signed_in(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    await one_proof(connection, handler.name)
    async with unit(binding_of(connection.scope)) as work:
        if work.subject is None:
            raise Unauthenticated
        if is_half_way(work.subject, connection.scope):
            raise SecondFactorNeededError


async def _before_request(request: Request[Any, Any, Any]) -> Response[None] | None:
    await one_proof(request, request.route_handler.name)
    same_origin(request)
    return _options(request) if request.method == "OPTIONS" else None


def _options(request: Request[Any, Any, Any]) -> Response[None]:
    """Every method of an address; the framework names those of the first of its handlers only."""
    same = (route for route in request.app.routes if route.path_format == request.scope["path_template"])
    methods = {method for route in same if isinstance(route, HTTPRoute) for method in route.methods}
    return Response(None, status_code=204, headers={"Allow": ", ".join(sorted(methods))})


def _route_handlers() -> Sequence[Any]:
    return [handler for module in route_modules() for handler in module.route_handlers]


@asynccontextmanager
async def _lifespan(_app: Litestar) -> AsyncIterator[None]:
    """Raises UnsafeDatabaseError or MasterUnknownError, which end the start (S-1)."""
    await run_in_pool(catalogue.refuse_unsafe, "qorgan_app", metadata)
    await run_in_pool(region_keys.region_key, "sent-form")
    yield
    await engine.dispose()
