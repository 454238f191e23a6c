"""The three worked examples, as R's survey repeats them: golden/estimate_examples.R."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sipas.cli.estimate import read
from sipas.estimates.answer import Answer, answer
from sipas.estimates.design_file import read_design

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "docs" / "examples"
GOLDEN: dict[str, Any] = json.loads((ROOT / "tests" / "stats" / "golden" / "estimate_examples.json").read_text())
RELATIVE = 1e-8


def example(name: str) -> Answer:
    path = EXAMPLES / f"{name}.toml"
    request = read_design(path.read_bytes(), path.name)
    return answer(read(EXAMPLES / f"{name}.csv", request), request)


def close(mine: list[float] | np.ndarray[Any, Any], r: list[float]) -> bool:
    """Relative 1e-8, and where a figure is 0 but for rounding, 1e-12 of the largest beside it."""
    theirs = np.asarray(r, np.float64)
    return np.shape(mine) == theirs.shape and np.allclose(mine, theirs, rtol=RELATIVE, atol=1e-12 * np.max(np.abs(theirs)))


@pytest.mark.parametrize("name", ["offices", "clinics", "schools"])
def test_estimates_and_their_whole_covariance_are_those_of_r(name: str) -> None:
    made, r = example(name), GOLDEN[name]
    k = len(r["estimate"])
    assert close([line.estimate for line in made.lines], r["estimate"])
    theirs = np.array(r["covariance"]).reshape(k, k)
    size = np.sqrt(np.outer(np.diag(theirs), np.diag(theirs)))
    assert np.all(np.abs(made.covariance - theirs) <= RELATIVE * np.abs(theirs) + 1e-11 * size)
    assert close([line.se for line in made.lines], np.sqrt(np.diag(theirs)).tolist())


@pytest.mark.parametrize("name", ["offices", "clinics", "schools"])
def test_limits_counts_and_degrees_of_freedom_are_those_of_r(name: str) -> None:
    made, r = example(name), GOLDEN[name]
    limits = len(r["low"])  # the last difference of the offices is MOVER's, which R does not have
    assert close([line.low for line in made.lines][:limits], r["low"])
    assert close([line.high for line in made.lines][:limits], r["high"])
    assert [line.n for line in made.lines][: len(r["n"])] == r["n"]
    assert [line.df for line in made.lines][: len(r["df"])] == r["df"]


def test_p_values_pooled_and_design_effects_are_those_of_r() -> None:
    lines, r = example("offices").lines, GOLDEN["offices"]
    assert close([line.p for line in lines[:5]], r["p"])
    assert close([line.n_kish for line in lines[:5]], r["n_kish"])
    assert close([lines[0].d_pool], r["d_pool"])
    assert close([lines[0].deff], r["deff"])
    assert close([lines[0].deff_replace, lines[5].deff_replace], r["deff_replace"])
    lines, r = example("schools").lines, GOLDEN["schools"]
    assert close([lines[5].p, lines[6].p], r["p"])
    assert close([lines[5].deff], r["deff"])
    assert close([lines[0].deff_replace, lines[5].deff_replace], r["deff_replace"])
    lines, r = example("clinics").lines, GOLDEN["clinics"]
    assert close([line.p for line in lines[:4]] + [lines[8].p], r["p"] + r["p_contrast"])


@pytest.mark.parametrize("name", ["clinics", "schools"])
def test_calibrated_weights_are_those_of_r(name: str) -> None:
    told = example(name).told
    assert close([told["weight_sum"], told["n_kish"]], [GOLDEN[name][key][0] for key in ("weight_sum", "n_kish")])
