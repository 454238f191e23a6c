"""Every fault is named with its file, its place and its cure, and no fault hides another."""

from __future__ import annotations

import copy
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from make_surveys import SERVICE, SURVEYS, copied, edited

from sipas.instrument.checks import BadSurveysError, check_folder
from sipas.instrument.complaint import Complaint
from sipas.instrument.reader.folder import READERS
from sipas.instrument.reader.table import Table
from sipas.instrument.shelf import read_shelf

ONLINE = "instruments/online-service-2026.toml"
LAND = "sectors/land.toml"
WAVE = "waves/nam-2026.toml"
NATION = "targets/quoc-gia-2025.toml"
DEMO = "targets/demo-2026.toml"

FAULTS = [
    (
        SERVICE,
        'code = "TC1"\n',
        'code = "TC1"\nscale = "faces"\n',
        "item TC1: uses scale 'faces', which is not defined; add [scales.faces]",
    ),
    (SERVICE, 'code = "TC2"\n', 'code = "TC1"\n', "item TC1: the code stands 2 times"),
    (SERVICE, 'vi = "Trụ sở sạch sẽ, văn minh"\n', "", "item TC3: the Vietnamese wording, which is the authoritative one, is missing"),
    (SERVICE, 'en = "The office is clean and orderly"\n', "", "item TC3: the wording in 'en' is missing; add en = "),
    (SERVICE, 'vi = "Trụ sở sạch sẽ, văn minh"', 'vi = "  "', "item TC3: vi: is empty"),
    (SERVICE, 'vi = "Trụ sở sạch sẽ, văn minh"', 'vi = "Trụ sở"\nfr = "Siège"', "item TC3: fr: is not a key that belongs here"),
    (SERVICE, 'code = "TC3"\n', 'code = "tc3"\n', "item tc3: code: 'tc3' is not a code"),
    (SERVICE, 'factor = "TC"\nevidence', 'factor = "TX"\nevidence', "belongs to factor 'TX', which is not defined; choose from CC"),
    (SERVICE, 'evidence = "V2"', 'evidence = "V9"', "evidence: 'V9' is not known"),
    (SERVICE, 'side = "deciding"', 'side = "decidng"', "side: 'decidng' is not known; did you mean 'deciding'?"),
    (SERVICE, 'code = "HL"', 'code = "H9"', "item HL: the overall item is missing"),
    (SERVICE, 'lengths = ["short", "full"]\n', "", "factor TC: the short form holds 0 of its items"),
    (SERVICE, 'code = "TC3"\n', 'code = "TC3"\nlengths = ["short", "full"]\n', "factor TC: the short form holds 2 of its items (TC1, TC3)"),
    (SERVICE, 'code = "TC3"\n', 'code = "TC3"\nlengths = ["short", "long"]\n', "lengths: 'long' is not known"),
    (SERVICE, '"Rất hài lòng"]', '"Hài lòng hơn", "Rất hài lòng"]', "scales: satisfaction: vi: has 6 levels; write 5"),
    (SERVICE, 'asks = ["stage", ', "asks = [", "factor KQ: needs a result, but the stage is not asked"),
    (SERVICE, '  { code = "declined",', '  { code = "secret",', "item D_SEX: leaves no way out"),
    (SERVICE, '{ code = "female"', '{ code = "male"', "option male: stands there twice"),
    (SERVICE, 'kind = "choice"', 'kind = "slider"', "item D_SEX: kind: 'slider' is not known"),
    (SERVICE, "wording = 1", "wording = 0", "wording: 0 is not a number from 1 up"),
    (SERVICE, "wording = 1", "wording = true", "wording: True is not a number from 1 up"),
    (SERVICE, "wording_day = 2026-11-21", "wording_day = 2026-11-21T08:00:00", "wording_day: is a time, not a day"),
    (SERVICE, 'title]\nvi = "', 'titel]\nvi = "', "titel: is not a key that belongs here; did you mean 'title'?"),
    (SERVICE, 'languages = ["vi", "en"]', 'languages = ["en"]', "languages: Vietnamese is missing"),
    (SERVICE, 'languages = ["vi", "en"]', 'languages = ["vi", "en", "Tiếng Khmer"]', "'Tiếng Khmer' is not a language tag"),
    (SERVICE, 'address_word = "Ông/Bà"', "address_word = 7", "address_word: is 7; write a text in quotation marks"),
    (SERVICE, 'code = "sipas-service-2023"', 'code = "sipas-service-2024"', "code: 'sipas-service-2024' is not the file's name"),
    (SERVICE, 'code = "sipas-service-2023"', "code = sipas", "is not TOML: "),
    (ONLINE, 'family = "procedures"', 'family = "services"', "online-service-2026 is an instrument for services"),
    (ONLINE, 'kind = "dossier"', 'kind = "visit"', "an answer to online-service-2026 stands for one visit"),
    (LAND, '"online-service-2026"', '"online-service-2062"', "there is no instrument 'online-service-2062'"),
    (LAND, 'instruments = ["sipas-service-2023", "online-service-2026"]', "instruments = []", "instruments: is empty"),
    (LAND, "order = 1", "", "order is missing; add order: a whole number"),
    (WAVE, "first_day = 2025-12-29", "first_day = 2025-12-30", "first_day: 2025-12-30 is not a Monday; waves open on Mondays"),
    (WAVE, "last_day = 2027-01-03", "last_day = 2027-01-02", "last_day: 2027-01-02 is not a Sunday; waves close on Sundays"),
    (WAVE, "last_day = 2027-01-03", "last_day = 2024-12-29", "last_day: comes before first_day"),
    (WAVE, "first_day = 2025-12-29", 'first_day = "2025-12-29"', "first_day: is '2025-12-29'; write a day"),
    (WAVE, '"land", ', '"lands", ', "sectors: there is no sector 'lands'"),
    (WAVE, 'headline = ["V", "S"]', 'headline = ["V", "X"]', "headline: 'X' is not known"),
    (WAVE, 'headline = ["V", "S"]', "headline = []", "headline: no channel counts"),
    (WAVE, 'calibrate = ["month"]', 'calibrate = ["month", "age"]', "calibrate: 'age' is not known; choose from month, filing"),
    (WAVE, "demonstration = false", "demonstration = true", "is open together with nam-2026"),
    (
        WAVE,
        "[name]",
        '[instruments]\nland = "health-inpatient-2024"\n\n[name]',
        "'health-inpatient-2024' is not an instrument of that sector",
    ),
    (NATION, "value = 0.90", "value = 90", "line 1: value: 90 is not between 0 and 1"),
    (NATION, "value = 0.90", "value = 1.0", "line 1: value: 1.0 is not between 0 and 1"),
    (NATION, "value = 0.90", 'value = 0.90\nstatistic = "mean"', "line 1: value: 0.9 is not between 1 and 5"),
    (NATION, "value = 0.90", 'value = 0.90\nstatistic = "median"', "line 1: statistic: 'median' is not known"),
    (NATION, 'operator = ">="', 'operator = "≥"', "line 1: operator: '≥' is not known; choose from >=, >"),
    (NATION, 'indicator = "procedures"', 'indicator = "procedure"', "indicator: 'procedure' is not known; did you mean 'procedures'?"),
    (NATION, 'sector = "land"', 'sector = "lands"', "line 2: sector: there is no sector or family 'lands'"),
    (NATION, 'sector = "construction"', 'sector = "land"', "line 3: is equal to line 2 of quoc-gia-2025"),
    (NATION, 'evidence = "V2"', 'evidence = "U"', "evidence: an unverified promise cannot judge anybody"),
    (NATION, 'evidence = "V2"', 'evidence = "ours"', "evidence: an unverified promise cannot judge anybody"),
    (NATION, 'sector = "land"', 'sector = "health"', "line 2: indicator: health belongs to services, so this line would answer nobody"),
    (NATION, "valid_to = 2025-12-31", "valid_to = 2020-12-31", "valid_to: comes before valid_from"),
    (NATION, "value = 0.90", "value = 0.90\ncombine = { services = 0.5 }", "combine: the weights add up to 0.5"),
    (NATION, "value = 0.90", 'value = 0.90\nunit = { tier = "Tỉnh", code = "49" }', "unit: tier: 'Tỉnh' is not a code"),
    (DEMO, "demonstration = true", "demonstration = false", "evidence: an unverified promise cannot judge anybody"),
]


