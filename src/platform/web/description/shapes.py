"""A field of a body as JSON Schema, as `kit.payload` reads it: no more is promised and no less is taken."""

from collections.abc import Callable, Mapping
from typing import Any

from src.platform.kit.payload import INT_MOST, KEYS_MOST, LONGTEXT_MOST, SEVERAL_MOST, TEXT_MOST, TRUTHS, Field, Kind

Schema = dict[str, Any]
EMPTY_NAME, BLANK_NAME = "Empty", "Blank"
_EMPTY: Schema = {"$ref": f"#/components/schemas/{EMPTY_NAME}"}
_BLANK: Schema = {"$ref": f"#/components/schemas/{BLANK_NAME}"}
COMPONENTS: dict[str, Schema] = {
    BLANK_NAME: {"type": "string", "pattern": r"^\s*$", "description": "A field left empty"},
    EMPTY_NAME: {
        "anyOf": [{"type": "null"}, _BLANK, {"type": "array", "items": _EMPTY}],
        "description": "What counts as not answered, whatever the kind of the field is",
    },
}
_DIRECTIONS = r"\u202a-\u202e\u2066-\u2069"
_CONTROLS = r"\u0000-\u001f\u007f-\u009f" + _DIRECTIONS
_CONTROLS_OF_LONG = r"\u0000-\u0008\u000b-\u001f\u007f-\u009f" + _DIRECTIONS
_ID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_UUID: Schema = {"type": "string", "format": "uuid"}
_DAY = (
    r"(19|20|21)[0-9]{2}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
    r"|02-(0[1-9]|1[0-9]|2[0-8]))"
)
"""Without 29 February: the reader knows leap years, a pattern does not."""
_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9]"
_DATE: Schema = {"type": "string", "format": "date", "pattern": f"^{_DAY}$"}
_DATETIME: Schema = {
    "type": "string",
    "pattern": rf"^{_DAY}T{_CLOCK}(:[0-5][0-9])?(Z|[+-]0[0-9]:[0-5][0-9])?$",
    "description": "Without an offset it is the time of Kazakhstan",
}
_TIME: Schema = {"type": "string", "pattern": r"^([01][0-9]|2[0-3])(:[0-5][0-9](:[0-5][0-9])?)?$"}


def of_json(fields: tuple[Field, ...], also: tuple[str, ...] = ()) -> Schema:
    """The object that a program sends; nothing, or null, where no field has to be there."""
    told = [one for one in fields if one.kind != "file"]
    made: Schema = {
        "type": "object",
        "properties": {one.name: _value(one, _JSON) for one in told},
        "additionalProperties": False,
    }
    if required := [one.name for one in told if one.required]:
        made["required"] = required
    else:
        made["type"] = ["object", "null"]
    return made | _made_while_running({f"^{one}{_ID}$": {"anyOf": [{"type": "string"}, _EMPTY]} for one in also})


def of_form(fields: tuple[Field, ...], also: tuple[str, ...] = ()) -> Schema:
    """The texts that a page sends: a day in three fields or one, rows as `name-0-column`, several values repeated."""
    properties: dict[str, Schema] = {}
    patterns: dict[str, Schema] = {f"^{one}{_ID}$": {"type": "string"} for one in also}
    together: dict[str, list[str]] = {}
    required: list[str] = []
    for one in fields:
        if one.kind == "groups":
            patterns |= {f"^{one.name}-[0-9]{{1,3}}-{part.name}$": _value(part, _FORM) for part in one.fields}
            continue
        properties[one.name] = _value(one, _FORM)
        if one.kind == "date":
            parts = {f"{one.name}-{part}": schema for part, schema in _PARTS.items()}
            properties |= parts
            together |= {part: sorted(parts.keys() - {part}) for part in parts}
        elif one.required:
            required.append(one.name)
    made: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    made |= {"required": required} if required else {}
    made |= {"dependentRequired": together} if together else {}
    return made | _made_while_running(patterns)


def of_address(field: Field) -> Schema:
    """One parameter of an address."""
    return _value(field, _FORM)


_PARTS: dict[str, Schema] = {
    "day": {"type": "string", "pattern": "^(0?[1-9]|1[0-9]|2[0-8])$"},
    "month": {"type": "string", "pattern": "^(0?[1-9]|1[0-2])$"},
    "year": {"type": "string", "pattern": "^(19|20|21)[0-9]{2}$"},
}
"""Or all three of them empty."""


def _made_while_running(patterns: Mapping[str, Schema]) -> Schema:
    return {"patternProperties": dict(patterns)} if patterns else {}


def _value(field: Field, kinds: Mapping[Kind, Callable[[Field], Schema]]) -> Schema:
    """Optional fields may be empty; lists may hold empty ones, which fall away."""
    empty = _BLANK if kinds is _FORM else _EMPTY
    one = kinds[field.kind](field)
    if field.many or field.kind in ("multi_enum", "uuids"):
        several: Schema = {"type": "array", "items": {"anyOf": [one, empty]}, "maxItems": SEVERAL_MOST}
        one = {"anyOf": [one, several | ({"contains": one} if field.required else {})]}
    return one if field.required else {"anyOf": [one, empty]}


def _text(field: Field) -> Schema:
    is_long = field.kind == "longtext"
    most = field.most or (LONGTEXT_MOST if is_long else TEXT_MOST)
    controls = _CONTROLS_OF_LONG if is_long else _CONTROLS
    return {"type": "string", "maxLength": most, "pattern": rf"^\s*[^\s{controls}][^{controls}]*\s*$"}


def _secret(field: Field) -> Schema:
    return {"type": "string", "maxLength": field.most or TEXT_MOST, "pattern": r"\S"}


def _digits(field: Field) -> Schema:
    """So many digits that no such number is above the limit; the limit itself is sent as a number."""
    most = field.most or INT_MOST
    digits = len(str(most + 1)) - 1
    return {"type": "string", "pattern": rf"^[0-9]{{1,{digits}}}$" if digits else rf"^[0-{most}]$"}


def _int(field: Field) -> Schema:
    return {"anyOf": [{"type": "integer", "minimum": 0, "maximum": field.most or INT_MOST}, _digits(field)]}


def _enum(field: Field) -> Schema:
    return {"enum": sorted(field.options)}


def _groups(field: Field) -> Schema:
    row = of_json(field.fields) | {"type": "object"}
    most = min(field.most or KEYS_MOST, KEYS_MOST // len(field.fields) - 1)
    return {"type": "array", "items": row, "minItems": 1, "maxItems": most}


_JSON: Mapping[Kind, Callable[[Field], Schema]] = {
    "text": _text,
    "longtext": _text,
    "secret": _secret,
    "bool": lambda _: {"enum": [True, False, *TRUTHS]},
    "int": _int,
    "date": lambda _: _DATE,
    "datetime": lambda _: _DATETIME,
    "time": lambda _: _TIME,
    "enum": _enum,
    "multi_enum": _enum,
    "uuid": lambda _: _UUID,
    "uuids": lambda _: _UUID,
    "groups": _groups,
}
_FORM: Mapping[Kind, Callable[[Field], Schema]] = {
    **_JSON,
    "bool": lambda _: {"enum": list(TRUTHS)},
    "int": _digits,
    "file": lambda field: {"type": "string", "format": "binary", "maxLength": field.most or INT_MOST},
}
