"""Scorecards as one flat table: what a page shows, a line each, for spreadsheets and programs.

The plain dialect has machine names and codes; *CSV cho Excel* has Vietnamese headings and words. Shares and limits are 0-1, means 1-5,
differences percentage points. A hidden line says that it is hidden and why; its count is not in the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from sipas.exports.csv_dialect import EXCEL, Cell, Dialect, write_table
from sipas.instrument.speech import in_language
from sipas.reports.honesty import marks_of
from sipas.reports.lines import Estimate, Front, Gap, Line, Scorecard, SectorCard, Silence
from sipas.reports.protection import PROTECTS
from sipas.reports.whole_card import WholeCard

HIDDEN = "Dưới 10 phiếu: không công bố để bảo vệ người trả lời"
PROTECTED = "Không công bố để bảo vệ người trả lời"
NOT_TOLD = MappingProxyType(
    {
        "few": (HIDDEN, "Fewer than 10 answers: not published, to protect those who answered"),
        "protects": (PROTECTED, "Not published, to protect those who answered"),
        "no_data": ("Chưa có số liệu", "No data yet"),
    }
)
NOTE = "Không phải Chỉ số SIPAS do Bộ Nội vụ công bố"

VERDICT_WORDS = MappingProxyType(
    {
        "met": "Đạt chỉ tiêu",
        "not_met": "Chưa đạt chỉ tiêu",
        "undecided": "Chưa đủ căn cứ kết luận",
        "too_few": "Chưa đủ số phiếu (dưới 30)",
        "no_target": "Chưa có chỉ tiêu",
        "no_data": "Chưa có số liệu",
        "hidden": "Không công bố",
    }
)
MEASURE_WORDS = MappingProxyType(
    {
        "overall": "Tỷ lệ hài lòng chung",
        "pooled": "Tỷ lệ câu trả lời hài lòng",
        "all": "Chỉ số hài lòng toàn diện",
        "mean": "Điểm trung bình (1–5)",
    }
)
TIPPING_WORDS = MappingProxyType(
    {
        "holds": "Kết luận giữ nguyên dù tất cả những người không trả lời đều không hài lòng",
        "fails": "Kết luận giữ nguyên dù tất cả những người không trả lời đều hài lòng",
        "flips_if_fewer": "Kết luận đổi nếu tỷ lệ hài lòng của những người không trả lời thấp hơn điểm lật",
        "flips_if_more": "Kết luận đổi nếu tỷ lệ hài lòng của những người không trả lời từ điểm lật trở lên",
        "no_silent": "Tất cả đều đã trả lời",
    }
)
DIRECTION_WORDS = MappingProxyType({"higher": "cao hơn", "lower": "thấp hơn", "undecided": "chưa đủ căn cứ kết luận"})
LENGTH_WORDS = MappingProxyType({"short": "phiếu ngắn", "full": "phiếu đầy đủ"})
CHANNEL_WORDS = MappingProxyType(
    {
        "headline": "Kênh chính",
        "V": "Giao dịch đã xác minh",
        "S": "Tại nơi phục vụ",
        "O": "Liên kết mở",
        "P": "Phiếu giấy",
    }
)


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of a scorecard with everything that is said about it."""

    page: Front | Scorecard
    line: Line
    measure: str  # overall, pooled, all, mean, factor:…, item:…, channel:V, deciding
    title: str
    estimate: Estimate | None
    unweighted: Estimate | None
    judged: bool  # the figure that the line's target, verdict and change speak of
    hidden: str  # why the figure is not shown; empty where it is
    silence: Silence | None = None  # beside the judged figure of a sector's card
    gap: Gap | None = None  # of a channel's figure: less that of V


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its machine name, its Vietnamese heading, and how it is read."""

    name: str
    title: str
    read: Callable[[Row], Cell]
    words: Mapping[str, str] | None = None  # code → Vietnamese, for people


def list_rows(page: Front | Scorecard) -> Iterator[Row]:
    """Every figure of a page, in its order."""
    if isinstance(page, Front):
        for line in page.lines:
            yield _line_row(page, line)
        return
    for card in page.cards:
        yield replace(_line_row(page, card.line), silence=card.silence)
        yield from _card_rows(page, card)


def write_csv(page: Front | Scorecard | WholeCard, dialect: Dialect) -> Iterator[bytes]:
    """The page in a dialect; a table has no place for trends and drivers."""
    if isinstance(page, WholeCard):
        page = page.card
    people = dialect is EXCEL
    header = [column.title if people else column.name for column in COLUMNS]
    return write_table(header, ([_show(column, row, people=people) for column in COLUMNS] for row in list_rows(page)), dialect)


def hidden_reason(line: Line) -> str:
    """Why a line is hidden; empty where it is not."""
    if line.verdict != "hidden":
        return ""
    return PROTECTED if PROTECTS in line.flags else HIDDEN


def not_told(line: Line) -> tuple[str, str, str]:
    """Why a line tells nothing: a code and the words in two languages; empty where it tells."""
    code = "no_data" if line.verdict == "no_data" else ""
    if line.verdict == "hidden":
        code = "protects" if PROTECTS in line.flags else "few"
    return (code, *NOT_TOLD[code]) if code else ("", "", "")


def _line_row(page: Front | Scorecard, line: Line) -> Row:
    title = MEASURE_WORDS[line.statistic]
    return Row(page, line, line.statistic, title, line.estimate, line.unweighted, judged=True, hidden=hidden_reason(line))


def _card_rows(page: Scorecard, card: SectorCard) -> Iterator[Row]:
    def row(code: str, title: str, estimate: Estimate | None, unweighted: Estimate | None = None) -> Row:
        hidden = "" if estimate or card.line.verdict == "no_data" else hidden_reason(card.line) or PROTECTED
        return Row(page, card.line, code, title, estimate, unweighted, judged=False, hidden=hidden)

    for code, estimate in card.measures.items():
        if code != card.line.statistic:
            yield row(code, MEASURE_WORDS[code], estimate, card.measures_unweighted.get(code))
    for part in card.factors:
        yield row(f"factor:{part.instrument}:{part.length}:{part.code}", in_language(part.name, "vi"), part.estimate)
    for part in card.items:
        yield row(f"item:{part.instrument}:{part.code}", in_language(part.name, "vi"), part.estimate)
    for index in card.indices:
        title = f"Chỉ số tổng hợp các yếu tố ({LENGTH_WORDS[index.length]})"
        yield row(f"index:{index.instrument}:{index.length}", title, index.estimate)
    for channel in card.channels:
        if channel.hidden or channel.estimate:
            made = row(f"channel:{channel.channel}", CHANNEL_WORDS[channel.channel], None if channel.hidden else channel.estimate)
            yield replace(made, gap=channel.gap)
    if card.deciding is not None:
        yield row("deciding", "Tỷ lệ hài lòng theo đơn vị giải quyết", card.deciding)


def _show(column: Column, row: Row, *, people: bool) -> Cell:
    cell = column.read(row)
    return column.words.get(cell, cell) if people and column.words and isinstance(cell, str) else cell


def _of(field: str) -> Callable[[Row], Cell]:
    """A field of the row's own estimate; nothing where it is hidden or has no data."""
    return lambda row: None if row.estimate is None or row.hidden else getattr(row.estimate, field)


