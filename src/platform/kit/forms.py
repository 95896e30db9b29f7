"""Forms of pages: one reading of JSON or form bodies, one way to show a refused form again with everything typed.

    async with form(request, SPEC, again=lambda: new_page(unit)) as values:
        await service.create(unit, values)

A complaint of the payload or of the verb (422, 409) becomes `FormRejectedError`, which carries the page to show again;
the transaction is rolled back like for every raised error, nothing typed is lost and nothing is echoed in JSON.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from litestar import Request
from litestar.enums import RequestEncodingType
from litestar.exceptions import SerializationException

from src.platform.kit.errors import Conflict, Invalid, QorganError
from src.platform.kit.i18n import N_
from src.platform.kit.kept import DRAFT_FIELD
from src.platform.kit.page import Page
from src.platform.kit.payload import Parsed, Spec, read_payload

CSRF_FIELD = "csrf_token"
_NOT_TYPED = (CSRF_FIELD, DRAFT_FIELD)
_FORMS = (RequestEncodingType.URL_ENCODED.value, RequestEncodingType.MULTI_PART.value)
Again = Callable[[], Awaitable[Page[Any]]]
Merging = Callable[[Page[Any], Mapping[str, Any]], Page[Any]]


class FormRejectedError(QorganError):
    """A form to be shown again: the complaint, the page it stands on and what was typed."""

    def __init__(self, complaint: QorganError, page: Page[Any] | None, typed: Mapping[str, Any]) -> None:
        """Keep the complaint's status, code and fields."""
        super().__init__(code=complaint.code, title=complaint.title, fields=complaint.fields)
        self.commits = complaint.commits
        self.status = complaint.status  # type: ignore[misc]  # the status is that of the complaint
        self.page = page
        self.typed = typed


def is_form(request: Request[Any, Any, Any]) -> bool:
    """Whether the body is that of an HTML form."""
    return request.content_type[0] in _FORMS


async def pressed(request: Request[Any, Any, Any], name: str) -> str:
    """A field of a form that is ours and not the person's: its token, the button for its draft; "" without one."""
    return str((await request.form()).get(name, "")) if is_form(request) else ""


async def read_body(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """The body as a dict, whichever way it was sent; repeated form keys become lists. Raises Invalid."""
    if is_form(request):
        body = await request.form()
        found = {key: body.getall(key) for key in body if key not in _NOT_TYPED}
        return {key: values[0] if len(values) == 1 else values for key, values in found.items()}
    try:
        body = await request.json()
    except (SerializationException, RecursionError) as error:  # the latter: deeper than any decoder goes
        raise Invalid(code="body.not_json", title=N_("The body is neither a form nor JSON")) from error
    if body is None:
        return {}
    if not isinstance(body, dict):
        raise Invalid(code="body.not_object", title=N_("The body is neither a form nor JSON"))
    return body


def query_of(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """The parameters of an address as a body: repeated ones become lists."""
    found = {key: request.query_params.getall(key) for key in request.query_params}
    return {key: values[0] if len(values) == 1 else values for key, values in found.items()}


@asynccontextmanager
async def question(
    request: Request[Any, Any, Any], spec: Spec, *, again: Again | None = None
) -> AsyncIterator[dict[str, Any]]:
    """The same as `form` for the parameters of an address: one that nobody has is refused like any other (S-17)."""
    parsed = read_payload(query_of(request), spec)
    try:
        _refuse(parsed)
        yield parsed.values
    except Invalid as complaint:
        page = await again() if again is not None else None
        raise FormRejectedError(complaint, page, parsed.raw) from complaint


def _refuse(parsed: Parsed) -> None:
    if parsed.errors:
        raise Invalid(fields=parsed.errors)


@asynccontextmanager
async def form(
    request: Request[Any, Any, Any], spec: Spec, *, again: Again | None = None, merge: Merging | None = None
) -> AsyncIterator[dict[str, Any]]:
    """Give the values of a valid body to the block; turn any complaint into the same page with what was typed.

    `merge` makes the page for somebody who lost a race: what they typed beside what is stored now (`kit.merge`).
    """
    parsed = read_payload(await read_body(request), spec)
    try:
        _refuse(parsed)
        yield parsed.values
    except (Invalid, Conflict) as complaint:
        page = await again() if again is not None else None
        if merge is not None and page is not None and isinstance(complaint, Conflict) and complaint.lost_race:
            page = merge(page, parsed.raw)
        raise FormRejectedError(complaint, page, parsed.raw) from complaint
