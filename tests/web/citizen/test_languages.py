"""Five languages: what is worded is said in them, what is not stands in Vietnamese and says so, and nobody's words come from nowhere."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from counters import FULL, LAND, MANY, REVOKED, build_app, furnish
from flask.testing import FlaskClient
from proofreading import VOID, proof_read

from sipas.evidence.keys import Keyring
from sipas.instrument.shelf import Shelf
from sipas.store.engine import Store
from sipas.web.headers import STATIC
from sipas.web.language import read_catalogue, worded
from sipas.web.tongues import BadLanguageError, check_languages, offered, tongues

PARTIAL = ("km", "cjm", "ktv")
FILLED = {"stage": "on_time", "respondent": "citizen", "HL": "5"}
MARK = "Bản dịch chưa được thẩm định"
LETTERS = re.compile(r"[^\W\d_]")
CODE = re.compile(r"[0-9A-Z]{5}-[0-9A-Z]{5}")  # a receipt is spelt, in any language


@pytest.fixture
def client(store: Store, tmp_path: Path, shelf: Shelf) -> FlaskClient:
    furnish(store)
    return build_app(store, Keyring.create(tmp_path / "keys"), shelf, SIPAS_LANGUAGES="km cjm ktv").test_client()


class Spoken(HTMLParser):
    """The stretches of a page, each with the language that its nearest element declares."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.said: list[tuple[str, str]] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        language = dict(attrs).get("lang") or (self.open[-1] if self.open else "")
        for name, value in attrs:
            if name in {"aria-label", "title", "alt", "placeholder"}:
                self.said.append((language, value or ""))
        if tag not in VOID:
            self.open.append("typed" if tag == "textarea" else language)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An empty element of a drawing: it says nothing."""

    def handle_endtag(self, tag: str) -> None:
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if LETTERS.search(CODE.sub("", data)):
            self.said.append((self.open[-1], " ".join(data.split())))


def pages(client: FlaskClient, language: str) -> Iterator[str]:
    """Every state of the citizen's door in a language."""
    forms = (f"/k/{LAND}", f"/k/{FULL}", f"/k/{MANY}", f"/k/{MANY}?sector=land")
    for address in (*forms, f"/k/{REVOKED}", "/k/none", "/t", f"/k/{LAND}/card", "/r", "/r/ABCDEFGHJK", "/y"):
        yield client.get(f"{address}{'&' if '?' in address else '?'}lang={language}").text
    yield client.post(f"/t?lang={language}", data={"code": "ABC"}).text
    fields = proof_read(client.get(f"/k/{FULL}?lang={language}").text).fields()
    yield client.post(f"/k/{FULL}?lang={language}", data=fields | {"comment": "x" * 2100}).text
    yield client.post(f"/k/{FULL}?lang={language}", data={"ticket": "forged"}).text
    sent = fields | FILLED | {"comment": "Xin thêm ghế", "reply": "1"}
    yield client.post(f"/k/{FULL}?lang={language}", data=sent).text
    yield client.post(f"/k/{FULL}?lang={language}", data=sent | {"HL": "1"}).text


@pytest.mark.parametrize("language", PARTIAL)
def test_what_a_language_has_no_words_for_is_marked_as_vietnamese(client: FlaskClient, language: str) -> None:
    own = {message.string for message in read_catalogue(language)} | {tongue.name for tongue in tongues().values()}
    for page in pages(client, language):
        assert MARK in page
        assert proof_read(page).select("html")[0].attrs["lang"] == language
        said = Spoken(page).said
        assert {tongue for tongue, _ in said} >= {"vi"}
        strange = [words for tongue, words in said if tongue == language and words.removesuffix("SIPAS").strip(" ·0123456789.") not in own]
        assert strange == []


def test_khmer_says_what_it_can(client: FlaskClient) -> None:
    form, *_, thanks, _conflict = pages(client, "km")
    assert '<button class="button" type="submit">បញ្ជូនសំណុំបែបបទ · <span lang="vi">Gửi phiếu</span></button>' in form
    assert proof_read(thanks).text_of("h1") == "បានរក្សាទុកសំណុំបែបបទដោយជោគជ័យ"


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_complete_language_is_not_marked(client: FlaskClient, language: str) -> None:
    for page in pages(client, language):
        assert MARK not in page
        assert "has not been reviewed" not in page
        assert "script-" not in page


def test_every_page_links_to_every_language_in_its_own_name(client: FlaskClient) -> None:
    page = proof_read(client.get(f"/k/{LAND}?lang=km").text)
    assert [link.attrs["hreflang"] for link in page.select("a") if "hreflang" in link.attrs] == ["vi", "en", "cjm", "ktv"]
    assert [span.text for span in page.select("span", lang="cjm")] == ["ꨌꩌ"]


def test_a_language_is_offered_only_where_the_province_switches_it_on(store: Store, tmp_path: Path, shelf: Shelf) -> None:
    furnish(store)
    keyring = Keyring.create(tmp_path / "keys")
    plain = build_app(store, keyring, shelf).test_client().get(f"/k/{LAND}?lang=km").text
    assert proof_read(plain).select("html")[0].attrs["lang"] == "vi"
    assert "hreflang" in plain
    assert 'hreflang="km"' not in plain
    with pytest.raises(BadLanguageError, match=r"names xx, which has no folder: choose from vi en cjm km ktv"):
        build_app(store, keyring, shelf, SIPAS_LANGUAGES="km xx")
    assert offered("km, ktv") == ("vi", "en", "km", "ktv")


