"""The kiosk's own sentences in every language; those of the questionnaires come with the questions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sipas.web.language import SOURCE, direction, translations
from sipas.web.tongues import tongues

Words = Mapping[str, str]


def all_words(spoken: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    """Language → its place in the row, what it is called, its direction, its script, and its sentences; values stand in them as ``%(name)s``.

    A language that is not complete has the sentences that somebody worded; the page shows the others in Vietnamese, and says so.
    """
    return {language: {"place": place, **_of(language)} for place, language in enumerate(spoken)}


def _of(language: str) -> dict[str, Any]:
    tongue = tongues()[language]
    sentences = _sentences(language)
    if not tongue.complete:
        leading = _sentences(SOURCE)
        sentences = {name: text for name, text in sentences.items() if text != leading[name]}
    told = {"name": tongue.label, "dir": direction(language), "script": tongue.script, "reviewed": tongue.reviewed}
    return told | {"words": sentences}


def _sentences(language: str) -> dict[str, str]:
    return {
        **poster_words(language),
        **question_words(language),
        **ending_words(language),
        **operator_words(language),
        **away_words(language),
    }


def poster_words(language: str) -> Words:
    """The poster that waits for somebody."""
    gettext = translations(language).gettext
    return {
        "invite": gettext("Mời Ông/Bà cho ý kiến về lần phục vụ này"),
        "touch": gettext("Chạm vào một dòng dưới đây để bắt đầu."),
        "touch_face": gettext("Chạm vào một khuôn mặt để bắt đầu."),
        "unseen": gettext("Cán bộ không xem được câu trả lời."),
        "nameless": gettext("Phiếu không hỏi và không lưu họ tên, số điện thoại, mã hồ sơ của Ông/Bà."),
        "voluntary": gettext("Trả lời hay không là tùy Ông/Bà, và không ảnh hưởng đến hồ sơ."),
        "not_complaint": gettext("Phiếu này không phải đơn khiếu nại, không làm thay đổi việc giải quyết hồ sơ."),
        "which_sector": gettext("Ông/Bà đến vì việc nào?"),
        "today": gettext("Hôm nay máy này đã nhận %(count)s ý kiến"),
        "pending": gettext("%(count)s phiếu đang chờ gửi"),
        "all_sent": gettext("Không còn phiếu nào chờ gửi"),
        "at_home": gettext("Để về nhà trả lời"),
        "language": gettext("Ngôn ngữ"),
        "phone": gettext("Muốn hỏi hồ sơ hoặc phản ánh: điện thoại %(phone)s."),
        "kiosk": gettext("Máy %(code)s"),
        "unreviewed": gettext("Bản dịch chưa được thẩm định. Câu nào chưa có bản dịch thì hiện bằng tiếng Việt."),
        "closed": gettext("Hôm nay chưa có đợt khảo sát nào mở ở quầy này."),
        "closed_cure": gettext("Máy tự hỏi lại khi có mạng. Cảm ơn Ông/Bà."),
    }


def question_words(language: str) -> Words:
    """While somebody answers."""
    gettext = translations(language).gettext
    return {
        "progress": gettext("Câu %(number)s trong %(total)s"),
        "back": gettext("Quay lại"),
        "skip": gettext("Bỏ qua câu này"),
        **listen_words(language),
        "start_over": gettext("Thôi, không trả lời"),
        "remind": gettext("Câu này quan trọng nhất. Nếu không muốn trả lời, Ông/Bà cứ bấm “Bỏ qua câu này” lần nữa."),
        "still_there": gettext("Ông/Bà còn đang trả lời không?"),
        "will_reset": gettext("Sau %(seconds)s giây, máy sẽ xóa các câu trả lời và trở về màn hình đầu."),
        "stay": gettext("Tôi vẫn đang trả lời"),
        "chosen": gettext("đã chọn"),
    }


def listen_words(language: str) -> Words:
    """The buttons that read aloud."""
    gettext = translations(language).gettext
    return {
        "listen": gettext("Nghe câu %(number)s"),
        "listen_promise": gettext("Nghe lời mời"),
        "listen_comment": gettext("Nghe phần góp ý"),
        "listen_thanks": gettext("Nghe lời cảm ơn"),
        "stop_reading": gettext("Dừng đọc"),
    }


def ending_words(language: str) -> Words:
    """Sending, thanks, and the code for home."""
    gettext = translations(language).gettext
    return {
        "ready": gettext("Xong rồi. Mời Ông/Bà gửi phiếu."),
        "ready_more": gettext("Bấm gửi là câu trả lời được khóa lại ngay trong máy; không ai ở đây mở ra xem được."),
        "comment": gettext("Ông/Bà muốn nói thêm điều gì? (không bắt buộc)"),
        "comment_hint": gettext("Xin đừng ghi họ tên, số điện thoại hay mã hồ sơ của mình hoặc của người khác."),
        "send": gettext("Gửi phiếu"),
        "send_wait": gettext("Gửi được sau %(seconds)s giây"),
        "thanks": gettext("Cảm ơn Ông/Bà, phiếu đã được nhận"),
        "thanks_more": gettext("Máy đã khóa phiếu lại và sẽ gửi đi khi có mạng."),
        **receipt_words(language),
        "finish": gettext("Xong"),
        "not_kept": gettext("Máy không ghi được phiếu này"),
        "not_kept_cure": gettext("Bộ nhớ của máy đã đầy hoặc hỏng. Mời Ông/Bà dùng mã in tại quầy, hoặc báo người trông máy."),
        "home_title": gettext("Mã để về nhà trả lời"),
        "home_steps": gettext("Chụp lại màn hình này, rồi quét mã hoặc gõ địa chỉ bên dưới khi về nhà."),
        "home_until": gettext("Mã dùng được một lần, đến hết ngày %(day)s."),
        "home_picture": gettext("Mã QR của địa chỉ bên dưới"),
        "home_none": gettext("Máy đã hết mã để về nhà trả lời"),
        "home_none_cure": gettext("Khi có mạng, máy sẽ lấy mã mới. Mời Ông/Bà trả lời ngay tại đây, hoặc dùng mã in tại quầy."),
    }


def receipt_words(language: str) -> Words:
    """What somebody takes along, and for how long it is shown."""
    gettext = translations(language).gettext
    return {
        "receipt": gettext("Mã biên nhận"),
        "receipt_more": gettext(
            "Mã này chứng tỏ có một phiếu đã được nhận, không cho biết phiếu trả lời gì. "
            "Ông/Bà có thể chụp lại hoặc ghi lại; không giữ cũng không sao."
        ),
        "receipt_where": gettext("Khi máy đã gửi phiếu đi, quét mã này hoặc mở %(address)s để xem phiếu được ghi nhận trong tuần nào."),
        "receipt_picture": gettext("Mã QR để xem phiếu đã được ghi nhận chưa"),
        "receipt_left": gettext("Máy không giữ mã này. Sau %(seconds)s giây, mã được xóa khỏi màn hình."),
        "linger": gettext("Giữ thêm 30 giây"),
    }


def away_words(language: str) -> Words:
    """For whoever looks after the tablet, when its answers do not reach the server: what is known of it, and the cure."""
    gettext = translations(language).gettext
    return {
        "away_offline": gettext("Người trông máy: máy đang mất mạng. Phiếu vẫn nằm trong máy và tự gửi khi có mạng lại."),
        "away_stranger": gettext(
            "Người trông máy: một trang khác trả lời thay máy chủ, thường là trang đăng nhập Wi-Fi. "
            "Mời đăng nhập Wi-Fi hoặc dùng mạng khác. Phiếu vẫn nằm trong máy."
        ),
        "away_unwell": gettext("Người trông máy: máy chủ đang gặp lỗi. Phiếu vẫn nằm trong máy và tự gửi khi máy chủ chạy lại."),
        "away_unreached": gettext(
            "Người trông máy: có mạng nhưng không kết nối an toàn được tới %(host)s. Mời xem ngày giờ của máy và trang đăng nhập Wi-Fi; "
            "nếu đều đúng thì báo nơi quản lý khảo sát: máy chủ có thể đang ngừng, hoặc chứng thư số của máy chủ không đúng. "
            "Phiếu vẫn nằm trong máy."
        ),
        "away_clock": gettext(
            "Người trông máy: ngày giờ của máy này sai (máy đang ghi %(now)s) nên không kết nối an toàn được tới máy chủ. "
            "Mời chỉnh lại ngày giờ. Phiếu vẫn nằm trong máy."
        ),
    }


def operator_words(language: str) -> Words:
    """For whoever sets the tablet up, and what it says when it cannot work."""
    gettext = translations(language).gettext
    return {
        "pair_title": gettext("Ghép máy vào quầy"),
        "pair_steps": gettext("Nhập mã ghép 8 ký tự vừa được cấp (lệnh sipas kiosks add). Mã dùng một lần, trong 10 phút."),
        "pair_code": gettext("Mã ghép"),
        "pair": gettext("Ghép máy"),
        "pair_wrong": gettext("Mã ghép không đúng, đã dùng hoặc đã quá 10 phút. Mời kiểm tra lại hoặc xin mã mới."),
        "pair_often": gettext("Có quá nhiều mã sai. Mời chờ 10 phút rồi thử lại."),
        "pair_offline": gettext("Chưa kết nối được với máy chủ. Việc ghép máy cần có mạng."),
        "working": gettext("Đang làm, xin chờ…"),
        "insecure": gettext("Trang này phải được mở bằng địa chỉ https"),
        "insecure_cure": gettext("Trình duyệt chỉ cho khóa phiếu trên kết nối an toàn. Mời mở lại bằng địa chỉ https của hệ thống."),
        "forgetful": gettext("Trình duyệt không hứa giữ lại phiếu"),
        "forgetful_cure": gettext(
            "Phiếu chờ gửi có thể bị trình duyệt xóa, nên máy này chưa nhận phiếu. "
            "Mời thêm trang vào màn hình chính (Cài đặt ứng dụng), mở lại từ biểu tượng đó rồi bấm Thử lại."
        ),
        "small": gettext("Bộ nhớ của máy còn quá ít để giữ 5.000 phiếu"),
        "small_cure": gettext("Mời xóa bớt dữ liệu khác trên máy rồi bấm Thử lại."),
        "old": gettext("Trình duyệt của máy quá cũ"),
        "old_cure": gettext("Mời cập nhật trình duyệt Chrome hoặc dùng máy khác."),
        "again": gettext("Thử lại"),
        "revoked": gettext("Máy này đã thôi nhận ý kiến"),
        "revoked_cure": gettext("Mời Ông/Bà dùng mã in tại quầy. Người trông máy: liên hệ nơi quản lý khảo sát của tỉnh, thành phố."),
        "title": gettext("Phiếu ý kiến tại quầy"),
        "demo": gettext("Bản minh họa"),
        "demo_more": gettext("Bản minh họa: các phiếu trả lời do máy tạo ra, không phải kết quả thật."),
        "loading": gettext("Đang mở…"),
        "no_script": gettext("Trang này cần JavaScript. Mời Ông/Bà dùng mã in tại quầy."),
    }
