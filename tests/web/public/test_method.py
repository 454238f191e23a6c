"""Methods and limits: what a chairman must find there, and the doors that lead to it."""

from __future__ import annotations

import re

from tests.web.officials.conftest import Room, told  # noqa: F401 -- a fixture
from tests.web.proof_read import proof_read

SAID = (
    "Hỏi gì?", "Ai trả lời?", "quyền số", "Khoảng tin cậy 95% cho biết sai số", "Chưa đủ căn cứ kết luận", "Khi con số bị ẩn",
    "Nhóm dưới 10 phiếu không được công bố.", "Người trả lời là người tự nguyện.", "Không phải Chỉ số SIPAS do Bộ Nội vụ công bố.",
    "không phải đơn khiếu nại", "không thay đổi đáng kể", "không bị xếp hạng",
)  # fmt: skip


def test_it_says_what_is_asked_who_answers_what_is_hidden_and_what_it_is_not(told: Room) -> None:  # noqa: F811
    page = told.app.test_client().get("/phuong-phap").text
    proof_read(page)
    for words in SAID:
        assert words in page
    assert "%%" not in page
    assert 600 < len(re.sub(r"<[^>]+>", " ", page).split()) < 1200  # two pages of A4


def test_every_page_leads_to_it(told: Room) -> None:  # noqa: F811
    browser = told.inside("head@48")
    for address in ("/", "/officials/", "/officials/units", "/officials/comparison", "/officials/planner"):
        page = browser.get(address).text
        assert '<a href="/phuong-phap">Phương pháp và hạn chế</a>' in page
