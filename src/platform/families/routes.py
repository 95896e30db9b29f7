"""Accounts of the students and parents of a class."""

from typing import Any
from uuid import UUID

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Response

from src.platform.db.unit import Unit
from src.platform.families import service, views, whole_school
from src.platform.families.schemas import AccountView, ClassAccounts, ClassChoices, Sheets, Slips
from src.platform.kit.errors import FieldError, Invalid
from src.platform.kit.forms import form
from src.platform.kit.i18n import N_
from src.platform.kit.page import Page, redirect
from src.platform.kit.payload import Field, Spec

_CLASS = "/classes/{class_id:uuid}/accounts"
_PERSON = _CLASS + "/{person_id:uuid}"
SEVERAL = Spec(Field("classes", "uuids", required=True))


@get(_CLASS, permission=service.GIVE, name="families.of_class")
async def of_class(unit: NamedDependency[Unit], class_id: FromPath[UUID]) -> Page[ClassAccounts]:
    """Who of a class and its families has an account."""
    return await _class_page(unit, class_id)


@post(_CLASS, permission=service.GIVE, name="families.give", status_code=200)
async def give(request: Request[Any, Any, Any], unit: NamedDependency[Unit], class_id: FromPath[UUID]) -> Page[Slips]:
    """Print codes for who has none; they are shown on this page and never again."""
    async with form(request, Spec(), again=lambda: _class_page(unit, class_id)):
        slips = await service.give(unit, class_id)
    return _slips_page(slips, class_id)


@get("/class-papers", permission=service.GIVE, name="families.choose_classes")
async def choose(unit: NamedDependency[Unit]) -> Page[ClassChoices]:
    """Choose classes whose papers are made in one go."""
    return await _choices_page(unit)


@post("/class-papers", permission=service.GIVE, name="families.give_several", status_code=200)
async def give_several(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Page[Sheets]:
    """Print codes of several classes; they are shown on this page and never again."""
    async with form(request, SEVERAL, again=lambda: _choices_page(unit)) as values:
        if len(values["classes"]) > service.MOST_CLASSES:
            message = N_("Choose at most %(most)s classes in one go")
            complaint = FieldError("classes", "too_many", message, (("most", service.MOST_CLASSES),))
            raise Invalid(fields=[complaint])
        sheets = await service.give_several(unit, values["classes"])
    return Page(Sheets(sheets=sheets), template="families/sheets.html", led_to="/classes")


@post("/class-papers/all", permission=service.GIVE, name="families.give_all", status_code=200)
async def give_all(request: Request[Any, Any, Any], unit: NamedDependency[Unit]) -> Response[Any]:
    """Papers of all classes, made by the worker and kept for a day for who asked."""
    async with form(request, Spec(), again=lambda: _choices_page(unit)):
        work_id = await whole_school.begin(unit)
    return redirect(f"/work/{work_id}")


@get(_PERSON, permission=service.GIVE, name="families.one")
async def one(unit: NamedDependency[Unit], class_id: FromPath[UUID], person_id: FromPath[UUID]) -> Page[AccountView]:
    """One account."""
    return await _person_page(unit, class_id, person_id)


@post(_PERSON + "/renew", permission=service.GIVE, name="families.renew", status_code=200)
async def renew(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], class_id: FromPath[UUID], person_id: FromPath[UUID]
) -> Page[Slips]:
    """A new code for a lost one; it is shown on this page and never again."""
    async with form(request, Spec(), again=lambda: _person_page(unit, class_id, person_id)):
        slips = await service.renew(unit, class_id, person_id)
    return _slips_page(slips, class_id)


@post(_PERSON + "/end", permission=service.GIVE, name="families.end", status_code=200)
async def end(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], class_id: FromPath[UUID], person_id: FromPath[UUID]
) -> Response[Any]:
    """Somebody signs in no longer."""
    async with form(request, Spec(), again=lambda: _person_page(unit, class_id, person_id)):
        await service.end(unit, class_id, person_id)
    return redirect(f"/classes/{class_id}/accounts")


@post(_PERSON + "/leave", permission=service.LET_GO, name="families.leave", status_code=200)
async def leave(
    request: Request[Any, Any, Any], unit: NamedDependency[Unit], class_id: FromPath[UUID], person_id: FromPath[UUID]
) -> Response[Any]:
    """A student's last day."""
    async with form(request, Spec(), again=lambda: _person_page(unit, class_id, person_id)):
        await service.leave(unit, class_id, person_id)
    return redirect(f"/classes/{class_id}/accounts")


async def _choices_page(unit: Unit) -> Page[ClassChoices]:
    return Page(await views.choices(unit), template="families/choose.html")


async def _class_page(unit: Unit, class_id: UUID) -> Page[ClassAccounts]:
    return Page(await views.of_class(unit, class_id), template="families/accounts.html")


async def _person_page(unit: Unit, class_id: UUID, person_id: UUID) -> Page[AccountView]:
    return Page(await views.one(unit, class_id, person_id), template="families/account.html")


def _slips_page(slips: Slips, class_id: UUID) -> Page[Slips]:
    back = f"/classes/{class_id}/accounts"
    return Page(slips, template="families/slips.html", context={"back": back}, led_to=back)


route_handlers = [of_class, give, choose, give_several, give_all, one, renew, end, leave]
