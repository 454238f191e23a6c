"""Rows that do not fit their design get one exact complaint, with the line and the cure."""

from __future__ import annotations

import pytest
from estimate_inputs import DESIGN, RAKING, ROWS, SHARE, estimated, statistic

from sipas.estimates.refusals import BadInputError

BOTH = RAKING + '[[calibration.margins]]\ncolumns = "s"\ntotals = { A = 4, B = 4 }\n'
CLUSTERS = DESIGN.replace("[design]", '[design]\nclusters = "c"')
MEAN = statistic("m", "mean", 'column = "x"\nscale = [1, 5]')

FAULTS = {
    "a missing column": (DESIGN.replace('"s"', '"st"') + SHARE, ROWS, "column 'st' (design.strata of the design) is not in the file; write 's' if"),
    "two columns of one name": (DESIGN + SHARE, ROWS.replace("g,x", "y,x"), "column 'y' stands 2 times in the header; keep one"),
    "text in a number": (DESIGN + SHARE, ROWS.replace("4,3,", "4,bad,"), "column 'y', line 3: 'bad' is not a number"),
    "text in two": (DESIGN + SHARE, ROWS.replace(",3,f", ",bad,f").replace("4,m", "no,m"), "column 'y', line 3 (and 1 more): 'bad' is not a number"),
    "NA that was not declared": (DESIGN + SHARE, ROWS.replace("4,3,", "4,NA,"), 'column \'y\', line 3: \'NA\' is not a number; if it means that there was no answer, write missing = ["NA"]'),
    "per cent": (DESIGN + SHARE, ROWS.replace("A,1,2,", "A,1,20%,"), "column 'w', line 2: '20%' is not a number; write 0.9 for 90 %"),
    "thousands": (DESIGN + SHARE, ROWS.replace("A,1,2,", 'A,1,"2,000",').replace("1.5", "1"), "column 'w', line 2: '2,000' may have a comma between thousands or before decimals"),
    "two decimal marks": (DESIGN + SHARE, ROWS.replace("A,1,2,", 'A,1,"2,5",'), "column 'w': line 2 has '2,5' and line 4 has '1.5'; use one decimal mark"),
    "a number without end": (DESIGN + SHARE, ROWS.replace("A,1,2,", "A,1,1e300,"), "column 'w', line 2: '1e300' is not a number"),
    "a weight of 0": (DESIGN + SHARE, ROWS.replace("A,1,2,", "A,1,0,"), "column 'w', line 2: weight 0 is not above 0"),
    "negative weights": (DESIGN + SHARE, ROWS.replace(",1.5,", ",-1.5,"), "column 'w', line 4 (and 1 more): weight -1.5 is not above 0"),
    "no weight": (DESIGN + SHARE, ROWS.replace("A,1,2,", "A,1,,"), "column 'w', line 2: is empty; every row needs a weight"),
    "no stratum": (DESIGN + SHARE, ROWS.replace("B,3", ",3"), "column 's', line 4: is empty; every row needs its stratum"),
    "a population below its sample": (DESIGN + SHARE, ROWS.replace(",4,", ",1,", 2), "column 'N': stratum 'A' has 2 rows in the sample but only 1 in the population"),
    "a population that varies": (DESIGN + SHARE, ROWS.replace("A,2,2,4", "A,2,2,5"), "column 'N': stratum 'A' has population 4 in line 2 and 5 in line 3"),
    "a fraction for a population": (DESIGN + SHARE, ROWS.replace(",3,4,", ",0.5,4,").replace(",3,,", ",0.5,,"), "column 'N', line 4: 0.5 is no population size; give the number of units, not the sampling fraction"),
    "a table without a stratum": (DESIGN.replace('"N"', "{ A = 4, b = 3 }") + SHARE, ROWS, "stratum 'B' (line 4) has no size in [design.population]; choose from A, b"),
    "a table of half units": (DESIGN.replace('"N"', "{ A = 4.5, B = 3 }") + SHARE, ROWS, "[design.population], 'A': 4.5 is no population size"),
    "a stratum of text and number": (DESIGN + SHARE, ROWS.replace("A,1", "1,1").replace("A,2", "01,2"), "column 's': '1' (line 2) and '01' (line 3) are one number written in two ways"),
    "a stratum of 1 and 1.0": (DESIGN + SHARE, ROWS.replace("A,1", "1,1").replace("A,2", "1.0,2"), "column 's': '1' (line 2) and '1.0' (line 3) are one number"),
    "a table that says 01": (DESIGN.replace('"N"', '{ "01" = 4, B = 3 }') + SHARE, ROWS.replace("A,", "1,"), "stratum '1' (line 2) has no size in [design.population]; the file writes '01'"),
    "a cluster in two strata": (CLUSTERS + SHARE, ROWS.replace("B,3", "B,1"), "column 'c': cluster '1' lies in stratum 'A' (line 2) and in stratum 'B' (line 4); if labels begin anew in each stratum, write nest = true"),
    "a lonely stratum and fail": (DESIGN + 'lonely = "fail"\n' + SHARE, ROWS.replace("B,4,1.5,3,,f,11\n", ""), "stratum 'B' has one cluster, and the lonely rule is 'fail'"),
    "a margin without sample": (DESIGN + RAKING.replace("f = 4", "f = 3, z = 1") + SHARE, ROWS, "calibration: margin g: category z has population 1 but no respondents; merge it"),
    "a margin that lacks a category": (DESIGN + RAKING.replace(", f = 4", "") + SHARE, ROWS, "margin g: category 'f' (line 3) has no population total"),
    "margins that disagree": (DESIGN + BOTH + SHARE, ROWS, "calibration: margin s adds up to 8, but margin g to 7; correct one of them, or write rescale = true"),
    "a gap in a margin": (DESIGN + RAKING + SHARE, ROWS.replace("5,m", "5,"), "column 'g', line 2: is empty; every row needs a category of margin g"),
    "bounds too tight": (DESIGN + RAKING.replace('"raking"', '"logit"\nbounds = [0.99, 1.01]') + SHARE, ROWS, "calibration: column margin g, category m: total 3 cannot be met with weights between 0.99 and 1.01"),
    "trimming that cuts all": (DESIGN + "[trimming]\nlow = 0.9\nhigh = 1.1\n" + SHARE, ROWS, "trimming: no weight lies between 1.575 and 1.925"),
    "trimming beside bounds": (DESIGN + RAKING.replace('"raking"', '"logit"\nbounds = [0.5, 2]') + "[trimming]\n" + SHARE, ROWS, "trimming: method 'logit' holds its weights within bounds"),
    "a domain for each of thousands": ('[domains.x]\nby = "x"\n' + SHARE + 'domains = "x"\n', "y,x\n" + "".join(f"4,{k}\n" for k in range(5000)), "5001 estimates are asked for, and 5000 are the most; take domains with fewer values"),
    "a recode with a gap": ('[recodes.k]\nfrom = "g"\nvalues = { m = "man" }\n' + SHARE, ROWS, "column 'g', line 3: 'f' has no new value in recodes.k"),
    "a recode onto a column": ('[recodes.y]\nfrom = "g"\nvalues = { m = 1, f = 4 }\n' + SHARE, "y" + ROWS[1:].replace(",y,", ",z,"), "column 'y' is in the file, and the design recodes another to that name"),
    "a domain nobody is in": ('[domains.d]\nwhere = { g = "men" }\n' + SHARE + 'domains = "d"\n', ROWS, "domains.d: no row of column 'g' has 'men'; choose from f, m"),
    "a level spelled otherwise": (SHARE.replace("[4, 5]", '["4", "5.0"]'), ROWS, "statistics.sat: no row of column 'y' has level '5.0'; the file writes '5'"),
    "an answer off its scale": (MEAN, ROWS, "column 'x', line 2: 10 is outside the scale 1-5"),
    "a difference of nothing": (SHARE + statistic("d", "difference", 'first = "sat"\nsecond = "sta"'), ROWS, "statistics.d: 'sta' is not one of the estimates; write 'sat' if that is meant"),
    "a difference alone": (statistic("d", "difference", 'first = "a"\nsecond = "b"'), ROWS, "only differences and contrasts are asked for"),
    "mover of means": (statistic("x", "mean", 'column = "x"') + SHARE + statistic("d", "difference", 'first = "sat"\nsecond = "x"\ninterval = "mover"'), ROWS, "statistics.d.interval: 'mover' is for two shares"),
    "an empty file": (SHARE, " \n", "the file is empty; write a header and at least one row"),
    "a header alone": (SHARE, ROWS.splitlines()[0] + "\n", "the file has a header and nothing below"),
    "a long row": (SHARE, ROWS.replace("m,10", "m,10,7"), "line 2: has more cells than the header's 7"),
    "an open quotation mark": (SHARE, ROWS.replace("m,10", '"m,10'), "line 2: has a quotation mark that is not closed"),
}  # fmt: skip


@pytest.mark.parametrize(("toml", "rows", "told"), FAULTS.values(), ids=FAULTS)
def test_a_fault_of_the_rows_is_told_once_and_exactly(toml: str, rows: str, told: str) -> None:
    with pytest.raises(BadInputError) as refusal:
        estimated(toml, rows)
    assert len(refusal.value.complaints) == 1
    assert told in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_every_missing_column_is_told() -> None:
    with pytest.raises(BadInputError) as refusal:
        estimated(DESIGN + SHARE, "s,y\nA,4\n")
    assert [complaint.split()[1] for complaint in refusal.value.complaints] == ["'w'", "'N'"]
