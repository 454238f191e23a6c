"""`sipas estimate`, as its page shows it: the worked examples print what the page says, to the letter."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from sipas.cli.estimate import estimate
from sipas.estimates.answer import Line
from sipas.estimates.design_file import METHODS, SHARE_INTERVALS
from sipas.estimates.statistics_asked import KINDS
from sipas.stats.composites import SCALES
from sipas.stats.estimands import ESTIMANDS
from sipas.stats.sampling import LONELY

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "estimate.md").read_text("utf-8")
EXAMPLES = ROOT / "docs" / "examples"
NAMES = ("offices", "clinics", "schools")


def run(name: str, *more: str) -> str:
    result = CliRunner().invoke(estimate, ["--data", str(EXAMPLES / f"{name}.csv"), "--design", str(EXAMPLES / f"{name}.toml"), *more])
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.parametrize("name", NAMES)
def test_the_page_shows_what_the_command_prints(name: str) -> None:
    shown = re.search(rf"\$ sipas estimate --data docs/examples/{name}\.csv --design docs/examples/{name}\.toml\n(.*?)```", PAGE, re.DOTALL)
    assert shown is not None
    assert shown[1] == run(name)


@pytest.mark.parametrize("name", NAMES)
def test_the_page_shows_the_design_file_that_is_there(name: str) -> None:
    assert f"```toml\n{(EXAMPLES / f'{name}.toml').read_text('utf-8')}```" in PAGE


def test_the_page_names_every_kind_method_rule_and_figure() -> None:
    words = [*SHARE_INTERVALS, *KINDS, *METHODS, *LONELY, *SCALES, *ESTIMANDS]
    assert [word for word in words if f"`{word}`" not in PAGE] == []
    told = {field.name for field in fields(Line)} - {"name", "statistic", "kind", "domain", "untrimmed"}
    assert [word for word in sorted(told) if f"`{word}`" not in PAGE] == []


@pytest.mark.parametrize("name", NAMES)
def test_json_says_the_same_to_the_last_digit(name: str) -> None:
    told: dict[str, Any] = json.loads(run(name, "--json"))
    table = run(name).splitlines()
    for line in told["estimates"]:
        row = next(text for text in table if text.startswith(line["name"] + " "))
        assert float(row.removeprefix(line["name"]).split()[0]) == pytest.approx(line["estimate"], abs=line["se"] / 50 or 1e-6)
        assert line["low"] <= line["estimate"] <= line["high"]
    assert ("covariance" in told) == (name == "schools")
    if name == "schools":
        matrix = told["covariance"]["matrix"]
        assert told["covariance"]["names"] == [line["name"] for line in told["estimates"]]
        assert [matrix[k][k] ** 0.5 for k in range(len(matrix))] == pytest.approx([line["se"] for line in told["estimates"]], rel=1e-12)


def test_a_fault_is_one_sentence_and_exit_code_1_and_never_a_traceback(tmp_path: Path) -> None:
    design = tmp_path / "design.toml"
    design.write_text((EXAMPLES / "offices.toml").read_text("utf-8").replace('"dossiers"', '"dosiers"'), encoding="utf-8")
    command = [
        sys.executable,
        "-c",
        "from sipas.cli import main; main()",
        "estimate",
        "--data",
        str(EXAMPLES / "offices.csv"),
        "--design",
        str(design),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    told = "offices.csv: column 'dosiers' (design.population of the design) is not in the file; write 'dossiers' if that is meant.\n"
    assert done.stderr == told


def test_what_is_no_text_is_told(tmp_path: Path) -> None:
    book = tmp_path / "rows.csv"
    book.write_bytes(b"PK\x03\x04 a workbook")
    result = CliRunner().invoke(estimate, ["--data", str(book), "--design", str(EXAMPLES / "offices.toml")])
    assert result.exit_code == 1
    assert "rows.csv: the file is an Excel workbook or another zip file, not text; open it and save it as" in str(result.exception)


def test_a_published_survey_gives_its_published_figures(tmp_path: Path) -> None:
    """The api data of R's survey: svymean(~api00) is 662.29 with 9.4089, svytotal(~enroll) 3687178 with 114642."""
    design = tmp_path / "design.toml"
    design.write_text(
        '[design]\nstrata = "stype"\nweight = "pw"\npopulation = "fpc"\n'
        '[[statistics]]\nname = "api00"\nkind = "mean"\ncolumn = "api00"\n'
        '[[statistics]]\nname = "enroll"\nkind = "total"\ncolumn = "enroll"\n'
    )
    data = ROOT / "tests" / "stats" / "golden" / "api_strat.csv"
    result = CliRunner().invoke(estimate, ["--data", str(data), "--design", str(design), "--json"])
    mean, total = json.loads(result.stdout)["estimates"]
    assert (round(mean["estimate"], 2), round(mean["se"], 4)) == (662.29, 9.4089)
    assert (round(total["estimate"]), round(total["se"])) == (3687178, 114642)
