"""What answers of one person go together: cross-products over complete forms, from which key drivers and reliability follow.

Counted by stratum and by one of thirty groups of clusters, so that a jackknife can leave out a group at a time. Closed weeks are counted
once and kept beside the counts of the figures.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

import numpy as np

from sipas.extract import Extract, Known, WeekTable
from sipas.extract.table import Codes
from sipas.instrument.model import LENGTHS, OVERALL, Instrument, Wave
from sipas.instrument.shelf import Shelf
from sipas.reports.arrays import Array, BadArraysError, from_bytes, to_bytes
from sipas.reports.counts_files import ANSWERS_AT_ONCE, in_batches
from sipas.reports.sample import CHANNELS, Sample, items_of, month_of, read_sample
from sipas.stats.intervals import Floats
from sipas.stats.weights import Ints
from sipas.store.reading import Session

GROUPS = 30
FORM = 1  # of what is counted: raised when that changes


@dataclass(frozen=True, slots=True)
class Form:
    """One length of a questionnaire: its factors that have items, and theirs."""

    instrument: str
    length: str
    factors: tuple[str, ...]
    items: tuple[tuple[str, ...], ...]

    @property
    def key(self) -> tuple[str, str]:
        return self.instrument, self.length

    @property
    def name(self) -> str:
        return ":".join(self.key)


@dataclass(frozen=True, slots=True)
class Together:
    """Totals of one form: for each set of columns Σ1, Σx and Σxx' over its complete rows.

    The factors' means with the overall item are told by stratum, month and group of clusters, the items of each factor by stratum
    and month alone.
    """

    stratum: Ints  # (C,)
    month: Ints  # (C,)
    group: Ints  # (C,)
    clusters: Ints  # (C,) with a complete row
    sums: Floats  # (C, L)
    item_stratum: Ints  # (S,)
    item_month: Ints  # (S,)
    item_sums: Ints  # (S, ·)


def forms_of(shelf: Shelf) -> tuple[Form, ...]:
    """Every form on the shelf with at least two factors."""
    found = [form_of(instrument, length) for instrument in shelf.instruments.values() for length in LENGTHS]
    return tuple(form for form in found if len(form.factors) > 1)


def form_of(instrument: Instrument, length: str) -> Form:
    """The factors of a form in the instrument's order."""
    asked = [item for item in instrument.form(length) if item.is_scale]
    items = {factor.code: tuple(item.code for item in asked if item.factor == factor.code) for factor in instrument.factors}
    return Form(instrument.code, length, tuple(code for code in items if items[code]), tuple(own for own in items.values() if own))


def bounds(form: Form) -> tuple[tuple[int, int], ...]:
    """Where the totals of each factor's items begin and end."""
    ends = np.cumsum([1 + len(items) + len(items) ** 2 for items in form.items]).tolist()
    return tuple(zip([0, *ends[:-1]], ends, strict=True))


def read_together(
    session: Session, extract: Extract, shelf: Shelf, wave: Wave, keys: Sequence[tuple[int, str]], months: Sequence[str]
) -> dict[str, Together]:
    """Every form's totals over the headline answers of a wave, on the numbering of some strata and months."""
    number, month_number = {key: h for h, key in enumerate(keys)}, {month: m for m, month in enumerate(months)}
    found: dict[str, list[Together]] = {}
    weeks = extract.list_known(session, wave.code)
    for month, of_month in groupby(weeks, key=lambda known: month_of(known.week, wave)):
        some = list(of_month)
        for closed in (True, False):
            mine = [known for known in some if known.closed == closed]
            for part in in_batches(mine, ANSWERS_AT_ONCE):
                own, told = _kept(session, extract, shelf, wave, (month, part, closed))
                place = np.array([number[key] for key in own], np.int64)
                for name, one in told.items():
                    m = month_number[month]
                    there = replace(one, stratum=place[one.stratum], month=one.month + m)
                    there = replace(there, item_stratum=place[one.item_stratum], item_month=one.item_month + m)
                    found.setdefault(name, []).append(there)
    return {
        name: Together(*(np.concatenate([getattr(one, field) for one in some]) for field in Together.__slots__))
        for name, some in found.items()
    }


def count_together(tables: Sequence[WeekTable], shelf: Shelf, wave: Wave) -> tuple[tuple[tuple[int, str], ...], dict[str, Together]]:
    """The strata of some weeks of one month, and each form's totals over their headline answers."""
    sample = read_sample(tables, shelf)
    headline = np.isin(sample.channel, [CHANNELS.index(channel) for channel in wave.headline]) & ~sample.aside
    made = {}
    for form in forms_of(shelf):
        if form.instrument in sample.asked:
            asked = sample.asked[form.instrument]
            inside = headline[asked.rows] & (sample.length[asked.rows] == LENGTHS.index(form.length))
            if inside.any():
                made[form.name] = _totals(form, sample, asked.rows[inside], {item: codes[inside] for item, codes in asked.codes.items()})
    return sample.keys, made


