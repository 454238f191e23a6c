"""What goes with the micro-data: every column explained, the strata with their populations, and a page for people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType

from sipas.exports.csv_dialect import Cell, Dialect, write_table
from sipas.exports.figures import list_figures
from sipas.exports.microdata import NOT_SHOWN, Microdata
from sipas.instrument.flow import WORDS
from sipas.instrument.model import OVERALL, Instrument, Item
from sipas.instrument.speech import in_language

HEADER = ("variable", "instrument", "factor", "label_vi", "label_en", "values_vi", "values_en", "missing", "evidence")
STRATA_HEADER = (
    *("stratum", "unit_code", "unit_tier", "unit_name", "sector", "channels"),
    *("population", "answers", "weight", "flag"),
)
MISSING = f"empty = left blank, or hidden together with length or stage; 0 = not met, no opinion; {NOT_SHOWN} = not shown"
RECODED = "* = recoded, any value is possible"

MARK_LABELS = MappingProxyType(
    {
        "wave": ("Đợt khảo sát", "Wave"),
        "instrument": ("Mẫu phiếu", "Instrument"),
        "length": ("Độ dài phiếu: rút gọn (short), đầy đủ (full)", "Form length"),
        "unit_code": ("Mã đơn vị tiếp nhận", "Code of the receiving unit"),
        "unit_tier": ("Cấp của đơn vị tiếp nhận", "Tier of the receiving unit"),
        "unit_name": ("Tên đơn vị tiếp nhận", "Name of the receiving unit"),
        "deciding_code": ("Mã đơn vị giải quyết; để trống: chưa biết hoặc chính là đơn vị tiếp nhận", "Code of the deciding unit"),
        "sector": ("Lĩnh vực", "Sector"),
        "period": ("Tháng thống kê, gộp thành quý hoặc cả đợt khi cần", "Statistical month, its quarter, or * for the whole wave"),
        "channels": ("Nhóm kênh có chung quyền số", "Channel set whose rows share weights: headline, or one channel"),
        "channel": ("Kênh", "Channel: V verified, S on site, O open, P paper"),
        "respondent": ("Tư cách người trả lời", "Kind of respondent"),
        "stage": ("Hồ sơ đang ở bước nào", "Stage of the dossier"),
        "stratum": ("Số của tầng, xem population.csv", "Number of the recoded stratum, see population.csv"),
        "cluster": ("Số của cụm, đánh lại ngẫu nhiên trong mỗi tệp", "Number of the cluster, drawn anew for every file"),
        "population": ("Quy mô tầng N_h", "Population of the stratum, N_h"),
        "weight": ("Quyền số N_h / n_h trên tầng đã gộp", "Weight N_h / n_h on the recoded stratum"),
    }
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the codebook."""

    variable: str
    instrument: str
    factor: str
    label_vi: str
    label_en: str
    values_vi: str
    values_en: str
    missing: str
    evidence: str

    def cells(self) -> tuple[Cell, ...]:
        return tuple(getattr(self, name) for name in HEADER)


def list_entries(microdata: Microdata) -> Iterator[Entry]:
    """Every column of the file, items once for each instrument that has them."""
    for name, (vietnamese, english) in MARK_LABELS.items():
        words = WORDS.get(name, {})
        values = ["|".join(f"{code}={in_language(one, language)}" for code, one in words.items()) for language in ("vi", "en")]
        yield Entry(name, "", "", vietnamese, english, values[0], values[1], RECODED, "")
    for code in microdata.items:
        for instrument in microdata.instruments:
            for item in instrument.items:
                if item.code == code:
                    yield _item_entry(instrument, item)


def write_codebook(microdata: Microdata, dialect: Dialect) -> Iterator[bytes]:
    """The codebook as a table."""
    return write_table(HEADER, (entry.cells() for entry in list_entries(microdata)), dialect)


def write_population(microdata: Microdata, dialect: Dialect) -> Iterator[bytes]:
    """The strata: population and answers of each, those without an answer too."""
    return write_table(STRATA_HEADER, _strata(microdata), dialect)


def write_page(microdata: Microdata) -> bytes:
    """The codebook for people: Markdown, in Vietnamese with English labels."""
    return "\n".join([*_opening(microdata), *_figures(microdata), *_columns(microdata), *_measures(microdata), ""]).encode()


