"""Claims about what counts as being on a page: what is not drawn says nothing, wherever it stands in the document."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

from bot.browser.read import PageData, read_page

PAGE = """<section aria-label="售后信息"><dl>{fields}</dl></section>
<table><tr><th>单号</th><th>金额</th></tr><tr>{cells}</tr></table>"""


async def read(browser: Browser, fields: str = "", cells: str = "") -> PageData:
    page = await browser.new_page()
    try:
        await page.set_content(PAGE.format(fields=fields, cells=cells))
        return await read_page(page)
    finally:
        await page.close()


@pytest.mark.parametrize("hides", ["hidden", 'style="display:none"', 'style="visibility:hidden"'])
async def test_a_hidden_copy_of_a_value_is_not_the_value(bare_browser: Browser, hides: str) -> None:
    told = await read(bare_browser, f"<dt>发货状态</dt><dd {hides}>待发货</dd><dd>已发货</dd>")
    assert [(one.label, one.value) for one in told.sections[0].fields] == [("发货状态", "已发货")]


async def test_a_field_of_which_all_is_hidden_has_no_value_of_its_neighbour(bare_browser: Browser) -> None:
    told = await read(bare_browser, "<dt>发货状态</dt><dd hidden>待发货</dd><dt>金额</dt><dd>¥1</dd>")
    assert [(one.label, one.value) for one in told.sections[0].fields] == [("发货状态", None), ("金额", "¥1")]


async def test_a_hidden_label_is_no_field(bare_browser: Browser) -> None:
    told = await read(bare_browser, "<dt hidden>退款金额</dt><dd>¥9</dd><dt>退款金额</dt><dd>¥1</dd>")
    assert [one.value for one in told.sections[0].fields] == ["¥1"]


async def test_a_hidden_cell_is_empty_and_the_others_stay_under_their_heads(bare_browser: Browser) -> None:
    told = await read(bare_browser, cells="<td>2601</td><td hidden>¥9</td>")
    assert [dict(zip(one.head, row, strict=True)) for one in told.body.grids for row in one.rows] == [
        {"单号": "2601", "金额": ""}
    ]
