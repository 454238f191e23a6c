"""`bo-du-lieu.zip`: the analyst's files in one, without a trace of when it was made."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable

from sipas.exports.codebook import write_codebook, write_page, write_population
from sipas.exports.csv_dialect import Dialect
from sipas.exports.microdata import Microdata, write_microdata

NAME = "bo-du-lieu.zip"
NO_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest that a ZIP can say


def write_bundle(microdata: Microdata, dialect: Dialect, *, cells: Iterable[bytes] = ()) -> bytes:
    """Micro-data, codebook, strata and, where there are some, the cells of the released run."""
    files = {
        "microdata.csv": b"".join(write_microdata(microdata, dialect)),
        "population.csv": b"".join(write_population(microdata, dialect)),
        "codebook.csv": b"".join(write_codebook(microdata, dialect)),
        "codebook.md": write_page(microdata),
        "cells.csv": b"".join(cells),
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            if content:
                entry = zipfile.ZipInfo(name, NO_TIME)
                entry.external_attr = 0o600 << 16
                archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