@pytest.mark.parametrize(("file", "old", "new", "said"), FAULTS, ids=[f"{row[0]}: {row[3]}"[:90] for row in FAULTS])
def test_fault_is_named_with_file_place_and_cure(tmp_path: Path, file: str, old: str, new: str, said: str) -> None:
    complaints = check_folder(edited(tmp_path, file, old, new))
    told = [str(complaint) for complaint in complaints]
    assert any(said in line for line in told), told
    assert all(complaint.cure for complaint in complaints)


def test_every_fault_of_a_folder_is_told_at_once(tmp_path: Path) -> None:
    surveys = edited(tmp_path, SERVICE, 'vi = "Trụ sở sạch sẽ, văn minh"\n', "")
    for file in (WAVE, NATION):
        path = surveys / file
        path.write_text(path.read_text(encoding="utf-8") + "\nsurprise = 1\n", encoding="utf-8")
    with pytest.raises(BadSurveysError) as refusal:
        read_shelf(surveys)
    assert {complaint.file for complaint in refusal.value.complaints} == {SERVICE, WAVE, NATION}
    assert str(refusal.value).count("\n") == len(refusal.value.complaints) - 1


@pytest.mark.parametrize(("sectors", "faults"), [('"land", "health"', 0), ('"health", "education"', 1)])
def test_a_wave_is_weighted_by_filing_only_where_a_form_asks_it(tmp_path: Path, sectors: str, faults: int) -> None:
    surveys = edited(tmp_path, WAVE, 'calibrate = ["month"]', 'calibrate = ["month", "filing"]')
    path = surveys / WAVE
    path.write_text(re.sub(r"(?m)^sectors = .*$", f"sectors = [{sectors}]", path.read_text("utf-8")), "utf-8")
    told = [str(complaint) for complaint in check_folder(surveys)]
    assert len(told) == faults
    assert all("calibrate: names filing, and no instrument of its sectors asks" in line for line in told)


