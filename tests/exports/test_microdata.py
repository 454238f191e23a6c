"""Micro-data: every answer once, nobody recognisable, weights that add up, and nothing of day, order or receipt."""

from __future__ import annotations

import csv
import io
import random
import re
import zipfile
from collections import Counter, defaultdict

import export_rows as sealed
import pytest

from sipas.exports.bundle import write_bundle
from sipas.exports.csv_dialect import EXCEL, PLAIN
from sipas.exports.microdata import MARKS, NOT_SHOWN, Microdata, NoMicrodataError, read_microdata
from sipas.store.engine import Store

K = 5
QUASI = ("unit_code", "unit_tier", "deciding_code", "sector", "period", "channel", "respondent", "stage", "instrument", "length")


@pytest.fixture
def made() -> list[dict[str, object]]:
    return sealed.rows(random.Random(7), 900)


ONCE: dict[bool, Microdata] = {}  # by database: planting and reading takes a second


@pytest.fixture
def microdata(store: Store, made) -> Microdata:
    if store.is_sqlite not in ONCE:
        sealed.plant(store, made)
        ONCE[store.is_sqlite] = read(store)
    return ONCE[store.is_sqlite]


def read(store: Store, seed: int = 1) -> Microdata:
    with store.read() as session:
        return read_microdata(session, sealed.SHELF, sealed.WAVE, rng=random.Random(seed))


