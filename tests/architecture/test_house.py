"""The shape of the house, checked: names of files, the empty namespace, the map in the README, no day arithmetic elsewhere."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import psycopg

from src.platform.db.base import Base
from src.platform.migrations.registry import metadata

HOUSE = Path("src/platform")
FILES = {
    "__init__",
    "models",
    "states",
    "errors",
    "schemas",
    "repository",
    "service",
    "views",
    "policy",
    "routes",
    "tasks",
    "events",
    "readers",
    "settings",
    "keys",
    "ledger",
    "master",
    "region_keys",
    "masters",
    "changing_repository",
    "changing",
    "sealed",
    "blinds",
    "ties",
    "names",
    "questions",
    "pranks",
    "members",
    "inputs",
    "urgency",
    "forwarding",
    "counsel",
    "council",
    "residential",
    "parents",
    "linking",
    "passwords",
    "tokens",
    "totp",
    "second_factor",
    "session_cookie",
    "catalogue",
    "terms",
    "definition",
    "outward",
    "referring",
    "referring_schemas",
    "referring_repository",
    "referring_views",
    "referring_routes",
    "help_request",
    "help_drafts",
    "help_draft_routes",
    "inbox",
    "inbox_routes",
    "redirecting",
    "opening",
    "agreements",
    "agreement_repository",
    "agreement_views",
    "agreement_routes",
    "agreement_tasks",
    "registry",
    "validation",
    "cut",
    "chronology",
    "filters",
    "history",
    "list_routes",
    "listing",
    "paper",
    "papers",
    "tallies",
    "daytimes",
    "periods",
    "gaps",
    "drawing",
    "committee",
    "committee_numbers",
    "committee_paper",
    "committee_routes",
    "committee_words",
    "suppression",
    "children",
    "releases",
    "release_routes",
    "release_papers",
    "city_pages",
    "partners",
    "partner_papers",
    "city_papers",
    "counters",
    "saved",
    "calendar",
    "verify",
    "checkpoint",
    "restoration",
    "actors",
    "run",
    "relay",
    "relations",
    "families",
    "deputy",
    "duties",
    "monitoring",
    "pages",
    "reconciliation",
    "reopening",
    "amending",
    "merging",
    "own_files",
    "own_routes",
    "told",
    "repeats",
    "cleaning",
    "injuries",
    "inflection",
    "proposals",
    "cells",
    "columns",
    "files",
    "fitting",
    "frozen",
    "reporting",
    "sheet",
    "students",
    "template",
    "counts",
    "protection",
    "protection_routes",
    "rules",
    "taking",
    "attendance",
    "danger",
    "endings",
    "notes",
    "partner_repository",
    "partner_routes",
    "partner_schemas",
    "partner_views",
    "weekly",
    "links",
    "link_repository",
    "link_routes",
    "absences",
    "clock_routes",
    "explanation",
    "feed",
    "ladder",
    "obligation_routes",
    "obligations",
    "periodic",
    "stopping",
    "kinds",
    "times",
    "mail",
    "boxes",
    "box_routes",
    "queue_routes",
    "dead",
    "scopes",
    "answers",
    "large_lists",
    "recounting",
    "whole_school",
    "granted",
    "notice",
    "glass",
    "browsing",
    "browsing_repository",
    "recovery",
    "recovery_repository",
    "recovery_routes",
    "recovery_views",
}
INFRASTRUCTURE = {"kit", "db", "web", "worker", "cli", "migrations"}


def modules() -> list[Path]:
    return [folder for folder in sorted(HOUSE.iterdir()) if folder.is_dir() and not folder.name.startswith("__")]


def test_our_folder_never_shadows_the_standard_library() -> None:
    assert not (HOUSE / "__init__.py").exists()
    found = subprocess.run(
        [sys.executable, "-c", "import platform; print(platform.__file__)"],
        cwd="src",
        env={"PYTHONPATH": "."},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "src" not in Path(found).parts
    assert all(folder.name not in sys.stdlib_module_names for folder in modules())


def test_a_module_has_known_file_names_and_says_what_it_is() -> None:
    for folder in modules():
        if folder.name in INFRASTRUCTURE or not (folder / "__init__.py").exists():
            continue
        assert {file.stem for file in folder.rglob("*.py")} <= FILES, folder
        for package in folder.rglob("__init__.py"):
            assert package.read_text().startswith('"""'), package