def _totals(form: Form, sample: Sample, rows: Ints, codes: Mapping[str, Codes]) -> Together:
    overall = _levels(codes[OVERALL])
    own = [np.column_stack([_levels(codes[item]) for item in items]) for items in form.items]
    first = np.column_stack([*(_mean(items) for items in own), overall])
    stratum, group = sample.stratum[rows], sample.cluster[rows] % GROUPS
    cell, of_row = np.unique(stratum * GROUPS + group, return_inverse=True)
    there, of_stratum = np.unique(stratum, return_inverse=True)
    whole = ~np.isnan(first).any(axis=1)
    pairs = np.unique(np.column_stack([of_row[whole], sample.cluster[rows][whole]]), axis=0)
    return Together(
        stratum=cell // GROUPS,
        month=np.zeros_like(cell),
        group=cell % GROUPS,
        clusters=np.bincount(pairs[:, 0], minlength=len(cell)),
        sums=_products(first, of_row, len(cell)),
        item_stratum=there,
        item_month=np.zeros_like(there),
        item_sums=np.concatenate([_products(items, of_stratum, len(there)) for items in own], axis=1).astype(np.int64),
    )


def _levels(codes: Codes) -> Floats:
    return np.where(codes > 0, codes, np.nan).astype(np.float64)


def _mean(items: Floats) -> Floats:
    """Of what a person answered of a factor; nothing where that is nothing."""
    there = ~np.isnan(items)
    count = there.sum(axis=1)
    return np.where(count > 0, np.where(there, items, 0.0).sum(axis=1) / np.maximum(count, 1), np.nan)


def _products(columns: Floats, cell: Ints, cells: int) -> Floats:
    """Σ1, Σx and Σxx' over the rows that have every column, by cell."""
    whole = ~np.isnan(columns).any(axis=1)
    x, of = columns[whole], cell[whole]
    width = x.shape[1]
    products = [np.ones(len(x)), *x.T, *(x[:, j] * x[:, k] for j in range(width) for k in range(width))]
    return np.stack([np.bincount(of, column, cells) for column in products], axis=1).astype(np.float64)


Which = tuple[str, Sequence[Known], bool]  # month, weeks, whether they are closed


def _kept(
    session: Session, extract: Extract, shelf: Shelf, wave: Wave, which: Which
) -> tuple[tuple[tuple[int, str], ...], dict[str, Together]]:
    """Totals that were kept of closed weeks, else counted now."""
    month, weeks, closed = which

    def counted() -> tuple[tuple[tuple[int, str], ...], dict[str, Together]]:
        return count_together(list(extract.tables(session, wave.code, weeks, items_of(shelf))), shelf, wave)

    if extract.folder is None or not closed:
        return counted()
    # Named as counts: what is rebuilt of an extract forgets them too.
    path = extract.folder / wave.code / f"together-{month}-{weeks[0].week}.counts"
    return _from_file(path, _key(shelf, wave, weeks), counted)


def _from_file(
    path: Path, key: str, counted: Callable[[], tuple[tuple[tuple[int, str], ...], dict[str, Together]]]
) -> tuple[tuple[tuple[int, str], ...], dict[str, Together]]:
    try:
        told, arrays = from_bytes(path.read_bytes())
    except (OSError, BadArraysError):
        told, arrays = {"key": ""}, {}
    if told["key"] == key:
        keys = tuple((unit, sector) for unit, sector in told["keys"])
        return keys, {
            name: Together(*(np.asarray(arrays[f"{place}.{field}"]) for field in Together.__slots__))
            for place, name in enumerate(told["forms"])
        }
    keys, made = counted()
    fresh: dict[str, Array] = {
        f"{place}.{field}": getattr(one, field) for place, one in enumerate(made.values()) for field in Together.__slots__
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".new")
    beside.write_bytes(to_bytes({"key": key, "keys": keys, "forms": list(made)}, fresh))
    beside.replace(path)
    return keys, made


def _key(shelf: Shelf, wave: Wave, weeks: Sequence[Known]) -> str:
    """Everything that the totals depend on."""
    told = {
        "form": FORM,
        "weeks": [(known.week, known.root) for known in weeks],
        "headline": sorted(wave.headline),
        "forms": [(form.name, shelf.instruments[form.instrument].measure, form.items) for form in forms_of(shelf)],
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