def _plain(field: str) -> Callable[[Row], Cell]:
    return lambda row: None if row.unweighted is None or row.hidden else getattr(row.unweighted, field)


def _judged(read: Callable[[Line], Cell]) -> Callable[[Row], Cell]:
    """What the line says of its judged figure; nothing beside the other measures."""
    return lambda row: read(row.line) if row.judged else None


def _seen(read: Callable[[Line], Cell]) -> Callable[[Row], Cell]:
    """The same, and nothing where the figure is hidden."""
    return lambda row: read(row.line) if row.judged and not row.hidden else None


def _target(field: str) -> Callable[[Row], Cell]:
    def read(row: Row) -> Cell:
        if row.line.target is None or not row.judged:
            return None
        value = getattr(row.line.target, field)
        return value if isinstance(value, str | int | float) else in_language(value, "vi")

    return read


def _change(field: str) -> Callable[[Row], Cell]:
    return lambda row: None if row.line.change is None or not row.judged or row.hidden else getattr(row.line.change, field)


def _gap(field: str) -> Callable[[Row], Cell]:
    return lambda row: None if row.gap is None or row.hidden else getattr(row.gap, field)


def _silent(field: str) -> Callable[[Row], Cell]:
    return lambda row: None if row.silence is None or row.hidden else getattr(row.silence, field)


def _marks(row: Row) -> str:
    return "" if row.hidden else " ".join(marks_of(row.estimate, row.measure))


def _flags(row: Row) -> str:
    return " ".join(sorted({*row.line.flags, *(row.estimate.flags if row.estimate else ())}))


YES_NO = MappingProxyType({"yes": "có", "no": "không"})


def _yes(*, value: bool) -> str:
    return "yes" if value else "no"


