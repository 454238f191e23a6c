"""The columnar copy: read only where it is the batch's own, rebuilt to the same bytes, and checked to the last code."""

from __future__ import annotations

import json
import random
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import text

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "reports"))

import sealed_rows as make

from sipas.extract import Extract, Known, files
from sipas.extract.files import read_meta, read_week
from sipas.extract.folder import Items
from sipas.extract.table import BLANK, NOT_MET, NOT_SHOWN, make_table
from sipas.reports import counts_files
from sipas.reports.facts import compute
from sipas.reports.sample import items_of
from sipas.store.engine import Store
from sipas.store.facts import FACT_COLUMNS
from sipas.store.reading import Session, list_sealed

ITEMS = items_of(make.shelf())


def filled(store: Store, *, n: int = 400, seed: int = 9) -> None:
    rng = random.Random(seed)
    province = make.add_province(store, communes=2, hospitals=1, schools=1)
    make.add_frame(store, province, rng, answers=n)
    make.add_answers(store, province, rng, n=n)
    with store.write() as session:  # each week a root of its own
        for week in session.scalars(text("SELECT week FROM batch ORDER BY week")).all():
            session.execute(
                text(
                    "UPDATE batch SET root = :root, n = (SELECT count(*) FROM response WHERE week = :week) "
                    "+ (SELECT count(*) FROM open_response WHERE week = :week) WHERE week = :week"
                ),
                {"root": str(week).encode().ljust(32), "week": week},
            )


def follow(store: Store, folder: Path) -> Extract:
    extract = Extract(folder)
    with store.read() as session:
        extract.follow(session, [make.WAVE], ITEMS)
    return extract


def facts(store: Store, run: int) -> list[tuple[object, ...]]:
    with store.read() as session:
        return [
            tuple(row)[1:]
            for row in session.execute(
                text(f"SELECT {', '.join(FACT_COLUMNS)} FROM fact WHERE run_id = :r ORDER BY 2, 3, 4, 5, 6, 7, 8"), {"r": run}
            )
        ]


def test_every_sealed_answer_is_in_the_files_once_with_its_codes(store: Store, tmp_path: Path) -> None:
    filled(store)
    extract = follow(store, tmp_path)
    with store.read() as session:
        rows = make.all_rows(session)
    tables = [read_week(path) for path in extract.files()]
    assert sum(table.n for table in tables) == len(rows) == 400
    told = sorted(code for table in tables for code in table.codes["HL"].tolist())
    kept = sorted(BLANK if (code := json.loads(row.answers)["HL"]) is None else code for row in rows)
    assert told == kept
    assert {BLANK, NOT_MET} <= set(told)
    assert all(any(NOT_SHOWN in codes for codes in table.codes.values()) for table in tables if "short" in table.words["length"])


def test_the_folder_is_for_its_account_alone(sqlite_store: Store, tmp_path: Path) -> None:
    filled(sqlite_store, n=50)
    follow(sqlite_store, tmp_path / "extract")
    assert (tmp_path / "extract").stat().st_mode & 0o777 == 0o700


def test_any_engine_reads_the_files(sqlite_store: Store, tmp_path: Path) -> None:
    import duckdb

    filled(sqlite_store)
    follow(sqlite_store, tmp_path)
    found = duckdb.sql(f"SELECT sector, count(*) FROM '{tmp_path}/*/*.parquet' WHERE HL >= 4 GROUP BY sector").fetchall()
    assert {sector for sector, _ in found} == {"land", "construction", "investment", "civil_status", "others", "health", "education"}


def test_the_order_and_ids_of_rows_change_no_byte(sqlite_store: Store, tmp_path: Path) -> None:
    filled(sqlite_store)
    extract = follow(sqlite_store, tmp_path)
    before = {path: path.read_bytes() for path in extract.files()}
    with sqlite_store.read() as session:
        week = extract.list_known(session, make.WAVE)[3]
        rows = list(list_sealed(session, make.WAVE, week.week, closed=week.closed))
        random.Random(1).shuffle(rows)
        assert make_table(make.WAVE, week.week, rows, ITEMS).content() == extract.read(make.WAVE, week).content()
        extract.rebuild(session, [make.WAVE], ITEMS)
    assert {path: path.read_bytes() for path in extract.files()} == before


