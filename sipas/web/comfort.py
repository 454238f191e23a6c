"""How a page is shown to who sees little: large letters and strong contrast, by two words in the address. No script, no cookie.

The form is sent to the address it stands under, so that what was chosen lasts through problems, refusals and the receipt.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Flask, has_request_context, request

from sipas.web.language import SOURCE, current_language

LARGE, STRONG = "large", "more"  # ?size=large, ?contrast=more
SCRIPTS = ("Khmr", "Cham")  # those with a stylesheet and a font of their own


@dataclass(frozen=True, slots=True)
class Comfort:
    """What the reader switched on."""

    large: bool = False
    strong: bool = False

    @property
    def classes(self) -> str:
        """The words on the page's root that the stylesheet knows."""
        return " ".join(word for word, on in (("large", self.large), ("strong", self.strong)) if on)


def current_comfort() -> Comfort:
    """The switches of the page that is being made; any other word in the address switches nothing."""
    if not has_request_context():
        return Comfort()
    return Comfort(large=request.args.get("size") == LARGE, strong=request.args.get("contrast") == STRONG)


def kept(**changes: str) -> str:
    """The query of a link that keeps language and switches but for ``changes``; empty where there is nothing to keep.

    It is built from what is known, never from the address as it came: pages are drawn once and printed for many.
    """
    comfort, language = current_comfort(), current_language()
    state = {
        "sector": "",
        "lang": "" if language == SOURCE else language,
        "size": LARGE if comfort.large else "",
        "contrast": STRONG if comfort.strong else "",
        **changes,
    }
    query = urlencode({name: value for name, value in state.items() if value})
    return f"?{query}" if query else ""


def register(app: Flask) -> None:
    """Give templates ``comfort``, ``kept`` and the scripts that bring a font."""
    app.jinja_env.globals.update(kept=kept, font_scripts=SCRIPTS)
    app.context_processor(surroundings)


def surroundings() -> dict[str, Comfort]:
    """What every template knows of the switches."""
    return {"comfort": current_comfort()}
