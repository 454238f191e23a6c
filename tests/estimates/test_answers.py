"""What estimates from anyone's rows must keep, whatever the rows."""

from __future__ import annotations

import json
import math
from itertools import product

import numpy as np
import pytest
import scipy
from estimate_inputs import DESIGN, RAKING, ROWS, SHARE, estimated, lines, statistic
from hypothesis import given, settings
from hypothesis import strategies as st

from sipas.estimates.telling import as_json, as_table
from sipas.stats.interval_methods import INTERVALS

METHODS = [name for name in INTERVALS if name != "t"]
MEAN = statistic("x", "mean", 'column = "x"')
COUNT = statistic("units", "total", "")


def made(seed: int, n: int = 60) -> list[str]:
    rng = np.random.default_rng(seed)
    answers = rng.choice(["1", "3", "4", "5", ""], n, p=[0.1, 0.15, 0.35, 0.3, 0.1])
    return [
        f"{'AB'[k % 2]},{k // 3},{rng.uniform(1, 9):.3f},90,{y},{rng.choice(['m', 'f'])},{rng.normal():.4f}" for k, y in enumerate(answers)
    ]


def rows(body: list[str]) -> str:
    return "\n".join([ROWS.splitlines()[0], *body]) + "\n"


def test_permuting_rows_changes_no_bit() -> None:
    toml = (
        'covariance = true\n[design]\nstrata = "s"\nclusters = "c"\nnest = true\nweight = "w"\n'
        + RAKING.replace("3", "30")
        + SHARE
        + MEAN
        + COUNT
    )
    body = made(1)
    first = estimated(toml, rows(body))
    again = estimated(toml, rows([body[k] for k in np.random.default_rng(2).permutation(len(body))]))
    assert as_json(first) == as_json(again)


def test_doubling_all_weights_changes_no_share_and_doubles_totals() -> None:
    toml = '[design]\nstrata = "s"\nweight = "w"\n' + SHARE + statistic("t", "total", 'column = "x"')
    body = [line.split(",") for line in made(3)]
    double = [",".join([*cells[:2], repr(2 * float(cells[2])), *cells[3:]]) for cells in body]
    one, two = lines(toml, rows([",".join(cells) for cells in body])), lines(toml, rows(double))
    assert (one["sat"].estimate, one["sat"].se, one["sat"].low) == (two["sat"].estimate, two["sat"].se, two["sat"].low)
    assert two["t"].estimate == 2 * (one["t"].estimate or 0)
    assert two["t"].se == 2 * (one["t"].se or 0)


def test_a_domain_is_a_ratio_over_the_whole_design_and_not_a_filtered_file() -> None:
    body = made(4)
    coded = [f"{line},{int(c == 'm')},{int(c == 'm' and y in '45')}" for line in body for _, _, _, _, y, c, _ in [line.split(",")] if y]
    design = '[design]\nstrata = "s"\nweight = "w"\npopulation = "N"\n'
    whole = "s,c,w,N,y,g,x,member,hit\n" + "\n".join(coded) + "\n"
    toml = design + '[domains.men]\nwhere = { g = "m" }\n' + SHARE + 'domains = "men"\n'
    toml += statistic("as ratio", "ratio", 'numerator = "hit"\ndenominator = "member"')
    found = lines(toml, whole)
    assert found["sat [men]"].estimate == pytest.approx(found["as ratio"].estimate, rel=1e-14)
    assert found["sat [men]"].se == pytest.approx(found["as ratio"].se, rel=1e-12)
    men = "s,c,w,N,y,g,x,member,hit\n" + "\n".join(line for line in coded if ",m," in line) + "\n"
    assert lines(design + SHARE, men)["sat"].se != pytest.approx(found["sat [men]"].se, rel=1e-6)


def test_a_perfect_sheet_scores_exactly_the_top_of_its_scale() -> None:
    columns = [f"q{k}" for k in range(9)]
    perfect = ",".join(columns) + "\n" + 7 * (",".join(["4"] * 9) + "\n")
    more = f'columns = {columns}\nweights = {["1/9"] * 9}\nscale = "25x"'
    found = lines(statistic("index", "composite", more.replace("'", '"')), perfect)["index"]
    assert found.estimate == found.high == 100.0
    assert found.low is not None
    assert 25 < found.low < 100


