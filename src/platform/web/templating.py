"""Templates of every module in one environment: autoescaped, strict, in the language of the reader."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, PackageLoader, PrefixLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.template.config import TemplateConfig

from src.platform.kit import i18n
from src.platform.kit.i18n import N_
from src.platform.kit.kept import Draft
from src.platform.kit.page import NavItem
from src.platform.web.assets import asset
from src.platform.web.labels import labels_in
from src.platform.web.words import LazyWords, Words

_HOUSE = Path(__file__).parents[1]
_COMPONENTS = (
    "button",
    "character-count",
    "checkboxes",
    "date-input",
    "details",
    "error-message",
    "fieldset",
    "file-upload",
    "input",
    "inset-text",
    "password-input",
    "radios",
    "select",
    "service-navigation",
    "summary-list",
    "table",
    "tag",
    "task-list",
    "textarea",
    "warning-text",
)


@cache
def environment() -> Environment:
    """The one Jinja environment of the process."""
    folders = sorted(str(folder) for folder in _HOUSE.glob("*/templates"))
    made = Environment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        auto_reload=False,  # a page of fifty rows looked for a newer template a hundred times
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.code_generator_class = LazyWords
    made.extend(words=Words)
    made.install_gettext_callables(i18n.gettext, _ngettext, newstyle=False)  # type: ignore[attr-defined]
    made.filters |= {
        "date": i18n.format_date,
        "datetime": i18n.format_datetime,
        "recent": i18n.format_recent,
        "long_date": i18n.format_long_date,
        "relative": i18n.format_relative,
        "number": i18n.format_number,
        "period": i18n.format_period,
        "month": i18n.format_month,
        "option": _option,
    }
    made.globals |= _govuk_components()
    made.globals |= {
        "asset": asset,
        "draft_of": _draft_of,
        "error_of": _error_of,
        "labels_in": labels_in,
        "languages": i18n.LANGUAGES,
        "sections": _sections,
        "_": i18n.gettext,
        "ngettext": _ngettext,
    }
    return made


def _govuk_components() -> dict[str, Any]:
    """GOV.UK's macros as functions of every template: `{{ govukInput({…}) }}`.

    They read missing parameters as empty, so they live in an environment of their own and ours stays strict.
    """
    lenient = Environment(
        loader=PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
        autoescape=True,
        auto_reload=False,
    )
    found = {}
    for component in _COMPONENTS:
        name = "govuk" + component.title().replace("-", "")
        template = lenient.get_template(f"govuk_frontend_jinja/components/{component}/macro.html")
        found[name] = getattr(template.module, name)
    return found


def template_config() -> TemplateConfig[JinjaTemplateEngine]:
    """Litestar's view of the environment."""
    return TemplateConfig(instance=JinjaTemplateEngine.from_environment(environment()))


def _ngettext(singular: str, plural: str, n: int, **params: Any) -> str:
    return i18n.ngettext(singular, plural, n, **params)


def _option(key: str, labels: dict[str, str]) -> str:
    return labels.get(key, key)


@pass_context
def _sections(context: Context, nav: Sequence[NavItem], path: str) -> list[dict[str, Any]]:
    """The navigation as GOV.UK's component wants it; a section stays marked on the pages below it."""
    return [
        {
            "href": item.path,
            "text": _counted(i18n.gettext(item.title), getattr(context["subject"], item.counts, 0)),
            "current": item.path == path,
            "active": path.startswith(f"{item.path}/"),
        }
        for item in nav
    ]


def _counted(title: str, number: int) -> str:
    return f"{title} ({number})" if number else title


@pass_context
def _error_of(context: Context, field: str) -> dict[str, str] | None:
    """The complaint about one field as GOV.UK components want it."""
    for error in context.get("errors") or ():
        if error.field == field:
            return {"text": error.message, "visuallyHiddenText": i18n.gettext(N_("Error"))}
    return None


@pass_context
def _draft_of(context: Context, address: str, apart: Mapping[str, str]) -> Draft | None:
    """The draft of a form of this page, unless the page shows that very form after a refusal."""
    for draft in context.get("drafts") or ():
        if draft.address == address and draft.apart == apart:
            return None if "refused" in context and draft.fits(context["values"]) else draft
    return None
