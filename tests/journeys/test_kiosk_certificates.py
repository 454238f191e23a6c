"""A kiosk that meets a certificate it cannot trust: nothing is handed over, what waits goes on waiting, and the screen says so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from journey_steps import Province
from kiosk_steps import Road, all_sent, fill, look, pair, send, tablet, tries_until, try_to_send, waiting
from playwright.sync_api import Browser, Error, Page, expect
from small_office import opened
from tls_road import Certificate, TlsRoad

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
ON_SITE = "SELECT count(*) FROM inbox WHERE channel = 'S'"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    with opened(tmp_path_factory.mktemp("office")) as office:
        yield Province(office.address, office.database, office.environment, {}, "")


def told(page: Page, words: str) -> None:
    """Three attempts without the server, and what the screen says to whoever looks after the tablet.

    The clock is put on while a slow machine may still be at the attempt before, which then counts as a dead line: so a few more.
    """
    for _ in range(3):
        try_to_send(page)
        page.wait_for_timeout(300)
    for _ in range(6):
        try:
            expect(page.locator("#away")).to_contain_text(words, timeout=3_000)
        except AssertionError:
            try_to_send(page)
        else:
            return
    expect(page.locator("#away")).to_contain_text(words)


@pytest.mark.parametrize("bad", ["signed by itself", "another name", "run out", "a portal's"])
def test_a_certificate_that_is_not_trusted_makes_the_queue_wait_and_the_screen_say_so(
    browser: Browser, office: Province, tmp_path: Path, bad: str
) -> None:
    good = Certificate(tmp_path)
    kinds = {"another name": {"name": "may-chu.example"}, "run out": {"days": -1}}
    stranger = Certificate(tmp_path, **kinds.get(bad, {}))
    road = TlsRoad(office.address, good)
    ((before,),) = office.ask(ON_SITE)
    trust = f"--ignore-certificate-errors-spki-list={good.pin}"  # as if an authority had signed this one key
    with tablet(browser, tmp_path / "profile", road, flags=[trust]) as page:
        pair(page, office)
        fill(page)
        send(page)
        waiting(page, 0)  # the certificate of the server is good enough
        assert page.locator("#away").inner_text() == ""
        road.certificate = stranger
        road.state = "portal" if bad == "a portal's" else "through"
        with pytest.raises(Error, match="ERR_CERT"):
            page.context.new_page().goto(f"{road.address}/r")
        fill(page)
        send(page)
        refused = road.refused
        told(page, "không kết nối an toàn được tới localhost")
        assert road.refused > refused
        waiting(page, 1)
        page.reload()
        waiting(page, 1)
        fill(page)
        send(page)
        waiting(page, 2)
        told(page, "chứng thư số của máy chủ không đúng")
        assert office.ask(ON_SITE) == [(before + 1,)]
        road.certificate, road.state = good, "through"
        all_sent(page)
        expect(page.locator("#away")).to_be_hidden()
    assert office.ask(ON_SITE) == [(before + 3,)]


@pytest.fixture
def road(office: Province) -> Road:
    return Road(office.address)


def test_the_screen_tells_a_portal_a_dead_line_a_sick_server_and_a_wrong_clock_apart(
    browser: Browser, office: Province, road: Road, tmp_path: Path
) -> None:
    with tablet(browser, tmp_path, road) as page:
        pair(page, office)
        for state, words in (
            ("portal", "thường là trang đăng nhập Wi-Fi"),
            ("moved", "thường là trang đăng nhập Wi-Fi"),
            ("sick", "máy chủ đang gặp lỗi"),
            ("cut", "không kết nối an toàn được tới 127.0.0.1"),
        ):
            road.state = state
            told(page, words)
        page.context.set_offline(True)
        told(page, "máy đang mất mạng")
        page.context.set_offline(False)
        page.clock.set_system_time("2020-01-01T00:00:00Z")
        told(page, "ngày giờ của máy này sai")
        road.state = "through"
        tries_until(page, lambda time: expect(page.locator("#away")).to_be_hidden(timeout=time))


@pytest.mark.parametrize("size", [(1024, 768), (320, 640)], ids=["tablet", "narrow"])
def test_the_word_to_the_staff_is_accessible(browser: Browser, office: Province, road: Road, tmp_path: Path, size: tuple[int, int]) -> None:
    with tablet(browser, tmp_path, road) as page:
        pair(page, office)
        page.set_viewport_size({"width": size[0], "height": size[1]})
        road.state = "cut"
        told(page, "Người trông máy")
        look(page, f"away-vi-{size[0]}")
        page.get_by_role("button", name="English").click()
        expect(page.locator("#away")).to_contain_text("For the kiosk's keeper")
        look(page, f"away-en-{size[0]}")
