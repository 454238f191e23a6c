"""No word of cryptography stands before *Cảm ơn*: what protects an answer is nobody's task to understand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_file
from counters import FULL, LAND, MANY, REVOKED
from flask.testing import FlaskClient
from proofreading import Page

from sipas.instrument.model import Instrument
from sipas.instrument.shelf import Shelf
from sipas.web.language import read_catalogue

WEB = Path(__file__).resolve().parents[3] / "sipas" / "web"
LEARNED = {
    "vi": r"mã h(?:óa|oá)|token|chữ ký (?:số|điện tử)|ký số|hash|hàm băm|băm|mật mã|khóa (?:công khai|bí mật|riêng)|chuỗi khối|blockchain|chứng thư|mã xác thực"
    r"|proof of work|bằng chứng công việc|entropy|nonce|merkle|hmac|sha-?256",
    "en": r"encrypt|cryptograph|token|digital(?:ly)? sign|e-signature|hash|cipher|public key|private key|secret key|blockchain"
    r"|proof of work|entropy|nonce|merkle|hmac|sha-?256",
}
AFTER = {"thanks.html"}


def strange(text: str, language: str) -> list[str]:
    return re.findall(LEARNED[language], " ".join(text.split()).lower())


def sentences() -> Iterator[tuple[str, str]]:
    """Every sentence of the citizen's templates and code that may be read before the receipt."""
    options = {"trimmed": "true", "silent": "false", "newstyle_gettext": "true", "encoding": "utf-8"}
    folders = [WEB / "templates" / name for name in ("citizen", "errors", "components")]
    files = [path for folder in folders for path in sorted(folder.glob("*.html"))] + sorted((WEB / "citizen").glob("*.py"))
    for path in files:
        if path.name in AFTER:
            continue
        method = "python" if path.suffix == ".py" else "jinja2.ext:babel_extract"
        for _line, message, *_ in extract_from_file(method, path, keywords={"_": None, "gettext": None}, options=options):
            yield path.name, message if isinstance(message, str) else message[0]


def test_no_sentence_before_the_receipt_speaks_of_cryptography() -> None:
    english = {message.id: str(message.string) for message in read_catalogue("en")}
    found = {(place, sentence) for place, sentence in sentences() if strange(sentence, "vi") or strange(english.get(sentence, ""), "en")}
    assert not found
    assert len(set(sentences())) > 60


@pytest.mark.parametrize("language", ["vi", "en"])
def test_no_page_before_the_receipt_shows_such_a_word(client: FlaskClient, language: str) -> None:
    for address in (f"/k/{LAND}", f"/k/{FULL}", f"/k/{MANY}", f"/k/{REVOKED}", "/k/none", "/k/" + "Z" * 28, "/k/" + "Z" * 18):
        page = Page(client.get(f"{address}?lang={language}").text)
        heard = page.select("body")[0].text + " ".join(
            value for element in page.elements for name, value in element.attrs.items() if name in {"aria-label", "title", "placeholder"}
        )
        assert strange(heard, language) == [], address


def test_no_question_uses_such_a_word(shelf: Shelf) -> None:
    for instrument in shelf.instruments.values():
        for language in ("vi", "en"):
            assert strange(" ".join(texts_of(instrument, language)), language) == [], instrument.code


def texts_of(instrument: Instrument, language: str) -> Iterator[str]:
    yield from (instrument.title[language], instrument.stem[language], instrument.based_on[language])
    yield from (item.text[language] for item in instrument.items)


def test_the_net_catches_what_it_is_for() -> None:
    for words in ("Phiếu được mã hóa", "nhập token", "chữ ký số của máy chủ", "giá trị hash"):
        assert strange(words, "vi")
    assert strange("Hộ tịch, chứng thực: khai sinh, chứng thực chữ ký", "vi") == []  # what a counter does by hand
