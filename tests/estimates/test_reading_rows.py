"""The same rows in another spelling give the same figures, to the last bit."""

from __future__ import annotations

import codecs
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from estimate_inputs import DESIGN, ROWS, SHARE, estimated, request, statistic

from sipas.cli.estimate import read
from sipas.estimates.answer import answer
from sipas.estimates.refusals import BadInputError

TOML = DESIGN + '[domains.g]\nby = "g"\n' + SHARE + 'domains = "g"\n' + statistic("x", "total", 'column = "x"')


def figures(path: Path, toml: str = TOML) -> list[tuple[object, ...]]:
    asked = request(toml)
    return [(line.name, line.estimate, line.se, line.low, line.n) for line in answer(read(path, asked), asked).lines]


@pytest.fixture
def plain(tmp_path: Path) -> list[tuple[object, ...]]:
    path = tmp_path / "plain.csv"
    path.write_text(ROWS, encoding="utf-8")
    return figures(path)


@pytest.mark.parametrize(
    "content",
    [
        codecs.BOM_UTF8 + ROWS.encode(),
        ROWS.encode("utf-16"),
        ROWS.replace(",", ";").replace("1.5", "1,5").encode(),
        ROWS.replace(",", "\t").replace("\n", "\r\n").encode(),
        ("sep=;\n" + ROWS.replace(",", ";")).encode(),
        (ROWS + ",,,,,,\n\n").encode(),
        ROWS.replace("A,1,2", ' A ,"1", 2.0').encode(),
    ],
    ids=["utf-8 with mark", "utf-16", "semicolons and decimal commas", "tabs", "announced", "empty rows", "blanks and quotes"],
)
def test_encoding_separator_and_decimal_mark_are_found(content: bytes, plain: list[object], tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_bytes(content)
    assert figures(path) == plain


def test_windows_1258_and_decomposed_names_are_the_names_of_the_design(tmp_path: Path) -> None:
    path = tmp_path / "old.csv"
    path.write_bytes(ROWS.replace("s,c", "tầng,c").encode("utf-8"))
    toml = DESIGN.replace('"s"', '"tầng"') + SHARE
    expected = figures(path, toml)
    path.write_bytes(("tâ\u0300ng" + ROWS[1:]).encode("cp1258"))
    assert figures(path, toml) == expected


def test_parquet_of_typed_columns_says_the_same_as_text(plain: list[object], tmp_path: Path) -> None:
    table = pa.table(
        {
            "s": pa.array(["A", "A", "B", "B"]).dictionary_encode(),
            "w": pa.array([2, 2, 1.5, 1.5], pa.float32()),
            "N": pa.array([4, 4, 3, 3], pa.int16()),
            "y": pa.array([5.0, 3.0, 4.0, float("nan")]),
            "g": ["m", "f", "m", "f"],
            "x": pa.array([10, 12, 9, 11]),
            "unused": pa.array([[1], [2], [3], [4]]),
        }
    )
    path = tmp_path / "rows.parquet"
    pq.write_table(table, path)
    assert figures(path) == plain


def test_parquet_truth_values_and_days_are_categories_and_rows_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    table = pa.table({"day": [date(2026, 11, 2), date(2026, 11, 3), None], "good": [True, False, True], "text": ["1", "x", "3"]})
    pq.write_table(table, path)
    toml = '[domains.d]\nby = "day"\n' + statistic("good", "share", 'column = "good"\nlevels = true\ndomains = "d"')
    assert [row[:2] for row in figures(path, toml)] == [
        ("good", pytest.approx(2 / 3)),
        ("good [day=2026-11-02]", 1.0),
        ("good [day=2026-11-03]", 0.0),
    ]
    with pytest.raises(BadInputError, match="column 'text', row 2: 'x' is not a number"):
        figures(path, statistic("m", "mean", 'column = "text"'))
    (path).write_bytes(b"PAR1 and nothing else")
    with pytest.raises(BadInputError, match="is no Parquet file that can be read"):
        figures(path, toml)


def test_declared_marks_and_missing_texts_are_taken_at_their_word() -> None:
    rows = ROWS.replace(",3,f", ",NA,f").replace("A,1,2,", 'A,1,"2,000",').replace("1.5", '"1,500"')
    toml = 'missing = ["NA", "-"]\ndecimal = ","\n' + DESIGN + SHARE
    found = estimated(toml, rows).lines[0]
    assert (found.estimate, found.n) == (1.0, 2)
    assert found.n_kish == pytest.approx(3.5**2 / (4 + 2.25))


def test_recodes_make_bands_and_groups_and_may_build_on_one_another() -> None:
    toml = (
        '[recodes.band]\nfrom = "x"\ncuts = [10, 12]\nlabels = ["low", "middle", "top"]\n'
        '[recodes.end]\nfrom = "band"\nvalues = { middle = "" }\nothers = "keep"\n'
        '[recodes.score]\nfrom = "end"\nvalues = { low = 0.5, top = 2 }\n'
        '[domains.end]\nby = "end"\n' + statistic("score", "mean", 'column = "score"\ndomains = "end"')
    )
    found = estimated(toml)
    assert {line.name: (line.estimate, line.n) for line in found.lines} == {
        "score": (1.25, 2),
        "score [end=low]": (0.5, 1),
        "score [end=top]": (2.0, 1),
    }
    assert "domains.end: 2 of 4 rows have no value there and belong to none of them." in found.warnings


def test_numbers_come_back_to_their_last_bit(tmp_path: Path) -> None:
    values = np.random.default_rng(7).lognormal(0, 30, 50)
    path = tmp_path / "rows.csv"
    path.write_text("v\n" + "\n".join(map(repr, values.tolist())) + "\n")
    pq.write_table(pa.table({"v": values}), tmp_path / "rows.parquet")
    toml = statistic("v", "total", 'column = "v"')
    assert figures(path, toml) == figures(tmp_path / "rows.parquet", toml)
