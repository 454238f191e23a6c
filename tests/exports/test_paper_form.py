"""The questionnaire on paper: every question and box of every form is there, tagged, and the batch's code is read."""

from __future__ import annotations

import dataclasses
import io
import os
import re
import shutil
import subprocess

import pytest
import zxingcpp
from PIL import Image

from sipas.exports.paper_form import MOST, PaperForm, form_pdf
from sipas.exports.printing import UnprintableError
from sipas.instrument.keying import paper_fields
from sipas.instrument.shelf import Shelf, read_shelf
from sipas.instrument.speech import in_language
from sipas.web.house import SURVEYS
from sipas.web.language import translations
from tests.exports.pdf_objects import Pdf
from tests.exports.pdf_ua import elements, faults

HAS_POPPLER = shutil.which("pdftoppm") is not None or "SIPAS_ALL_TOOLS" in os.environ
SHELF: Shelf = read_shelf(SURVEYS)
SECTOR = {"sipas-service-2023": "land", "online-service-2026": "land", "education-parents-2019": "education"}
TOKEN = "1ABCDEFGHJKMNPQRSTVWXYZ01234"
SAY = translations("en").gettext


def form(instrument: str = "sipas-service-2023", length: str = "short", **changed: object) -> PaperForm:
    made = PaperForm(
        instrument=SHELF.instruments[instrument],
        length=length,
        unit="Trung tâm Phục vụ hành chính công phường Bàn Thạch",
        counter="Quầy 3",
        sector=SHELF.sectors[SECTOR.get(instrument, "health")].name,
        number=12,
        code="7H3K9M2PQR",
        demo=False,
        public_url="https://danhgia.danang.gov.vn",
        authority="Ủy ban nhân dân thành phố Đà Nẵng",
        phone="0236 3 123 456",
    )
    return dataclasses.replace(made, **changed)


def words_of(pdf: bytes) -> str:
    done = subprocess.run(["pdftotext", "-raw", "-", "-"], input=pdf, capture_output=True, check=True)
    return " ".join(done.stdout.decode().split())


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("length", ["short", "full"])
@pytest.mark.parametrize("code", SHELF.instruments)
def test_every_form_in_every_language_asks_everything_and_is_tagged(code: str, length: str, language: str) -> None:
    pdf = form_pdf(form(code, length), language=language, say=SAY)
    assert faults(pdf) == []
    if HAS_POPPLER:
        said = words_of(pdf).replace(" ", "")
        for field in paper_fields(SHELF.instruments[code], length):
            assert in_language(field.text, language).replace(" ", "") in said
            assert (field.code in said) is (field.kind != "asked")


def test_tables_have_headings_and_the_language_is_named() -> None:
    kinds = [element["S"].text for element in elements(Pdf(form_pdf(form())))]
    assert kinds.count("TH") == 2 * 7  # the question and six levels, in two tables
    assert kinds.count("H1") == 1
    assert Pdf(form_pdf(form(), language="en", say=SAY)).catalogue["Lang"] == b"en"


def test_the_short_form_is_one_page_even_with_a_code_of_its_own() -> None:
    assert len(list(Pdf(form_pdf(form())).pages())) == 1
    assert len(list(Pdf(form_pdf(form(), codes=[TOKEN] * 3)).pages())) == 3


@pytest.mark.skipif(not HAS_POPPLER, reason="poppler-utils draws the PDF")
def test_the_batch_and_the_one_time_code_are_read_from_the_paper() -> None:
    pdf = form_pdf(form(), codes=[TOKEN])
    done = subprocess.run(["pdftoppm", "-r", "150", "-png"], input=pdf, capture_output=True, check=True)
    with Image.open(io.BytesIO(done.stdout)) as picture:
        found = {code.text for code in zxingcpp.read_barcodes(picture.convert("L"))}
    assert found == {"7H3K9M2PQR", f"HTTPS://DANHGIA.DANANG.GOV.VN/T/{TOKEN}"}
    said = words_of(pdf)
    assert "Lô 12" in said
    assert "7H3K9-M2PQR" in said
    assert "1ABC DEFG HJKM NPQR STVW XYZ0 1234" in said


@pytest.mark.skipif(not HAS_POPPLER, reason="poppler-utils reads the PDF")
def test_boxes_carry_the_numbers_that_are_typed() -> None:
    said = words_of(form_pdf(form()))
    row = re.search(r"KQ1((?: \d){6})", said)
    assert row
    assert row[1] == " 1 2 3 4 5 0"
    assert "MINH HỌA" not in said
    assert "BẢN MINH HỌA" in words_of(form_pdf(form(demo=True)))
    assert "gọi 0236" not in words_of(form_pdf(form(phone="")))


def test_large_print_is_tagged_and_longer() -> None:
    large = form_pdf(form(), large=True)
    assert faults(large) == []
    assert len(list(Pdf(large).pages())) > 1


def test_what_cannot_be_printed_is_refused_with_the_cure() -> None:
    with pytest.raises(UnprintableError, match="no wording in 'km'; choose from vi, en"):
        form_pdf(form(), language="km")
    with pytest.raises(UnprintableError, match="lacks 18 of the 18 sentences"):
        form_pdf(form(), language="en", say=lambda sentence: sentence)
    with pytest.raises(UnprintableError, match="split the codes"):
        form_pdf(form(), codes=[TOKEN] * (MOST + 1))
    with pytest.raises(UnprintableError, match="this machine itself"):
        form_pdf(form(public_url="http://localhost"), codes=[TOKEN])
