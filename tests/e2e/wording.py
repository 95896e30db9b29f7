"""Words that do not belong on a Kazakh or Russian page: English left over, or a code that no person should meet."""

import re
from collections.abc import Collection

from playwright.async_api import Page

_READ = """() => {
  const said = [document.title];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const inside = walker.currentNode.parentElement;
    if (!inside.closest("script, style, code, [lang]:not(html), .q-code")) said.push(walker.currentNode.data);
  }
  for (const name of ["aria-label", "alt", "title", "placeholder"])
    for (const one of document.querySelectorAll(`[${name}]`)) said.push(one.getAttribute(name));
  return said;
}"""
_ADDRESS = re.compile(r"\S+@\S+|/s/\S+")
_WORD = re.compile(r"[A-Za-z][A-Za-z_]+")
_CODE = re.compile(r"-[A-Z]{3}\b")
_MEANT = frozenset({"CSV", "HEIC", "JPEG", "PDF", "PNG", "QORGAN_SMTP_HOST", "QR", "XLSX"})


async def english_words(page: Page, typed: Collection[str]) -> list[str]:
    """Latin words of the page that nobody typed, also those in folded parts and in labels for screen readers."""
    texts = [_CODE.sub("", _ADDRESS.sub("", text)) for text in await page.evaluate(_READ)]
    return [word for text in texts for word in _WORD.findall(text) if word not in _MEANT and word not in typed]
