"""The same figures from R's survey package and from the product, on the same 100,000 answers, in one run.

.venv/bin/python tests/benchmarks/beside_r.py [answers] [domains for R]

R takes hours for all 1,000 domains, so it is given some of them and its time is multiplied: the cost of a domain is the same for each,
because a post-stratified design keeps all its rows. Needs Rscript with the survey package.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).resolve().parent))

import counted_wave
import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
import wave_files as made

from sipas.reports.sample import month_of

R = """
suppressMessages(library(survey)); options(survey.lonely.psu = "adjust")
arguments <- commandArgs(TRUE); rows <- read.csv(arguments[1]); some <- as.integer(arguments[2])
items <- setdiff(names(rows), c("stratum", "cluster", "month", "weight"))
for (item in items) { rows[[paste0("y", item)]] <- as.numeric(rows[[item]] >= 4); rows[[item]] <- as.numeric(rows[[item]] > 0) }
began <- proc.time()[["elapsed"]]
rows$cell <- factor(paste(rows$stratum, rows$month))
design <- svydesign(~cluster, strata = ~stratum, weights = ~weight, data = rows, nest = TRUE, check.strata = FALSE)
totals <- data.frame(cell = levels(rows$cell)); totals$Freq <- 10 * as.numeric(table(rows$cell)[totals$cell])
design <- postStratify(design, ~cell, totals)
ready <- proc.time()[["elapsed"]]
for (domain in head(sort(unique(rows$stratum)), some)) {
  part <- subset(design, stratum == domain)
  totals <- svytotal(as.formula(paste0("~", paste(c(paste0("y", items), items), collapse = "+"))), part)
  each <- lapply(items, function(item) as.call(list(as.name("/"), as.name(paste0("y", item)), as.name(item))))
  names(each) <- items
  found <- svycontrast(totals, each)
}
cat(ready - began, proc.time()[["elapsed"]] - ready, as.numeric(coef(found))[1], as.numeric(SE(found))[1], "\\n")
"""


def main() -> None:
    """Write the file for R, run both, print the ratio."""
    answers = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    some = int(sys.argv[2]) if len(sys.argv) > 2 else 8
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made.write_wave(folder, counted_wave.SHELF, answers=answers)
        counted_wave.estimate_wave(counted_wave.count_wave(folder))  # libraries are loaded at their first use
        began = perf_counter()
        figures, _ = counted_wave.estimate_wave(counted_wave.count_wave(folder))
        ours = perf_counter() - began
        strata = write_csv(folder)
        (folder / "beside.R").write_text(R)
        out = subprocess.run(["Rscript", folder / "beside.R", folder / "rows.csv", str(some)], check=True, capture_output=True, text=True)
    ready, part, value, error = map(float, out.stdout.split()[-4:])
    theirs = ready + part * strata / some
    print(f"product: {ours:.3f} s for {figures} figures of {answers} answers")
    print(f"R survey: design {ready:.1f} s, {some} of {strata} domains × 20 items {part:.1f} s; all domains about {theirs:,.0f} s")
    print(f"R : product = {theirs / ours:,.0f} (first share {value:.6f}, se {error:.6f})")


def write_csv(folder: Path) -> int:
    """The rows of all weeks with stratum, cluster and weight; how many strata."""
    tables = [pq.read_table(path) for path in sorted((folder / made.WAVE).glob("*.parquet"))]
    first, parts = 0, []
    for table in tables:
        cluster = table["cluster"].to_numpy() + first
        first = int(cluster.max()) + 1
        sector = np.array([made.SECTORS.index(word) for word in table["sector"].to_pylist()])
        stratum = table["unit"].to_numpy() * len(made.SECTORS) + sector
        items = {field.name: table[field.name] for field in table.schema if field.type == pa.int8()}
        month = np.full(len(stratum), int(month_of(str(table.schema.metadata[b"sipas.week"], "ascii"), counted_wave.WAVE)[5:]))
        parts.append(pa.table({"stratum": stratum, "cluster": cluster, "month": month, "weight": np.full(len(stratum), 10.0)} | items))
    whole = pa.concat_tables(parts)
    pc.write_csv(whole, folder / "rows.csv")
    return len(np.unique(whole["stratum"].to_numpy()))


if __name__ == "__main__":
    main()
