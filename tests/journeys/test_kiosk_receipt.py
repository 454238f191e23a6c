"""What somebody takes along from a kiosk without network: ten characters and a picture, and no trace of them in the tablet."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import zxingcpp
from journey_steps import Province
from kiosk_steps import Road, all_sent, fill, found_in, kept, look, pair, tablet, thanked, waiting
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from small_office import opened

from sipas.web.filters import week_words

pytestmark = pytest.mark.browser
POSTER = "Mời Ông/Bà cho ý kiến về lần phục vụ này"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    """An office of its own: its answers are sealed here, and no other journey misses them."""
    with opened(tmp_path_factory.mktemp("office")) as office:
        yield Province(office.address, office.database, office.environment, {}, "")


@pytest.fixture
def road(office: Province) -> Road:
    return Road(office.address)


def receipt_of(page: Page) -> str:
    """The code as it is written, which is also what a telephone reads off the picture."""
    written = page.locator(".receipt-code").inner_text().replace(" ", "")
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{10}", written)
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(page.locator(".square").screenshot())))
    assert re.fullmatch(rf"HTTPS?://[^/]+/R/{written}", found.text)
    return written


@pytest.mark.timeout(240)
def test_a_receipt_that_was_shown_without_network_tells_the_week_later(
    browser: Browser, office: Province, road: Road, tmp_path: Path
) -> None:
    with tablet(browser, tmp_path, road) as page:
        pair(page, office)
        length, road.state = page.evaluate("history.length"), "cut"
        fill(page)
        thanked(page)
        receipt = receipt_of(page)
        spellings = {receipt, receipt.lower(), f"{receipt[:5]} {receipt[5:]}"}
        assert any(spelling in kept(page) for spelling in spellings)  # on the screen, as long as it is shown
        page.clock.fast_forward(25_000)
        expect(page.locator("#left")).to_contain_text("Sau 5 giây")
        page.get_by_role("button", name="Giữ thêm 30 giây").click()
        expect(page.locator("#left")).to_contain_text("Sau 30 giây")
        page.clock.fast_forward(31_000)
        page.get_by_role("heading", name=POSTER).wait_for()
        waiting(page, 1)
        assert not any(spelling in kept(page) for spelling in spellings)
        assert page.evaluate("history.length") == length
        address = f"{office.address}/r/{receipt}"
        assert page.request.get(address).status == 404  # not from the tablet's road, which is cut
        road.state = "through"
        all_sent(page)
        page.reload()
        waiting(page, 0)
        assert "Phiếu đã nhận, chờ chốt" in page.request.get(address).text()
        assert not any(spelling in kept(page) for spelling in spellings)
    assert not any(found_in(tmp_path, spelling) for spelling in spellings)
    office.command("seal")
    ((week,),) = office.ask("SELECT week FROM open_receipt")
    page = browser.new_page()
    page.goto(address)
    expect(page.get_by_role("heading", name="Phiếu đã được ghi nhận")).to_be_visible()
    expect(page.locator("main")).to_contain_text(f"ghi nhận trong {week_words(week)}")


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("size", [(1024, 768), (320, 640)], ids=["tablet", "narrow"])
def test_the_receipt_is_accessible(
    browser: Browser, office: Province, road: Road, tmp_path: Path, size: tuple[int, int], language: str
) -> None:
    with tablet(browser, tmp_path, road) as page:
        pair(page, office)
        page.set_viewport_size({"width": size[0], "height": size[1]})
        if language == "en":
            page.get_by_role("button", name="English").click()
        fill(page)
        thanked(page, "Cảm ơn Ông/Bà, phiếu đã được nhận" if language == "vi" else "Thank you, your answers have been received")
        assert receipt_of(page)
        look(page, f"receipt-{language}-{size[0]}")


def test_a_browser_that_cannot_draw_the_picture_shows_the_code(browser: Browser, office: Province, road: Road, tmp_path: Path) -> None:
    with tablet(browser, tmp_path, road) as page:
        pair(page, office)
        page.evaluate("navigator.serviceWorker.getRegistration().then((one) => one.unregister())")
        page.context.route("**/lean-qr.mjs", lambda route: route.abort())
        page.reload()
        page.get_by_role("heading", name=POSTER).wait_for()
        fill(page)
        thanked(page)
        assert page.locator(".receipt-code").count() == 1
        assert page.locator(".square").count() == 0
