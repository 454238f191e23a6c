"""Typing paper in: outside the unit, a tenth twice, all or nothing into the inbox, and no trace of the sheets afterwards."""

from __future__ import annotations

import json
from random import Random

import pytest
from sqlalchemy import func, select

from sipas.store.audit import list_audits
from sipas.store.paper import PaperPick, PaperSheet, list_rounds
from sipas.terms import Role, now
from sipas.web.officials.accounts import add_official
from tests.exports.pdf_ua import faults
from tests.web.officials.conftest import Room
from tests.web.officials.keyed_batches import Batch, batch_of
from tests.web.proof_read import proof_read


def waiting(batch: Batch) -> int:
    """How many rows of typed sheets are kept beside the inbox."""
    with batch.room.house.store.read() as session:
        return sum(session.scalar(select(func.count()).select_from(noun)) or 0 for noun in (PaperSheet, PaperPick))


def typed_whole(batch: Batch, count: int, **fields: str) -> None:
    for sheet in range(1, count + 1):
        assert batch.keep(batch.first, sheet, **fields).status_code == 303
    assert batch.act(batch.first, "end").status_code == 303


def test_a_batch_goes_to_the_inbox_whole_once_two_people_agree(room: Room) -> None:
    batch = batch_of(room, declared=12)
    for sheet in range(1, 13):
        answer = batch.keep(batch.first, sheet, q_HL=str(1 + sheet % 5), comment="Cần thêm ghế chờ" if sheet == 3 else "")
        assert (answer.status_code, answer.location) == (303, f"{batch.address}?saved={sheet}")
    assert batch.inbox() == []
    assert batch.act(batch.first, "end").status_code == 303
    picked = batch.picked()
    assert len(picked) == 2  # a tenth of twelve, rounded up
    for sheet in picked:
        assert batch.inbox() == []
        assert batch.keep(batch.second, sheet, q_HL=str(1 + sheet % 5)).status_code == 303
    rows = batch.inbox()
    assert len(rows) == 12
    assert {row.channel for row in rows} == {"P"}
    assert {row.reasons for row in rows} == {"paper"}
    assert len({row.cluster for row in rows}) == 1
    assert len({row.iid_h for row in rows}) == 12
    assert sorted(json.loads(row.answers)["HL"] for row in rows) == sorted(1 + sheet % 5 for sheet in range(1, 13))
    assert {row.unit_id for row in rows} == {batch.unit}
    assert [row.comment for row in rows if row.comment] == ["Cần thêm ghế chờ"]
    assert waiting(batch) == 0
    assert batch.row().phase == "released"
    page = batch.first.get(batch.address)
    proof_read(page.text)
    assert "Đạt, phiếu đã chuyển vào hệ thống" in page.text
    assert "Người nhập: keyer@48. Người kiểm tra: second@48." in page.text
    assert batch.keep(batch.first, 13).status_code == 409


def test_above_one_in_a_hundred_the_whole_batch_is_typed_again(room: Room) -> None:
    batch = batch_of(room, declared=10)
    typed_whole(batch, 10)
    (sheet,) = batch.picked()
    batch.keep(batch.second, sheet, q_HL="1")
    assert batch.inbox() == []
    assert (batch.row().round, batch.row().phase) == (2, "first")
    page = batch.first.get(batch.address).text
    assert "Quá 1%: phải nhập lại cả lô." in page
    assert "Nhập lại từ đầu: 0 trên 10 phiếu" in page
    assert waiting(batch) == 12  # nothing of the first round is overwritten
    typed_whole(batch, 10, q_HL="2")
    batch.keep(batch.second, batch.picked()[0], q_HL="2")
    assert [json.loads(row.answers)["HL"] for row in batch.inbox()] == [2] * 10
    assert waiting(batch) == 0
    with room.house.store.read() as session:
        assert [(one.round, one.differing, one.agreed) for one in list_rounds(session, batch.number)] == [(1, 1, False), (2, 0, True)]


def test_a_slip_within_one_in_a_hundred_is_let_pass(room_on_sqlite: Room) -> None:
    batch = batch_of(room_on_sqlite, declared=110)
    typed_whole(batch, 110)
    picked = batch.picked()
    assert len(picked) == 11
    for sheet in picked:
        batch.keep(batch.second, sheet, q_HL="1" if sheet == picked[0] else "4")
    assert len(batch.inbox()) == 110
    with batch.room.house.store.read() as session:
        (ended,) = list_rounds(session, batch.number)
    assert (ended.fields, ended.differing, ended.agreed) == (11 * 10, 1, True)


