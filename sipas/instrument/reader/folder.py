"""A whole `surveys/` folder: every file read, then what must hold between files."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sipas.instrument.complaint import Complaint
from sipas.instrument.model import Instrument, Sector, Wave
from sipas.instrument.reader import across
from sipas.instrument.reader.fielding import read_sector, read_wave
from sipas.instrument.reader.instruments import read_instrument
from sipas.instrument.reader.table import Table
from sipas.instrument.reader.targets import read_targets
from sipas.instrument.targets import TargetSet

LARGEST = 256 * 1024  # bytes; a questionnaire is a few pages


# folder → what reads each of its files
READERS: Mapping[str, Callable[[Table], Any]] = MappingProxyType(
    {"instruments": read_instrument, "sectors": read_sector, "waves": read_wave, "targets": read_targets}
)


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
    found = {name: _read_all(folder / name, read, faults) for name, read in READERS.items()}
    found["sectors"] = MappingProxyType(dict(sorted(found["sectors"].items(), key=lambda pair: (pair[1].order, pair[0]))))
    contents = Contents(**found)
    if folder.is_dir():
        across.check(contents.instruments, contents.sectors, contents.waves, contents.targets, faults=faults)
    return contents, tuple(sorted(faults, key=lambda complaint: complaint.file))


def _read_all(folder: Path, read: Callable[[Table], Any], faults: list[Complaint]) -> Mapping[str, Any]:
    found: dict[str, Any] = {}
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