def test_the_language_of_a_minority_is_stored_as_other(client: FlaskClient, inbox) -> None:
    fields = proof_read(client.get(f"/k/{LAND}?lang=ktv").text).fields()
    assert "phiếu đã được lưu" in client.post(f"/k/{LAND}?lang=ktv", data=fields | FILLED).text
    (row,) = inbox()
    assert row.language == "other"
    assert "ktv" not in repr({name: value for name, value in vars(row).items() if not name.startswith("_")})


def test_a_questionnaire_that_is_worded_in_a_language_is_asked_in_it() -> None:
    assert worded({"vi": "Nam", "km": "ប្រុស"}, "km") == "ប្រុស"
    assert worded({"vi": "Nam"}, "km").__html__() == '<span lang="vi">Nam</span>'  # type: ignore[attr-defined]
    assert not hasattr(worded({"vi": "Nam"}, "en"), "__html__")


def test_fonts_are_those_that_were_taken_over_and_only_their_pages_load_them(client: FlaskClient) -> None:
    sums = {
        "khmer": "8f19afec2c3d00c40e54ca88717a9167ca567d3dea6a85e258356d32167f7cf4",
        "cham": "4bf26bd9540c9e942dc38f7512d0459f5fd33e61ae3c5ecfd079cd84875e4916",
    }
    for script, expected in sums.items():
        font = client.get(f"/static/fonts/noto-sans-{script}.woff2")
        assert hashlib.sha256(font.data).hexdigest() == expected
        assert font.mimetype == "font/woff2"
        assert "SIL Open Font License" in (STATIC / "fonts" / f"OFL-{script}.txt").read_text()
    for language, sheets in {"km": ["script-khmr.css"], "cjm": ["script-cham.css"], "ktv": [], "vi": [], "en": []}.items():
        page = client.get(f"/k/{LAND}?lang={language}").text
        assert re.findall(r"/static/(script-\w+\.css)", page) == sheets
        assert "woff2" not in page


def test_the_languages_that_ship_have_sources(shelf: Shelf) -> None:
    assert check_languages(shelf) == ()
    for tongue in tongues().values():
        assert tongue.reviewed or not tongue.complete


TOLD = """code = "xx"
name = "X"
name_source = "s"
name_vi = "X"
script = "Latn"
complete = false
reviewed = false
"""


@pytest.mark.parametrize(
    ("file", "catalogue", "words"),
    [
        (None, "", "xx/language.toml is missing"),
        ("code = ", "", "cannot be read"),
        (TOLD.replace('"xx"', '"yy"') + "provenance = []", "", "write the folder's name, 'xx'"),
        (TOLD.replace('name_source = "s"', "") + "provenance = []", "", "name_source is missing or empty"),
        (TOLD.replace("reviewed = false", 'reviewed = "no"') + "provenance = []", "", "reviewed is neither true nor false"),
        (TOLD, "", "lacks one of what, who, when"),
        (TOLD + '[[provenance]]\nwhat = "a.po"\nwho = "A"\nsource = "s"\nwhen = "soon"', "", "lacks one of what, who, when"),
        (TOLD.replace("reviewed = false", "reviewed = true") + "provenance = []", "", "no provenance says by whom"),
        (TOLD + "provenance = []", '# from a book\nmsgid "Gửi phiếu"\nmsgstr "x"\n', "LC_MESSAGES/a.po: has no source"),
        (
            TOLD + '[[provenance]]\nwhat = "a.po"\nwho = "A"\nsource = "s"\nwhen = 2026-11-22',
            'msgid "Gửi phiếu"\nmsgstr "x"\n',
            "Gửi phiếu: has no source; write where the words come from",
        ),
        (TOLD + '[[provenance]]\nwhat = "a.po"\nwho = "A"\nsource = "s"\nwhen = 2026-11-22', "msgid broken\n", "cannot be read"),
    ],
)
def test_words_without_a_source_are_complained_about(tmp_path: Path, shelf: Shelf, file: str | None, catalogue: str, words: str) -> None:
    for code in ("en", "xx"):
        (tmp_path / code / "LC_MESSAGES").mkdir(parents=True)
    (tmp_path / "en" / "language.toml").write_text(
        (STATIC.parents[1] / "translations" / "en" / "language.toml").read_text("utf-8"), "utf-8"
    )
    if file is not None:
        (tmp_path / "xx" / "language.toml").write_text(file, "utf-8")
    (tmp_path / "xx" / "LC_MESSAGES" / "a.po").write_text(catalogue, "utf-8")
    told = [str(complaint) for complaint in check_languages(shelf, tmp_path)]
    assert any(words in line for line in told), told


def test_a_language_of_a_questionnaire_needs_a_source_too(tmp_path: Path, shelf: Shelf) -> None:
    told = [str(complaint) for complaint in check_languages(shelf, tmp_path)]
    assert len(told) == len(shelf.instruments)
    assert all("en has no source" in line and "translations/en/language.toml" in line for line in told)
