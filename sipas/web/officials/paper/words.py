"""The words of the keying pages."""

from __future__ import annotations

from sipas.store import paper
from sipas.store.paper import PaperBatch, PaperRound
from sipas.web.filters import number
from sipas.web.language import gettext


class Say:
    """What a batch's state and a round's end are called."""

    @staticmethod
    def state(batch: PaperBatch, typed: int) -> str:
        """How far a batch is."""
        if batch.declared is None:
            return gettext("Chưa đếm phiếu")
        if batch.phase == paper.RELEASED:
            return gettext("Đã xong, phiếu đã chuyển vào hệ thống")
        if batch.phase == paper.SECOND:
            return gettext("Chờ người thứ hai nhập kiểm tra")
        if batch.round > 1:
            return gettext("Nhập lại từ đầu: %(typed)s trên %(declared)s phiếu", typed=number(typed), declared=number(batch.declared))
        return gettext("Đang nhập: %(typed)s trên %(declared)s phiếu", typed=number(typed), declared=number(batch.declared))

    @staticmethod
    def ended(ended: PaperRound) -> str:
        """How a keying ended."""
        told = {
            "round": ended.round,
            "sheets": number(ended.sheets),
            "declared": number(ended.declared),
            "checked": number(ended.checked),
            "differing": number(ended.differing),
            "fields": number(ended.fields),
            "share": number(100 * ended.differing / ended.fields, 1),
        }
        if ended.agreed:
            return gettext(
                "Lần nhập %(round)s: %(sheets)s phiếu trên %(declared)s đã khai; kiểm tra %(checked)s phiếu, khác nhau %(differing)s trên "
                "%(fields)s ô (%(share)s%%). Đạt, phiếu đã chuyển vào hệ thống.",
                **told,
            )
        return gettext(
            "Lần nhập %(round)s: %(sheets)s phiếu trên %(declared)s đã khai; kiểm tra %(checked)s phiếu, khác nhau %(differing)s trên "
            "%(fields)s ô (%(share)s%%). Quá 1%%: phải nhập lại cả lô.",
            **told,
        )

    @staticmethod
    def count(typed: int, declared: int) -> str:
        """How what was typed stands beside what was declared."""
        if typed < declared:
            return gettext(
                "Đã nhập %(typed)s trên %(declared)s phiếu đã khai, còn thiếu %(missing)s.",
                typed=number(typed), declared=number(declared), missing=number(declared - typed),
            )  # fmt: skip
        if typed > declared:
            return gettext("Đã nhập %(typed)s phiếu, nhiều hơn số đã khai %(more)s.", typed=number(typed), more=number(typed - declared))
        return gettext("Đã nhập đủ %(typed)s phiếu đã khai.", typed=number(typed))
