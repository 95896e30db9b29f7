"""Which fields each route reads, heard from the routes themselves: a new field is known as soon as it is read."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from src.platform.incidents.reading import filters
from src.platform.kit import forms
from src.platform.kit.payload import Field, Parsed, Spec

_READERS = (forms, filters)
"""Every module of the routes that reads the parameters of an address or a body."""


@contextmanager
def heard() -> Iterator[list[Field]]:
    """The fields that were asked for inside the block."""
    fields: list[Field] = []

    def read(raw: Any, spec: Spec) -> Parsed:
        fields.extend(spec)
        return original(raw, spec)

    original = forms.read_payload
    with pytest.MonkeyPatch.context() as patch:
        for module in _READERS:
            patch.setattr(module, "read_payload", read)
        yield fields
