"""The words of the pages about kiosks and screens."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sipas.evidence.runs import Gap
from sipas.reports.devices import Act, KioskCard, ScreenCard
from sipas.web.filters import number
from sipas.web.language import gettext

CLOSE = 5  # seconds of difference that nobody need be told


class Say:
    """What a device's state is called, and what somebody should do about it."""

    @staticmethod
    def state(card: KioskCard | ScreenCard) -> str:
        """Whether it is in use."""
        return {"new": gettext("Chưa ghép"), "paired": gettext("Đang dùng"), "revoked": gettext("Đã thu hồi")}[card.state]

    @staticmethod
    def numbers(gaps: Iterable[Gap]) -> str:
        """The numbers that are missing, as 17, 40–43."""
        return ", ".join(str(gap).replace("-", "–") for gap in gaps)

    @staticmethod
    def kiosk_causes(card: KioskCard) -> Iterator[str]:
        """What gives cause at a kiosk, and the cure."""
        if card.state == "new":
            yield gettext("Chưa có máy nào nhận mã này. Cần tạo mã ghép rồi nhập trên máy trong 10 phút.")
        if card.old:
            yield gettext(
                "Thiếu %(count)s phiếu đã quá 72 giờ: số %(numbers)s. Cần đối chiếu với bảng đếm giấy của những ngày đó.",
                count=number(sum(gap.size for gap in card.old)), numbers=Say.numbers(card.old),
            )  # fmt: skip
        if card.ledger.breaks:
            yield gettext(
                "%(count)s phiếu không nối tiếp phiếu trước: bộ nhớ của máy đã bị sao chép, khôi phục hoặc thay. Cần kiểm tra rồi thay máy.",
                count=number(card.ledger.breaks),
            )
        if card.ledger.held:
            yield gettext(
                "Máy chủ chưa nhận %(count)s phiếu, máy vẫn giữ và tự gửi lại mỗi ngày. Nếu hôm sau vẫn còn, cần báo bộ phận kỹ thuật.",
                count=number(card.ledger.held),
            )
        if card.is_unsure:
            yield gettext("Trình duyệt của máy không hứa giữ phiếu chờ gửi. Cần cài trình duyệt mới hơn.")
        if card.silent:
            yield gettext("Không liên lạc đã %(days)s ngày. Cần xem nguồn điện và mạng của máy.", days=number(card.silent))

    @staticmethod
    def screen_causes(card: ScreenCard) -> Iterator[str]:
        """What gives cause at a screen, and the cure."""
        if card.state == "new":
            yield gettext("Chưa có thiết bị nào hiện mã. Cần tạo mã ghép rồi nhập trên thiết bị trong 10 phút.")
        if card.is_wrong:
            yield gettext("Đồng hồ của thiết bị sai quá 5 phút nên phiếu được tính là kênh mở (O). Cần chỉnh lại giờ.")

    @staticmethod
    def clock(card: ScreenCard) -> str:
        """How far a screen's clock is off."""
        ahead = card.screen.ahead
        if abs(ahead) <= CLOSE:
            return gettext("Đúng giờ")
        if abs(ahead) < 100:
            fast, slow = gettext("Nhanh %(count)s giây", count=ahead), gettext("Chậm %(count)s giây", count=-ahead)
        elif abs(ahead) < 6000:
            minutes = number(round(abs(ahead) / 60))
            fast, slow = gettext("Nhanh %(count)s phút", count=minutes), gettext("Chậm %(count)s phút", count=minutes)
        else:
            fast, slow = gettext("Nhanh hơn một giờ"), gettext("Chậm hơn một giờ")
        return fast if ahead > 0 else slow

    @staticmethod
    def source(card: ScreenCard) -> str:
        """Where a counter's cap comes from."""
        return {
            "hand": gettext("do người quản trị đặt"),
            "daily": gettext("theo số hồ sơ của ngày đông nhất"),
            "frame": gettext("theo số hồ sơ của tháng đông nhất trong dàn mẫu"),
        }[card.source]

    @staticmethod
    def act(act: Act) -> str:
        """What was done."""
        if act.action == "gap":
            gap = Gap(act.told["first"], act.told["last"], act.day)
            return gettext("Ghi nhận thiếu phiếu số %(numbers)s", numbers=Say.numbers([gap]))
        if "instead_of" in act.told:
            return gettext("Thêm vào, thay cho %(code)s", code=act.told["instead_of"])
        return {
            "add": gettext("Thêm vào"),
            "code": gettext("Tạo mã ghép"),
            "pair": gettext("Ghép với thiết bị"),
            "revoke": gettext("Thu hồi"),
        }[act.action]

    @staticmethod
    def who(act: Act) -> str:
        """Who did it: an account, or a name of our own for what has none."""
        if act.official.startswith(("kiosk ", "screen ")):
            return gettext("chính thiết bị")
        return {"command line": gettext("dòng lệnh của máy chủ"), "clockwork": gettext("việc tự động hằng đêm")}.get(
            act.official, act.official
        )
