"""A code, a form, a receipt: what a citizen sees."""

from __future__ import annotations

import gzip
import re

import pytest
from counters import CLINIC, FULL, LAND, MANY
from flask.testing import FlaskClient
from proofreading import Page, proof_read

FILLED = {"stage": "on_time", "respondent": "citizen", "HL": "5"}
PROMISE = "Phiếu không hỏi và không lưu họ tên, số điện thoại, mã hồ sơ của Ông/Bà."


def opened(client: FlaskClient, code: str = LAND, query: str = "") -> Page:
    response = client.get(f"/k/{code}{query}")
    assert response.status_code == 200
    assert "Set-Cookie" not in response.headers
    return proof_read(response.text)


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("code", [LAND, MANY, FULL, CLINIC])
def test_every_form_is_proof_read(client: FlaskClient, code: str, language: str) -> None:
    page = opened(client, code, f"?lang={language}")
    assert page.select("html")[0].attrs["lang"] == language


def test_a_code_is_read_as_it_is_typed(client: FlaskClient) -> None:
    for typed in (LAND, LAND.lower(), "k7m2p-9qx4t", "K7M2P9QX4T/"):
        assert opened(client, typed).choices()["HL"]
    assert client.get(f"/K/{LAND}").text.count("radio") == client.get(f"/k/{LAND}").text.count("radio")


def test_who_asks_and_what_is_kept_comes_first(client: FlaskClient) -> None:
    text = client.get(f"/k/{LAND}").text
    assert text.index("Sở Nội vụ thành phố Đà Nẵng mời Ông/Bà") < text.index(PROMISE) < text.index("tùy Ông/Bà") < text.index("<form")
    assert "Phiếu này không phải đơn khiếu nại, không làm thay đổi việc giải quyết hồ sơ." in text
    assert "0236 1022" in text
    assert "24 Trần Phú, Đà Nẵng" in text


def test_the_short_form_is_nine_taps(client: FlaskClient) -> None:
    page = opened(client)
    assert len(page.choices()) + len([one for one in page.select("button") if "form" in one.inside]) <= 9


def test_nothing_is_chosen_beforehand_and_the_ticket_is_the_only_secret(client: FlaskClient) -> None:
    page = opened(client)
    assert set(page.fields()) == {"ticket", "reminded", "work", "comment"}
    assert page.choices()["HL"] == ["1", "2", "3", "4", "5", "0"]


def test_five_words_and_a_way_out_stand_in_the_order_of_the_official_form(client: FlaskClient) -> None:
    page = opened(client)
    words = [label.text for label in page.select("label") if label.attrs["for"].startswith("HL-")]
    assert words == ["Rất không hài lòng", "Không hài lòng", "Bình thường", "Hài lòng", "Rất hài lòng", "Chưa gặp / không có ý kiến"]
    faces = [use.attrs["href"] for use in page.select("use")][:6]
    assert faces == ["#f1", "#f2", "#f3", "#f4", "#f5", "#f0"]


def test_a_counter_of_several_sectors_asks_first_and_in_one_tap(client: FlaskClient) -> None:
    first = opened(client, MANY)
    links = [link.attrs["href"] for link in first.select("a") if link.attrs["href"].startswith("?sector=")]
    assert links == ["?sector=land", "?sector=construction", "?sector=civil_status"]
    page = opened(client, MANY, links[1])
    assert "HL" in page.choices()
    assert [a.attrs["href"] for a in page.select("a", hreflang="en")] == ["?sector=construction&lang=en"]
    assert "?sector=land&lang=en" in [a.attrs["href"] for a in opened(client, MANY, "?lang=en").select("a")]


def test_a_sector_that_the_counter_does_not_serve_is_asked_again(client: FlaskClient) -> None:
    assert "HL" not in opened(client, MANY, "?sector=health").choices()


def test_the_page_of_one_reader_never_holds_the_address_of_another(client: FlaskClient) -> None:
    client.get(f"/k/{FULL}?fbclid=SECRET")
    assert "SECRET" not in client.get(f"/k/{FULL}").text