def _item_entry(instrument: Instrument, item: Item) -> Entry:
    levels = instrument.scales[item.scale].levels
    values = ["|".join(f"{n}={word}" for n, word in enumerate(in_language(levels, language), start=1)) for language in ("vi", "en")]
    not_met = [f"0={in_language(item.not_met, language)}" if item.not_met else "" for language in ("vi", "en")]
    return Entry(
        variable=item.code,
        instrument=instrument.code,
        factor=item.factor or ("overall" if item.code == OVERALL else ""),
        label_vi=in_language(item.text, "vi"),
        label_en=in_language(item.text, "en"),
        values_vi="|".join(filter(None, (not_met[0], values[0]))),
        values_en="|".join(filter(None, (not_met[1], values[1]))),
        missing=MISSING,
        evidence=item.evidence,
    )


def _strata(microdata: Microdata) -> Iterator[tuple[Cell, ...]]:
    for one in microdata.strata:
        place = microdata.places[one.stratum.unit_id]
        yield (
            *(one.number, place.code, place.tier, place.name, one.stratum.sector, one.stratum.channels),
            *(one.population, one.n, one.weight, one.flag or None),
        )


def _opening(microdata: Microdata) -> Iterator[str]:
    steps = ", ".join(f"bậc {step}: {number} phiếu" for step, number in microdata.steps.items())
    yield f"# Bộ số liệu chi tiết của đợt khảo sát {microdata.wave}"
    yield ""
    yield f"- Mã kiểm chứng của lần chốt số liệu (gốc Merkle gộp, SHA-256): `{microdata.root}`"
    yield f"- Số phiếu trong tệp: {len(microdata.rows)}; để riêng chờ kiểm tra, không đưa vào tệp: {microdata.quarantined}; "
    yield f"  không đưa vào tệp để bảo vệ người trả lời: {microdata.left_out}."
    yield f"- Mỗi tổ hợp đơn vị, lĩnh vực, thời gian, kênh, đối tượng và bước hồ sơ có ít nhất {microdata.k} phiếu; mỗi cụm có ít nhất"
    yield f"  {microdata.k} phiếu. Dấu `*` nghĩa là đã gộp. Số phiếu theo bậc gộp: {steps}."
    yield "- Quyền số bằng quy mô tầng chia cho số phiếu của tầng sau khi gộp, tính cho cả đợt khảo sát, giữ đủ chữ số,"
    yield "  không điều chỉnh theo tháng hay theo hình thức nộp hồ sơ như số liệu công bố. Các kênh chính"
    yield "  (`headline`) có chung quyền số; mỗi kênh khác có quyền số riêng, không cộng với kênh chính. Ô trống: dàn mẫu chưa có tầng này."
    yield f"- Câu hỏi: 1–5 là mức trả lời; 0 là chưa gặp, không có ý kiến; ô trống là bỏ trống; {NOT_SHOWN} là phiếu không hỏi câu này."
    yield "  Khi đã gộp bước hồ sơ hoặc độ dài phiếu, câu không hỏi cũng để trống."
    yield "- Ước lượng từ tệp này là của các tầng đã gộp; số liệu công bố được lặp lại đúng từ tệp ô (`cells.csv`), không phải từ tệp này."
    yield "- Không được tìm cách xác định người trả lời. Tệp không có ngày, tuần, giờ, thứ tự, mã biên nhận, quầy, ý kiến ghi tay, tuổi, giới."
    yield ""
    yield "Trong R: `svydesign(ids = ~cluster, strata = ~stratum, weights = ~weight, nest = TRUE,`"
    yield '`data = subset(microdata, channels == "headline" & !is.na(weight)))`'


def _figures(microdata: Microdata) -> Iterator[str]:
    """What the file itself gives, so that its reader can tell whether it was read rightly."""
    yield ""
    yield "Tỷ lệ hài lòng chung (HL ở mức 4–5) tính từ chính tệp này, chỉ để kiểm tra việc đọc tệp, không phải số liệu công bố:"
    yield ""
    yield "| Lĩnh vực | Nhóm kênh | Số phiếu | Tổng quyền số | Tỷ lệ |"
    yield "|---|---|---|---|---|"
    for one in list_figures(microdata):
        yield f"| {one.sector} | {one.channels} | {one.n} | {one.weight!r} | {one.share!r} |"


def _columns(microdata: Microdata) -> Iterator[str]:
    yield ""
    yield "| Biến | Mẫu phiếu | Nhãn | Label | Giá trị |"
    yield "|---|---|---|---|---|"
    for entry in list_entries(microdata):
        cells = (f"`{entry.variable}`", entry.instrument, entry.label_vi, entry.label_en, entry.values_vi)
        yield "| " + " | ".join(cell.replace("|", "; ") for cell in cells) + " |"


def _measures(microdata: Microdata) -> Iterator[str]:
    yield ""
    yield "| Mẫu phiếu | Mã kiểm chứng nội dung hỏi (SHA-256) |"
    yield "|---|---|"
    for instrument, measure in microdata.measures:
        yield f"| {instrument} | `{measure}` |"
