"""What a page holds, read as a browser without script would: ids, links, forms with what they would send untouched."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

_FREE = {"text", "number", "date", "datetime-local", "password", "email", "tel", "search"}


def _is_sent(found: dict[str, str]) -> bool:
    kind = found.get("type", "text")
    return kind in _FREE or kind == "hidden" or "checked" in found


@dataclass
class Form:
    """A form; `fields` is what pressing its button at once would send."""

    method: str
    action: str
    takes_answers: bool
    fields: dict[str, str] = field(default_factory=dict)
    chosen_beforehand: list[str] = field(default_factory=list)


class PageOf(HTMLParser):
    """Parses when made."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._select = ""
        self._options: list[tuple[str, bool]] = []
        self.feed(text)

    @property
    def complaints(self) -> list[str]:
        """Where the lines of the error summary lead inside the page."""
        return [link[1:] for link in self.links if link.startswith("#") and link != "#main"]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if "id" in found:
            self.ids.add(found["id"])
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        elif tag == "form":
            self.forms.append(Form(found.get("method", "get").upper(), found["action"], "novalidate" in found))
        elif tag == "select":
            self._select, self._options = found["name"], []
        elif tag == "option":
            self._options.append((found.get("value", ""), "selected" in found))
        elif tag == "textarea" or (tag == "input" and _is_sent(found)):
            self.forms[-1].fields[found["name"]] = found.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag != "select" or not self._options:
            return
        known = next((value for value, selected in self._options if selected), None)
        self.forms[-1].fields[self._select] = self._options[0][0] if known is None else known
        if known is None and self._options[0][0]:
            self.forms[-1].chosen_beforehand.append(self._select)
