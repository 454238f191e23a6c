"""`sipas sound`: a recording is taken in, looked at and listed."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sipas.cli.sound import sound
from sipas.instrument.recordings import BadRecordingError

MP3 = (b"\xff\xfb\x90\x00" + bytes(413)) * 40
GIVEN = {"--language": "km", "--form": "sipas-service-2023", "--item": "TC1", "--speaker": "Chị Sa Rương", "--heard-by": "Sở Dân tộc"}


def call(monkeypatch: pytest.MonkeyPatch, folder: Path, *words: str) -> Result:
    monkeypatch.setenv("SIPAS_SOUND", str(folder / "sound"))
    return CliRunner().invoke(sound, words)


def add(monkeypatch: pytest.MonkeyPatch, folder: Path, **changed: str) -> Result:
    file = folder / "one.mp3"
    file.write_bytes(MP3)
    options = GIVEN | {f"--{name.replace('_', '-')}": value for name, value in changed.items()}
    return call(monkeypatch, folder, "add", str(file), *(word for pair in options.items() for word in pair))


def test_a_recording_is_added_checked_and_listed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert "Nothing is recorded" in call(monkeypatch, tmp_path, "list").output
    told = add(monkeypatch, tmp_path)
    assert told.exit_code == 0, told.output
    assert "sound/km/sipas-service-2023/TC1.mp3: 16 KiB, read by Chị Sa Rương, heard by Sở Dân tộc" in told.output
    assert call(monkeypatch, tmp_path, "check").output.startswith("0 complaints")
    listed = call(monkeypatch, tmp_path, "list").output
    assert "km: 1 recordings" in listed
    assert "sipas-service-2023: TC1; missing: TT2 CC1 KQ1 PA2 HL" in listed


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"language": "xx"}, "'xx' is no language of the program: choose from vi, en"),
        ({"item": "TC99"}, "has no item 'TC99'"),
        ({"form": "none"}, "there is no questionnaire 'none'"),
        ({"heard_by": " "}, "name who reads and who listened"),
    ],
)
def test_what_is_wrong_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, changed: dict[str, str], words: str) -> None:
    refused = add(monkeypatch, tmp_path, **changed)
    assert refused.exit_code == 1
    assert isinstance(refused.exception, BadRecordingError)
    assert words in str(refused.exception)
    assert not (tmp_path / "sound").exists()


def test_a_file_that_was_copied_in_is_complained_about(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    add(monkeypatch, tmp_path)
    (tmp_path / "sound" / "km" / "sipas-service-2023" / "HL.mp3").write_bytes(MP3)
    told = call(monkeypatch, tmp_path, "check")
    assert told.exit_code == 1
    assert "HL.mp3: is not in recordings.toml; add it with `sipas sound add`" in told.output