@pytest.mark.parametrize(("first", "faults"), [("2021-07-15", 7), ("2025-12-31", 7), ("2026-01-01", 0)])
def test_equal_targets_of_two_sets_are_refused_while_both_are_in_force(tmp_path: Path, first: str, faults: int) -> None:
    surveys = copied(tmp_path)
    text = (surveys / NATION).read_text(encoding="utf-8").replace("quoc-gia-2025", "quoc-gia-2030")
    text = text.replace("valid_from = 2021-07-15", f"valid_from = {first}").replace("valid_to = 2025", "valid_to = 2030")
    (surveys / "targets/quoc-gia-2030.toml").write_text(text, encoding="utf-8")
    complaints = check_folder(surveys)
    assert len(complaints) == faults
    assert all("delete one, or end one set before the other begins" in str(complaint) for complaint in complaints)


@pytest.mark.parametrize(("first", "last", "faults"), [("2026-12-28", "2028-01-02", 1), ("2027-01-04", "2028-01-02", 0)])
def test_a_sector_is_in_one_open_wave_at_a_time(tmp_path: Path, first: str, last: str, faults: int) -> None:
    surveys = copied(tmp_path)
    text = (surveys / WAVE).read_text(encoding="utf-8").replace("nam-2026", "nam-2027")
    text = text.replace("2025-12-29", first).replace("2027-01-03", last)
    (surveys / "waves/nam-2027.toml").write_text(text, encoding="utf-8")
    assert [complaint.fault for complaint in check_folder(surveys) if "is open together with" in complaint.fault] == [
        "is open together with nam-2027, and both hold civil_status, construction, education, health, investment, land, others"
    ] * faults


def test_file_above_the_cap_is_refused_unread(tmp_path: Path) -> None:
    surveys = copied(tmp_path)
    (surveys / "waves/huge.toml").write_bytes(b"#" * (256 * 1024 + 1))
    [complaint] = check_folder(surveys)
    assert str(complaint).startswith("waves/huge.toml: is larger than 256 KiB; ")


@pytest.mark.parametrize(("content", "said"), [("Đà".encode("cp1258"), "is not UTF-8"), (b"a = " + b"[" * 9000, "is nested too deeply")])
def test_bytes_that_are_no_questionnaire_are_refused(tmp_path: Path, content: bytes, said: str) -> None:
    surveys = copied(tmp_path)
    (surveys / "instruments/strange.toml").write_bytes(content)
    [complaint] = check_folder(surveys)
    assert said in complaint.fault


@pytest.mark.parametrize("content", ["", "items = 3", "items = [1]\nfactors = {}", "[scales]\nsatisfaction = 1", 'asks = "stage"'])
def test_half_a_file_is_many_complaints_and_no_crash(tmp_path: Path, content: str) -> None:
    surveys = copied(tmp_path)
    for folder in ("instruments", "sectors", "waves", "targets"):
        (surveys / folder / "half.toml").write_text(content, encoding="utf-8")
    assert {complaint.file for complaint in check_folder(surveys)} == {
        f"{folder}/half.toml" for folder in ("instruments", "sectors", "waves", "targets")
    }


def test_missing_folder_is_named(tmp_path: Path) -> None:
    [complaint] = check_folder(tmp_path / "nowhere")
    assert "there is no such folder" in complaint.fault


def test_template_marks_in_a_wording_stay_letters(tmp_path: Path) -> None:
    surveys = edited(tmp_path, SERVICE, "Trụ sở sạch sẽ, văn minh", "{{7*7}} %s {0} <b>")
    assert read_shelf(surveys).instruments["sipas-service-2023"].get_item("TC3").text["vi"] == "{{7*7}} %s {0} <b>"


FILES = [path for folder in READERS for path in sorted((SURVEYS / folder).glob("*.toml"))]
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.dates() | st.datetimes(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=5,
)


@given(data=st.data())
def test_any_value_in_any_place_is_read_without_raising(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(FILES))
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    held: Any = raw
    while isinstance(held, dict | list) and held:
        key = data.draw(st.sampled_from(list(held) if isinstance(held, dict) else list(range(len(held)))))
        if not isinstance(held[key], dict | list) or not held[key] or data.draw(st.booleans()):
            break
        held = held[key]
    before = copy.deepcopy(raw)
    held[key] = data.draw(ANYTHING)
    faults: list[Complaint] = []
    READERS[path.parent.name](Table(raw, file=path.name, place="", faults=faults))
    assert all(str(fault) for fault in faults)
    if not faults:
        assert before.keys() == raw.keys()
