"""What a reader of a sector's figure must know of its filing margin: read from the notes of the run that the figure is released from."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from sipas.instrument.shelf import Shelf
from sipas.reports.filing import FILING
from sipas.store.facts import Fact, list_shown_runs
from sipas.store.reading import Session, list_units
from sipas.store.units import Unit


@dataclass(frozen=True, slots=True)
class FilingTold:
    """Strata (unit × sector) behind a figure, counted by what was done with their filings; ``with_months``: months are a margin too."""

    with_months: bool
    months_alone: tuple[tuple[str, int], ...]  # not brought to filings: the reason and how many
    merged: tuple[tuple[tuple[str, ...], int], ...]  # filings that share a cell
    rescaled: int  # filing totals scaled to the months' total


def read_filing_told(session: Session, shelf: Shelf, fact: Fact, wave: str, unit: Unit) -> FilingTold | None:
    """The notes about a released figure's strata; None where the run's recipe does not name filing, or its channels had no such design."""
    run = next((one for one in list_shown_runs(session, wave) if one.id == fact.run_id), None)
    if run is None or not fact.weighted or FILING not in json.loads(run.recipe)["calibrate"]:
        return None
    notes = json.loads(run.notes).get("filing", {}).get(fact.channels)
    if notes is None:
        return None
    members = {fact.sector} if fact.sector in shelf.sectors else {code for code, one in shelf.sectors.items() if one.family == fact.sector}
    lines = [line for some in notes.values() for line in some]
    below = {one.id for one in list_units(session, {line[0] for line in lines}) if one.path.startswith(unit.path)}

    def mine(name: str) -> list[str]:
        return [str(line[2]) for line in notes.get(name, []) if line[0] in below and line[1] in members]

    return FilingTold(
        with_months="month" in json.loads(run.recipe)["calibrate"],
        months_alone=_counted(mine("months_alone")),
        merged=tuple((tuple(names.split("+")), n) for names, n in _counted(mine("merged"))),
        rescaled=len(mine("rescaled")),
    )


def _counted(words: Collection[str]) -> tuple[tuple[str, int], ...]:
    """Each word with how often it comes, by word."""
    return tuple(sorted(Counter(words).items()))