COLUMNS: tuple[Column, ...] = (
    Column("unit_code", "Mã đơn vị", lambda row: row.page.unit.code),
    Column("unit_tier", "Cấp", lambda row: row.page.unit.tier),
    Column("unit_name", "Đơn vị", lambda row: row.page.unit.full_name),
    Column("wave", "Đợt khảo sát", lambda row: row.page.wave),
    Column("period", "Kỳ", lambda row: row.page.period),
    Column("week", "Số liệu đến tuần", lambda row: row.page.week),
    Column("run", "Lần tính", lambda row: row.page.run_id),
    Column("demonstration", "Số liệu minh họa", lambda row: _yes(value=row.page.demonstration), YES_NO),
    Column("indicator", "Chỉ số", lambda row: row.line.indicator),
    Column("sector", "Mã lĩnh vực", lambda row: row.line.sector),
    Column("sector_name", "Lĩnh vực", lambda row: in_language(row.line.name, "vi")),
    Column("channels", "Kênh", lambda row: row.line.channels, CHANNEL_WORDS),
    Column("measure", "Mã số đo", lambda row: row.measure),
    Column("measure_name", "Số đo", lambda row: row.title),
    Column("n", "Số phiếu", _of("n")),
    Column("n_effective", "Số phiếu hiệu dụng", _of("n_effective")),
    Column("value", "Giá trị (0–1; trung bình: 1–5)", _of("value")),
    Column("low", "Cận dưới 95%", _of("low")),
    Column("high", "Cận trên 95%", _of("high")),
    Column("se", "Sai số chuẩn", _of("se")),
    Column("df", "Bậc tự do", _of("df")),
    Column("unweighted_value", "Giá trị không dùng quyền số", _plain("value")),
    Column("unweighted_low", "Cận dưới không dùng quyền số", _plain("low")),
    Column("unweighted_high", "Cận trên không dùng quyền số", _plain("high")),
    Column("minus_v_points", "Chênh lệch so với kênh V (điểm phần trăm)", _gap("points")),
    Column("minus_v_low", "Cận dưới của chênh lệch so với kênh V", _gap("low")),
    Column("minus_v_high", "Cận trên của chênh lệch so với kênh V", _gap("high")),
    Column("minus_v_direction", "Hướng của chênh lệch so với kênh V", _gap("direction"), DIRECTION_WORDS),
    Column("population", "Quy mô dàn mẫu", _of("population")),
    Column("coverage", "Tỷ lệ bao phủ (0–1)", _of("coverage")),
    Column("late_share", "Tỷ lệ trễ hẹn theo dàn mẫu (0–1)", _of("late_share")),
    Column("target", "Chỉ tiêu", _target("value")),
    Column("operator", "Phép so sánh", _target("operator")),
    Column("target_statistic", "Chỉ tiêu tính theo", _target("statistic"), MEASURE_WORDS),
    Column("target_set", "Mã bộ chỉ tiêu", _target("set_code")),
    Column("target_name", "Bộ chỉ tiêu", _target("set_name")),
    Column("legal_basis", "Căn cứ", _target("legal_basis")),
    Column(
        "target_expired", "Chỉ tiêu đã hết hiệu lực", lambda row: _yes(value=row.line.target.expired) if row.line.target else None, YES_NO
    ),
    Column("verdict", "Kết luận", _judged(lambda line: line.verdict), VERDICT_WORDS),
    Column("indicative", "Chỉ để tham khảo", lambda row: _yes(value=row.line.indicative), YES_NO),
    Column("provisional", "Tạm tính", lambda row: _yes(value=row.line.provisional), YES_NO),
    Column("difference_points", "Chênh lệch với chỉ tiêu (điểm phần trăm)", _seen(lambda line: line.difference)),
    Column("more_needed", "Cần thêm khoảng (phiếu)", _seen(lambda line: line.more_needed)),
    Column("change_points", "Thay đổi so với kỳ trước (điểm phần trăm)", _change("points")),
    Column("change_low", "Thay đổi: cận dưới", _change("low")),
    Column("change_high", "Thay đổi: cận trên", _change("high")),
    Column("change_since", "Kỳ trước", _change("since")),
    Column("response_rate", "Tỷ lệ trả lời (0–1)", _silent("rate")),
    Column("silent_low", "Tỷ lệ hài lòng nếu không ai trong số không trả lời hài lòng (0–1)", _silent("low")),
    Column("silent_high", "Tỷ lệ hài lòng nếu tất cả số không trả lời đều hài lòng (0–1)", _silent("high")),
    Column("tipping", "Điểm lật của kết luận (0–1)", _silent("tipping")),
    Column("tipping_said", "Ý nghĩa điểm lật", _silent("said"), TIPPING_WORDS),
    Column("marks", "Dấu kém tin cậy", _marks),
    Column("flags", "Lưu ý", _flags),
    Column("hidden", "Lý do không công bố", lambda row: row.hidden),
)
