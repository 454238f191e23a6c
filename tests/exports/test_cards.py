"""Cards with one-time codes: each code is read, each word is there, and the sheet tells no order."""

from __future__ import annotations

import dataclasses
import io
import os
import random
import shutil
import subprocess
from datetime import date

import pytest
import zxingcpp
from PIL import Image

from sipas.evidence.codes import encode
from sipas.exports.cards import A_SHEET, MOST, PURPOSES, Card, draw_cards, grouped
from sipas.exports.printing import UnprintableError
from tests.exports.pdf_objects import Pdf
from tests.exports.pdf_ua import elements, faults

URL = "https://danhgia.danang.gov.vn"
HAS_POPPLER = shutil.which("pdftoppm") is not None or "SIPAS_ALL_TOOLS" in os.environ


def cards(count: int, **changed: object) -> list[Card]:
    chance = random.Random(count)
    made = [
        Card(
            number=number,
            unit="Trung tâm Phục vụ hành chính công phường Bàn Thạch",
            code=encode(chance.getrandbits(140), 28),
            first=date(2026, 11, 23),
            last=date(2027, 1, 31),
            short_code=f"{chance.randrange(10**10):010d}",
            telephone="0236 3 123 456",
        )
        for number in range(1, count + 1)
    ]
    return [dataclasses.replace(card, **changed) for card in made]


def words_of(pdf: bytes) -> str:
    done = subprocess.run(["pdftotext", "-raw", "-", "-"], input=pdf, capture_output=True, check=True)
    return " ".join(done.stdout.decode().split())


@pytest.mark.skipif(not HAS_POPPLER, reason="poppler-utils draws the PDF")
def test_every_code_of_every_sheet_is_read_in_the_order_given() -> None:
    wanted = cards(23)
    pdf = draw_cards(wanted, public_url=URL, demo=False)
    found: list[str] = []
    for page in range(1, 4):
        options = ["pdftoppm", "-r", "150", "-png", "-f", str(page), "-l", str(page)]
        done = subprocess.run(options, input=pdf, capture_output=True, check=True)
        with Image.open(io.BytesIO(done.stdout)) as picture:
            codes = zxingcpp.read_barcodes(picture.convert("L"))
        found += [code.text for code in sorted(codes, key=lambda code: (code.position.top_left.y // 100, code.position.top_left.x))]
    assert found == [f"HTTPS://DANHGIA.DANANG.GOV.VN/T/{card.code}" for card in wanted]
    assert len(list(Pdf(pdf).pages())) == -(-23 // A_SHEET)


@pytest.mark.parametrize("kind", PURPOSES)
def test_sheets_are_tagged_in_the_order_in_which_they_are_read(kind: str) -> None:
    pdf = draw_cards(cards(12, group="Lớp 5A"), public_url=URL, demo=True, kind=kind)
    assert faults(pdf) == []
    kinds = [element["S"].text for element in elements(Pdf(pdf))]
    assert kinds.count("H1") == 1
    assert kinds.count("H2") == kinds.count("Figure") == 12


@pytest.mark.skipif(not HAS_POPPLER, reason="poppler-utils reads the PDF")
def test_a_card_says_whose_it_is_how_long_and_where_help_is() -> None:
    card = cards(1)[0]
    said = words_of(draw_cards([card], public_url=URL, demo=False))
    for words in (
        card.unit, " ".join(grouped(card.code)), f"{card.short_code[:5]} {card.short_code[5:]}", "chỉ dùng cho đơn vị này",
        "gọi 0236 3 123 456", "Dùng một lần, từ 23/11/2026 đến hết 31/01/2027.", "danhgia.danang.gov.vn/t", "Thẻ không gắn với hồ sơ nào",
        "Số 1",
    ):  # fmt: skip
        assert words in said, words
    assert "MINH HỌA" not in said
    bare = words_of(draw_cards([dataclasses.replace(card, short_code="", telephone="")], public_url=URL, demo=True))
    assert "Mã ngắn" not in bare
    assert "gọi" not in bare
    assert "BẢN MINH HỌA" in bare


@pytest.mark.skipif(not HAS_POPPLER, reason="poppler-utils reads the PDF")
def test_a_class_and_a_ward_get_other_words_and_the_same_codes() -> None:
    made = cards(2, group="Khoa Nội tổng hợp")
    ward = words_of(draw_cards(made, public_url=URL, demo=False, kind="ward"))
    assert "Mời người bệnh đánh giá đợt điều trị" in ward
    assert "Khoa Nội tổng hợp" in ward
    assert "không gắn với người bệnh nào" in ward
    assert "hồ sơ" not in ward
    assert " ".join(grouped(made[1].code)) in ward


@pytest.mark.skipif(not HAS_POPPLER, reason="poppler-utils draws the PDF")
def test_long_names_make_the_words_smaller_and_leave_the_code() -> None:
    long = cards(1, unit="Chi nhánh Văn phòng đăng ký đất đai " * 6, telephone="0236 3 123 456 hoặc 0236 3 123 457", group="tầng " * 20)
    pdf = draw_cards(long, public_url=URL, demo=True)
    assert faults(pdf) == []
    done = subprocess.run(["pdftoppm", "-r", "150", "-png"], input=pdf, capture_output=True, check=True)
    with Image.open(io.BytesIO(done.stdout)) as picture:
        assert [code.text[-28:] for code in zxingcpp.read_barcodes(picture.convert("L"))] == [long[0].code]


def test_names_are_data_and_never_markup() -> None:
    odd = draw_cards(cards(1, unit='#panic("x") *đậm* $a$ <b>', group='#read("/etc/passwd")'), public_url=URL, demo=False)
    assert faults(odd) == []


def test_same_cards_give_the_same_bytes() -> None:
    assert draw_cards(cards(11), public_url=URL, demo=False) == draw_cards(cards(11), public_url=URL, demo=False)


def test_what_cannot_be_printed_is_refused_with_the_cure() -> None:
    one = cards(1)
    for given, changed, said in (
        ([], {}, f"1 to {MOST:,} cards, not 0"),
        (one * (MOST + 1), {}, "mint fewer at once"),
        (one, {"kind": "pupil"}, "no kind of card 'pupil'; choose from dossier, class, ward, visit"),
        (one, {"public_url": "http://127.0.0.1:8000"}, "set SIPAS_DEMO=1"),
        (one, {"public_url": "danang"}, "is no address"),
    ):
        with pytest.raises(UnprintableError, match=said):
            draw_cards(given, **{"public_url": URL, "demo": False} | changed)