@pytest.mark.parametrize("method", METHODS)
def test_a_p_value_is_dual_to_its_interval(method: str) -> None:
    body = rows(made(5))
    for target in (0.55, 0.6, 0.7, 0.75, 0.8, 0.95):
        toml = f'interval = "{method}"\n[design]\nstrata = "s"\nweight = "w"\n' + SHARE + f"target = {target}\n"
        found = lines(toml, body)["sat"]
        assert found.estimate is not None
        assert found.p is not None
        assert found.low is not None
        assert found.high is not None
        cleared = found.low >= target if found.estimate >= target else found.high < target
        assert (found.p <= 0.025) == cleared, (target, found)
        assert found.verdict == ("undecided" if not cleared else "met" if found.estimate >= target else "not_met")


def test_a_p_value_by_inversion_is_the_one_of_the_formula() -> None:
    found = lines('interval = "logit"\n[design]\nstrata = "s"\nweight = "w"\n' + SHARE + "target = 0.6\n", rows(made(5)))["sat"]
    assert found.estimate is not None
    assert found.se is not None
    distance = (scipy.special.logit(found.estimate) - scipy.special.logit(0.6)) * found.estimate * (1 - found.estimate) / found.se
    assert found.p == pytest.approx(scipy.special.stdtr(found.df, -abs(distance)), rel=1e-9)


def test_a_p_value_at_another_level_follows_that_level() -> None:
    toml = "level = 0.8\n" + SHARE + "target = 0.62\n"
    found = lines(toml, rows(made(6)))["sat"]
    assert found.p is not None
    assert found.low is not None
    assert (found.p <= 0.1) == (found.low >= 0.62)


@pytest.mark.parametrize("method", ["linear", "raking", "logit", "truncated"])
def test_calibrated_totals_are_known_and_told_without_error(method: str) -> None:
    bounds = "bounds = [0.2, 4]\n" if method in {"logit", "truncated"} else ""
    margins = '[[calibration.margins]]\ncolumns = "g"\ntotals = { m = 160, f = 150 }\n[[calibration.margins]]\ncolumns = "v"\ntotal = 700\n'
    body = "s,c,w,N,y,g,x,v\n" + "\n".join(f"{line},{1 + k % 4}" for k, line in enumerate(made(7))) + "\n"
    toml = (
        f'[design]\nweight = "w"\n[calibration]\nmethod = "{method}"\n{bounds}' + margins + COUNT + statistic("v", "total", 'column = "v"')
    )
    found = lines(toml, body)
    for name, total in (("units", 310), ("v", 700)):
        line = found[name]
        assert line.estimate == pytest.approx(total, rel=1e-11)
        assert (line.se, line.low, line.high) == (0.0, line.estimate, line.estimate)


def test_a_margin_that_disagrees_is_rescaled_by_wish_and_said() -> None:
    both = RAKING + '[[calibration.margins]]\ncolumns = "s"\ntotals = { A = 4, B = 4 }\n'
    found = estimated(DESIGN + both.replace('"raking"', '"raking"\nrescale = true') + SHARE)
    assert found.warnings == ("margin s adds up to 8, but margin g to 7; it was rescaled.",)
    assert found.told["weight_sum"] == pytest.approx(7)
    found = estimated(DESIGN + both.replace('"raking"', '"raking"\nrescale = true\npopulation = 14') + SHARE)
    assert found.told["weight_sum"] == pytest.approx(14)


def test_trimming_stands_beside_what_was_before() -> None:
    body = made(8)
    body[0] = body[0].replace(body[0].split(",")[2], "400")
    plain = estimated('[design]\nweight = "w"\n' + SHARE, rows(body))
    cut = estimated('[design]\nweight = "w"\n[trimming]\nlow = 0.3\nhigh = 3\n' + SHARE, rows(body))
    told = cut.told["trimming"]
    assert isinstance(told, dict)
    assert cut.lines[0].untrimmed == plain.lines[0].estimate != cut.lines[0].estimate
    assert told["n_kish_before"] == plain.told["n_kish"]
    assert told["n_kish_after"] == cut.told["n_kish"] > 2 * told["n_kish_before"]
    assert cut.told["weight_sum"] == pytest.approx(plain.told["weight_sum"])
    assert "Before trimming:" in as_table(cut)


