"""Every download has a name in both languages."""

from __future__ import annotations

from pathlib import Path

from babel.messages.pofile import read_po

import sipas
from sipas.exports import FORMATS
from sipas.exports.analyst import FILES
from sipas.exports.csv_dialect import DIALECTS

PO = Path(sipas.__file__).parent / "translations" / "en" / "LC_MESSAGES" / "exports.po"


def test_every_download_has_an_english_name() -> None:
    with PO.open("rb") as file:
        english = {message.id: message.string for message in read_po(file)}
    labels = [one.label for registry in (FORMATS, DIALECTS, FILES) for one in registry.values()]
    assert [label for label in labels if not english.get(label)] == []