def test_a_file_of_another_batch_or_broken_is_never_read(sqlite_store: Store, tmp_path: Path) -> None:
    filled(sqlite_store)
    extract = follow(sqlite_store, tmp_path)
    with sqlite_store.read() as session:
        first, second = extract.list_known(session, make.WAVE)[:2]
        one, two = extract.path(make.WAVE, first.week), extract.path(make.WAVE, second.week)
        sound = two.read_bytes()
        two.write_bytes(one.read_bytes())  # another week's answers under this week's name
        one.write_bytes(one.read_bytes()[:100])
        assert {fault.split(": ")[0] for fault in extract.verify(session, [make.WAVE], ITEMS).faults} == {
            f"{make.WAVE}/{first.week}.parquet",
            f"{make.WAVE}/{second.week}.parquet",
        }
        tables = list(extract.tables(session, make.WAVE, [first, second], ITEMS))
        assert [table.week for table in tables] == [first.week, second.week]
        assert two.read_bytes() == sound
        assert extract.verify(session, [make.WAVE], ITEMS).faults == ()


def test_one_changed_code_is_found(sqlite_store: Store, tmp_path: Path) -> None:
    filled(sqlite_store)
    extract = follow(sqlite_store, tmp_path)
    path = extract.files()[5]
    whole = pq.read_table(path)
    column = whole["HL"].to_numpy().copy()
    column[0] = 5 if column[0] != 5 else 1
    place = whole.schema.get_field_index("HL")
    pq.write_table(whole.set_column(place, "HL", pa.array(column)), path)
    with sqlite_store.read() as session:
        found = extract.verify(session, [make.WAVE], ITEMS)
    assert len(found.faults) == 1
    assert "not those that were sealed" in found.faults[0]


def test_a_stray_file_is_named(sqlite_store: Store, tmp_path: Path) -> None:
    filled(sqlite_store)
    extract = follow(sqlite_store, tmp_path)
    extract.path(make.WAVE, "2031-W01").write_bytes(extract.files()[0].read_bytes())
    with sqlite_store.read() as session:
        assert extract.verify(session, [make.WAVE], ITEMS).faults == (f"{make.WAVE}/2031-W01.parquet: no such week is sealed",)


def test_figures_are_the_same_bits_from_rows_from_files_and_from_kept_counts(store: Store, tmp_path: Path) -> None:
    filled(store, n=700)
    runs = [compute(store, make.shelf(), make.WAVE, correction=True).run_id]
    runs += [compute(store, make.shelf(), make.WAVE, extract=Extract(tmp_path), correction=True).run_id for _ in range(2)]
    first, *others = (facts(store, run) for run in runs)
    assert len(first) > 500
    assert all(other == first for other in others)