def test_chance_chooses_anew_in_every_batch(room_on_sqlite: Room) -> None:
    chosen = set()
    for _ in range(4):
        batch = batch_of(room_on_sqlite, declared=10)
        typed_whole(batch, 10)
        chosen.add(tuple(batch.picked()))
    assert len(chosen) > 1


def test_who_typed_first_cannot_control_and_sees_no_other_keying(room_on_sqlite: Room) -> None:
    batch = batch_of(room_on_sqlite, declared=3)
    typed_whole(batch, 3)
    (sheet,) = batch.picked()
    page = batch.first.get(batch.address).text
    assert "Người khác phải nhập kiểm tra các phiếu số" in page
    assert 'name="q_HL"' not in page
    assert batch.keep(batch.first, sheet, entry="2", round="1").status_code == 409
    other = batch.second.get(f"{batch.address}?sheet={sheet}").text
    assert 'name="q_HL" inputmode="numeric" maxlength="2" value=""' in other
    wrong = next(number for number in (1, 2, 3) if number != sheet)
    assert batch.keep(batch.second, wrong).status_code == 409


def test_sheets_missing_and_sheets_beyond_are_shown_and_asked_about(room_on_sqlite: Room) -> None:
    batch = batch_of(room_on_sqlite, declared=3)
    batch.keep(batch.first, 1)
    batch.keep(batch.first, 3)
    page = batch.first.get(batch.address).text
    assert "Đã nhập 2 trên 3 phiếu đã khai, còn thiếu 1." in page
    assert "Chưa nhập các số: 2." in page
    assert 'name="sheet" class="short" inputmode="numeric" maxlength="4" required value="2"' in page
    answer = batch.act(batch.first, "end")
    assert answer.status_code == 422
    assert "Mời Ông/Bà đếm lại" in answer.text
    for sheet in (2, 4):
        batch.keep(batch.first, sheet)
    assert "nhiều hơn số đã khai 1" in batch.first.get(batch.address).text
    assert batch.act(batch.first, "end", sure="1").status_code == 303
    assert batch.row().phase == "second"


def test_a_batch_is_counted_before_its_first_sheet_and_only_once(room_on_sqlite: Room) -> None:
    batch = batch_of(room_on_sqlite, declared=None)
    page = batch.first.get(batch.address)
    proof_read(page.text)
    assert 'name="q_HL"' not in page.text
    assert batch.keep(batch.first, 1).status_code == 409
    for count in ("0", "-3", "2001", "x", ""):
        assert batch.act(batch.first, "count", declared=count).status_code == 422
    assert batch.act(batch.first, "count", declared="2").status_code == 303
    assert batch.act(batch.first, "count", declared="9").status_code == 422
    assert batch.row().declared == 2
    with batch.room.house.store.read() as session:
        assert [json.loads(row.details) for row in list_audits(session, action="paper_declared")] == [
            {"batch": batch.number, "declared": 2}
        ]


def test_a_sheet_is_mended_by_another_version_and_a_double_press_is_one_sheet(room_on_sqlite: Room) -> None:
    batch = batch_of(room_on_sqlite, declared=2)
    for _ in range(2):
        assert batch.keep(batch.first, 1, version="0").status_code == 303
    assert waiting(batch) == 1
    answer = batch.keep(batch.first, 1, q_HL="2", version="0")
    assert answer.status_code == 409
    assert "vừa được người khác nhập" in answer.text
    assert 'value="4"' in batch.first.get(f"{batch.address}?sheet=1").text
    assert batch.keep(batch.first, 1, again=True, q_HL="2").status_code == 303
    assert waiting(batch) == 2
    batch.keep(batch.first, 2, q_HL="2")
    batch.act(batch.first, "end")
    batch.keep(batch.second, batch.picked()[0], q_HL="2")
    assert [json.loads(row.answers)["HL"] for row in batch.inbox()] == [2, 2]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"q_HL": "7"}, "Chỉ nhận các số 1, 2, 3, 4, 5, 0, hoặc để trống."),
        ({"q_stage": "9"}, "Chỉ nhận các số 1, 2, 3, 4, 5, 6, hoặc để trống."),
        ({"sheet": "0"}, "Ghi số thứ tự của phiếu"),
        ({"sheet": "mười"}, "Ghi số thứ tự của phiếu"),
        ({"code": "1ABC DEFG"}, "Mã này không đúng."),
        ({"comment": "ý kiến " * 400}, "Ý kiến dài hơn 2.000 ký tự."),
    ],
)
def test_slips_are_said_beside_their_field_and_everything_typed_is_kept(room_on_sqlite: Room, fields: dict[str, str], said: str) -> None:
    batch = batch_of(room_on_sqlite)
    answer = batch.keep(batch.first, 1, **{"q_TC1": "2", "q_KQ1": "3"} | fields)
    assert answer.status_code == 422
    assert said in answer.text
    assert 'name="q_TC1" inputmode="numeric" maxlength="2" value="2"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    proof_read(answer.text)
    assert waiting(batch) == 0


