"""A question that was recorded is played by the browser itself; one that was not is read by a voice of the phone, where there is one."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Response
from small_office import SHORT, Office, opened, record

# A browser that speaks: what it is told is kept, and each sentence ends when the test says so.
VOICES = """
window.told = [];
const voices = %s;
const speech = { getVoices: () => speech.late ? [] : voices, late: %s, speak: (one) => told.push(one), cancel: () => {
  const left = told.splice(0); left.forEach((one) => one.onerror && one.onerror()); } };
Object.defineProperty(window, "speechSynthesis", { value: speech });
window.SpeechSynthesisUtterance = function (text) { this.text = text; };
"""
LOCAL = [{"lang": "vi-VN", "localService": True}, {"lang": "en_US", "localService": True}]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("office")
    record(folder, "km", "every-form", "promise", "stage")
    record(folder, "vi", "sipas-service-2023", "TC1")
    with opened(folder) as office:
        yield office


@pytest.fixture
def pages(browser: Browser) -> Iterator[object]:
    contexts = []

    def page(voices: list[dict[str, object]] | None = None, *, late: bool = False, scripts: bool = True) -> Page:
        contexts.append(browser.new_context(java_script_enabled=scripts, bypass_csp=True, viewport={"width": 320, "height": 640}))
        opened = contexts[-1].new_page()
        if voices is not None:
            opened.add_init_script(VOICES % (json.dumps(voices), json.dumps(late)))
        return opened

    yield page
    for context in contexts:
        context.close()


def test_a_recording_plays_without_script_and_is_fetched_only_then(office: Office, pages) -> None:
    page = pages(scripts=False)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(office.form(SHORT, "?lang=km"))
    assert page.locator("audio").count() == 2
    assert not [address for address in asked if "/sound/" in address]
    assert page.get_by_text("Nghe câu 1").is_visible()
    page.evaluate("Object.assign(document.querySelector('fieldset audio'), { preload: 'auto' }).load()")  # as its own button does
    length = 0
    for _ in range(100):
        if length := page.evaluate("document.querySelector('fieldset audio').duration || 0"):
            break
        page.wait_for_timeout(100)
    assert length == pytest.approx(40 * 1152 / 44_100, abs=0.1)
    assert {address.split("/", 3)[3].split("?")[0] for address in asked if "/sound/" in address} == {"sound/km/every-form/stage.mp3"}


def test_what_is_not_recorded_is_read_by_a_voice_of_the_phone(office: Office, pages) -> None:
    page = pages(LOCAL)
    page.goto(office.form())
    fields = page.locator("fieldset")
    assert page.locator("fieldset .read").count() == fields.count() - 1
    assert page.locator("fieldset:has(audio) .read").count() == 0  # a person's voice comes first
    button = page.locator("fieldset:has(#HL-0) .read")
    assert button.inner_text() == "Đọc to câu 8"
    button.click()
    told = page.evaluate("told.map((one) => [one.text, one.lang, one.voice.lang])")
    assert [text for text, _, _ in told][1:6] == ["Rất không hài lòng", "Không hài lòng", "Bình thường", "Hài lòng", "Rất hài lòng"]
    assert {(lang, voice) for _, lang, voice in told} == {("vi", "vi-VN")}
    assert button.inner_text() == "Dừng đọc"
    button.click()
    assert page.evaluate("told.length") == 0
    assert button.inner_text() == "Đọc to câu 8"
    button.click()
    page.evaluate("told.forEach((one) => one.onend())")
    assert button.inner_text() == "Đọc to câu 8"
    assert page.locator("#HL-0").is_checked() is False
    assert Axe().run(page).violations_count == 0
    assert button.bounding_box()["height"] >= 44


def test_an_english_page_is_read_in_english_and_a_mixed_one_in_the_language_of_its_words(office: Office, pages) -> None:
    page = pages(LOCAL)
    page.goto(office.form(SHORT, "?lang=en"))
    page.locator("fieldset:has(#HL-0) .read").click()
    assert page.evaluate("told.map((one) => one.lang)") == ["en"] * 7
    page.goto(office.form(SHORT, "?lang=cjm"))
    button = page.locator("fieldset:has(#HL-0) .read")
    assert button.get_attribute("lang") == "vi"
    button.click()
    assert page.evaluate("told.map((one) => one.lang)") == ["vi"] * 7


@pytest.mark.parametrize(
    "voices", [[], [{"lang": "en-US", "localService": True}], [{"lang": "vi-VN", "localService": False}]], ids=["none", "other", "distant"]
)
def test_without_a_voice_on_the_phone_nothing_is_offered(office: Office, pages, voices: list[dict[str, object]]) -> None:
    page = pages(voices)
    page.goto(office.form())
    assert page.locator("audio").count() == 1
    assert page.locator(".read").count() == 0


def test_voices_that_come_late_are_welcome(office: Office, pages) -> None:
    page = pages(LOCAL, late=True)
    page.goto(office.form())
    assert page.locator(".read").count() == 0
    page.evaluate("speechSynthesis.late = false; speechSynthesis.onvoiceschanged(); speechSynthesis.onvoiceschanged()")
    assert page.locator("fieldset .read").count() == page.locator("fieldset").count() - 1


def test_the_script_is_small_and_the_page_whole_without_it(office: Office, pages) -> None:
    page = pages()
    scripts: dict[str, int] = {}

    def note(response: Response) -> None:
        name = response.url.split("?")[0].rpartition("/")[2]
        if name.endswith(".js"):
            scripts[name] = len(response.body())

    page.on("response", note)
    page.goto(office.form())
    page.wait_for_load_state("networkidle")
    assert scripts["form.js"] <= 2048
    assert sum(scripts.values()) <= 4096
    plain = pages(scripts=False)
    plain.goto(office.form())
    words = "main"
    assert plain.locator(words).inner_text() == page.locator(words).inner_text()
