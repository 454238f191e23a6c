"""What is true of every page that a person is shown."""

from __future__ import annotations

import re
from html.parser import HTMLParser

VOID_OF_LABEL = {"hidden", "submit"}


class Page(HTMLParser):
    """A page as a reader of its structure sees it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, *names: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag in names]


def proof_read(text: str) -> Page:
    page = Page(text)
    assert page.all("html")[0].get("lang")
    assert len(page.all("h1")) == 1
    assert len(page.all("main")) == 1
    assert re.search(r"<title>[^<]*\S", text)
    labelled = {label["for"] for label in page.all("label")}
    for field in page.all("input", "select", "textarea"):
        assert field.get("type") in VOID_OF_LABEL or field.get("id") in labelled, field
    for tag, attributes in page.tags:
        assert tag not in {"script", "style", "iframe"}, tag
        assert not [name for name in attributes if name == "style" or name.startswith("on")], (tag, attributes)
        address = attributes.get("href") or attributes.get("src") or ""
        assert not address.startswith(("http:", "https:", "//", "javascript:")), address
    assert all(image.get("alt") for image in page.all("img"))
    identifiers = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(identifiers) == len(set(identifiers))
    return page
