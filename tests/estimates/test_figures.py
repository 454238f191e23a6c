"""Figures whose answer is known beforehand: scales, populations, verdicts, margins side by side."""

from __future__ import annotations

import numpy as np
import pytest
from estimate_inputs import DESIGN, SHARE, estimated, lines, statistic


def paired(n: int, seed: int = 5) -> str:
    """Answers of which the second is nearly the first, and a group of two."""
    rng = np.random.default_rng(seed)
    first = rng.choice(5, n, p=[0.08, 0.1, 0.12, 0.3, 0.4]) + 1
    second = np.where(rng.random(n) < 0.9, first, rng.choice(5, n) + 1)
    weight = rng.uniform(1, 5, n)
    rows = zip(first.tolist(), second.tolist(), weight.tolist(), rng.choice(["m", "f"], n).tolist(), strict=True)
    return "y,z,w,g,band,size\n" + "".join(f"{y},{z},{w!r},{g},{'abc'[k % 3]},{1 + k % 4}\n" for k, (y, z, w, g) in enumerate(rows))


def test_mover_uses_what_two_answers_of_one_person_share() -> None:
    toml = '[design]\nweight = "w"\n' + SHARE + SHARE.replace('"y"', '"z"').replace('"sat"', '"other"')
    found = lines(toml + statistic("d", "difference", 'first = "sat"\nsecond = "other"'), paired(900))
    wide = {name: (found[name].high or 0) - (found[name].low or 0) for name in ("sat", "other", "d")}
    assert wide["d"] < 0.7 * np.hypot(wide["sat"], wide["other"])
    assert wide["d"] == pytest.approx(2 * 1.963 * (found["d"].se or 0), rel=0.05)


def test_an_index_is_printed_on_its_scale_with_its_limits_and_target() -> None:
    rows = paired(200)
    of = 'columns = ["y", "z"]\nscale = '
    by = {scale: lines(statistic("i", "composite", of + f'"{scale}"'), rows)["i"] for scale in ("mean", "20x", "25(x-1)")}
    mean = by["mean"]
    for scale, factor, shift in (("20x", 20, 0), ("25(x-1)", 25, 1)):
        for figure in ("estimate", "low", "high"):
            assert getattr(by[scale], figure) == pytest.approx(factor * (getattr(mean, figure) - shift), rel=1e-12)
        assert by[scale].se == pytest.approx(factor * (mean.se or 0), rel=1e-12)
    one = lines(statistic("i", "composite", of + '"mean"\ntarget = 3.7'), rows)["i"]
    two = lines(statistic("i", "composite", of + '"25(x-1)"\ntarget = 67.5'), rows)["i"]
    assert one.p == pytest.approx(two.p, rel=1e-9)
    assert one.verdict == two.verdict


def test_a_difference_of_indices_is_on_their_scale() -> None:
    of = 'columns = ["y", "z"]\nscale = "25(x-1)"\ndomains = "g"'
    toml = '[domains.g]\nby = "g"\n' + statistic("i", "composite", of)
    toml += statistic("d", "difference", 'first = "i [g=m]"\nsecond = "i [g=f]"')
    found = lines(toml, paired(200))
    assert found["d"].estimate == pytest.approx((found["i [g=m]"].estimate or 0) - (found["i [g=f]"].estimate or 0), rel=1e-12)
    assert found["d"].interval == "t"


def test_a_population_is_known_only_of_domains_made_of_strata() -> None:
    rows = "s,g,w,N,y\n" + "A,m,2,20,5\nA,f,2,20,4\nB,m,3,30,2\nB,f,3,30,5\n" * 5
    toml = (
        DESIGN
        + '[recodes.both]\nfrom = "s"\nvalues = { A = "x", B = "x" }\n'
        + '[domains.s]\nby = "s"\n[domains.both]\nby = "both"\n[domains.g]\nby = "g"\n[domains.part]\nwhere = { s = "A", g = "m" }\n'
        + SHARE
        + 'domains = ["s", "both", "g", "part"]\n'
    )
    found = {line.domain: line.population for line in estimated(toml, rows).lines}
    assert found == {"": 50, "s=A": 20, "s=B": 30, "both=x": 50, "g=f": None, "g=m": None, "part": None}
    clustered = '[design]\nclusters = "g"\nnest = true\nstrata = "s"\nweight = "w"\npopulation = "N"\n' + SHARE
    assert estimated(clustered, rows).lines[0].population is None  # the sizes count clusters


@pytest.mark.parametrize(("n", "verdict"), [(9, "hidden"), (10, "too_few"), (29, "too_few"), (30, "undecided"), (400, "met")])
def test_a_verdict_needs_thirty_answers(n: int, verdict: str) -> None:
    assert lines(SHARE + "target = 0.95\n", "y\n" + "5\n" * n)["sat"].verdict == verdict


def test_trimming_without_margins_takes_nothing_off_the_variance() -> None:
    rows = paired(80)
    toml = '[design]\nweight = "w"\n[trimming]\nlow = 0.5\nhigh = 1.4\n' + statistic("units", "total", "")
    found = lines(toml, rows)["units"]
    assert found.se is not None
    assert found.se > 0
    assert found.estimate == pytest.approx(found.untrimmed)


@pytest.mark.parametrize("method", ["linear", "raking", "logit", "truncated"])
def test_margins_of_categories_and_numbers_hold_together(method: str) -> None:
    bounds = "bounds = [0.3, 3]\n" if method in {"logit", "truncated"} else ""
    margins = '[[calibration.margins]]\ncolumns = "g"\ntotals = { m = 300, f = 310 }\n'
    margins += '[[calibration.margins]]\ncolumns = "band"\ntotals = { a = 200, b = 210, c = 200 }\n'
    margins += '[[calibration.margins]]\ncolumns = "size"\ntotal = 1500\n'
    counts = "".join(statistic(name, "total", f'column = "{name}"') for name in ("m", "a", "size"))
    recodes = '[recodes.m]\nfrom = "g"\nvalues = { m = 1, f = 0 }\n[recodes.a]\nfrom = "band"\nvalues = { a = 1 }\nothers = "0"\n'
    toml = '[design]\nweight = "w"\n' + f'[calibration]\nmethod = "{method}"\n{bounds}' + margins + recodes + counts
    found = lines(toml, paired(200))
    assert [found[name].estimate for name in ("m", "a", "size")] == pytest.approx([300, 200, 1500], rel=1e-11)
    assert [found[name].low for name in ("m", "a", "size")] == pytest.approx([300, 200, 1500], rel=1e-11)


def test_a_total_without_anything_to_tell_its_error_has_no_limits() -> None:
    found = estimated(statistic("t", "total", 'column = "y"'), "y\n3\n")
    assert (found.lines[0].estimate, found.lines[0].low, found.lines[0].high) == (3.0, None, None)
    assert "t: the sample sets no limits." in found.warnings
