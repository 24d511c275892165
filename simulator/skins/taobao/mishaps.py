"""What goes wrong in the pages themselves when a fault strikes: stale, renamed, changed and half-loaded detail pages (F11, F28, F29)."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from starlette.responses import HTMLResponse, Response

from simulator.skins.taobao.blocks import ActionButton, Pairs, Section
from simulator.skins.taobao.kit import Kit
from simulator.world.listing import ListQuery
from simulator.world.model import Actor, Case

if TYPE_CHECKING:
    from simulator.skins.taobao.detail import DetailView

RENAMES: Final = (
    {"退款金额": "申请金额"},
    {"售后编号": "服务单号"},
    {"售后状态": "处理进度"},
    {"同意退款": "确认同意", "同意退货": "确认同意", "确认收货并退款": "确认同意"},
    {"同意退款": "拒绝退款申请", "拒绝退款申请": "同意退款"},
)
"""New wordings of a release; the last one swaps two buttons (F30)."""

NEW_AGREE: Final = "确认同意退款"


def stale_detail(kit: Kit, actor: Actor, case: Case) -> Case:
    """Fault stale_detail: another case of the shop is shown at this one's address."""
    if not kit.faults.draw("stale_detail"):
        return case
    rows = kit.world.list_cases(actor, ListQuery()).rows
    return next((other for other in rows if other.aftersale_id != case.aftersale_id), case)


def renamed_label(kit: Kit, view: DetailView) -> DetailView:
    """Fault renamed_label: a label or button is worded differently, and the seed decides which: a release renames one thing."""
    if not kit.faults.draw("renamed_label"):
        return view
    words = random.Random(kit.seed).choice(RENAMES)
    return replace(
        view,
        buttons=tuple(_button(button, words) for button in view.buttons),
        left_column=tuple(_section(section, words) for section in view.left_column),
        right_column=tuple(_section(section, words) for section in view.right_column),
    )


def changed_dialog(kit: Kit, view: DetailView) -> DetailView:
    """Fault changed_dialog: the dialog behind 同意退款 confirms by another name, and asks whether to be shown again."""
    return replace(view, agrees=NEW_AGREE, asks_again=True) if kit.faults.draw("changed_dialog") else view


def _button(button: ActionButton, words: dict[str, str]) -> ActionButton:
    return replace(button, text=words.get(button.text, button.text))


def _section(section: Section, words: dict[str, str]) -> Section:
    blocks = tuple(block.renamed(words) if isinstance(block, Pairs) else block for block in section.blocks)
    return replace(section, blocks=blocks)


def half_page(kit: Kit, page: Response) -> Response:
    """Fault half_page: the connection gave up somewhere in the middle of the page."""
    if not kit.faults.draw("half_page"):
        return page
    body = bytes(page.body)
    return HTMLResponse(body[: int(len(body) * kit.rng.uniform(0.1, 0.9))], headers={"Cache-Control": "no-store"})
