"""The three sentences under a picture, as values; the page puts them into words."""

from __future__ import annotations

from collections.abc import Sequence

from sipas.instrument.shelf import Shelf
from sipas.reports.lines import Line, Sentence
from sipas.stats.verdict import LEAST_FOR_VERDICT


def sentences_of(lines: Sequence[Line], shelf: Shelf) -> tuple[Sentence, ...]:
    """Strongest and weakest sector, targets met and not, and what the answers stand for."""
    told = [line for line in lines if line.estimate is not None and not line.indicative]
    if not told:
        return (Sentence("nothing", {}),)
    return (*_extremes(told, shelf), _targets(lines), _coverage(told))


def _extremes(told: Sequence[Line], shelf: Shelf) -> tuple[Sentence, ...]:
    """Sectors with enough answers, by their point figure. Where intervals overlap the page shows that beside it."""
    ranked = sorted(
        (line.estimate.value, line.sector, line)
        for line in told
        if line.estimate and line.sector in shelf.sectors and line.statistic != "mean" and line.estimate.n >= LEAST_FOR_VERDICT
    )
    if not ranked:
        return ()
    (low, _, weakest), (high, _, strongest) = ranked[0], ranked[-1]
    if len(ranked) == 1:
        return (Sentence("one_sector", {"name": strongest.name, "value": high}),)
    params = {"highest": strongest.name, "highest_value": high, "lowest": weakest.name, "lowest_value": low}
    return (Sentence("extremes", params),)


def _targets(lines: Sequence[Line]) -> Sentence:
    judged = [line for line in lines if line.target is not None and line.verdict in {"met", "not_met", "undecided", "too_few"}]
    if not judged:
        return Sentence("no_targets", {})
    met = sum(line.verdict == "met" for line in judged)
    not_met = sum(line.verdict == "not_met" for line in judged)
    return Sentence("targets", {"judged": len(judged), "met": met, "not_met": not_met, "undecided": len(judged) - met - not_met})


def _coverage(told: Sequence[Line]) -> Sentence:
    """Over lines that do not hold one another: a family stands for its sectors."""
    families = {line.sector for line in told if line.sector == line.indicator}
    apart = [line for line in told if line.sector in families or line.indicator not in families]
    n = sum(line.estimate.n for line in apart if line.estimate)
    known = [line.estimate for line in apart if line.estimate and line.estimate.population and line.estimate.coverage is not None]
    if not known:
        return Sentence("no_frame", {"n": n})
    population = sum(estimate.population or 0 for estimate in known)
    covered = sum((estimate.coverage or 0) * (estimate.population or 0) for estimate in known)
    return Sentence("coverage", {"n": n, "coverage": covered / population})