def test_every_table_declares_its_tenancy() -> None:
    for mapper in Base.registry.mappers:
        assert mapper.class_.__tenancy__ in ("tenant", "two_party", "platform"), mapper


def test_the_map_of_the_readme_names_what_is_there() -> None:
    text = Path("README.md").read_text()
    for name in re.findall(r"`(src/platform/\w+|policies/|frontend/|tests/|docs/decisions/)`", text):
        assert Path(name).exists(), name
    for folder in modules():
        assert f"`{folder.name}`" in text or f"/{folder.name}`" in text, f"{folder.name} is missing in the map"
    targets = set(re.findall(r"`?make (\w+)`?", text))
    assert targets <= set(re.findall(r"^(\w+):", Path("Makefile").read_text(), re.MULTILINE))


def test_r_244_days_are_counted_in_two_modules_only() -> None:
    for file in HOUSE.rglob("*.py"):
        if file.parts[2] in ("workdays", "deadlines"):
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "timedelta":
                assert not any(k.arg in ("days", "weeks") for k in node.keywords), file


def test_services_never_commit_and_context_is_never_session_wide() -> None:
    edges = {
        "src/platform/db/session.py",  # where the verb itself is written
        "src/platform/db/journeys.py",
        "src/platform/db/unit.py",
        "src/platform/web/dependencies.py",
        "src/platform/outbox/run.py",
        "src/platform/outbox/relay.py",
    }
    for file in HOUSE.rglob("*.py"):
        text = file.read_text()
        assert ".commit(" not in text or str(file) in edges, file
        assert not re.search(r"set_config\([^)]*false\)|\bSET app\.", text), file


def test_what_is_kept_of_a_question_holds_nobody_of_its_own() -> None:
    """A kept text answers every organisation with the same roles: who asks comes as a parameter (ADR 38)."""
    for file in HOUSE.rglob("*.py"):
        nodes = list(ast.walk(ast.parse(file.read_text())))
        functions = {one.name: one for one in nodes if isinstance(one, ast.FunctionDef)}
        for call in nodes:
            if not isinstance(call, ast.Call) or getattr(call.func, "id", getattr(call.func, "attr", "")) != "once":
                continue
            made = call.args[2]
            maker = functions.get(made.id, made) if isinstance(made, ast.Name) else made
            named = {one.id for one in ast.walk(maker) if isinstance(one, ast.Name)}
            assert not named & {"unit", "request", "given", "facts"}, (file, call.lineno)


def test_no_role_is_named_in_python() -> None:
    roles = {
        line.split(", ")[1] for line in Path("policies/policy.csv").read_text().splitlines() if line.startswith("p, ")
    }
    roles = {role for role in roles if not role.startswith("is:")} - {"region_operator"}
    roles -= {"student", "parent"}  # also words of option lists (OL-reporter_status) and kinds of people
    for file in HOUSE.rglob("*.py"):
        if file.parts[2] in ("access", "cli"):
            continue
        strings = {
            n.value
            for n in ast.walk(ast.parse(file.read_text()))
            if isinstance(n, ast.Constant) and isinstance(n.value, str)
        }
        assert not strings & roles, (file, strings & roles)


def test_models_and_migrations_agree_on_every_column(database: str) -> None:
    with psycopg.connect(database) as admin:
        found = {
            (table, column): nullable == "YES"
            for table, column, nullable in admin.execute(
                "select table_name, column_name, is_nullable from information_schema.columns where table_schema = 'public'"
            ).fetchall()
        }
    for table in metadata.tables.values():
        for column in table.columns:
            assert found[table.name, column.name] == bool(column.nullable), (table.name, column.name)
