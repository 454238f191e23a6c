"""The printed sign: a real decoder reads its code, its promises hold, and it refuses to lead anybody astray."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import vl_convert
import zxingcpp
from PIL import Image

from sipas.exports.printing import FONTS, MissingLettersError, UnprintableError, check_address
from sipas.exports.signs import (
    CODE_MM,
    PAPERS,
    SPOKEN,
    Second,
    Sign,
    code_svg,
    second_of,
    sign_of,
    sign_pdf,
    sign_set_pdf,
    sign_svg,
)
from sipas.store.units import Counter, CounterCode, Unit
from sipas.web.language import translations
from tests.exports.pdf_objects import Pdf
from tests.exports.pdf_ua import elements, faults

SIGN = Sign(
    unit="Trung tâm Phục vụ hành chính công phường Bàn Thạch",
    counter="Quầy 3: Đất đai, xây dựng",
    place="tầng 1, bên phải cửa vào",
    code="7H3K9M2PQR",
    public_url="https://danhgia.danang.gov.vn",
    demo=False,
    authority="Ủy ban nhân dân thành phố Đà Nẵng",
    second=second_of("en", translations("en").gettext),
)
HOME = dataclasses.replace(SIGN, public_url="http://127.0.0.1:8000", demo=True)
LONG = dataclasses.replace(SIGN, unit="Chi nhánh Văn phòng đăng ký đất đai " * 6, counter="Quầy tiếp nhận " * 12, place="tầng " * 40)
ADDRESS = "HTTPS://DANHGIA.DANANG.GOV.VN/K/7H3K9M2PQR"
# Where all tools were promised a missing one fails the test instead of skipping it.
HAS_POPPLER = shutil.which("pdftoppm") is not None or "SIPAS_ALL_TOOLS" in os.environ


def decode(png: bytes) -> list[zxingcpp.Barcode]:
    """What a reader of codes finds in a picture."""
    with Image.open(io.BytesIO(png)) as picture:
        paper = Image.new("RGB", picture.size, "white")
        paper.paste(picture, mask=picture.getchannel("A") if picture.mode == "RGBA" else None)
        return list(zxingcpp.read_barcodes(paper))


def poppler(tool: str, *options: str, pdf: bytes) -> bytes:
    return subprocess.run([tool, *options], input=pdf, capture_output=True, check=True).stdout


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("sign", [SIGN, HOME, LONG], ids=["real", "demo", "long"])
def test_code_of_the_svg_is_read_as_the_address(sign: Sign, paper: str) -> None:
    found = decode(vl_convert.svg_to_png(sign_svg(sign, paper=paper).decode(), ppi=110))
    assert {code.text for code in found} == {sign.address}
    assert len(found) == (2 if paper.startswith("tent") else 1)


@pytest.mark.skipif(not HAS_POPPLER, reason="poppler-utils draws the PDF")
@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("sign", [SIGN, HOME, LONG], ids=["real", "demo", "long"])
def test_pdf_is_one_page_whose_code_is_at_least_six_centimetres(sign: Sign, paper: str) -> None:
    pdf = sign_pdf(sign, paper=paper)
    assert re.search(rb"Pages:\s+1\n", poppler("pdfinfo", "-", pdf=pdf))
    found = decode(poppler("pdftoppm", "-r", "110", "-png", pdf=pdf))
    assert {code.text for code in found} == {sign.address}
    for code in found:
        corners = code.position
        across = max(abs(corners.top_right.x - corners.top_left.x), abs(corners.bottom_left.x - corners.top_left.x)) / 110 * 25.4
        assert across >= 60, f"{across:.1f} mm on {paper}"


@pytest.mark.skipif(not HAS_POPPLER, reason="poppler-utils reads the PDF")
@pytest.mark.parametrize("paper", PAPERS)
def test_pdf_says_who_where_how_and_what_is_promised(paper: str) -> None:
    said = " ".join(poppler("pdftotext", "-raw", "-", "-", pdf=sign_pdf(SIGN, paper=paper)).decode().split())
    for words in (
        SIGN.unit,
        SIGN.counter,
        SIGN.place,
        SIGN.authority,
        "Ông/Bà được phục vụ thế nào?",
        "Phiếu không ghi tên người trả lời.",
    ):
        assert words in said
    assert "danhgia.danang.gov.vn/k/" in said
    assert "7H3K9M2PQR" in said.replace(" ", "")
    assert [said.index(step) for step in ("Mở máy ảnh", "Chạm vào", "Chọn câu")] == sorted(
        said.index(step) for step in ("Mở máy ảnh", "Chạm vào", "Chọn câu")
    )
    for words in ("How were you served?", "Open your camera or Zalo", "Trang đúng có địa chỉ bắt đầu bằng danhgia.danang.gov.vn."):
        assert words in said
    assert "MINH HỌA" not in said
    assert "BẢN MINH HỌA" in poppler("pdftotext", "-raw", "-", "-", pdf=sign_pdf(HOME, paper=paper)).decode()


@pytest.mark.skipif(not HAS_POPPLER, reason="poppler-utils reads the PDF")
def test_pdf_is_tagged_in_vietnamese_and_carries_its_fonts() -> None:
    pdf = sign_pdf(SIGN)
    info = poppler("pdfinfo", "-", pdf=pdf).decode()
    assert re.search(r"Tagged:\s+yes", info)
    assert "Biển mời đánh giá: Trung tâm" in info
    assert b"/Lang" in pdf
    fonts = poppler("pdffonts", "-", pdf=pdf).decode().splitlines()[2:]
    assert fonts
    assert all("NotoSans" in line and re.search(r"\byes yes yes\b", line) for line in fonts), fonts


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("sign", [SIGN, HOME, LONG], ids=["real", "demo", "long"])
def test_pdf_passes_every_clause_of_pdf_ua_that_a_machine_can_check(sign: Sign, paper: str) -> None:
    assert faults(sign_pdf(sign, paper=paper)) == []


def test_the_check_of_pdf_ua_sees_what_is_missing() -> None:
    pdf = sign_pdf(SIGN)
    for whole, broken, said in (
        (b"/Marked true", b"/Marked null", "not say that the file is tagged"),
        (b"/Lang", b"/Lung", "names no language"),
        (b"/DisplayDocTitle", b"/DisplayDocTotle", "not show the title"),
        (b"<pdfuaid:part>1", b"<pdfuaid:part>2", "does not claim PDF/UA-1"),
    ):
        assert whole in pdf
        assert any(said in fault for fault in faults(pdf.replace(whole, broken)))


def test_the_second_language_is_marked_as_such() -> None:
    spoken = {
        element["A"]["Lang"] if "A" in element and "Lang" in element["A"] else element.get("Lang")
        for element in elements(Pdf(sign_pdf(SIGN)))
    }
    assert b"en" in spoken
    alone = elements(Pdf(sign_pdf(dataclasses.replace(SIGN, second=None))))
    assert b"en" not in {element.get("Lang") for element in alone}


def test_a_set_holds_every_sign_on_every_paper() -> None:
    other = dataclasses.replace(SIGN, counter="Quầy 4", code="AAAAAAAAAA")
    pdf = sign_set_pdf([SIGN, other])
    assert faults(pdf) == []
    sizes = [tuple(round(number / 72 * 25.4) for number in page["MediaBox"][2:]) for page in Pdf(pdf).pages()]
    assert sizes == [(210, 297), (148, 210)] * 4
    with pytest.raises(UnprintableError, match="see: sipas counters list"):
        sign_set_pdf([])


def test_a_language_that_cannot_say_a_whole_sign_is_refused() -> None:
    with pytest.raises(UnprintableError, match=r"'xx' lacks 8 of the 8 sentences of this paper.*translations/xx"):
        second_of("xx", lambda sentence: sentence)


@pytest.mark.skipif(not HAS_POPPLER, reason="poppler-utils reads the PDF")
@pytest.mark.parametrize("reviewed", [True, False])
def test_words_that_nobody_has_looked_through_say_so(*, reviewed: bool) -> None:
    second = second_of("xx", lambda sentence: f"x {sentence}", reviewed=reviewed)
    pdf = sign_pdf(dataclasses.replace(SIGN, second=second))
    said = " ".join(poppler("pdftotext", "-raw", "-", "-", pdf=pdf).decode().split())
    assert ("Bản dịch chưa được thẩm định." in said) is not reviewed


def test_letters_that_no_font_has_are_refused_instead_of_left_out() -> None:
    with pytest.raises(MissingLettersError, match="put a font that has them"):
        sign_pdf(dataclasses.replace(SIGN, second=Second("km", dict.fromkeys(SPOKEN, "\u179f\u17bd"))))


def test_same_sign_gives_the_same_bytes() -> None:
    assert sign_pdf(SIGN) == sign_pdf(SIGN)
    assert sign_svg(SIGN) == sign_svg(SIGN)


def test_names_are_data_and_never_markup() -> None:
    odd = dataclasses.replace(SIGN, unit='#panic("x") *đậm* $a$ <b>', counter='[#read("/etc/passwd")]', place="</title>")
    svg = sign_svg(odd)
    assert b"&lt;b&gt;" in svg
    assert b"</title></title>" not in svg
    assert {code.text for code in decode(vl_convert.svg_to_png(svg.decode(), ppi=110))} == {ADDRESS}


def test_capitals_keep_the_code_small_and_well_corrected() -> None:
    svg = code_svg(ADDRESS)
    assert 'viewBox="0 0 37 37"' in svg  # version 3 with four white modules on every side
    found = decode(vl_convert.svg_to_png(svg, scale=8))
    assert [(code.text, code.ec_level) for code in found] == [(ADDRESS, "Q")]


def test_long_address_is_read_too() -> None:
    sign = dataclasses.replace(SIGN, public_url="https://cai-cach-hanh-chinh.danhgia.danang.gov.vn:8443/khao-sat/")
    assert sign.address == "HTTPS://CAI-CACH-HANH-CHINH.DANHGIA.DANANG.GOV.VN:8443/khao-sat/K/7H3K9M2PQR"
    assert sign.typed == ("cai-cach-hanh-chinh.danhgia.danang.gov.vn:8443/khao-sat/k/", "7H3K9M2PQR")
    assert [code.text for code in decode(vl_convert.svg_to_png(code_svg(sign.address), scale=8))] == [sign.address]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://127.0.0.1:8000", "this machine itself"),
        ("https://localhost", "this machine itself"),
        ("https://[::1]:8443", "this machine itself"),
        ("https://0.0.0.0", "this machine itself"),
        ("http://danhgia.danang.gov.vn", "not encrypted"),
        ("danhgia.danang.gov.vn", "is no address"),
    ],
)
def test_address_that_leads_nowhere_safe_is_refused_with_the_cure(url: str, said: str) -> None:
    sign = dataclasses.replace(SIGN, public_url=url)
    for draw in (sign_pdf, sign_svg):
        with pytest.raises(UnprintableError, match=f"SIPAS_PUBLIC_URL=.*{said}.* set (it|SIPAS)"):
            draw(sign)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://192.168.1.20:8000"])
def test_demonstration_may_be_printed_for_anything(url: str) -> None:
    check_address(url, demo=True)


def test_revoked_code_is_not_printed() -> None:
    unit = Unit(code="x", tier="one_stop", kind="", name="X", full_name="Trung tâm X")
    counter = Counter(id=3, unit_id=1, name="Quầy 1", place="", sectors="land")
    valid = CounterCode(code="7H3K9M2PQR", counter_id=3, length="short", medium="printed", revoked=False)
    sign = sign_of(unit, counter, valid, public_url=SIGN.public_url, demo=False)
    assert (sign.unit, sign.counter, sign.address) == ("Trung tâm X", "Quầy 1", ADDRESS)
    valid.revoked = True
    with pytest.raises(UnprintableError, match="was revoked; make another: sipas counters code 3"):
        sign_of(unit, counter, valid, public_url=SIGN.public_url, demo=False)


def test_unknown_paper_is_refused() -> None:
    with pytest.raises(UnprintableError, match="no paper 'A3'; choose from A4, A5, tent, tent-A5"):
        sign_pdf(SIGN, paper="A3")
    assert tuple(CODE_MM) == PAPERS


def test_fonts_are_those_that_were_vetted() -> None:
    listed = dict(re.findall(r"`(NotoSans-\w+\.ttf)` \| `([0-9a-f]{64})`", Path(FONTS / "README.md").read_text(encoding="utf-8")))
    assert len(listed) == 2
    assert {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in FONTS.glob("*.ttf")} == listed
    assert "SIL OPEN FONT LICENSE" in (FONTS / "OFL.txt").read_text(encoding="utf-8")
