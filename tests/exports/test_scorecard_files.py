"""Scorecards leave as tables and as JSON: every figure with its interval, nothing of what is hidden."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import export_pages as pages
import pytest

from sipas.exports import FORMATS
from sipas.exports.scorecards import COLUMNS, HIDDEN, PROTECTED

DOCUMENTED = (Path(__file__).resolve().parents[2] / "docs" / "exports.md").read_text()


def table(page, name: str = "csv") -> list[dict[str, str]]:
    text = b"".join(FORMATS[name].write(page)).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";" if name == "csv-excel" else ","))


def keys(thing) -> set[str]:
    if isinstance(thing, dict):
        return {*thing, *(key for one in thing.values() for key in keys(one))}
    return {key for one in thing for key in keys(one)} if isinstance(thing, list) else set()


def test_a_line_has_its_figure_its_interval_its_target_and_its_verdict() -> None:
    (row,) = table(pages.front(pages.line()))
    figures = {
        name: row[name] for name in ("value", "low", "high", "n", "target", "operator", "verdict", "unweighted_value", "run", "week")
    }
    assert figures == {
        "value": "0.827",
        "low": "0.7969999999999999",
        "high": "0.852",
        "n": "312",
        "target": "0.9",
        "operator": ">=",
        "verdict": "not_met",
        "unweighted_value": "0.811",
        "run": "7",
        "week": "2026-W47",
    }


def test_people_read_vietnamese_words_and_decimal_commas() -> None:
    (row,) = table(pages.front(pages.line()), "csv-excel")
    assert row["Kết luận"] == "Chưa đạt chỉ tiêu"
    assert row["Giá trị (0–1; trung bình: 1–5)"] == "0,827"
    assert row["Số liệu minh họa"] == "có"


@pytest.mark.parametrize("name", FORMATS)
def test_a_hidden_line_says_so_and_tells_nothing_else(name: str) -> None:
    leaky = replace(pages.line(), verdict="hidden")  # still holds its figures: the file must not
    content = b"".join(FORMATS[name].write(pages.front(leaky))).decode("utf-8-sig")
    assert HIDDEN in content
    for secret in ("312", "0.827", "0,827", "0.811", "0,811", "-7.3", "-7,3", "258", "4811"):
        assert secret not in content


def test_a_unit_page_lists_measures_factors_items_and_channels() -> None:
    rows = {row["measure"]: row for row in table(pages.scorecard())}
    assert set(rows) == {
        *("overall", "pooled", "all", "mean", "deciding", "channel:V", "channel:S", "channel:O"),
        *("factor:sipas-service-2023:short:TC", "item:sipas-service-2023:TC1", "index:sipas-service-2023:short"),
    }
    assert rows["pooled"]["unweighted_value"] == "0.84"
    assert rows["item:sipas-service-2023:TC1"]["hidden"] == rows["channel:O"]["hidden"] == PROTECTED
    assert [rows[name]["verdict"] for name in ("overall", "mean")] == ["not_met", ""]


def test_a_channel_stands_beside_v_with_its_interval_and_a_hidden_one_tells_nothing() -> None:
    rows = {row["measure"]: row for row in table(pages.scorecard())}
    told = ("minus_v_points", "minus_v_low", "minus_v_high", "minus_v_direction")
    assert [rows["channel:S"][name] for name in told] == ["6.0", "2.5", "9.5", "higher"]
    assert {rows[name][field] for name in ("channel:V", "channel:O", "overall") for field in told} == {""}
    (sector,) = json.loads(b"".join(FORMATS["json"].write(pages.scorecard())))["sectors"]
    by_channel = {one["channel"]: one["minus_v"] for one in sector["by_channel"]}
    assert by_channel["V"] is by_channel["O"] is None
    assert by_channel["S"] == {"points": 6.0, "low": 2.5, "high": 9.5, "direction": "higher", "equivalent": False}


def test_json_gives_shares_between_nought_and_one() -> None:
    card = json.loads(b"".join(FORMATS["json"].write(pages.scorecard())))
    (sector,) = card["sectors"]
    assert card["schema"] == "sipas-scorecard/1"
    assert 0 <= sector["weighted"]["low"] <= sector["weighted"]["value"] <= sector["weighted"]["high"] <= 1
    assert 1 <= sector["measures"]["mean"]["value"] <= 5
    assert sector["target"]["value"] == 0.9
    assert sector["items"][0] | {"name": 0} == {
        "code": "TC1",
        "name": 0,
        "instrument": "sipas-service-2023",
        "length": "",
        "factor": "TC",
        "side": "receiving",
        "hidden": PROTECTED,
        "estimate": None,
        "levels": [],
    }


def test_what_those_who_did_not_answer_could_change_stands_beside_the_judged_figure_alone() -> None:
    rows = {row["measure"]: row for row in table(pages.scorecard())}
    (sector,) = json.loads(b"".join(FORMATS["json"].write(pages.scorecard())))["sectors"]
    assert rows["overall"]["tipping_said"] == sector["silence"]["said"] == "flips_if_more"
    assert float(rows["overall"]["tipping"]) == sector["silence"]["tipping"]
    assert {row["tipping"] for name, row in rows.items() if name != "overall"} == {""}
    hidden = replace(pages.scorecard(), cards=(replace(pages.scorecard().cards[0], line=replace(pages.line(), verdict="hidden")),))
    (row,) = [row for row in table(hidden) if row["measure"] == "overall"]
    assert {row[name] for name in ("response_rate", "silent_low", "silent_high", "tipping", "tipping_said", "marks")} == {""}


def test_the_index_is_a_figure_without_a_verdict() -> None:
    (sector,) = json.loads(b"".join(FORMATS["json"].write(pages.scorecard())))["sectors"]
    (index,) = sector["index"]
    assert sum(factor["weight"] for factor in index["factors"]) == 1
    (row,) = [row for row in table(pages.scorecard()) if row["measure"].startswith("index:")]
    assert (row["verdict"], row["target"], row["difference_points"]) == ("", "", "")
    assert float(row["value"]) == index["estimate"]["value"]


def test_a_figure_that_is_unreliable_says_why_in_both_forms() -> None:
    shaky = replace(pages.estimate(), n_effective=21.0, df=4.0, low=0.6, high=0.95)
    page = pages.front(replace(pages.line(), estimate=shaky))
    (row,) = table(page)
    (line,) = json.loads(b"".join(FORMATS["json"].write(page)))["lines"]
    assert row["marks"].split() == line["weighted"]["marks"] == ["wide", "few_effective", "low_df"]


@pytest.mark.parametrize(("flags", "code"), [((), "few"), (("protects",), "protects")])
def test_silence_is_explained_in_two_languages(flags: tuple[str, ...], code: str) -> None:
    hidden = replace(pages.line(verdict="hidden"), flags=flags)
    (line,) = json.loads(b"".join(FORMATS["json"].write(pages.front(hidden))))["lines"]
    assert line["not_told"]["code"] == code
    assert line["not_told"]["vi"] == line["hidden"]
    assert line["not_told"]["en"]


def test_every_key_and_every_column_is_documented() -> None:
    names = {column.name for column in COLUMNS}
    for page in (pages.front(pages.line()), pages.scorecard(), pages.whole_card()):
        names |= keys(json.loads(b"".join(FORMATS["json"].write(page))))
    data = {"vi", "en", "overall", "pooled", "all", "mean", "V", "S"}
    assert [name for name in sorted(names - data) if f"`{name}`" not in DOCUMENTED] == []


def test_a_units_json_tells_each_sector_over_time_with_its_breaks_and_tests() -> None:
    (sector,) = json.loads(b"".join(FORMATS["json"].write(pages.whole_card())))["sectors"]
    trend = sector["trend"]
    assert [(one["since"], one["until"], one["p"], one["reason"]) for one in trend["slopes"]] == [
        ("2026-01", "2026-03", None, "few_periods"),
        ("2026-05", "2026-07", 0.0004, None),
    ]
    assert trend["slopes"][1]["any_change"] == {"f": 3.1, "first_df": 5.0, "second_df": 76.0, "p": 0.01}
    assert trend["breaks"] == [{"period": "2026-04", "reasons": ["borders"], "names": ["Xã Cũ"]}]
    assert trend["fixed_mix"]["mix"] == {"V": 0.4, "S": 0.6}
    assert (trend["fixed_mix"]["slope"], trend["fixed_mix"]["direction"]) == (0.4, "higher")
    (hidden,) = [point for point in trend["points"] if point["estimate"] is None]
    assert hidden == {"period": "2026-04", "estimate": None, "hidden": HIDDEN, "partial": False, "target": 0.9, "piece": 1}


def test_a_units_json_tells_what_goes_with_satisfaction() -> None:
    (sector,) = json.loads(b"".join(FORMATS["json"].write(pages.whole_card())))["sectors"]
    (form,) = sector["drivers"]
    assert (form["length"], form["n"], form["r_squared"], form["unreliable"]) == ("short", 120, 0.42, False)
    (factor,) = form["factors"]
    assert (factor["code"], factor["share"], factor["stands"], factor["alpha"], factor["estimate"]["value"]) == (
        "TC",
        0.3,
        "above",
        None,
        0.9,
    )


def test_a_series_of_one_period_and_a_sector_without_a_whole_form_say_nothing() -> None:
    whole = pages.whole_card()
    alone = replace(whole.trends[0], points=whole.trends[0].points[:1], pieces=whole.trends[0].pieces[:1])
    bare = replace(whole, trends=(alone,), drivers=(replace(whole.drivers[0], forms=()),))
    (sector,) = json.loads(b"".join(FORMATS["json"].write(bare)))["sectors"]
    assert (sector["trend"], sector["drivers"]) == (None, [])
    assert table(whole) == table(whole.card)
