"""Text with columns: the separator is found, every row knows its line, and what cannot be read says where and how to mend it."""

from __future__ import annotations

import pytest

from sipas.separated import BrokenRowError, column_of, find_separator, list_rows, list_too_long

KNOWN = {"unit", "sector", "n"}.__contains__


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ("unit;sector;n\n", ";"),
        ("unit,sector,n\n", ","),
        ("unit\tsector\tn\n", "\t"),
        ('"unit"|"sector"|"n"\n', "|"),
        ("\n\nunit;sector, of what;n\n", ";"),  # more names are known by the semicolon
        ("sep=|\na,b,c\n", "|"),
        ('"sep=;"\na,b,c\n', ";"),
        ("a;b;c;d\n", ";"),  # nothing is known: what makes most cells
        ("alone\n", ","),
    ],
)
def test_the_separator_is_found_by_looking(text: str, separator: str) -> None:
    assert find_separator(text, KNOWN) == separator


def test_rows_know_their_lines_and_empty_ones_are_none() -> None:
    text = 'sep=;\r\nunit;n\r\n\r\n"two\nlines";1\r\n ; \r\nlast;2\r\n'
    rows = list(list_rows(text, ";"))
    assert rows == [(2, ["unit", "n"]), (4, ["two\nlines", "1"]), (7, ["last", "2"])]
    assert column_of(rows, 0) == ["two\nlines", "last"]


def test_a_short_row_has_nothing_there_and_a_long_one_is_told_with_its_line() -> None:
    rows = list(list_rows("a,b\n1\n1,2, ,\n1,2,3\n1,2,,4\n", ","))
    assert column_of(rows, 1) == ["", "2", "2", "2"]
    assert [(one.line, one.fault) for one in list_too_long(rows)] == [
        (4, "has more cells than the header's 2"),
        (5, "has more cells than the header's 2"),
    ]


def test_a_quotation_mark_that_is_not_closed_names_the_line_where_its_row_begins() -> None:
    with pytest.raises(BrokenRowError, match=r"^line 3: has a quotation mark that is not closed; double a quotation mark"):
        list(list_rows('a,b\n1,2\n"3,4\n5,6\n', ","))
    with pytest.raises(BrokenRowError, match=r"^line 2: cannot be parted into cells"):
        list(list_rows('a,b\n"1"x,2\n', ","))