def test_help_is_marked_and_a_blank_sheet_is_a_sheet(room_on_sqlite: Room) -> None:
    batch = batch_of(room_on_sqlite, declared=1)
    blank = {f"q_{code}": "" for code in ("stage", "respondent", "TC1", "TT2", "CC1", "KQ1", "PA2", "HL")}
    batch.keep(batch.first, 1, assisted="1", **blank)
    batch.act(batch.first, "end")
    batch.keep(batch.second, 1, assisted="1", **blank)
    (row,) = batch.inbox()
    assert (row.reasons, row.stage, row.channel) == ("assisted paper", "left_blank", "P")
    assert set(json.loads(row.answers).values()) == {None}


def test_typing_after_hours_and_all_at_once_raises_no_flag(room_on_sqlite: Room) -> None:
    """The moment of typing says nothing of the moment of answering, whatever day and hour this test runs at."""
    batch = batch_of(room_on_sqlite, declared=8)
    typed_whole(batch, 8)
    batch.keep(batch.second, batch.picked()[0])
    assert {row.reasons for row in batch.inbox()} == {"paper"}


def test_nobody_inside_the_unit_types_and_no_other_role_does(room_on_sqlite: Room) -> None:
    room = room_on_sqlite
    batch = batch_of(room)
    inside = add_official(
        room.house.store, account="keyer@a", name="X", role=Role.KEYER, unit_id=room.units["A"], keyring=room.house.keyring, rng=Random(9), now=now()
    )  # fmt: skip
    own = room.browser()
    own.enter(inside)
    assert own.get("/officials/paper").status_code == 200
    assert f"/paper/{batch.number}" not in own.get("/officials/paper").text
    for browser in (own, *(room.inside(account) for account in ("head@a", "official@a", "head@48", "admin@48", "analyst@48"))):
        for address in (batch.address, f"{batch.address}/sheet.pdf"):
            assert browser.get(address).status_code == 404
    other = batch_of(room, unit="B")
    assert batch.first.get(f"/officials/units/{batch.unit}/paper/{other.number}").status_code == 404
    assert batch.first.get(f"/officials/units/{batch.unit}/paper/999").status_code == 404
    assert batch.first.post(batch.address, do="delete").status_code == 400
    assert batch.first.get("/officials/units").status_code == 404


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_batch_is_found_by_number_and_by_code_and_pages_are_proof_read(room_on_sqlite: Room, language: str) -> None:
    batch = batch_of(room_on_sqlite)
    code = batch.row().code
    for wanted in (str(batch.number), code, f"{code[:5].lower()}-{code[5:].lower()}"):
        assert batch.first.get(f"/officials/paper?batch={wanted}").location == batch.address
    lost = batch.first.get("/officials/paper?batch=999")
    assert lost.status_code == 404
    for page in (lost, batch.first.get(f"/officials/paper?lang={language}"), batch.first.get(batch.address)):
        proof_read(page.text)
    batch.first.get("/officials/paper?lang=vi")


def test_the_form_is_printed_from_the_page(room_on_sqlite: Room) -> None:
    batch = batch_of(room_on_sqlite, language="en", length="full")
    for address in ("sheet.pdf", "sheet.pdf?large=1"):
        answer = batch.first.get(f"{batch.address}/{address}")
        assert answer.mimetype == "application/pdf"
        assert faults(answer.data) == []


def test_a_keyer_begins_at_the_batches(room_on_sqlite: Room) -> None:
    from tests.web.officials.browser import OWN

    room_on_sqlite.inside("keyer@48")
    assert room_on_sqlite.browser().sign_in("keyer@48", OWN).location == "/officials/paper"
