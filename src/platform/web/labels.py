"""What a page calls its fields, read from its markup: the summary of complaints names the field of each line."""

from html.parser import HTMLParser


def labels_in(markup: str) -> dict[str, str]:
    """The id of a field -> its label; the first of several choices bears the question that stands over them."""
    reader = _Labels()
    reader.feed(markup)
    return reader.found


class _Labels(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self._words: list[str] | None = None
        self._of = ""
        self._question = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in ("label", "legend"):
            self._words, self._of = [], given.get("for", "")
        elif tag == "input" and self._question:
            self.found[given.get("id", "")] = self._question
            self._question = ""

    def handle_data(self, data: str) -> None:
        if self._words is not None:
            self._words.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("label", "legend") or self._words is None:
            return
        text = " ".join("".join(self._words).split())
        if tag == "legend":
            self._question = text
        else:
            self.found.setdefault(self._of, text)
        self._words = None
