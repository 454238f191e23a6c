"""The plan of the invented province: which bodies are rated, at which counters, for how many dossiers a year.

Communes are real (the former Quảng Nam, codes of 2025); what happens in them is invented. Schools and hospitals are named after places.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

PROVINCE = "48"
ROOT = ("province", PROVINCE)
LAND_OFFICE = ("land_office", "VPDK-48")


@dataclass(frozen=True, slots=True)
class CounterPlan:
    """A desk: what it is called, where it stands, which sectors it serves and, where a sector has several, by which questionnaire."""

    name: str
    place: str
    sectors: tuple[str, ...]
    part: str = ""  # outpatient or inpatient: part of a sector that has a questionnaire of its own


@dataclass(frozen=True, slots=True)
class UnitPlan:
    """A rated body. ``volume`` is its dossiers, visits or pupils a year by sector; ``name`` may hold {commune} for its parent."""

    code: str
    tier: str
    kind: str
    name: str
    full_name: str
    parent: tuple[str, str]
    counters: tuple[CounterPlan, ...] = ()
    volume: Mapping[str, int] = field(default_factory=dict)
    deciding: Mapping[str, str] = field(default_factory=dict)  # sector → code of the unit that decides
    only_open: bool = False  # has a printed sign and nothing else
    mood: float = 0.0  # shifts satisfaction, in standard deviations of a person

    @property
    def key(self) -> tuple[str, str]:
        return self.tier, self.code


# The deciding departments by sector, for what the city decides and what a commune hands on.
DEPARTMENTS = MappingProxyType(
    {
        "SNNMT-48": "Sở Nông nghiệp và Môi trường",
        "SXD-48": "Sở Xây dựng",
        "STC-48": "Sở Tài chính",
        "SNV-48": "Sở Nội vụ",
        "STP-48": "Sở Tư pháp",
    }
)
DECIDES = MappingProxyType(
    {"land": "SNNMT-48", "construction": "SXD-48", "investment": "STC-48", "others": "SNV-48", "civil_status": "STP-48"}
)

# Parts of a sector that have a questionnaire and a population of their own: kind in the frame, share of the volume.
PARTS = MappingProxyType({"outpatient": ("visit", 0.86), "inpatient": ("discharge", 0.14)})

LARGE = ("20341", "20335", "20350", "20356", "20410", "20401", "20413", "20551", "20579", "20791", "20965", "20500")
MEDIUM = (
    *("20557", "20569", "20575", "20599", "20623", "20641", "20650"),
    *("20794", "20818", "20854", "20364", "20392", "20971", "20984"),
)
SMALL = (
    *("20455", "20467", "20506", "20656", "20695", "20707", "20722"),
    *("20779", "20900", "20944", "20950", "20992", "20434", "20443"),
)
ONLY_OPEN = frozenset({"20434", "20443", "20950", "20695", "20992"})
MOODS = MappingProxyType(
    {"20341": 0.20, "20410": 0.28, "20579": -0.30, "20791": -0.42, "20965": -0.18, "20944": 0.22, "20455": 0.15, "20500": -0.25}
)

COMMUNE_VOLUME = MappingProxyType({"civil_status": 8600, "others": 5200, "land": 2100, "construction": 950, "investment": 620})
SCALES = ((LARGE, 1.0), (MEDIUM, 0.55), (SMALL, 0.24))

BRANCHES = MappingProxyType(
    {
        "CNDK-TK": ("Tam Kỳ", 13200, -0.05),
        "CNDK-HA": ("Hội An", 9800, 0.10),
        "CNDK-DB": ("Điện Bàn", 13800, -0.22),
        "CNDK-DL": ("Đại Lộc", 8200, 0.05),
        "CNDK-DX": ("Duy Xuyên", 7600, 0.0),
        "CNDK-TB": ("Thăng Bình", 9400, -0.25),
        "CNDK-NT": ("Núi Thành", 8800, -0.10),
        "CNDK-TP": ("Tiên Phước", 4600, 0.18),
    }
)
HOSPITALS = MappingProxyType({"BV-TK": ("Tam Kỳ", 1.0, 0.06), "BV-HA": ("Hội An", 0.7, -0.10)})
SCHOOLS = MappingProxyType(
    {
        "TH-TK": ("Trường Tiểu học Tam Kỳ", "20341", 1240, 0.15, False),
        "THCS-TK": ("Trường Trung học cơ sở Tam Kỳ", "20341", 1310, -0.05, False),
        "TH-HA": ("Trường Tiểu học Hội An", "20410", 980, 0.25, False),
        "THPT-HA": ("Trường Trung học phổ thông Hội An", "20410", 1420, -0.20, False),
        "TH-DB": ("Trường Tiểu học Điện Bàn", "20551", 1150, 0.05, False),
        "THCS-TB": ("Trường Trung học cơ sở Thăng Bình", "20791", 1080, -0.15, False),
        "PTDTNT-TMY": ("Trường Phổ thông dân tộc nội trú Nam Trà My", "20944", 420, 0.10, True),
        "THPT-NT": ("Trường Trung học phổ thông Núi Thành", "20965", 1380, -0.18, True),
    }
)


def plan_province() -> tuple[UnitPlan, ...]:
    """Every body of the demonstration, parents before children."""
    return (*_departments(), _city_centre(), *_commune_centres(), *_land_offices(), *_hospitals(), *_schools())


def _departments() -> list[UnitPlan]:
    return [UnitPlan(code, "department", "Sở", name, f"{name} thành phố Đà Nẵng", ROOT) for code, name in DEPARTMENTS.items()]


def _city_centre() -> UnitPlan:
    desks = (
        ("Quầy 1", ("land",)),
        ("Quầy 2", ("land", "others")),
        ("Quầy 3", ("construction",)),
        ("Quầy 4", ("construction",)),
        ("Quầy 5", ("investment",)),
        ("Quầy 6", ("investment",)),
        ("Quầy 7", ("investment",)),
        ("Quầy 8", ("civil_status",)),
        ("Quầy 9", ("civil_status",)),
        ("Quầy 10", ("civil_status", "others")),
        *((f"Quầy {number}", ("others",)) for number in range(11, 16)),
    )
    place = "Tầng 1, cơ sở Tam Kỳ của Trung tâm"
    return UnitPlan(
        "TTPVHCC-48",
        "one_stop",
        "Trung tâm PVHCC",
        "TTPVHCC thành phố",
        "Trung tâm Phục vụ hành chính công thành phố Đà Nẵng",
        ROOT,
        tuple(CounterPlan(name, place, sectors) for name, sectors in desks),
        {"land": 5200, "construction": 6400, "investment": 9600, "civil_status": 9000, "others": 18500},
        DECIDES,
        mood=0.08,
    )


def _commune_centres() -> list[UnitPlan]:
    return [_commune_centre(code, scale) for codes, scale in SCALES for code in codes]


def _commune_centre(code: str, scale: float) -> UnitPlan:
    place = "Sảnh tầng 1, trụ sở Ủy ban nhân dân"
    desks: tuple[tuple[str, ...], ...] = (("land", "construction"), ("civil_status", "others"))
    volume = {sector: round(count * scale) for sector, count in COMMUNE_VOLUME.items() if sector != "investment"}
    if scale == 1.0:
        desks = (("land", "construction"), ("civil_status",), ("others", "investment"))
        volume["investment"] = COMMUNE_VOLUME["investment"]
    return UnitPlan(
        f"TTPVHCC-{code}",
        "one_stop",
        "Trung tâm PVHCC",
        "TTPVHCC {commune}",
        "Trung tâm Phục vụ hành chính công {commune}",
        ("commune", code),
        tuple(CounterPlan(f"Quầy {number}", place, sectors) for number, sectors in enumerate(desks, 1)),
        volume,
        only_open=code in ONLY_OPEN,
        mood=MOODS.get(code, 0.0),
    )


def _land_offices() -> list[UnitPlan]:
    hall = "Bộ phận tiếp nhận và trả kết quả"
    head = UnitPlan(
        LAND_OFFICE[1],
        "land_office",
        "Văn phòng đăng ký đất đai",
        "Văn phòng đăng ký đất đai",
        "Văn phòng đăng ký đất đai thành phố Đà Nẵng",
        ("department", "SNNMT-48"),
        (CounterPlan("Quầy tổ chức", hall, ("land",)),),
        {"land": 2400},
    )
    branches = [
        UnitPlan(
            code,
            "land_office",
            "Chi nhánh VPĐKĐĐ",
            f"Chi nhánh VPĐKĐĐ {name}",
            f"Chi nhánh Văn phòng đăng ký đất đai {name}",
            LAND_OFFICE,
            tuple(CounterPlan(f"Quầy {number}", hall, ("land",)) for number in (1, 2)),
            {"land": volume},
            {"land": LAND_OFFICE[1]},
            mood=mood,
        )
        for code, (name, volume, mood) in BRANCHES.items()
    ]
    return [head, *branches]


def _hospitals() -> list[UnitPlan]:
    desks = (
        CounterPlan("Khoa Khám bệnh, bàn 1", "Tầng 1, nhà A", ("health",), "outpatient"),
        CounterPlan("Khoa Khám bệnh, bàn 2", "Tầng 1, nhà A", ("health",), "outpatient"),
        CounterPlan("Quầy thanh toán ngoại trú", "Tầng 1, nhà A", ("health",), "outpatient"),
        CounterPlan("Quầy ra viện, khối Nội", "Tầng 2, nhà B", ("health",), "inpatient"),
        CounterPlan("Quầy ra viện, khối Ngoại", "Tầng 3, nhà B", ("health",), "inpatient"),
    )
    return [
        UnitPlan(
            code,
            "hospital",
            "Bệnh viện",
            f"Bệnh viện đa khoa khu vực {name}",
            f"Bệnh viện đa khoa khu vực {name}",
            ROOT,
            desks,
            {"health": round(54000 * scale)},
            mood=mood,
        )
        for code, (name, scale, mood) in HOSPITALS.items()
    ]


def _schools() -> list[UnitPlan]:
    desks = (
        CounterPlan("Văn phòng nhà trường", "Văn phòng, tầng 1", ("education",)),
        CounterPlan("Họp cha mẹ học sinh", "Hội trường", ("education",)),
    )
    return [
        UnitPlan(code, "school", "Trường", name, name, ("commune", commune), desks, {"education": pupils}, only_open=only_open, mood=mood)
        for code, (name, commune, pupils, mood, only_open) in SCHOOLS.items()
    ]
