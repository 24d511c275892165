"""Draws proofs as people take them: a courier's portal, a phone's screenshot, a weighing label, a warehouse's sheet."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image

from bot.domain.action import ComplaintScene, RefusalReason
from bot.domain.proofs import OF_COMPLAINT, OF_REFUSAL, Demand
from tests.proofs.canvas import Pen, canvas
from tests.proofs.truth import Truth

Drawn = tuple[Image.Image, tuple[int, int, int, int]]
"""The picture, and where its waybill stands: left, top, right, bottom."""


@dataclass(frozen=True)
class Style:
    name: str
    demands: tuple[Demand, ...]
    draw: Callable[[random.Random, Truth], Drawn]


def _number(pen: Pen, at: tuple[int, int], text: str, size: int, fill: str = "#1a1a1a") -> tuple[int, int, int, int]:
    pen.text(at, text, size=size, fill=fill)
    left, top, right, bottom = pen.draw.textbbox(at, text, font=pen.font(size))
    return int(left), int(top), int(right), int(bottom)


def portal(dice: random.Random, true: Truth) -> Drawn:
    """A courier's page on a PC."""
    size = dice.choice((13, 14, 15, 16))
    sheet, pen = canvas(dice.choice((900, 1160)), 220 + 2 * size * (len(true.scans) + 4))
    place = _number(pen, (20, 18), true.waybill, size + 5)
    pen.text((place[2] + 20, 20), "已签收", size=size, fill="#0a7d32")
    for column, stage in enumerate(("已揽收", "运输中", "派送中", "已签收")):
        pen.text((60 + column * 200, 70), stage, size=size, fill="#888888")
    rows = (
        (("快递公司", "通达物流"), ("状态", "已签收"), ("收件城市", f"{true.city}市")),
        (("揽收重量", f"{true.grams / 1000 + 1.5:.3f}kg"), ("签收人", "本人"), ("签收城市", f"{true.city}市")),
    )
    top = 120
    for row in rows:
        for column, (label, value) in enumerate(row):
            pen.text((30 + column * 280, top), label, size=size, fill="#777777")
            pen.text((30 + column * 280 + 5 * size, top), value, size=size)
        top += 2 * size
    for at, where, word in (
        ("时间", "城市", "状态"),
        *((f"{at:%Y-%m-%d %H:%M:%S}", f"{c}市", w) for at, c, w in true.scans),
    ):
        for left, text in zip((30, 260, 400), (at, where, word), strict=True):
            pen.text((left, top), text, size=size)
        top += 2 * size
    return sheet, place


def phone(dice: random.Random, true: Truth) -> Drawn:
    """An app on a phone, drawn at its own density."""
    wide = dice.choice((540, 720, 1080))
    size = wide // 27
    sheet, pen = canvas(wide, size * 34, dice.choice(("#ffffff", "#f5f5f5")))
    pen.text((size, size // 2), f"{dice.randrange(24):02d}:{dice.randrange(60):02d}", size=size)
    pen.text((wide // 2 - 2 * size, size * 3), "物流详情", size=size + 2)
    pen.text((size, size * 6), "运单号：", size=size)
    place = _number(pen, (size * 5, size * 6), true.waybill, size)
    pen.text((size, size * 8), f"订单编号：{true.order_id}", size=size, fill="#666666")
    pen.text((size, size * 10), "您的快件已签收，签收人：本人，感谢使用", size=size, fill="#0a7d32")
    top = size * 13
    for at, where, word in true.scans:
        pen.text(
            (size, top),
            f"{at:%m-%d %H:%M}" if dice.random() < 0.3 else f"{at:%Y-%m-%d %H:%M}",
            size=size,
            fill="#888888",
        )
        pen.text((size, top + size + size // 2), f"【{where}市】快件{word}", size=size)
        top += size * 5
    return sheet, place


def label(dice: random.Random, true: Truth) -> Drawn:
    """A weighing label, as the scale at the gate prints it."""
    size = dice.choice((22, 26, 30))
    sheet, pen = canvas(size * 22, size * 15, "#fdfdf8")
    pen.text((size, size), "退货称重标签", size=size + 4)
    pen.text((size, size * 4), "退货运单号：", size=size)
    place = _number(pen, (size * 7, size * 4), true.return_waybill, size)
    weight = f"{true.grams / 1000:.3f}kg" if dice.random() < 0.5 else f"{true.grams}g"
    pen.text((size, size * 7), f"称重：{weight}", size=size)
    pen.text((size, size * 10), f"实收件数：{true.counted}", size=size)
    pen.text((size, size * 12 + size // 2), f"{true.signed_at:%Y-%m-%d %H:%M}", size=size, fill="#444444")
    return sheet, place


def sheet(dice: random.Random, true: Truth) -> Drawn:
    """The warehouse's page: labels in one column, values in another."""
    size = dice.choice((14, 16, 18))
    paper, pen = canvas(size * 40, size * 18)
    pen.text((size, size), "退货入库登记", size=size + 4)
    pen.text((size, size * 4), "退货单号", size=size, fill="#777777")
    place = _number(pen, (size * 9, size * 4), true.return_waybill, size)
    rows = (
        ("入库称重", f"{true.grams}克"),
        ("实收件数", f"{true.counted}"),
        ("入库状态", "已入库"),
        ("出库称重", f"{true.grams + 1500}克"),
    )
    for row, (name, value) in enumerate(rows):
        pen.text((size, size * (7 + 2 * row)), name, size=size, fill="#777777")
        pen.text((size * 9, size * (7 + 2 * row)), value, size=size)
    return paper, place


_SIGNED = OF_REFUSAL[RefusalReason.SIGNED_FOR]
_EMPTY = OF_REFUSAL[RefusalReason.EMPTY_RETURN]
STYLES = (
    Style("portal", _SIGNED, portal),
    Style("phone", _SIGNED, phone),
    Style("label", _EMPTY, label),
    Style("sheet", _EMPTY, sheet),
    Style("weighed", OF_COMPLAINT[ComplaintScene.FALSE_RETURN], label),
)
