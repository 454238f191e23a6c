"""Every sentence of templates and code is said in English too, with the same values in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_file

from sipas.web.language import languages, read_catalogue

SIPAS = Path(__file__).resolve().parents[2] / "sipas"
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}
PLACES = re.compile(r"%\((\w+)\)")


def sentences(path: Path) -> Iterator[str]:
    """The first form of every sentence that a file sends through gettext."""
    options = {"trimmed": "true", "silent": "false", "newstyle_gettext": "true", "encoding": "utf-8"}
    method = "python" if path.suffix == ".py" else "jinja2.ext:babel_extract"
    for _line, message, _comments, _context in extract_from_file(method, path, keywords=KEYWORDS, options=options):
        yield message if isinstance(message, str) else message[0]


def spoken() -> list[tuple[str, str]]:
    files = [*sorted(SIPAS.rglob("*.py")), *sorted((SIPAS / "web" / "templates").rglob("*.html"))]
    return [(path.relative_to(SIPAS).as_posix(), sentence) for path in files for sentence in sentences(path)]


@pytest.mark.parametrize("language", [language for language in languages() if language != "vi"])
def test_every_sentence_has_its_translation(language: str) -> None:
    known = {message.id if isinstance(message.id, str) else message.id[0] for message in read_catalogue(language)}
    missing = sorted({f"{place}: {sentence}" for place, sentence in spoken() if sentence not in known})
    assert not missing, f"{len(missing)} sentences are not in {language}/LC_MESSAGES/*.po:\n" + "\n".join(missing)


@pytest.mark.parametrize("language", [language for language in languages() if language != "vi"])
def test_a_translation_names_the_same_values(language: str) -> None:
    for message in read_catalogue(language):
        if isinstance(message.id, str):
            assert set(PLACES.findall(message.id)) == set(PLACES.findall(str(message.string))), message.id


def test_the_extractor_sees_templates_and_code() -> None:
    found = {sentence: place for place, sentence in spoken()}
    assert found["Gửi phiếu"].startswith("web/templates/")
    assert found["%(number)s điểm phần trăm"] == "web/filters.py"
