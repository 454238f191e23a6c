"""The public page: open to all, without script or cookie, and beautiful even when empty."""

from __future__ import annotations

from pathlib import Path

import pytest

from sipas.store.engine import Store
from sipas.web import progress
from tests.web.officials.conftest import Room, furnish, told  # noqa: F401 -- a fixture
from tests.web.proof_read import proof_read


@pytest.mark.parametrize(
    "address", ["/", "/?lang=en", "/phuong-phap", "/phuong-phap?lang=en", "/gioi-han", "/gioi-han?lang=en", "/?period=2026-11"]
)
def test_pages_are_proof_read_and_set_no_cookie(told: Room, address: str) -> None:  # noqa: F811
    answer = told.app.test_client().get(address)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")
    page = proof_read(answer.text)
    assert page.all("script") == []


def test_results_carry_interval_n_verdict_and_the_note(told: Room) -> None:  # noqa: F811
    page = told.app.test_client().get("/").text
    for words in (
        "Khoảng tin cậy 95%",
        "Số phiếu",
        "Kết luận",
        "Không phải Chỉ số SIPAS do Bộ Nội vụ công bố.",
        "Giải quyết thủ tục hành chính",
    ):
        assert words in page
    assert "95%%" not in page


def test_a_session_cookie_is_neither_read_nor_renewed_outside_the_room(told: Room) -> None:  # noqa: F811
    browser = told.inside("head@48")
    for address in ("/", "/phuong-phap", "/healthz", "/khong-co"):
        assert "Set-Cookie" not in browser.get(address).headers


def test_an_empty_database_has_a_page_and_says_when_results_come(sqlite_store: Store, tmp_path: Path) -> None:
    room = furnish(sqlite_store, tmp_path)
    answer = room.app.test_client().get("/")
    assert answer.status_code == 200
    assert "Chưa có kết quả để công bố." in answer.text
    proof_read(answer.text)


def test_while_the_demonstration_loads_the_page_shows_how_far(sqlite_store: Store, tmp_path: Path) -> None:
    room = furnish(sqlite_store, tmp_path)
    progress.show(progress.Progress("Đang nhận phiếu", 420, 1000))
    try:
        page = room.app.test_client().get("/").text
    finally:
        progress.show(None)
    assert "42%." in page
    assert 'http-equiv="refresh"' in page
    proof_read(page)


def test_every_page_says_that_it_is_a_demonstration(told: Room) -> None:  # noqa: F811
    browser = told.inside("head@48")
    for address in ("/", "/phuong-phap", "/officials/", "/officials/downloads"):
        assert 'class="demo-mark"' in browser.get(address).text
