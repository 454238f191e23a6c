"""Invented comments, by family and mood: what people write on such forms. No names, no numbers of dossiers."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

COMMENTS: Mapping[tuple[str, str], tuple[str, ...]] = MappingProxyType(
    {
        ("procedures", "satisfied"): (
            "Cán bộ hướng dẫn nhiệt tình, làm nhanh.",
            "Lần này làm giấy tờ nhanh hơn mọi năm, cảm ơn.",
            "Nhận kết quả trước hẹn hai ngày, rất hài lòng.",
            "Chỗ ngồi mát, có nước uống, có người hướng dẫn bấm số.",
            "Được hướng dẫn nộp trực tuyến nên không phải đi lại nhiều lần.",
            "Giải thích rõ ràng, phí 8.000 đồng đúng như niêm yết.",
            "Mong duy trì việc trả kết quả qua bưu điện cho bà con ở xa.",
            "Cán bộ trẻ, lịch sự, nói dễ hiểu.",
        ),
        ("procedures", "neutral"): (
            "Sáng thứ hai đông quá, phải chờ gần một tiếng.",
            "Nên có thêm quầy vào buổi sáng.",
            "Mẫu tờ khai chữ nhỏ, người lớn tuổi khó đọc.",
            "Mạng chậm nên phải ngồi chờ lâu.",
            "Cổng dịch vụ công hay lỗi lúc tải giấy tờ lên.",
            "Biển chỉ dẫn từ cổng vào chưa rõ.",
            "Bãi xe chật, trời mưa không có mái che.",
        ),
        ("procedures", "unsatisfied"): (
            "Hồ sơ đất hẹn 20 ngày mà hơn hai tháng chưa có, hỏi thì bảo chờ.",
            "Phải đi lại bốn lần vì mỗi lần hướng dẫn một kiểu.",
            "Trễ hẹn không thấy thư xin lỗi, cũng không ai gọi báo.",
            "Phải trả cho dịch vụ ngoài 500.000 đồng mới biết cách khai.",
            "Đo đạc thu 2.400.000 đồng nhưng không giải thích cách tính.",
            "Nhà ở vùng cao, đi hơn 30 cây số tới nơi thì được bảo thiếu giấy.",
            "Gọi số điện thoại phản ánh nhiều lần không có người nghe máy.",
            "Cán bộ trả lời chưa rõ, thái độ khó chịu.",
            "Hồ sơ bị trả lại mà không ghi lý do cụ thể.",
            "Sau khi sáp nhập không biết phải nộp ở đâu, chạy hai nơi.",
        ),
        ("health", "satisfied"): (
            "Bác sĩ khám kỹ, dặn dò cẩn thận.",
            "Điều dưỡng nhẹ nhàng, chu đáo.",
            "Lấy số qua điện thoại nên không phải chờ.",
        ),
        ("health", "neutral"): (
            "Chờ lấy kết quả xét nghiệm hơi lâu.",
            "Thiếu ghế ở khu chờ siêu âm.",
            "Nhà vệ sinh cần dọn thường xuyên hơn.",
        ),
        ("health", "unsatisfied"): (
            "Chờ từ 7 giờ đến gần trưa mới được khám.",
            "Phải mua thuốc ngoài hết 650.000 đồng vì kho hết thuốc.",
            "Phòng bệnh chật, hai người một giường.",
            "Hỏi giá dịch vụ không ai giải thích.",
        ),
        ("education", "satisfied"): (
            "Cô giáo quan tâm tới từng em.",
            "Nhà trường thông tin đầy đủ, kịp thời.",
            "Con tôi thích đi học.",
        ),
        ("education", "neutral"): (
            "Mong trường có thêm sách ở thư viện.",
            "Cổng trường giờ tan học rất đông xe.",
            "Sân trường ít bóng mát.",
        ),
        ("education", "unsatisfied"): (
            "Các khoản đóng góp đầu năm 1.850.000 đồng chưa được giải thích rõ.",
            "Nhà vệ sinh học sinh xuống cấp.",
            "Ý kiến của phụ huynh chưa được trả lời.",
        ),
    }
)
CHANCE = MappingProxyType({"satisfied": 0.05, "neutral": 0.12, "unsatisfied": 0.26})


def mood_of(level: int) -> str:
    """Satisfied, neutral or unsatisfied, by the answer to the overall item."""
    return "satisfied" if level >= 4 else "neutral" if level == 3 else "unsatisfied"


def comments_for(sector: str, mood: str) -> tuple[str, ...]:
    """What people of that mood write in that sector."""
    return COMMENTS[sector if sector in {"health", "education"} else "procedures", mood]
