"""Every golden script, run again, writes the files that are kept: where R with survey and MASS is there."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
from functools import cache
from math import isclose
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent / "golden"
SCRIPTS = sorted(GOLDEN.glob("*.R"))
RELATIVE = 1e-8
ROUNDED = 1e-15  # beside the largest number of its list: R's own rounding of a 0
MADE_WITH = "4.1.1"


@cache
def survey_version() -> str | None:
    """The version of R's survey, or None where Rscript, survey or MASS is missing."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        return None
    asked = 'library(MASS); cat(format(packageVersion("survey")))'
    done = subprocess.run([rscript, "-e", asked], capture_output=True, text=True, check=False, timeout=120)
    return done.stdout.strip() if done.returncode == 0 else None


def need_r() -> str:
    version = survey_version()
    if version is None:
        missing = (
            "golden files were NOT made again: Rscript with the packages survey and MASS is missing (r-base-core r-cran-survey r-cran-mass)"
        )
        if "SIPAS_ALL_TOOLS" in os.environ:
            pytest.fail(missing)
        pytest.skip(missing)
    return version


def read(path: Path) -> object:
    if path.suffix == ".json":
        return json.loads(path.read_text())
    with path.open(newline="") as file:
        columns = list(zip(*csv.reader(file), strict=True))
    return {column[0]: [number(cell) for cell in column[1:]] for column in columns}


def number(cell: str) -> float | str:
    try:
        return float(cell)
    except ValueError:
        return cell


def differences(kept: object, again: object, place: str = "") -> list[str]:
    """Where two files differ, a line each."""
    if isinstance(kept, dict) and isinstance(again, dict):
        found = [f"{place}: {sorted(kept.keys() ^ again.keys())} only in one"] if kept.keys() != again.keys() else []
        return found + [line for key in kept.keys() & again.keys() for line in differences(kept[key], again[key], f"{place}/{key}")]
    if isinstance(kept, list) and isinstance(again, list):
        if len(kept) != len(again):
            return [f"{place}: {len(kept)} kept, {len(again)} now"]
        noise = ROUNDED * max((abs(x) for x in kept if isinstance(x, float) and abs(x) < float("inf")), default=0.0)
        pairs = enumerate(zip(kept, again, strict=True))
        return [line for i, (a, b) in pairs if not close(a, b, noise) for line in differences(a, b, f"{place}[{i}]")]
    return [] if close(kept, again, 0.0) else [f"{place}: {kept} kept, {again} now"]


def close(kept: object, again: object, noise: float) -> bool:
    if isinstance(kept, float | int) and isinstance(again, float | int):
        both_missing = kept != kept and again != again  # noqa: PLR0124 -- NaN is the one number that differs from itself
        return both_missing or isclose(kept, again, rel_tol=RELATIVE, abs_tol=noise)
    return kept == again


def test_there_are_scripts() -> None:
    assert {"api.R", "made.R", "estimators.R"} <= {script.name for script in SCRIPTS}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_a_script_writes_what_is_kept(script: Path, tmp_path: Path) -> None:
    version = need_r()
    command = ["Rscript", str(script), str(GOLDEN), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=570, cwd=tmp_path)
    assert done.returncode == 0, done.stderr[-3000:]
    written = sorted(path for path in tmp_path.iterdir() if path.suffix in {".csv", ".json"})
    assert written, f"{script.name} wrote nothing into its output folder"
    for path in written:
        found = differences(read(GOLDEN / path.name), read(path))
        assert not found, (
            f"{path.name}: {len(found)} differences; kept ones are of survey {MADE_WITH}, R here has {version}; first: {found[:5]}"
        )


def test_the_comparison_sees_a_change_in_the_eighth_digit() -> None:
    kept = {"a": [1.0, 2.0], "b": {"c": "x"}}
    assert differences(kept, {"a": [1.0, 2.0 + 1e-12], "b": {"c": "x"}}) == []
    assert differences(kept, {"a": [1.0, 2.0 + 1e-6], "b": {"c": "x"}}) == ["/a[1]: 2.0 kept, 2.000001 now"]
    assert len(differences(kept, {"a": [1.0], "b": {"c": "y"}, "d": 1})) == 3
