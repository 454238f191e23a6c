"""What may still be edited once people have answered: wordings, numbered; never the measure (decision 9)."""

from __future__ import annotations

from collections.abc import Mapping

from sipas.instrument.complaint import Complaint
from sipas.instrument.model import Instrument


def compare(instrument: Instrument, *, measure: str, wording: int, wordings: Mapping[str, str]) -> Complaint | None:
    """What is wrong with ``instrument`` beside the measure, wording number and wording hashes it was fielded with; None if nothing."""
    file = f"instruments/{instrument.code}.toml"
    if instrument.measure != measure:
        return Complaint(
            file,
            "measure",
            f"{instrument.code} has been fielded, and its codes, scales, routing, order or Vietnamese wording have changed since",
            "undo the change, or save it as a new file under a new code and name that code in the sectors",
        )
    changed = sorted(language for language in {*wordings, *instrument.wording_hashes} if _differs(instrument, wordings, language))
    expected = wording + 1 if changed else wording
    if instrument.wording_number == expected:
        return None
    fault = f"the wording in {', '.join(changed)} differs from number {wording}" if changed else f"no wording differs from number {wording}"
    return Complaint(file, "wording", f"{fault}, but the file says wording = {instrument.wording_number}", f"write wording = {expected}")


def _differs(instrument: Instrument, wordings: Mapping[str, str], language: str) -> bool:
    return wordings.get(language) != instrument.wording_hashes.get(language)
