"""The measure is what people answered: an accidental edit must be noticed before anything is fielded."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

import pytest
from make_surveys import SERVICE, SURVEYS, copied, edited

from sipas.instrument.fielded import compare
from sipas.instrument.model import Instrument
from sipas.instrument.shelf import read_shelf

# Taken at the first release. Once a questionnaire has been fielded, another measure needs another code.
MEASURES = MappingProxyType(
    {
        "education-parents-2019": "a68e94ba68f23d27c4a98138179bf2a515426cd8dfce43ca25bb0a50aa83f163",
        "health-inpatient-2024": "491fe7d17a88283bc2e9ba4598476221a6df66d7e01a112b64716a3e72ef1e6c",
        "health-outpatient-2024": "e81f36950562c6382ec07295ac0f6e7c0d5971f107cfd225a0fe5616434b0284",
        "online-service-2026": "c64be7eacb0de24c7e3ba0a5b8b605ec662487e924a72da947e192ba64c6912b",
        "sipas-service-2023": "0cbddd0ae6f60137446d29826771d33c9f018a4f5a0c8e84ce80f7a7dd4ace49",
    }
)
SHELF = read_shelf(SURVEYS)
CODE = "sipas-service-2023"


def service(surveys: Path) -> Instrument:
    return read_shelf(surveys).instruments[CODE]


@pytest.mark.parametrize("code", MEASURES)
def test_measure_of_what_ships_has_not_moved(code: str) -> None:
    assert SHELF.instruments[code].measure == MEASURES[code]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Trụ sở sạch sẽ, văn minh", "Trụ sở sạch đẹp, văn minh"),
        ('asks = ["stage", "respondent", "filing"]', 'asks = ["stage", "respondent"]'),
        ("needs_result = true", "needs_result = false"),
        ('"Bình thường", "Hài lòng"', '"Tạm được", "Hài lòng"'),
        ('vi = "Chưa gặp / không có ý kiến"', 'vi = "Chưa gặp"'),
        ('{ code = "male", vi = "Nam", en = "Male" },\n', ""),
        ('code = "TC3"', 'code = "TC5"'),
    ],
)
def test_change_of_what_is_asked_changes_the_measure(tmp_path: Path, old: str, new: str) -> None:
    assert service(edited(tmp_path, SERVICE, old, new)).measure != SHELF.instruments[CODE].measure


@pytest.mark.parametrize(
    ("old", "new", "languages"),
    [
        ("The office is clean and orderly", "The office is clean and tidy", {"en"}),
        ("Phiếu lấy ý kiến về việc giải quyết thủ tục hành chính", "Phiếu ý kiến", {"vi"}),
        ("wording_day = 2026-11-21", "wording_day = 2026-11-22", set()),
        ("# Which unit a factor", "# To which unit a factor", set()),
    ],
)
def test_change_of_other_words_changes_their_language_alone(tmp_path: Path, old: str, new: str, languages: set[str]) -> None:
    before, after = SHELF.instruments[CODE], service(edited(tmp_path, SERVICE, old, new))
    assert after.measure == before.measure
    assert {language for language in ("vi", "en") if after.wording_hashes[language] != before.wording_hashes[language]} == languages


def test_order_of_keys_and_blanks_do_not_matter(tmp_path: Path) -> None:
    surveys = edited(tmp_path, SERVICE, 'code = "TC3"\nfactor = "TC"', 'factor   =  "TC"\ncode = "TC3"')
    assert service(surveys).measure == SHELF.instruments[CODE].measure


def test_decomposed_letters_are_the_same_wording(tmp_path: Path) -> None:
    surveys = edited(tmp_path, SERVICE, "Trụ sở sạch sẽ", "Tru\u0323 sơ\u0309 sa\u0323ch sẽ")
    assert service(surveys).measure == SHELF.instruments[CODE].measure


def test_nothing_is_said_against_what_was_not_edited() -> None:
    one = SHELF.instruments[CODE]
    assert compare(one, measure=one.measure, wording=1, wordings=one.wording_hashes) is None


def test_edited_measure_is_refused_with_its_cure(tmp_path: Path) -> None:
    before = SHELF.instruments[CODE]
    after = service(edited(tmp_path, SERVICE, "Trụ sở sạch sẽ", "Nơi làm việc sạch sẽ"))
    complaint = compare(after, measure=before.measure, wording=1, wordings=before.wording_hashes)
    assert complaint
    assert complaint.file == SERVICE
    assert "new code" in complaint.cure


@pytest.mark.parametrize(("number", "fault"), [(1, "wording = 2"), (2, ""), (3, "wording = 2")])
def test_edited_wording_needs_the_next_number(tmp_path: Path, number: int, fault: str) -> None:
    before = SHELF.instruments[CODE]
    surveys = edited(tmp_path, SERVICE, "The office is clean and orderly", "The office is clean and tidy")
    path = surveys / SERVICE
    path.write_text(path.read_text(encoding="utf-8").replace("wording = 1", f"wording = {number}"), encoding="utf-8")
    complaint = compare(service(surveys), measure=before.measure, wording=1, wordings=before.wording_hashes)
    assert (complaint.cure if complaint else "").endswith(fault)
    assert bool(complaint) == bool(fault)


def test_number_alone_may_not_move(tmp_path: Path) -> None:
    before = SHELF.instruments[CODE]
    after = service(edited(tmp_path, SERVICE, "wording = 1", "wording = 2"))
    complaint = compare(after, measure=before.measure, wording=1, wordings=before.wording_hashes)
    assert complaint
    assert complaint.cure == "write wording = 1"


def test_added_language_is_a_new_wording_and_the_same_measure(tmp_path: Path) -> None:
    surveys = copied(tmp_path)
    path = surveys / SERVICE
    lines = path.read_text(encoding="utf-8").replace('["vi", "en"]', '["vi", "en", "km"]').splitlines()
    grown = [f"{line}\nkm = {line.partition('= ')[2]}" if line.startswith("en = ") else line for line in lines]
    text = "\n".join(grown)
    path.write_text(text.replace(' en = "', ' km = "ខ្មែរ", en = "'), encoding="utf-8")
    after, before = service(surveys), SHELF.instruments[CODE]
    assert after.measure == before.measure
    complaint = compare(after, measure=before.measure, wording=1, wordings=before.wording_hashes)
    assert complaint
    assert complaint.cure == "write wording = 2"