@pytest.mark.parametrize("most", [1, 5, 40])
def test_weeks_counted_one_by_one_or_in_parts_give_the_same_bits(
    sqlite_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    filled(sqlite_store, n=700)
    whole = compute(sqlite_store, make.shelf(), make.WAVE, correction=True)
    monkeypatch.setattr(counts_files, "ANSWERS_AT_ONCE", most)
    extract = Extract(tmp_path)
    single = compute(sqlite_store, make.shelf(), make.WAVE, extract=extract, correction=True)
    with sqlite_store.read() as session:
        closed = [known.n for known in extract.list_known(session, make.WAVE) if known.closed]
    counted = [path for path in tmp_path.glob("*/*.counts") if not path.name.startswith("together-")]
    assert len(closed) > 40
    assert most == 40 or len(counted) == sum(-(-n // most) for n in closed), "each week in as many parts as it must have"
    assert most != 40 or len(counted) < len(closed), "small weeks are counted together"
    assert facts(sqlite_store, single.run_id) == facts(sqlite_store, whole.run_id)


def test_a_file_that_is_replaced_while_it_is_counted_is_refused_and_nothing_is_kept_of_it(
    sqlite_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(sqlite_store)
    ensure = Extract.ensure

    def replaced(self: Extract, session: Session, wave: str, known: Known, items: Items) -> None:
        ensure(self, session, wave, replace(known, root="ff" * 32) if known.week == str(make.LAST) else known, items)

    monkeypatch.setattr(Extract, "ensure", replaced)
    with pytest.raises(files.ReplacedError, match=f"{make.LAST}.parquet: .* Compute once more"):
        compute(sqlite_store, make.shelf(), make.WAVE, extract=Extract(tmp_path))
    monkeypatch.undo()
    once_more = compute(sqlite_store, make.shelf(), make.WAVE, extract=Extract(tmp_path))
    rows = compute(sqlite_store, make.shelf(), make.WAVE, correction=True)
    assert facts(sqlite_store, once_more.run_id) == facts(sqlite_store, rows.run_id)


@pytest.mark.parametrize("group", [1, 3, 7, 1000])
@pytest.mark.parametrize("most", [1, 4, 60])
def test_parts_of_a_week_hold_each_cluster_whole_and_each_answer_once(
    sqlite_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, group: int, most: int
) -> None:
    filled(sqlite_store, n=2000)
    monkeypatch.setattr(files, "GROUP", group)
    extract = Extract(tmp_path)
    with sqlite_store.read() as session:
        known = max(extract.list_known(session, make.WAVE), key=lambda known: known.n)
        whole = extract.table(session, make.WAVE, known, ITEMS)
    parts = [extract.read(make.WAVE, known, part) for part in counts_files.parts_of([known], most) if part is not None]
    assert len(parts) == -(-known.n // most) if known.n > most else not parts
    for columns in ("places", "numbers", "codes"):
        for name, column in getattr(whole, columns).items():
            assert not parts or np.array_equal(np.concatenate([getattr(part, columns)[name] for part in parts]), column)
    assert not parts or sum(len(part.starts()) for part in parts) == len(whole.starts()) < whole.n, "no cluster is cut"


def test_after_a_seal_only_the_open_week_is_read(sqlite_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(sqlite_store, n=500)
    extract = Extract(tmp_path)
    compute(sqlite_store, make.shelf(), make.WAVE, extract=extract)
    with sqlite_store.write() as session:  # a later seal: the open week has another root and one answer less
        session.execute(text("DELETE FROM open_response WHERE id = (SELECT min(id) FROM open_response)"))
        session.execute(text("UPDATE batch SET root = :root WHERE week = :week"), {"root": bytes(32), "week": str(make.LAST)})
    read, real = [], Extract.read
    monkeypatch.setattr(Extract, "read", lambda self, wave, known, part=None: read.append(known.week) or real(self, wave, known, part))
    report = compute(sqlite_store, make.shelf(), make.WAVE, extract=extract, correction=True)
    assert set(read) == {str(make.LAST)}  # once for the figures, once for what goes together
    monkeypatch.undo()
    again = compute(sqlite_store, make.shelf(), make.WAVE, correction=True)
    assert facts(sqlite_store, report.run_id) == facts(sqlite_store, again.run_id)


def test_kept_counts_of_other_weeks_or_questions_are_not_used(sqlite_store: Store, tmp_path: Path) -> None:
    filled(sqlite_store, n=500)
    extract = Extract(tmp_path)
    before = compute(sqlite_store, make.shelf(), make.WAVE, extract=extract, correction=True).run_id
    for path in tmp_path.glob("*/*.counts"):
        path.write_bytes(path.read_bytes()[:-9])  # broken
    assert facts(sqlite_store, compute(sqlite_store, make.shelf(), make.WAVE, extract=extract, correction=True).run_id) == facts(
        sqlite_store, before
    )
    shelf = make.shelf()
    wave = replace(shelf.waves[make.WAVE], headline=(shelf.waves[make.WAVE].headline[0],))
    other = replace(shelf, waves={**shelf.waves, make.WAVE: wave})
    narrower = compute(sqlite_store, other, make.WAVE, extract=extract, correction=True)
    assert facts(sqlite_store, narrower.run_id) != facts(sqlite_store, before)


def test_old_bytes_of_an_open_week_are_overwritten(sqlite_store: Store, tmp_path: Path) -> None:
    filled(sqlite_store)
    extract = follow(sqlite_store, tmp_path)
    path = extract.path(make.WAVE, str(make.LAST))
    kept = tmp_path / "held"
    kept.hardlink_to(path)  # what a disk still holds of it
    before = kept.read_bytes()
    with sqlite_store.write() as session:
        session.execute(text("UPDATE batch SET root = :root WHERE week = :week"), {"root": bytes(32), "week": str(make.LAST)})
    follow(sqlite_store, tmp_path)
    assert kept.read_bytes() == bytes(len(before))
    assert read_meta(path)["root"] == bytes(32).hex()
