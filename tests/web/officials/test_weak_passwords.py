"""Passwords that are refused, however they are dressed up; and good ones that are not."""

from __future__ import annotations

from random import Random

import pytest

from sipas.web.officials.signin.secrets import new_password
from sipas.web.officials.signin.weakness import LEAST, MOST, folded, known, weakness
from tests.web.officials.browser import OWN
from tests.web.officials.conftest import Room

NAMES = ("Nguyễn Thị Hạnh", "Hội An", "Trung tâm Phục vụ hành chính công phường Hội An")


def test_the_list_is_long_folded_and_sorted() -> None:
    words = known()
    assert len(words) >= 1000
    assert all(word == folded(word) and len(word) >= 4 for word in words)
    assert {"123456a@", "matkhau", "password", "1qaz2wsx", "nguyenvan", "danang", "anhyeuem"} <= words


@pytest.mark.parametrize(
    "password",
    [
        *("123456a@123456a@", "Matkhau@123456", "Mật khẩu 123456", "P@ssw0rd12345", "Password@2026", "qwertyuiop123", "1qaz2wsx3edc"),
        *("anhyeuem123456", "Anh yêu em mãi mãi", "DaNang@2026!!", "nguyenvan1990", "Nguyễn Văn Minh 1990", "admin@12345678"),
        *("15/08/1990-15/08/1990", "19900815matkhau", "aaaaaaaaaaaaaaa", "abababababababab", "0987654321000", "vietnamvodich1"),
        *(
            "xin chào Việt Nam",
            "hochiminh19051890",
            "iloveyou5201314",
            "asdfghjkl;1234",
            "Quản trị viên 1",
            "sipas rất là hay",
            "S1P@S-tinh-Nam",
        ),
    ],
)
def test_what_everybody_tries_first_is_refused(password: str) -> None:
    assert weakness(password, "head@a", NAMES) == "common"


@pytest.mark.parametrize(
    "password",
    [
        OWN,
        "mat khau dai va kho doan 2026",
        "Xk9#pQ2vLm8!",
        "trâu ăn cỏ bên cầu",
        "bảy con vịt lội sông 7",
        "correct horse battery",
        "kpzt-9wfe-m3xv-h7ru",
    ],
)
def test_a_sentence_or_chance_is_taken(password: str) -> None:
    assert weakness(password, "head@a", NAMES) == ""


@pytest.mark.parametrize(
    ("password", "account", "why"),
    [
        ("hạnh.nguyễn rất vui", "hanh.nguyen@demo.local", "account"),
        ("H@nh.Nguyen rất vui", "hanh.nguyen@demo.local", "account"),
        ("nguyen thi hanh gioi", "head@a", "name"),
        ("sóng biển Hội An đẹp", "head@a", "name"),
        ("hoian song bien dep", "head@a", "name"),
        ("trâu ăn cỏ bên cầu", "a@b", ""),
    ],
)
def test_names_of_the_account_the_person_and_the_unit_are_refused(password: str, account: str, why: str) -> None:
    assert weakness(password, account, NAMES) == why


def test_length_is_counted_in_characters_as_typed() -> None:
    assert [weakness("x7#K" * 40, "a", ())[:5], weakness("ngắn", "a", ())] == ["long", "short"]
    assert (LEAST, MOST) == (12, 128)


def test_the_passwords_we_print_would_pass() -> None:
    assert [weakness(new_password(Random(seed)), "canbo@demo.local", NAMES) for seed in range(200)] == [""] * 200


def test_the_page_refuses_the_units_name(room_on_sqlite: Room) -> None:
    browser, printed = room_on_sqlite.browser(), room_on_sqlite.printed["head@a"]
    browser.sign_in(printed.account, printed.password)
    for new, said in (("Điện Bàn của tôi nhé", "tên đơn vị"), ("Mật khẩu @ 123456", "quá dễ đoán")):
        answer = browser.post("/officials/password", old=printed.password, new=new, again=new)
        assert (answer.status_code, said in answer.text) == (422, True)
