"""The analyst's files (decision 28): buttons, addresses and the command line read this table."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import MappingProxyType

from sqlalchemy.orm import Session

from sipas.exports.bundle import write_bundle
from sipas.exports.cells import NoCellsError, write_cells
from sipas.exports.codebook import write_codebook, write_page, write_population
from sipas.exports.csv_dialect import Dialect
from sipas.exports.microdata import Microdata, read_microdata, write_microdata
from sipas.instrument.shelf import Shelf

CSV = "text/csv; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Order:
    """What is wanted: a wave, a dialect, and the chance by which rows are shuffled (a `SystemRandom` outside tests)."""

    shelf: Shelf
    wave: str
    dialect: Dialect
    rng: random.Random


@dataclass(frozen=True, slots=True)
class AnalystFile:
    """One file that an analyst can take."""

    name: str
    label: str  # msgid; the edge translates it
    stem: str  # of the file's name
    extension: str
    media_type: str
    write: Callable[[Session, Order], bytes]


def _of_microdata(write: Callable[[Microdata, Dialect], Iterator[bytes]]) -> Callable[[Session, Order], bytes]:
    return lambda session, order: b"".join(write(_read(session, order), order.dialect))


def _read(session: Session, order: Order) -> Microdata:
    return read_microdata(session, order.shelf, order.wave, rng=order.rng)


def _cells(session: Session, order: Order) -> bytes:
    return b"".join(write_cells(session, order.wave, order.dialect))


def _bundle(session: Session, order: Order) -> bytes:
    microdata = _read(session, order)
    try:
        cells = list(write_cells(session, order.wave, order.dialect))
    except NoCellsError:
        cells = []  # sealed, but not computed yet: the rest stands by itself
    return write_bundle(microdata, order.dialect, cells=cells)


FILES = MappingProxyType(
    {
        one.name: one
        for one in (
            AnalystFile("cells", "Tệp ô: lặp lại mọi số liệu đã công bố", "cells", "csv", CSV, _cells),
            AnalystFile("microdata", "Tệp phiếu: mỗi dòng một phiếu đã chốt", "microdata", "csv", CSV, _of_microdata(write_microdata)),
            AnalystFile("population", "Các tầng và quy mô", "population", "csv", CSV, _of_microdata(write_population)),
            AnalystFile("codebook", "Bảng mã: ý nghĩa từng cột", "codebook", "csv", CSV, _of_microdata(write_codebook)),
            AnalystFile(
                *("page", "Bảng mã để đọc", "codebook", "md", "text/markdown; charset=utf-8"),
                write=lambda session, order: write_page(_read(session, order)),
            ),
            AnalystFile("bundle", "Toàn bộ trong một tệp nén", "bo-du-lieu", "zip", "application/zip", _bundle),
        )
    }
)
