"""`sipas paper`: from a numbered batch to its printed form, and every refusal with its cure."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sipas.cli import sipas
from sipas.exports.printing import UnprintableError
from sipas.imports.counters import BadCounterError
from sipas.imports.paper import BadPaperBatchError
from sipas.store.paper import UnknownPaperBatchError
from sipas.terms import SipasError
from tests.exports.pdf_objects import Pdf
from tests.exports.pdf_ua import faults

ADD = ("paper", "batch", "--unit", "20341", "--sector", "land")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A command on a database of its own, with a ward and its counter."""
    monkeypatch.setenv("SIPAS_DATABASE", f"sqlite:///{tmp_path / 'house.sqlite'}")
    monkeypatch.setenv("SIPAS_PUBLIC_URL", "https://danhgia.example.vn")
    monkeypatch.setenv("SIPAS_DEMO", "1")

    def call(*words: str) -> Result:
        result = CliRunner().invoke(sipas, list(words))
        if isinstance(result.exception, SipasError):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result

    call("units", "import", "--province", "48")
    call("counters", "add", "--unit", "20341", "--name", "Quầy 1", "--sector", "land")
    return call


def test_from_a_batch_to_its_form(run, tmp_path: Path) -> None:
    assert "Batch 1 (" in run(*ADD, "--counter", "1", "--length", "short").output
    assert "Batch 2 (" in run(*ADD, "--language", "en", "--count", "40").output
    codes = tmp_path / "codes.txt"
    codes.write_text("1ABCDEFGHJKMNPQRSTVWXYZ01234\n\n1ABCDEFGHJKMNPQRSTVWXYZ01235\n", encoding="utf-8")
    run("paper", "print", "1", "--out", str(tmp_path / "out"), "--codes", str(codes))
    run("paper", "print", "2", "--out", str(tmp_path / "out"), "--large")
    made = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert {name: faults(content) for name, content in made.items()} == {"paper-1.pdf": [], "paper-2-large.pdf": []}
    assert len(list(Pdf(made["paper-1.pdf"]).pages())) == 2
    assert "declared with 37 sheets" in run("paper", "declare", "1", "--count", "37").output
    told = run("paper", "list").output
    assert "0 typed, 37 declared" in told
    assert "0 typed, 40 declared" in told
    assert "2 batches." in told


@pytest.mark.parametrize(
    ("words", "error", "said"),
    [
        (("paper", "batch", "--unit", "20341", "--sector", "moon"), BadCounterError, "no sector 'moon'; choose from"),
        ((*ADD, "--language", "km"), BadPaperBatchError, "no wording in 'km'; choose from vi, en"),
        ((*ADD, "--count", "0"), BadPaperBatchError, "1 to 2,000 sheets, not 0; make several batches"),
        (("paper", "batch", "--unit", "48", "--sector", "land", "--counter", "1"), BadPaperBatchError, "does not serve land at"),
        (("paper", "print", "7", "--out", "x"), UnknownPaperBatchError, "no batch of paper number 7; see: sipas paper list"),
        (("paper", "declare", "7", "--count", "3"), UnknownPaperBatchError, "see: sipas paper list"),
    ],
)
def test_what_cannot_be_is_refused_with_the_cure(run, words: tuple[str, ...], error: type[SipasError], said: str) -> None:
    with pytest.raises(error, match=said):
        run(*words)


def test_a_batch_is_declared_once(run) -> None:
    run(*ADD, "--count", "5")
    with pytest.raises(BadPaperBatchError, match="was declared with 5 sheets"):
        run("paper", "declare", "1", "--count", "6")


def test_codes_are_not_printed_for_an_address_that_no_phone_opens(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(*ADD)
    codes = tmp_path / "codes.txt"
    codes.write_text("1ABCDEFGHJKMNPQRSTVWXYZ01234\n", encoding="utf-8")
    monkeypatch.setenv("SIPAS_PUBLIC_URL", "danhgia")
    with pytest.raises(UnprintableError, match="is no address"):
        run("paper", "print", "1", "--out", str(tmp_path), "--codes", str(codes))
