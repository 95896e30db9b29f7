"""Tables of words in templates, of which a page says one: `{"open": _("Open"), …}.get(state)` translates that one only.

A label of a clock stands in a table of sixty; a list of eighty rows would translate ten thousand texts otherwise.
"""

from collections.abc import Callable, Iterator, Mapping

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame

_FEW = 4


class Words(Mapping[str, str]):
    """Key -> text, translated when it is asked for."""

    __slots__ = ("_said",)

    def __init__(self, said: dict[str, Callable[[], str]]) -> None:
        """`said` tells how each text is made."""
        self._said = said

    def __getitem__(self, key: str) -> str:
        """Raises KeyError."""
        return self._said[key]()

    def __iter__(self) -> Iterator[str]:
        """The keys in the order of the template."""
        return iter(self._said)

    def __len__(self) -> int:
        """How many."""
        return len(self._said)


class LazyWords(CodeGenerator):
    """Jinja's generator (`Environment.code_generator_class`) that makes `Words` of every longer table of `_("…")`."""

    def visit_Dict(self, node: nodes.Dict, frame: Frame) -> None:  # noqa: N802  # Jinja's name
        """Write the table with a function a text."""
        if len(node.items) < _FEW or not all(_is_said(item.value) for item in node.items):
            super().visit_Dict(node, frame)
            return
        self.write("environment.words({")
        for place, item in enumerate(node.items):
            self.write(", " if place else "")
            self.visit(item.key, frame)
            self.write(": lambda: ")
            self.visit(item.value, frame)
        self.write("})")


def _is_said(value: nodes.Expr) -> bool:
    """A text without values of the page: those could have changed until it is asked for."""
    if not isinstance(value, nodes.Call) or not isinstance(value.node, nodes.Name) or value.node.name != "_":
        return False
    return not value.kwargs and all(isinstance(given, nodes.Const) for given in value.args)
