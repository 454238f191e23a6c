"""A design file that is wrong gets one exact complaint for each fault, with its place and its cure."""

from __future__ import annotations

import pytest
from estimate_inputs import DESIGN, RAKING, SHARE, request, statistic

from sipas.estimates.refusals import BadInputError

NINE = "columns = [" + ", ".join(f'"q{k}"' for k in range(9)) + "]\n"

FAULTS = {
    "an unknown key": (DESIGN.replace("strata", "stratum") + SHARE, "design.stratum: is not a key that belongs here; write 'strata'"),
    "a key of another kind": (DESIGN + SHARE + "level = 0.9\n", "statistics.sat.level: is not a key that belongs here; write 'levels'"),
    "an unknown table": (SHARE + '[desing]\nstrata = "s"\n', "desing: is not a key that belongs here; write 'design'"),
    "no TOML": ("level = \n", "this is no TOML: Invalid value (at line 1, column 9); mend that place"),
    "no statistic": (DESIGN, "statistics: nothing is asked for; add [[statistics]] with name and kind"),
    "an unknown kind": (SHARE.replace('"share"', '"shares"'), "statistics.sat.kind: 'shares' is not known; write 'share'"),
    "an unknown interval": ('interval = "wald"\n' + SHARE, "interval: 'wald' is not known; choose from kg20, wilson20, wilson"),
    "the interval of means": ('interval = "t"\n' + SHARE, "interval: 't' is not known"),
    "an unknown lonely rule": (DESIGN + 'lonely = "ajust"\n' + SHARE, "design.lonely: 'ajust' is not known; write 'adjust'"),
    "a level of 95": ("level = 95\n" + SHARE, "level: 95 is no number above 0 and below 1"),
    "two of one name": (SHARE + SHARE, "statistics.sat.name: two statistics are called 'sat'; give each a name of its own"),
    "no levels": (SHARE.replace("levels = [4, 5]", ""), "statistics.sat.levels: levels are missing"),
    "levels of two kinds": (SHARE.replace("4, 5", '4, "5"'), "statistics.sat.levels: mixes texts and numbers"),
    "an undefined domain": (SHARE + 'domains = ["unit"]\n', "statistics.sat.domains: 'unit' is not one of the domains; add [domains.unit]"),
    "a domain without a rule": ("[domains.a]\n" + SHARE, "domains.a: has not one of by and where"),
    "0.11 that means 1/9": (
        statistic("index", "composite", NINE + f"weights = {[0.11] * 9}"),
        'statistics.index.weights: weights add up to 0.99, not to 1: 0.11 looks like 1/9; write fractions as text, "1/9"',
    ),
    "too few weights": (
        statistic("index", "composite", NINE + 'weights = ["1/2", "1/2"]'),
        "statistics.index.weights: 2 weights for 9 columns",
    ),
    "a scale of shares without levels": (
        statistic("index", "composite", NINE + 'scale = "share_pct"'),
        "statistics.index.scale: 'share_pct' is not known; choose from mean, 20x, 25(x-1), 25x",
    ),
    "a target off the scale": (
        statistic("m", "mean", 'column = "y"\nscale = [1, 5]\ntarget = 90'),
        "statistics.m.target: 90 is not inside the scale",
    ),
    "coefficients of 0": (
        statistic("d", "contrast", 'of = ["a", "b"]\ncoefficients = [0, 0]'),
        "statistics.d.coefficients: all coefficients are 0",
    ),
    "too few coefficients": (
        statistic("d", "contrast", 'of = ["a", "b"]\ncoefficients = [1]'),
        "statistics.d.of: 2 estimates and 1 coefficients",
    ),
    "one thing with itself": (
        statistic("d", "difference", 'first = "a"\nsecond = "a"'),
        "statistics.d.second: first and second are the same",
    ),
    "a bracket in a name": (SHARE.replace('"sat"', '"sat [x]"'), "holds a bracket, which parts a statistic from its domain"),
    "logit without bounds": (RAKING.replace("raking", "logit") + SHARE, "calibration.bounds: method 'logit' needs bounds"),
    "raking with bounds": (
        RAKING.replace('"raking"', '"raking"\nbounds = [0.5, 2]') + SHARE,
        "calibration.bounds: method 'raking' has no bounds; delete them, or choose from logit, truncated",
    ),
    "bounds of three": (
        RAKING.replace('"raking"', '"logit"\nbounds = [0.5, 1, 2]') + SHARE,
        "calibration.bounds: [0.5, 1, 2] is no list of 2 numbers",
    ),
    "post-strata of two margins": (
        RAKING.replace("raking", "post") + '[[calibration.margins]]\ncolumns = "s"\ntotals = { A = 7 }\n' + SHARE,
        "calibration.method: post-strata are one margin of categories",
    ),
    "a margin without totals": (RAKING.split("totals")[0] + SHARE, "calibration.margins.1: has not one of totals and total"),
    "a total that is text": (RAKING.replace("m = 3", 'm = "3"') + SHARE, "calibration.margins.1.totals.m: '3' is no number"),
    "trimming above the median": ("[trimming]\nlow = 3\n" + SHARE, "trimming.low: 3 is no number below 1"),
    "two stages without clusters": (
        DESIGN + '[design.second]\npopulation = "M"\n' + SHARE,
        "design.clusters: a second stage needs clusters",
    ),
    "a recode of nothing": ('[recodes.a]\nfrom = "y"\n' + SHARE, "recodes.a: has not one of values and cuts"),
    "cuts that fall": (
        '[recodes.a]\nfrom = "y"\ncuts = [6, 4]\nlabels = ["x", "y", "z"]\n' + SHARE,
        "recodes.a.cuts: 2 cuts and 3 labels; write ascending cuts",
    ),
    "a pooled effect below 1": ("pooled_effect = 0.8\n" + SHARE, "pooled_effect: 0.8 is no pooled design effect"),
}


@pytest.mark.parametrize(("toml", "told"), FAULTS.values(), ids=FAULTS)
def test_a_fault_of_a_design_is_told_once_and_exactly(toml: str, told: str) -> None:
    with pytest.raises(BadInputError) as refusal:
        request(toml)
    assert len(refusal.value.complaints) == 1
    assert told in str(refusal.value)
    assert str(refusal.value).startswith("design.toml: ")


def test_all_faults_of_a_design_are_told_at_once() -> None:
    toml = DESIGN.replace("strata", "stratum") + "lonley = true\n" + SHARE.replace("share", "shares") + "target = 2\n"
    with pytest.raises(BadInputError) as refusal:
        request(toml)
    assert len(refusal.value.complaints) == 4
    assert str(refusal.value).splitlines()[0] == "design.toml: 4 faults."


def test_a_design_that_is_not_utf_8_is_refused() -> None:
    from sipas.estimates.design_file import read_design

    with pytest.raises(BadInputError, match="the design is not UTF-8"):
        read_design("name = 'Đất'".encode("utf-16"), "design.toml")
