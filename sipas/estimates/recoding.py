"""New columns made of those in the file."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import numpy as np

from sipas.estimates.refusals import BadInputError
from sipas.estimates.request import Recode, Request
from sipas.estimates.sheet import NUMBER, Sheet, match


def recoded(sheet: Sheet, request: Request) -> Sheet:
    """The sheet with every recode's column, in the order of the design file: a later one may use an earlier."""
    made = {recode.name for recode in request.recodes}
    for recode in request.recodes:
        if recode.source in made and recode.source not in sheet.columns:
            cure = "write the recode it comes from above it"
            raise BadInputError(request.name, [f"recodes.{recode.name}.from: {recode.source!r} is made later; {cure}"])
        cells = _bands(sheet, recode) if recode.cuts else _values(sheet, recode)
        sheet = replace(sheet, columns=MappingProxyType({**sheet.columns, recode.name: cells}))
    return sheet


def follows(request: Request, column: str) -> bool:
    """Whether a column is one of the strata's, or made of such: then a domain of its values is a union of strata."""
    origin = {recode.name: recode.source for recode in request.recodes}
    while column not in request.sampling.strata and column in origin:
        column = origin[column]
    return column in request.sampling.strata


def _values(sheet: Sheet, recode: Recode) -> list[str]:
    cells = sheet.cells(recode.source)
    present = dict.fromkeys(cells)
    for old in recode.values:
        close = match(old, [one for one in present if one])
        if old not in present and close.startswith("the file writes"):
            raise sheet.refuse(f"recodes.{recode.name}: no row of column {recode.source!r} has {old!r}; {close}")
    if recode.others is None:
        strange = next((row for row, cell in enumerate(cells) if cell and cell not in recode.values), None)
        if strange is not None:
            fault = f"column {recode.source!r}, {sheet.place(strange)}: {cells[strange]!r} has no new value in recodes.{recode.name}"
            raise sheet.refuse(f'{fault}; add it, or write others = "keep", "missing" or a value for all others')
    mark = sheet.decimal or "."
    new = {"": ""} | {old: one.replace(".", mark) if NUMBER.fullmatch(one) else one for old, one in recode.values.items()}
    keep, rest = recode.others == "keep", "" if recode.others == "missing" else recode.others or ""
    return [new.get(cell, cell if keep else rest) for cell in cells]


def _bands(sheet: Sheet, recode: Recode) -> list[str]:
    """A band holds its lower cut and not its upper."""
    values = sheet.numbers(recode.source)
    band = np.searchsorted(np.array(recode.cuts), values, side="right")
    return ["" if np.isnan(value) else recode.labels[place] for value, place in zip(values, band.tolist(), strict=True)]
