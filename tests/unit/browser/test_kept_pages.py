"""A kept page reaches nothing, runs nothing, and reads as the page that lived (web-poet's inputs; S7)."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.browser.artifacts import html_of
from bot.browser.launch import BrowserHost
from bot.browser.read import PageData, read_page
from bot.recordings import Offline
from tests.unit.browser.conftest import Bench

ACTIVE = """<html><head><title>T</title><link rel=stylesheet href="{0}/s.css"><script src="{0}/s.js"></script>
<script>document.title = 'ran'; fetch('{0}/fetch'); navigator.serviceWorker?.register('{0}/service.js')</script></head>
<body onload="document.title = 'ran'"><p>页面</p><img src="{0}/i.png" onerror="document.title = 'ran'"><iframe src="{0}/f"></iframe>
<object data="{0}/o"></object><meta http-equiv=refresh content="0;url={0}/away"><style>@import url({0}/c.css);</style></body></html>"""

STYLED = """<style>
.off { display: none } .dim { visibility: hidden } .raw { white-space: pre-wrap } .row { display: flex } .up { text-transform: uppercase }
.cell { display: block } td .cell + .cell { color: red } li { display: grid }
</style><header><span>店铺：甲</span><span class=off>店铺：乙</span></header>
<section><h2>售后信息</h2><dl class=row><dt>退款金额</dt><dd><span class=off>¥1.00</span><b>¥2.00</b></dd><dt>留言</dt><dd class=raw>一  二
三</dd><dt class=off>藏</dt><dd class=off>藏</dd></dl>
<table><thead><tr><th>商品</th></tr></thead><tbody><tr><td><div class=row><span>甲</span><span>乙</span></div></td></tr><tr class=off><td>x</td></tr>
<tr><td><span class=cell>丙</span><span class=cell>丁</span></td></tr></tbody></table>
<ul><li><b>买家</b><time>2026-11-22</time><div>你好</div></li></ul><p class=dim>不见</p><p class=up>abc</p>
<button class=off>同意退款</button><button>拒绝</button><button disabled>备注</button></section>"""


@pytest_asyncio.fixture(loop_scope="session")
async def offline(host: BrowserHost) -> AsyncIterator[Offline]:
    async with Offline.start(host.browser) as started:
        yield started


@pytest.mark.asyncio(loop_scope="session")
async def test_a_kept_page_asks_for_nothing_and_runs_nothing(offline: Offline, bench: Bench) -> None:
    bench.shop.reached.clear()
    for html in (ACTIVE.format(bench.shop.url), await offline.stripped(ACTIVE.format(bench.shop.url))):
        async with offline.opened(html) as page:
            data = await read_page(page)
            assert await page.evaluate("document.title") == "T"
        assert data.body.notes[0].text == "页面"
    await offline.picture(ACTIVE.format(bench.shop.url))
    assert dict(bench.shop.reached) == {}


@pytest.mark.asyncio(loop_scope="session")
async def test_a_kept_page_reads_as_the_living_one_without_its_styles(offline: Offline, bench: Bench) -> None:
    await bench.page.set_content(STYLED)
    living, kept = await read_page(bench.page), await html_of(bench.page)
    assert "<style" not in await offline.stripped(kept)
    for html in (kept, await offline.stripped(kept)):
        async with offline.opened(html) as page:
            assert _as_read(await read_page(page)) == _as_read(living)
    assert [one.value for one in living.sections[0].fields][:2] == ["¥2.00", "一  二\n三"], "the styles matter here"


def _as_read(data: PageData) -> PageData:
    return data.model_copy(update={"url": "", "name": ""})


@pytest.mark.asyncio(loop_scope="session")
async def test_stripping_leaves_no_data_for_scripts_and_no_address(offline: Offline) -> None:
    page = """<p data-user='{"phone":"13800001111"}' class=x1 onclick=go()>a</p><a href="https://shop.example/u?token=t">b</a>
    <input name=csrf value=secret><!-- built by x --><img src="data:image/png;base64,AAAA" alt=c>"""
    html = await offline.stripped(page)
    for gone in ("13800001111", "x1", "onclick", "token", "secret", "built by", "base64", "shop.example"):
        assert gone not in html
    assert '<img alt="c">' in html


@pytest.mark.asyncio(loop_scope="session")
async def test_who_stands_in_a_private_place_has_one_other_name_wherever_he_stands(offline: Offline) -> None:
    page = "<dl><dt>买家</dt><dd>小鹿同学</dd><dt>收货人</dt><dd>鹿鸣</dd></dl><p title='小鹿同学'>小鹿同学：你好，鹿鸣收</p>"
    html = await offline.stripped(
        page, ("dt:text-is('买家') + dd", "dt:text-is('收货人') + dd", "dt:text-is('电话') + dd")
    )
    assert "小鹿同学" not in html
    assert "鹿鸣" not in html
    assert '<p title="private-1">private-1：你好，private-2收</p>' in html