def test_a_difference_uses_the_covariance_of_the_whole_design() -> None:
    toml = (
        'covariance = true\n[design]\nstrata = "s"\nclusters = "c"\nnest = true\nweight = "w"\n[domains.g]\nby = "g"\n' + SHARE + 'domains = "g"\n'
        + statistic("d", "difference", 'first = "sat [g=m]"\nsecond = "sat [g=f]"')
        + statistic("wald", "difference", 'first = "sat [g=m]"\nsecond = "sat [g=f]"\ninterval = "t"')
        + statistic("same", "contrast", 'of = ["sat [g=f]", "sat [g=m]"]\ncoefficients = [-2, 2]')
    )  # fmt: skip
    found = estimated(toml, rows(made(9)))
    at = {name: k for k, name in enumerate(found.names)}
    first, second, d = (at[name] for name in ("sat [g=m]", "sat [g=f]", "d"))
    v, line = found.covariance, {line.name: line for line in found.lines}
    assert v[first, second] != 0
    assert v[d, d] == pytest.approx(v[first, first] + v[second, second] - 2 * v[first, second], rel=1e-12)
    assert line["same"].estimate == pytest.approx(2 * (line["d"].estimate or 0), rel=1e-12)
    assert line["same"].se == pytest.approx(2 * (line["d"].se or 0), rel=1e-12)
    assert line["wald"].p == pytest.approx(line["same"].p, rel=1e-12)
    assert (line["d"].interval, line["wald"].interval) == ("mover", "t")
    assert line["d"].low is not None
    assert line["d"].low > -1


def test_what_is_known_of_a_counted_population_bounds_its_share() -> None:
    everyone = lines(DESIGN + SHARE, "s,w,N,y\nA,1,2,5\nA,1,2,3\n")["sat"]
    assert (everyone.estimate, everyone.low, everyone.high) == (0.5, 0.5, 0.5)
    nearly = lines(DESIGN + SHARE, "s,w,N,y\n" + "A,1.1,11,5\n" * 9 + "A,1.1,11,3\n")["sat"]
    assert nearly.population == 11
    assert nearly.low is not None
    assert nearly.low >= 9 / 11
    assert nearly.high == 10 / 11


def test_weights_that_miss_the_population_are_told() -> None:
    assert "Weights add up to 7 and population sizes to 70: one of them may be wrong." in estimated(
        DESIGN + SHARE, ROWS.replace(",4,", ",40,").replace(",3,4", ",30,4").replace(",3,,", ",30,,")
    ).warnings  # fmt: skip


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("AB"), st.sampled_from("1234"), st.sampled_from(["", "1", "4", "5"]), st.sampled_from("mf")), min_size=1, max_size=12),
    st.sampled_from(list(product(METHODS, ["adjust", "average", "certainty", "remove"]))),
    st.sampled_from(["0.001", "1", "1e9"]),
)  # fmt: skip
def test_no_legal_rows_give_a_missing_number_or_a_limit_on_the_wrong_side(
    body: list[tuple[str, str, str, str]], ways: tuple[str, str], heavy: str
) -> None:
    text = "s,c,y,g,w\n" + "".join(f"{s},{c},{y},{g},{heavy if k == 0 else 2}\n" for k, (s, c, y, g) in enumerate(body))
    toml = f'interval = "{ways[0]}"\ncovariance = true\n[design]\nstrata = "s"\nclusters = "c"\nnest = true\nweight = "w"\nlonely = "{ways[1]}"\n'
    toml += '[domains.g]\nby = "g"\n' + SHARE + 'domains = "g"\ntarget = 0.85\n'
    toml += statistic("level", "mean", 'column = "y"\nscale = [1, 5]\ntarget = 4') + statistic("sum", "total", 'column = "y"') + COUNT
    toml += statistic("index", "composite", 'columns = ["y"]\nlevels = [4, 5]\ntarget = 0.5')
    toml += statistic("d", "contrast", 'of = ["sat", "level"]\ncoefficients = [1, -1]')
    found = estimated(toml, text)
    told = json.loads(as_json(found), parse_constant=pytest.fail)
    assert as_table(found)
    for line in told["estimates"]:
        if line["estimate"] is None:
            continue
        low, high = (-math.inf if line["low"] is None else line["low"], math.inf if line["high"] is None else line["high"])
        assert low <= line["estimate"] <= high
        assert line["kind"] != "share" or 0 <= low < high <= 1
        assert line["p"] is None or 0 <= line["p"] <= 1
