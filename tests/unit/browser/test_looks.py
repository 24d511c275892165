"""Every target on one page: found once, ambiguous, missing, healed, drifted, or not shown here."""

from __future__ import annotations

import pytest

from bot.browser.contracts import load_contracts
from bot.browser.looks import look_over, worst_of
from bot.browser.mending import Shelf
from bot.browser.targets import load_targets
from bot.ports.mending import Look, TargetLook
from bot.resources import shipped
from tests.unit.browser.conftest import Bench

SECTION = "<section><h2>操作</h2><button>同意退款</button><button>备注</button>{}</section>"
DIALOG = """<div role=dialog aria-label=同意退款><h3>同意退款</h3><button aria-label=关闭>×</button>
<dl><dt>售后编号</dt><dd>1</dd><dt>退款金额</dt><dd>2</dd></dl><button>取消</button>{}</div>"""
LIST = """<table><tr><th>售后编号</th></tr></table><button role=combobox aria-label=排序方式>x</button>
<nav aria-label=分页><button>上一页</button><button>1</button><button>下一页</button><input aria-label=跳至页码><button>确定</button></nav>"""


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    targets = load_targets("taobao")
    return Shelf(shipped("selectors"), targets, load_contracts(targets))


async def looks(bench: Bench, shelf: Shelf, html: str, screens: frozenset[str] | None = None) -> dict[str, TargetLook]:
    await bench.page.set_content(html)
    return {one.target: one for one in await look_over(bench.page, shelf, "here", screens)}


async def test_what_the_page_shows_is_found_and_what_it_does_not_show_is_not_missed(bench: Bench, shelf: Shelf) -> None:
    told = await looks(bench, shelf, SECTION.format("") + DIALOG.format("<button>同意退款</button>"))
    found = {key for key, one in told.items() if one.look is Look.FOUND}
    assert found == {"detail.agree_refund", "detail.remark", "agree_refund.confirm"}
    others = {one.look for key, one in told.items() if key not in found and not key.startswith("detail.")}
    assert others == {Look.NOT_SHOWN}
    assert told["detail.agree_return"].look is Look.NOT_SHOWN, "its button depends on the case"


@pytest.mark.parametrize(
    ("buttons", "look"),
    [
        ("<button>确认</button>", Look.MISSING),
        ("<button>同意退款</button><button>同意退款</button>", Look.AMBIGUOUS),
        ("<input type=checkbox aria-label=我已阅读><button>同意退款</button>", Look.DRIFTED),
    ],
)
async def test_dialog_that_is_not_as_it_was_is_told(bench: Bench, shelf: Shelf, buttons: str, look: Look) -> None:
    told = await looks(bench, shelf, DIALOG.format(buttons))
    assert told["agree_refund.confirm"].look is look
    assert look is not Look.DRIFTED or '+ checkbox "我已阅读"' in told["agree_refund.confirm"].detail


async def test_notice_over_the_page_asks_for_no_guide_beside_it(bench: Bench, shelf: Shelf) -> None:
    notice = "<div role=dialog aria-label=同意退款须知><h3>同意退款须知</h3><button>关闭</button><button>同意退款</button></div>"
    told = await looks(bench, shelf, notice)
    assert (told["overlay.notice"].look, told["overlay.guide"].look) == (Look.FOUND, Look.NOT_SHOWN)


async def test_fallback_heals_for_reading_only_and_says_which(bench: Bench, shelf: Shelf) -> None:
    told = await looks(bench, shelf, LIST)
    assert (told["list.sort"].look, told["list.sort"].candidate) == (Look.HEALED, 2)
    assert {told[key].look for key in ("list.table", "list.next", "list.page_number", "list.jump")} == {Look.FOUND}


async def test_screen_that_has_to_be_there_is_missed_as_a_whole(bench: Bench, shelf: Shelf) -> None:
    told = await looks(bench, shelf, SECTION.format(""), frozenset({"agree_refund"}))
    assert told["agree_refund.confirm"].look is Look.MISSING
    assert told["detail.agree_refund"].look is Look.NOT_SHOWN


def test_worst_look_of_all_pages_is_the_one_told() -> None:
    def one(look: Look, page: str) -> TargetLook:
        return TargetLook(target="a.b", use="write", look=look, page=page)

    assert worst_of([one(Look.NOT_SHOWN, ""), one(Look.FOUND, "1")]) == (one(Look.FOUND, "1"),)
    assert worst_of([one(Look.FOUND, "1"), one(Look.DRIFTED, "2"), one(Look.FOUND, "3")]) == (one(Look.DRIFTED, "2"),)
