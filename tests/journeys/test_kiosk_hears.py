"""A kiosk reads aloud without network: what a person recorded, else a voice of the tablet; and it falls silent for the next one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from journey_steps import Province
from kiosk_steps import Road, fill, look, pair, tablet, thanked, try_to_send
from playwright.sync_api import Browser, Page, expect
from small_office import opened, record
from test_everyone_hears import LOCAL, VOICES

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
SECOND = 40 * 1152 / 44_100
# What was played to its end, and for how long.
EARS = """
window.heard = [];
const play = HTMLMediaElement.prototype.play;
HTMLMediaElement.prototype.play = function () {
  this.addEventListener("ended", () => heard.push(this.duration));
  return play.call(this);
};
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("office")
    record(folder, "vi", "every-form", "promise", "stage", "thanks", "respondent")
    record(folder, "vi", "sipas-service-2023", "TC1")
    record(folder, "km", "every-form", "stage")
    (folder / "sound/vi/every-form/respondent.mp3").write_bytes(b"another file than somebody listened to")
    return folder


@pytest.fixture(scope="module")
def office(folder: Path) -> Iterator[Province]:
    with opened(folder) as office:
        yield Province(office.address, office.database, office.environment, {}, "")


@pytest.fixture
def road(office: Province) -> Road:
    return Road(office.address)


def kept(page: Page) -> set[str]:
    """The recordings that lie in the tablet."""
    found = page.evaluate("caches.open('recorded').then((one) => one.keys()).then((all) => all.map((one) => new URL(one.url).pathname))")
    return {path.removeprefix("/sound/") for path in found}


def gathered(page: Page, count: int) -> None:
    """Wait until so many recordings lie in the tablet."""
    for _ in range(100):
        if len(kept(page)) == count:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"{kept(page)} and not {count}")


def hears(page: Page, name: str) -> None:
    """Press a button and listen to the end of a recording."""
    before = page.evaluate("heard.length")
    page.get_by_role("button", name=name, exact=True).click()
    for _ in range(50):
        if page.evaluate("heard.length") > before:
            break
        page.wait_for_timeout(100)
    assert page.evaluate("heard.at(-1)") == pytest.approx(SECOND, abs=0.1)
    expect(page.get_by_role("button", name=name, exact=True)).to_be_visible()


def test_a_recording_is_heard_without_network(browser: Browser, office: Province, road: Road, tmp_path: Path) -> None:
    with tablet(browser, tmp_path, road) as page:
        page.add_init_script(EARS)
        page.reload()
        pair(page, office)
        gathered(page, 5)
        assert kept(page) == {"km/every-form/stage.mp3", "vi/sipas-service-2023/TC1.mp3"} | {
            f"vi/every-form/{item}.mp3" for item in ("promise", "stage", "thanks")
        }
        road.state = "cut"
        page.reload()
        hears(page, "Nghe lời mời")
        hears(page, "Nghe câu 1")
        page.get_by_role("button", name="ខ្មែរ").click()
        hears(page, "Nghe câu 1")
        page.get_by_role("button", name="English").click()
        assert page.locator(".listen").count() == 0  # nothing is read in another language than the screen's
        page.get_by_role("button", name="Tiếng Việt").click()
        page.locator(".list .choice").first.click()
        assert page.locator(".listen").count() == 0  # the file is not the one that somebody listened to
        page.locator(".list .choice").first.click()
        hears(page, "Nghe câu 3")
        page.get_by_role("button", name="Thôi, không trả lời").click()
        fill(page)
        thanked(page)
        hears(page, "Nghe lời cảm ơn")


def test_what_is_not_recorded_any_more_leaves_the_tablet(
    browser: Browser, office: Province, folder: Path, road: Road, tmp_path: Path
) -> None:
    with tablet(browser, tmp_path / "profile", road) as page:
        pair(page, office)
        gathered(page, 5)
        shutil.move(folder / "sound" / "km", tmp_path / "km")
        try_to_send(page)
        gathered(page, 4)
        shutil.move(tmp_path / "km", folder / "sound" / "km")
        try_to_send(page)
        gathered(page, 5)


def test_a_voice_of_the_tablet_reads_what_nobody_recorded_and_is_silent_after_a_minute(
    browser: Browser, office: Province, road: Road, tmp_path: Path
) -> None:
    with tablet(browser, tmp_path, road) as page:
        page.add_init_script(VOICES % (json.dumps(LOCAL), "false"))
        page.reload()
        pair(page, office)
        gathered(page, 5)
        page.locator(".list .choice").first.click()
        button = page.get_by_role("button", name="Nghe câu 2")
        button.click()
        told = page.evaluate("told.map((one) => [one.text, one.lang, one.voice.lang])")
        assert told[0][0] == page.locator("h1").inner_text().replace("\n", " ")
        assert [text for text, _, _ in told[1:]] == [text.replace("\n", " ") for text in page.locator(".list .choice").all_inner_texts()]
        assert {(lang, voice) for _, lang, voice in told} == {("vi", "vi-VN")}
        page.get_by_role("button", name="Dừng đọc").click()
        assert page.evaluate("told.length") == 0
        button.click()
        page.evaluate("told.splice(0).forEach((one) => one.onend())")
        expect(button).to_be_visible()
        button.click()
        page.clock.fast_forward(46_000)
        page.clock.fast_forward(20_000)
        page.get_by_role("heading", name="Mời Ông/Bà cho ý kiến về lần phục vụ này").wait_for()
        assert page.evaluate("told.length") == 0
        page.get_by_role("button", name="English").click()
        page.get_by_role("button", name="Listen to question 1").click()
        assert set(page.evaluate("told.map((one) => one.lang)")) == {"en"}


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("size", [(1024, 768), (320, 640)], ids=["tablet", "narrow"])
def test_the_buttons_that_read_are_accessible(
    browser: Browser, office: Province, road: Road, tmp_path: Path, size: tuple[int, int], language: str
) -> None:
    with tablet(browser, tmp_path, road) as page:
        page.add_init_script(VOICES % (json.dumps(LOCAL), "false"))
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.reload()
        pair(page, office, "--comments")
        gathered(page, 5)
        if language == "en":
            page.get_by_role("button", name="English").click()
        page.locator(".listen").first.wait_for()
        assert all(button.bounding_box()["height"] >= 44 for button in page.locator(".listen").all())
        for name in ("poster", "respondent", "item"):
            look(page, f"hears-{name}-{language}-{size[0]}")
            page.locator(".list .choice").first.click() if name != "item" else page.locator(".listen").click()
        look(page, f"hears-stop-{language}-{size[0]}")
