"""The form, its problems and its receipt as a screen reader is told them: Chromium's own accessibility tree, without script."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page
from small_office import SHORT, Office, opened

pytestmark = pytest.mark.browser
SPOKEN = {"link", "button", "radio", "checkbox", "textbox", "group", "heading", "alert", "DisclosureTriangle"}
TOUCHED = SPOKEN - {"group"}
LEVELS = {
    "vi": ["Rất không hài lòng", "Không hài lòng", "Bình thường", "Hài lòng", "Rất hài lòng", "Chưa gặp / không có ý kiến"],
    "en": ["Very dissatisfied", "Dissatisfied", "Neutral", "Satisfied", "Very satisfied", "Not met / no opinion"],
}
WORDS = {
    "vi": {
        "title": "Phiếu lấy ý kiến về việc giải quyết thủ tục hành chính · SIPAS",
        "whole": "8. Nhìn chung, Ông/Bà hài lòng ở mức nào về việc phục vụ trong lần làm thủ tục này?",
        "waits": "Câu này dành cho người đã nhận kết quả. Nếu chưa có kết quả, mời Ông/Bà bỏ qua.",
        "kept": "Phiếu lưu những gì?",
        "send": "Gửi phiếu",
        "wrong": "Phiếu chưa gửi được, còn chỗ cần xem lại",
        "thanks": "Cảm ơn Ông/Bà, phiếu đã được lưu",
        "comment": "Ông/Bà muốn nói thêm điều gì? (không bắt buộc)",
    },
    "en": {
        "title": "Your opinion of how your paperwork was handled · SIPAS",
        "whole": "8. Overall, how satisfied are you with the service this time?",
        "waits": "This question is for those who have their result. If you have none yet, please pass it over.",
        "kept": "What does the form keep?",
        "send": "Send",
        "wrong": "The form was not sent yet: please look at these",
        "thanks": "Thank you, your form has been saved",
        "comment": "Is there anything you would like to add? (optional)",
    },
}
# Every piece of text that is to be seen, with the language in which it would be read.
LANGUAGES = """() => {
  const found = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const text = walk.currentNode.textContent.trim();
    if (text) found.push([walk.currentNode.parentElement.closest("[lang]").lang, text]);
  }
  return found;
}"""
VIETNAMESE = set("ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ")


@dataclass(frozen=True)
class Heard:
    """One thing that is said: what it is, its name, what is said after it, and its state."""

    role: str
    name: str
    more: str
    checked: bool
    focused: bool
    inside: str  # the name of the group or alert around it


def heard(page: Page) -> list[Heard]:
    """Everything in the order in which it is read."""
    line = page.context.new_cdp_session(page)
    nodes = {node["nodeId"]: node for node in line.send("Accessibility.getFullAXTree")["nodes"]}
    root = next(node for node in nodes.values() if "parentId" not in node)

    def walk(node: dict, inside: str) -> Iterator[Heard]:
        role, name = node.get("role", {}).get("value"), node.get("name", {}).get("value", "")
        if not node["ignored"] and role in SPOKEN:
            state = {one["name"]: one["value"].get("value") for one in node.get("properties", [])}
            more = node.get("description", {}).get("value", "")
            yield Heard(role, name, more, state.get("checked") == "true", bool(state.get("focused")), inside)
            inside = name if role in {"group", "alert"} and name else inside
        for kid in node.get("childIds", []):
            if kid in nodes:
                yield from walk(nodes[kid], inside)

    return list(walk(root, ""))


def said(page: Page, role: str, name: str = "") -> list[Heard]:
    return [one for one in heard(page) if one.role == role and (not name or one.name == name)]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with opened(tmp_path_factory.mktemp("heard")) as found:
        yield found


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})
    yield context.new_page()
    context.close()


def check_every_word(page: Page, language: str) -> None:
    """Nothing without a name, no ornament in a name, and each word in the language in which it is read."""
    for one in heard(page):
        assert one.name or one.role not in TOUCHED, one
        assert not set(one.name) & set("+–✓✗→›»"), one
    texts = page.evaluate(LANGUAGES)
    assert page.evaluate("document.documentElement.lang") == language
    assert [text for spoken, text in texts if spoken == "en" and set(text.lower()) & VIETNAMESE] == []
    assert [spoken for spoken, text in texts if text == "English"] in ([], ["en"])


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_form_is_heard_question_by_question(office: Office, page: Page, language: str) -> None:
    words = WORDS[language]
    page.goto(office.form(SHORT, f"?lang={language}"))
    check_every_word(page, language)
    assert page.title() == words["title"]
    assert [one.name for one in said(page, "heading")] == [words["title"].removesuffix(" · SIPAS")]
    groups = [one for one in said(page, "group") if one.name]
    assert [one.name.split(".")[0] for one in groups] == list("12345678")
    assert groups[-1].name == words["whole"]
    assert [one.more for one in groups] == ["", "", "", "", "", words["waits"], "", ""]
    radios = said(page, "radio")
    assert not any(one.checked for one in radios)
    for group in groups[2:]:
        assert [one.name for one in radios if one.inside == group.name] == LEVELS[language]
    assert {one.inside for one in radios} == {one.name for one in groups}
    assert [one.name for one in said(page, "DisclosureTriangle")] == [words["kept"]]
    (box,) = said(page, "textbox")
    assert box.name == words["comment"]
    assert box.more
    assert said(page, "button")[0].name == words["send"]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_problems_are_heard_first_and_again_at_their_question_and_the_receipt_by_its_heading(
    office: Office, page: Page, language: str
) -> None:
    words = WORDS[language]
    page.goto(office.form(SHORT, f"?lang={language}"))
    page.check("input[name=TC1][value='4']")
    page.locator("form#sheet button").first.click()
    page.wait_for_selector(".problems")
    check_every_word(page, language)
    assert page.title() == f"{words['wrong']} · {words['title']}"
    (alert,) = said(page, "alert")
    assert alert.focused
    assert alert.name == words["wrong"]
    told = [one.name for one in said(page, "link") if one.inside == alert.name]
    groups = {one.name.split(".")[0]: one.more for one in said(page, "group") if one.name}
    assert told == [groups[number] for number in "128"]
    assert groups["3"] == ""
    assert [(one.name, one.inside[:2]) for one in said(page, "radio") if one.checked] == [(LEVELS[language][3], "3.")]

    for name in ("stage", "respondent", "HL"):
        page.check(f"#{name}-0")
    page.locator("form#sheet button").first.click()
    page.wait_for_selector(".receipt-code")
    check_every_word(page, language)
    assert page.title() == f"{words['thanks']} · SIPAS"
    assert [one.name for one in said(page, "heading")] == [words["thanks"]]
    assert said(page, "alert") == []
