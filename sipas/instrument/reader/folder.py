"""A whole `surveys/` folder: every file read, then what must hold between files."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol, TypeVar

from sipas.instrument.complaint import Complaint
from sipas.instrument.model import Instrument, Sector, Wave
from sipas.instrument.reader import across
from sipas.instrument.reader.fielding import read_sector, read_wave
from sipas.instrument.reader.instruments import read_instrument
from sipas.instrument.reader.table import Table
from sipas.instrument.reader.targets import read_targets
from sipas.instrument.targets import TargetSet

LARGEST = 256 * 1024  # bytes; a questionnaire is a few pages


class _Coded(Protocol):
    @property
    def code(self) -> str: ...


Part = TypeVar("Part", bound=_Coded)


@dataclass(frozen=True, slots=True)
class Contents:
    """What a folder holds. To be used only where there is no complaint."""

    instruments: Mapping[str, Instrument]
    sectors: Mapping[str, Sector]
    waves: Mapping[str, Wave]
    targets: Mapping[str, TargetSet]


def read_folder(folder: Path) -> tuple[Contents, tuple[Complaint, ...]]:
    """Everything under ``folder``, and everything that is wrong with it."""
    faults: list[Complaint] = []
    if not folder.is_dir():
        faults.append(Complaint(str(folder), "", "there is no such folder", "name the folder that holds instruments/, sectors/ and waves/"))
    sectors = _read_all(folder / "sectors", read_sector, faults)
    contents = Contents(
        instruments=_read_all(folder / "instruments", read_instrument, faults),
        sectors=MappingProxyType(dict(sorted(sectors.items(), key=lambda pair: (pair[1].order, pair[0])))),
        waves=_read_all(folder / "waves", read_wave, faults),
        targets=_read_all(folder / "targets", read_targets, faults),
    )
    if folder.is_dir():
        across.check(contents.instruments, contents.sectors, contents.waves, contents.targets, faults=faults)
    return contents, tuple(sorted(faults, key=lambda complaint: complaint.file))


def _read_all(folder: Path, read: Callable[[Table], Part], faults: list[Complaint]) -> Mapping[str, Part]:
    found: dict[str, Part] = {}
    for path in sorted(folder.glob("*.toml")):
        file = f"{folder.name}/{path.name}"
        if (raw := _parse(path, file, faults)) is None:
            continue
        top = Table(raw, file=file, place="", faults=faults)
        part = read(top)
        if part.code and part.code != path.stem:
            top.blame(f"{part.code!r} is not the file's name", f"name the file {part.code}.toml, or write code = {path.stem!r}", at="code")
        found[path.stem] = part
    return MappingProxyType(found)


def _parse(path: Path, file: str, faults: list[Complaint]) -> Mapping[str, Any] | None:
    try:
        raw = path.read_bytes() if path.stat().st_size <= LARGEST else None
        if raw is None:
            faults.append(Complaint(file, "", f"is larger than {LARGEST // 1024} KiB", "split it, or delete what does not belong to it"))
            return None
        return tomllib.loads(raw.decode())
    except UnicodeDecodeError:
        faults.append(Complaint(file, "", "is not UTF-8", "save it as UTF-8 without a byte order mark"))
    except tomllib.TOMLDecodeError as error:
        faults.append(Complaint(file, "", f"is not TOML: {error}", "mend that line; README.md shows the format"))
    except RecursionError:
        faults.append(Complaint(file, "", "is nested too deeply", "write it as README.md shows"))
    except OSError as error:
        faults.append(Complaint(file, "", f"cannot be read: {error.strerror}", "let this account read the file"))
    return None
