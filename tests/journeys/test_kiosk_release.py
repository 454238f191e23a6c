"""A new release comes to a kiosk that has answers waiting: nothing is lost, nobody is disturbed, and the old files go."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from journey_steps import Province
from kiosk_steps import Road, all_sent, fill, met_the_portal, pair, send, tablet, try_to_send, waiting
from playwright.sync_api import Browser, Page, expect
from small_office import opened, record, served

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
ON_SITE = "SELECT count(*) FROM inbox WHERE channel = 'S'"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    folder = tmp_path_factory.mktemp("office")
    record(folder, "vi", "every-form", "stage")  # what was recorded is fetched once, not with each release
    with opened(folder) as office:
        yield Province(office.address, office.database, office.environment, {}, "")


@pytest.fixture(scope="module")
def newer(office: Province) -> Iterator[str]:
    """Another release over the same database: its page has other words and other files."""
    with served(office.environment | {"SIPAS_LANGUAGES": "km"}) as address:
        yield address


@pytest.fixture
def road(office: Province) -> Road:
    return Road(office.address)


def release(road: Road, address: str) -> None:
    """From now on the other server answers."""
    road.target = urlsplit(address).netloc


def version(page: Page) -> str:
    return str(page.evaluate("document.body.dataset.version"))


def caches(page: Page) -> set[str]:
    return set(page.evaluate("caches.keys()"))


def lies_ready(page: Page) -> bool:
    return bool(page.evaluate("navigator.serviceWorker.getRegistration('/kiosk/').then((one) => Boolean(one.waiting))"))


def becomes(page: Page, *, wanted: bool) -> None:
    """Wait until a newer version lies ready, or does not any more."""
    for _ in range(100):
        if lies_ready(page) is wanted:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"a newer version {'does not lie' if wanted else 'lies'} ready")


def test_a_new_release_waits_for_who_is_answering_and_for_nobody_else(
    browser: Browser, office: Province, newer: str, road: Road, tmp_path: Path
) -> None:
    ((before,),) = office.ask(ON_SITE)
    with tablet(browser, tmp_path, road) as page:
        pair(page, office)
        old = version(page)
        road.state = "cut"
        for count in (1, 2):
            fill(page)
            send(page)
            waiting(page, count)
        try_to_send(page)  # the next beat is due
        page.locator(".list .choice").first.click()
        release(road, newer)
        road.state = "half"
        page.evaluate("window.dispatchEvent(new Event('online'))")
        page.clock.fast_forward(3_000)
        becomes(page, wanted=True)
        page.clock.fast_forward(20_000)
        expect(page.get_by_text("Câu 2 trong")).to_be_visible()
        assert version(page) == old
        assert len(caches(page)) == 3
        page.get_by_role("button", name="Quay lại").click()
        fill(page)
        send(page)
        expect(page.locator("body")).not_to_have_attribute("data-version", old)
        waiting(page, 3)
        expect(page.locator("#tally")).to_have_text("Hôm nay máy này đã nhận 3 ý kiến")
        becomes(page, wanted=False)
        assert caches(page) == {f"kiosk-{version(page)}", "recorded"}
        assert page.get_by_role("button", name="ខ្មែរ").count() == 1
        road.state = "cut"
        page.reload()
        waiting(page, 3)
        assert version(page) != old
    with tablet(browser, tmp_path, road) as page:
        waiting(page, 3)
        assert version(page) != old
        road.state = "through"
        all_sent(page)
    assert office.ask(ON_SITE) == [(before + 3,)]


def test_a_release_that_a_portal_cuts_short_changes_nothing(
    browser: Browser, office: Province, newer: str, road: Road, tmp_path: Path
) -> None:
    with tablet(browser, tmp_path, road) as page:
        pair(page, office)
        old, files = version(page), caches(page)
        road.state = "cut"
        fill(page)
        send(page)
        release(road, newer)
        road.state = "files"
        asked = road.portal_answers
        all_sent(page)
        met_the_portal(page, road, since=asked)
        assert not lies_ready(page)
        road.state = "cut"
        page.reload()
        waiting(page, 0)
        assert version(page) == old
        assert files <= caches(page)
        fill(page)
        send(page)
        waiting(page, 1)
        road.state = "through"
        try_to_send(page)
        expect(page.locator("body")).not_to_have_attribute("data-version", old)  # nobody was there: by itself
        waiting(page, 0)
        assert caches(page) == {f"kiosk-{version(page)}", "recorded"}
