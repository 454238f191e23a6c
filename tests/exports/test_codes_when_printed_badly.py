"""Codes as a poor printer and a poor camera leave them: two centimetres wide and blurred, they are still read.

A blur of 30 % is a Gaussian whose standard deviation is 30 % of one module, on the code drawn at 300 dots an inch.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from datetime import date

import pytest
import zxingcpp
from PIL import Image, ImageDraw, ImageFilter

from sipas.exports.cards import CODE_MM as CARD_MM
from sipas.exports.cards import Card, draw_cards
from sipas.exports.qr_codes import QUIET_ZONE, modules_of
from sipas.exports.signs import CODE_MM, sign_pdf
from tests.exports.test_signs import ADDRESS, SIGN

HAS_POPPLER = shutil.which("pdftoppm") is not None or "SIPAS_ALL_TOOLS" in os.environ
TWO_CENTIMETRES = 20.0
BLUR = 0.3
CARD = Card(1, "Trung tâm X", "1ABCDEFGHJKMNPQRSTVWXYZ01234", date(2026, 11, 23), date(2026, 12, 31), "0123456789", "0236 3 123 456")
CARD_ADDRESS = "HTTPS://DANHGIA.DANANG.GOV.VN/T/" + CARD.code


def drawn(pdf: bytes, dots: float) -> Image.Image:
    """The first page at a resolution."""
    done = subprocess.run(["pdftoppm", "-r", f"{dots:.3f}", "-png", "-l", "1"], input=pdf, capture_output=True, check=True)
    with Image.open(io.BytesIO(done.stdout)) as picture:
        return picture.convert("L")


def at_two_centimetres(pdf: bytes, across_mm: float) -> Image.Image:
    """The page as 300 dots an inch show it when the whole paper is printed so small that its code measures two centimetres."""
    return drawn(pdf, 300 * TWO_CENTIMETRES / across_mm)


def blurred(picture: Image.Image, text: str, share: float) -> Image.Image:
    module = TWO_CENTIMETRES / 25.4 * 300 / (len(modules_of(text)) - 2 * QUIET_ZONE)
    return picture.filter(ImageFilter.GaussianBlur(share * module))


def read(picture: Image.Image) -> set[str]:
    return {code.text for code in zxingcpp.read_barcodes(picture)}


@pytest.mark.skipif(not HAS_POPPLER, reason="poppler-utils draws the PDF")
@pytest.mark.parametrize("paper", tuple(CODE_MM))
def test_a_sign_is_read_at_two_centimetres_and_thirty_per_cent_blur(paper: str) -> None:
    picture = at_two_centimetres(sign_pdf(SIGN, paper=paper), CODE_MM[paper])
    assert read(blurred(picture, ADDRESS, BLUR)) == {ADDRESS}


@pytest.mark.skipif(not HAS_POPPLER, reason="poppler-utils draws the PDF")
def test_a_card_is_read_at_two_centimetres_and_thirty_per_cent_blur() -> None:
    picture = at_two_centimetres(draw_cards([CARD], public_url=SIGN.public_url, demo=False), CARD_MM)
    assert read(blurred(picture, CARD_ADDRESS, BLUR)) == {CARD_ADDRESS}


@pytest.mark.skipif(not HAS_POPPLER, reason="poppler-utils draws the PDF")
def test_a_blur_of_two_modules_is_too_much() -> None:
    picture = at_two_centimetres(sign_pdf(SIGN), CODE_MM["A4"])
    assert read(blurred(picture, ADDRESS, 2.0)) == set()


@pytest.mark.skipif(not HAS_POPPLER, reason="poppler-utils draws the PDF")
def test_a_scratch_over_a_tenth_of_the_code_is_mended_by_the_error_correction() -> None:
    picture = at_two_centimetres(sign_pdf(SIGN), CODE_MM["A4"])
    corners = zxingcpp.read_barcodes(picture)[0].position
    left, right, top, bottom = corners.top_left.x, corners.top_right.x, corners.top_left.y, corners.bottom_left.y
    side = right - left
    scratch = ((left + 0.45 * side, top + 0.40 * side), (left + 0.75 * side, bottom - 0.32 * side))
    ImageDraw.Draw(picture).rectangle(scratch, fill=255)
    assert read(blurred(picture, ADDRESS, BLUR)) == {ADDRESS}