def opened(bundle: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        return {entry.filename: archive.read(entry) for entry in archive.infolist()}


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_every_class_of_the_file_has_k_rows_by_an_independent_count(microdata: Microdata) -> None:
    rows = table(opened(write_bundle(microdata, PLAIN))["microdata.csv"])
    assert 0.95 * 900 <= len(rows) == len(microdata.rows)
    classes = Counter(tuple(row[name] for name in QUASI) for row in rows)
    assert min(classes.values()) >= K
    assert len(classes) > 20  # and it is not all one class


def test_most_rows_keep_their_unit_and_many_their_month(microdata: Microdata) -> None:
    rows = table(opened(write_bundle(microdata, PLAIN))["microdata.csv"])
    assert sum(row["unit_tier"] == "commune" for row in rows) > 0.7 * len(rows)
    assert sum(row["unit_code"] == "*" for row in rows) <= 0.05 * len(rows)
    assert sum(row["period"] != "*" for row in rows) > 0.5 * len(rows)


def test_every_cluster_has_k_rows_and_lies_in_one_stratum(microdata: Microdata) -> None:
    rows = table(opened(write_bundle(microdata, PLAIN))["microdata.csv"])
    assert min(Counter(row["cluster"] for row in rows).values()) >= K
    strata = defaultdict(set)
    for row in rows:
        strata[row["cluster"]].add(row["stratum"])
    assert {len(one) for one in strata.values()} == {1}
    numbers = sorted({int(row["cluster"]) for row in rows})
    assert numbers == list(range(1, len(numbers) + 1))


def test_weights_add_up_to_the_population_of_each_stratum(microdata: Microdata) -> None:
    files = opened(write_bundle(microdata, PLAIN))
    sums, answers = defaultdict(float), Counter()
    for row in table(files["microdata.csv"]):
        if row["stratum"]:
            sums[row["stratum"]] += float(row["weight"])
            answers[row["stratum"]] += 1
            assert repr(float(row["weight"])) == row["weight"]
    strata = [row for row in table(files["population.csv"]) if row["answers"] != "0"]
    assert {row["stratum"]: int(row["answers"]) for row in strata} == answers
    for row in strata:
        assert row["flag"] in {"", "part_frame"}
        assert sums[row["stratum"]] == pytest.approx(float(row["population"]), rel=1e-12)


def test_the_headline_strata_carry_the_whole_frame(microdata: Microdata) -> None:
    rows = table(opened(write_bundle(microdata, PLAIN))["population.csv"])
    headline = sum(int(row["population"]) for row in rows if row["channels"] == "headline")
    months = [1, 1, *range(1, 7), 6]  # the wave began in November and runs into July: the nearest known month stands for the others
    assert headline == sum(100 + 7 * unit + month for unit in range(2, 8) for _ in sealed.SECTORS for month in months)


def test_an_answer_is_found_by_its_vector_once_and_without_its_day(store: Store, made) -> None:
    mine = sealed.row(random.Random(3), 4, "land", week="2026-W29", channel="O", length="short", stage="on_time")
    mine["answers"] = '{"CC1":1,"HL":2,"KQ1":3,"PA1":1,"TC1":2,"TT1":null}'
    sealed.plant(store, [*made, mine])
    rows = table(opened(write_bundle(read(store), PLAIN))["microdata.csv"])
    vector = {"HL": "2", "TC1": "2", "TT1": "", "CC1": "1", "KQ1": "3", "PA1": "1"}
    (found,) = [row for row in rows if all(row[name] == value for name, value in vector.items())]
    assert not any(re.search(r"W\d\d|\d{4}-\d\d-\d\d|:", value) for value in found.values())
    assert set(found) == {*MARKS, *(item for item in found if item not in MARKS)}


def test_no_byte_tells_a_week_a_day_an_id_or_a_counter(store: Store, made) -> None:
    sealed.plant(store, made)
    microdata = read(store)
    for dialect in (PLAIN, EXCEL):
        for name, content in opened(write_bundle(microdata, dialect)).items():
            if name != "codebook.md":  # the root there is a hash of hashes, and nothing else
                assert not re.search(rb"20\d\d-W\d\d|20\d\d-\d\d-\d\d|\d\d:\d\d|burst|20-60|declined|D_", content), name
            known = {microdata.root.encode(), *(measure.encode() for _, measure in microdata.measures)}
            assert set(re.findall(rb"[0-9a-f]{32,}", content.lower())) <= known
            assert not any(one[name] in content for one in made[:50] for name in ("id", "cluster", "leaf", "mac", "salt"))


def test_no_column_holds_what_must_not_leave(microdata: Microdata) -> None:
    forbidden = r"day|week|time|order|receipt|^id$|counter|comment|batch|reason|duration|language|^D_|filing|procedure"
    assert [name for name in microdata.header if re.search(forbidden, name)] == []


def test_rows_and_clusters_are_drawn_anew_for_every_file(store: Store, made) -> None:
    sealed.plant(store, made)
    first, second = read(store, 1), read(store, 2)
    place = microdata_place(first)
    assert Counter(row[:place] + row[place + 1 :] for row in first.rows) == Counter(row[:place] + row[place + 1 :] for row in second.rows)
    assert first.rows != second.rows


def microdata_place(microdata: Microdata) -> int:
    return microdata.header.index("cluster")


def test_quarantined_answers_are_counted_and_stay(store: Store, made) -> None:
    for one in made[:13]:
        one["quarantine"] = "conflict"
    sealed.plant(store, made)
    microdata = read(store)
    assert microdata.quarantined == 13
    assert len(microdata.rows) + microdata.left_out == len(made) - 13


def test_not_shown_left_blank_and_not_met_are_three_things(store: Store, made) -> None:
    sealed.plant(store, made)
    microdata = read(store)
    place = microdata.header.index("TC1")
    assert {row[place] for row in microdata.rows} == {0, 1, 2, 3, 4, 5, None, NOT_SHOWN}


def test_where_the_stage_is_recoded_a_skipped_result_does_not_tell_it(microdata: Microdata) -> None:
    stage, item, instrument = (microdata.header.index(name) for name in ("stage", "KQ1", "instrument"))
    for row in microdata.rows:
        if row[instrument] == "sipas-service-2023" and row[stage] == "*":
            assert row[item] != NOT_SHOWN


def test_too_few_answers_make_no_file(store: Store) -> None:
    sealed.plant(store, sealed.rows(random.Random(1), 1)[:1])
    with pytest.raises(NoMicrodataError, match="1 of 1 answers would have to be left out"):
        read(store)


def test_no_answers_and_unknown_waves_are_refused_with_a_cure(store: Store) -> None:
    with pytest.raises(NoMicrodataError, match="run `sipas seal`"):
        read(store)
    with store.read() as session, pytest.raises(NoMicrodataError, match=r"choose one of .*demo-2026"):
        read_microdata(session, sealed.SHELF, "nope", rng=random.Random(1))


def test_without_a_frame_there_are_no_weights(store: Store, made) -> None:
    sealed.plant(store, made, frame=False)
    microdata = read(store)
    assert {row[microdata.header.index("weight")] for row in microdata.rows} == {None}
    assert {one.flag for one in microdata.strata} == {"no_frame"}


def test_the_codebook_explains_every_column_and_names_the_seal(microdata: Microdata) -> None:
    files = opened(write_bundle(microdata, PLAIN))
    entries = {row["variable"]: row for row in table(files["codebook.csv"])}
    assert list(entries) == list(microdata.header)
    assert all(row["label_vi"] and row["label_en"] for row in entries.values())
    page = files["codebook.md"].decode()
    assert re.search(rf"`{microdata.root}`", page)
    assert len(microdata.root) == 64
    assert all(f"`{name}`" in page for name in microdata.header)
    assert all(measure in page for _, measure in microdata.measures)


def test_the_figures_printed_with_the_file_are_those_of_its_rows(microdata: Microdata) -> None:
    files = opened(write_bundle(microdata, PLAIN))
    printed = re.findall(r"^\| (\w+) \| (\w+) \| (\d+) \| ([\d.]+) \| ([\d.]+) \|$", files["codebook.md"].decode(), re.MULTILINE)
    assert {(sector, channels) for sector, channels, *_ in printed} >= {(sector, "headline") for sector in sealed.SECTORS}
    for sector, channels, n, _, share in printed:
        rows = [row for row in table(files["microdata.csv"]) if (row["sector"], row["channels"]) == (sector, channels)]
        answered = [(float(row["weight"]), row["HL"] in "45") for row in rows if row["HL"] in {"1", "2", "3", "4", "5"}]
        assert len(answered) == int(n)
        mean = sum(weight for weight, satisfied in answered if satisfied) / sum(weight for weight, _ in answered)
        assert mean == pytest.approx(float(share), abs=1e-9)