def test_a_packed_page_is_the_plain_one(client: FlaskClient) -> None:
    packed = client.get(f"/k/{LAND}", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    ticket = re.compile(r'value="1\.[^"]*"')
    plain = client.get(f"/k/{LAND}").text
    assert ticket.sub("", gzip.decompress(packed.data).decode()) == ticket.sub("", plain)
    assert ticket.search(plain)


@pytest.mark.parametrize(("code", "most"), [(LAND, 14), (FULL, 14), (MANY, 14)])
def test_the_first_page_weighs_little_on_the_wire(client: FlaskClient, code: str, most: int) -> None:
    wire, heads = 0, 0
    page = client.get(f"/k/{code}", headers={"Accept-Encoding": "gzip"})
    wire, heads = len(page.data), len(str(page.headers))
    read = Page(gzip.decompress(page.data).decode())
    files = [e.attrs["href"] for e in read.select("link") if not e.attrs["href"].startswith("data:")]
    files += [e.attrs["src"] for e in read.select("script")]
    assert 1 <= len(files) <= 3
    assert not read.select("img")
    for address in files:
        file = client.get(address, headers={"Accept-Encoding": "gzip"})
        assert file.status_code == 200
        wire, heads = wire + len(file.data), heads + len(str(file.headers))
    assert wire + heads <= most * 1024


def test_the_receipt_is_the_answer_to_the_sending(client: FlaskClient, inbox) -> None:
    response = client.post(f"/k/{LAND}", data=opened(client).fields() | FILLED | {"TC1": "0"})
    page = proof_read(response.text)
    assert response.status_code == 200
    assert page.text_of("h1") == "Cảm ơn Ông/Bà, phiếu đã được lưu"
    assert re.search(r"\b[0-9A-Z]{5}-[0-9A-Z]{5}\b", response.text)
    assert re.fullmatch(
        r"ks_seen=[\w=-]{16}; .*HttpOnly; Path=/; SameSite=Lax", response.headers["Set-Cookie"]
    )  # tests/web/citizen/test_marks.py
    (row,) = inbox()
    assert '"HL":5' in row.answers
    assert '"TC1":0' in row.answers
    assert (row.channel, row.language, row.sector, row.sector_asked, row.length) == ("O", "vi", "land", False, "short")


def test_sent_again_it_is_the_same_receipt_and_one_response(client: FlaskClient, inbox) -> None:
    data = opened(client).fields() | FILLED
    pages = {client.post(f"/K/{LAND.lower()}", data=data).text for _ in range(3)}
    assert len(pages) == 1
    assert len(inbox()) == 1


def test_two_people_on_one_phone_are_two_responses(client: FlaskClient, inbox) -> None:
    for level in ("5", "1"):
        assert client.post(f"/k/{LAND}", data=opened(client).fields() | FILLED | {"HL": level}).status_code == 200
    assert len(inbox()) == 2


def test_a_changed_mind_is_kept_apart_and_said_so(client: FlaskClient, inbox) -> None:
    data = opened(client).fields() | FILLED
    client.post(f"/k/{LAND}", data=data)
    text = client.post(f"/k/{LAND}", data=data | {"HL": "1"}).text
    assert "Lần gửi đầu được giữ nguyên" in text
    assert sorted(row.quarantined for row in inbox()) == [False, True]


def test_the_sector_that_was_asked_is_stored_as_asked(client: FlaskClient, inbox) -> None:
    fields = opened(client, MANY, "?sector=construction").fields()
    assert "Cảm ơn" in client.post(f"/k/{MANY}?sector=construction", data=fields | FILLED).text
    (row,) = inbox()
    assert (row.sector, row.sector_asked) == ("construction", True)


def test_in_english_everything_is_english_but_the_language_is_not_kept(client: FlaskClient, inbox) -> None:
    fields = opened(client, FULL, "?lang=en").fields()
    wrong = client.post(f"/k/{FULL}?lang=en", data=fields)
    assert "Question 1 has no answer" in wrong.text
    done = client.post(f"/k/{FULL}?lang=en", data=fields | FILLED)
    assert "Thank you" in done.text
    assert f'href="/k/{FULL}?lang=en"' in done.text
    assert inbox()[0].language == "other"


def test_who_wants_a_reply_gets_a_second_code(client: FlaskClient, inbox) -> None:
    fields = opened(client).fields() | FILLED
    done = client.post(f"/k/{LAND}", data=fields | {"comment": "Xin thêm ghế ngồi", "reply": "1"}).text
    assert len(set(re.findall(r"\b[0-9A-Z]{5}-[0-9A-Z]{5}\b", done))) == 2
    assert inbox()[0].reply_h is not None


def test_a_result_that_has_not_come_is_not_judged(client: FlaskClient, inbox) -> None:
    page = opened(client)
    assert "Câu này dành cho người đã nhận kết quả" in page.source
    judged = next(name for name in page.choices() if name.startswith("KQ"))
    client.post(f"/k/{LAND}", data=page.fields() | FILLED | {"stage": "waiting", judged: "1"})
    assert judged not in inbox()[0].answers


def test_what_was_typed_stays_text(client: FlaskClient) -> None:
    typed = "<script>alert(1)</script> \ue000unit\ue001 \ue000ticket\ue001"
    response = client.post(f"/k/{LAND}", data=opened(client).fields() | {"comment": typed})
    page = proof_read(response.text)
    assert page.fields()["comment"] == typed
    assert "Trung tâm &lt;Tam Kỳ&gt;" in response.text
