"""What is written can be read back to the letter, and no spreadsheet finds a formula in it."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipas.exports.csv_dialect import DIALECTS, EXCEL, PLAIN, Dialect, guard, unguard, write_table

RISKY = "=+-@\t\r\n\0＝＋－＠"
texts = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.text(st.sampled_from(RISKY + "'\";, \n1aĐạt"), max_size=8),
    st.sampled_from(['=HYPERLINK("x")', "'=1", "''＋1", "Ủy ban nhân dân phường Hòa Khánh", "a\r\nb", '"', "'"]),
)


def read_back(content: bytes, dialect: Dialect) -> list[list[str]]:
    text = content.decode("utf-8-sig" if dialect.byte_order_mark else "utf-8")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=dialect.separator, strict=True))


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
@given(rows=st.lists(st.tuples(texts, texts), max_size=5))
def test_reading_back_gives_what_was_written(dialect: Dialect, rows: list[tuple[str, str]]) -> None:
    content = b"".join(write_table(["a", "b"], rows, dialect))
    assert [tuple(map(unguard, row)) for row in read_back(content, dialect)[1:]] == rows


@given(text=texts)
def test_no_written_cell_starts_like_a_formula(text: str) -> None:
    assert not guard(text).startswith(tuple(RISKY))
    assert unguard(guard(text)) == text


def test_ordinary_text_is_left_alone() -> None:
    assert [guard(text) for text in ("Đất đai", "'tốt'", "", "a=b")] == ["Đất đai", "'tốt'", "", "a=b"]


@given(number=st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.integers()))
def test_numbers_keep_every_digit_in_both_dialects(number: float) -> None:
    plain = read_back(b"".join(write_table(["x"], [[number]], PLAIN)), PLAIN)[1][0]
    excel = read_back(b"".join(write_table(["x"], [[number]], EXCEL)), EXCEL)[1][0]
    assert type(number)(plain) == number
    assert "." not in excel
    assert type(number)(excel.replace(",", ".")) == number


def test_the_two_dialects_differ_as_promised() -> None:
    rows = [["Bảo An", 0.827, None, True]]
    assert b"".join(write_table(["name", "share", "none", "flag"], rows, PLAIN)) == "name,share,none,flag\r\nBảo An,0.827,,1\r\n".encode()
    assert (
        b"".join(write_table(["name", "share", "none", "flag"], rows, EXCEL))
        == "\ufeffname;share;none;flag\r\nBảo An;0,827;;1\r\n".encode()
    )


def test_headers_are_guarded_too() -> None:
    assert b"".join(write_table(["=a"], [], PLAIN)) == b"'=a\r\n"


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_is_not_a_number_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="not a number"):
        list(write_table(["x"], [[number]], PLAIN))


def test_a_long_table_comes_in_pieces() -> None:
    pieces = list(write_table(["x"], ([str(n) * 10] for n in range(20_000)), PLAIN))
    assert len(pieces) > 5
    assert max(map(len, pieces)) < 70_000
