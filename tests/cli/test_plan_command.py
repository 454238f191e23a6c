"""`sipas plan`, as an operator calls it: no database, one sentence for each refusal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from sipas.cli.plan import plan as command
from sipas.terms import SipasError

STRATA = "name,population,expected\nĐất đai,2.400,0.91\nXây dựng,310,0.95\nHộ tịch,5.800,0.96\nBến Đình,12,1\n"


def run(*words: str) -> Result:
    return CliRunner().invoke(command, list(words))


def told(*words: str) -> dict[str, Any]:
    result = run(*words, "--json")
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.stdout))


@pytest.fixture
def strata(tmp_path: Path) -> Path:
    path = tmp_path / "strata.csv"
    path.write_text(STRATA, encoding="utf-8")
    return path


def test_a_plan_in_sentences_prints_the_short_form_beside_what_is_needed() -> None:
    words = ("--population", "2500", "--expected", "0.93", "--target", "0.9", "--margin", "0.03", "--deff", "1.5", "--response-rate", "0.4")
    lines = run(*words).stdout.splitlines()
    assert lines[0] == "For a population of 2,500, 93 % expected, design effect 1.5, 95 % confidence:"
    assert lines[1].strip().startswith("margin of 3 points: 358 answers (417 if the population were endless); 895 invitations")
    assert "Yamane" in lines[2]
    assert "770 answers; it shows no target" in lines[2]
    assert "at least 90 %, with a chance of 80 %: 1,113 answers (771 by the formula" in lines[3]
    assert "There are fewer people than that" in lines[4]  # 2,783 invitations
    assert "leave the population's size out" in lines[5]


def test_a_plan_in_json_says_the_same() -> None:
    found = told("--population", "2500", "--expected", "0.93", "--target", "0.9", "--margin", "0.03")
    assert (found["yamane"], found["for_margin"]["answers"], found["to_show"]["answers"]) == (770, 251, 573)
    assert (found["answers"], found["notes"]) == (573, [])
    endless = told("--margin", "0.03")
    assert (endless["population"], endless["expected"], endless["answers"]) == (None, 0.5, 1068)


def test_level_and_power_change_the_numbers() -> None:
    usual = told("--expected", "0.95", "--target", "0.9")
    assert usual["answers"] == 255
    assert told("--expected", "0.95", "--target", "0.9", "--power", "0.9")["answers"] > 255
    assert told("--expected", "0.95", "--target", "0.9", "--level", "0.9")["answers"] < 255
    assert told("--expected", "0.8", "--target", "0.9")["to_show"]["basis"] == "not_met"


def test_strata_are_spread_and_each_told_what_it_would_need_alone(strata: Path) -> None:
    found = told("--strata", str(strata), "--margin", "0.03", "--target", "0.9", "--floor", "10", "--response-rate", "0.5")
    rows = {row["name"]: row for row in found["strata"]}
    assert sum(row["proportional"] for row in rows.values()) == found["proportional"]["total"] >= found["whole"]["answers"]
    assert rows["Bến Đình"]["proportional"] == 10
    assert rows["Đất đai"]["alone"]["to_show"]["reachable"] is False
    assert found["neyman"]["margin"] < found["proportional"]["margin"] <= 0.03
    table = run("--strata", str(strata), "--margin", "0.03", "--target", "0.9", "--response-rate", "0.5").stdout
    assert "2,400*" in table
    assert "Spread in proportion the whole has a margin of" in table


def test_one_expected_share_serves_all_strata_that_name_none(tmp_path: Path) -> None:
    path = tmp_path / "bare.csv"
    path.write_text("stratum;population\na;900\nb;400\n", encoding="utf-8")
    assert {row["alone"]["expected"] for row in told("--strata", str(path), "--margin", "0.05", "--expected", "0.9")["strata"]} == {0.9}
    with pytest.raises(SipasError, match=r"line 2, column expected is empty; write the share expected, or give --expected"):
        run_raising("--strata", str(path), "--target", "0.9")


def run_raising(*words: str) -> None:
    result = run(*words)
    assert result.exit_code == 1
    assert result.exception is not None
    raise result.exception


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "say what is wanted: a margin of error"),
        (("--target", "0.9"), "add --expected"),
        (("--target", "0.9", "--expected", "93"), "expected is a share from 0 to 1"),
        (("--target", "90", "--expected", "0.93"), "a target lies between 0 and 1"),
        (("--margin", "3"), "a margin lies between 0 and 1"),
        (("--margin", "0.03", "--level", "95"), "A level lies between 0 and 1"),
        (("--margin", "0.03", "--deff", "0"), "deff is a design effect above 0"),
        (("--margin", "0.03", "--response-rate", "40"), "response rate lies above 0"),
        (("--target", "0.9", "--expected", "0.93", "--power", "80"), "a power lies between 0 and 1"),
    ],
)
def test_each_refusal_is_a_sentence_with_its_cure(words: tuple[str, ...], says: str) -> None:
    with pytest.raises(SipasError, match=says):
        run_raising(*words)


def test_a_file_with_faults_names_each_of_them_by_line(tmp_path: Path) -> None:
    path = tmp_path / "strata.csv"
    path.write_text("name,population,expected\na,2x,91\nb,3,0.9\n", encoding="utf-8")
    result = run("--strata", str(path), "--margin", "0.05")
    assert "line 2, column population: '2x' is not a number" in str(result.exception)
    assert "line 2, column expected: '91' is no share from 0 to 1; write 0.93 for 93 %" in str(result.exception)
    path.write_text("name\na\n", encoding="utf-8")
    assert "is missing from the header" in str(run("--strata", str(path), "--margin", "0.05").exception)
    path.write_text(STRATA, encoding="utf-8")
    assert "leave --population out" in str(run("--strata", str(path), "--margin", "0.05", "--population", "9").exception)


def test_a_share_at_its_target_is_settled_by_everyone_alone() -> None:
    stdout = run("--expected", "0.9", "--target", "0.9").stdout
    assert "no number of answers is enough" in stdout
    assert "only counting everyone settles it" in stdout
