"""A page as a reader meets it, for tests: parsed with the standard library."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})


@dataclass
class Element:
    """One element: its attributes, its text and the names of those around it."""

    tag: str
    attrs: dict[str, str]
    inside: tuple[str, ...]
    text: str = ""


@dataclass
class Page(HTMLParser):
    """All elements in order, with their whole text."""

    source: str
    elements: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[Element] = []
        self.feed(self.source)
        self.close()
        assert not self._open, f"not closed: {[element.tag for element in self._open]}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, tuple(parent.tag for parent in self._open))
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, {name: value or "" for name, value in attrs}, tuple(parent.tag for parent in self._open)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open[-1].tag == tag, f"</{tag}> closes <{self._open[-1].tag}>"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data

    def select(self, tag: str, **attrs: str) -> list[Element]:
        """Elements of a tag with these attributes, in order."""
        return [e for e in self.elements if e.tag == tag and all(e.attrs.get(name) == value for name, value in attrs.items())]

    def text_of(self, tag: str) -> str:
        return " ".join(self.select(tag)[0].text.split())

    def fields(self) -> dict[str, str]:
        """What a browser would send if the form were sent as it stands."""
        sent = {}
        for e in self.select("input"):
            if e.attrs.get("type") == "hidden" or "checked" in e.attrs:
                sent[e.attrs["name"]] = e.attrs.get("value", "")
        return sent | {e.attrs["name"]: e.text.removeprefix("\r\n").removeprefix("\n") for e in self.select("textarea")}

    def choices(self) -> dict[str, list[str]]:
        """Radio buttons: name → values in order."""
        found: dict[str, list[str]] = {}
        for e in self.select("input", type="radio"):
            found.setdefault(e.attrs["name"], []).append(e.attrs["value"])
        return found


def proof_read(source: str) -> Page:
    """What is true of every page we show."""
    page = Page(source)
    assert page.select("html")[0].attrs["lang"]
    assert len(page.select("h1")) == 1
    wrong = [" ".join(e.text.split()) + " · " for e in page.select("h2", id="problems-title")]
    assert page.text_of("title").startswith("".join(wrong) + page.text_of("h1")), "a title says first what has happened"
    ids = [e.attrs["id"] for e in page.elements if "id" in e.attrs]
    assert len(ids) == len(set(ids)), "an id stands twice"
    labelled = {e.attrs["for"] for e in page.select("label")}
    for e in page.select("input") + page.select("textarea"):
        assert e.attrs.get("type") == "hidden" or e.attrs["id"] in labelled, f"no label for {e.attrs}"
    assert labelled <= set(ids)
    for e in page.elements:
        assert not {name for name in e.attrs if name == "style" or name.startswith("on")}, e
        assert e.tag not in {"iframe", "object", "style"}, e
        assert e.tag != "script" or (e.attrs["src"].startswith("/static/") and "defer" in e.attrs and not e.text), "only files of ours"
        for name in ("href", "src", "action"):
            assert not e.attrs.get(name, "").startswith(("http:", "https:", "//")), "an address of somebody else's"
        if "aria-describedby" in e.attrs:
            assert set(e.attrs["aria-describedby"].split()) <= set(ids)
        if e.tag == "audio":
            assert e.attrs["aria-labelledby"] in ids
            assert e.attrs["preload"] == "none"
        if e.tag == "a" and e.attrs.get("href", "").startswith("#"):
            assert e.attrs["href"][1:] in ids
    assert all(text.strip() for text in (e.text for e in page.select("a") + page.select("button")))
    return page
