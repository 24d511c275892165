"""Pictures show no secret, and a page that failed is seen as it stood."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from bot.browser.artifacts import photo, picture, picture_of, sight_of, witnessed
from bot.errors import RateLimited, Sight, Unreadable
from tests.unit.browser.conftest import Bench

GREY = (0x5B, 0x64, 0x72)
FORM = """<body style="margin:0;background:#fff"><input type=password value=hunter2 style="display:block;width:200px;height:40px">
<p id=phone style="margin:0;width:200px;height:40px">13800001111</p><p id=rest>ok</p></body>"""


def pixels(data: bytes, box: tuple[int, int, int, int]) -> set[tuple[int, ...]]:
    with Image.open(io.BytesIO(data)) as image:
        return {colour for _, colour in image.convert("RGB").crop(box).getcolors() or []}


async def test_passwords_and_masked_parts_are_one_colour(bench: Bench) -> None:
    await bench.page.set_content(FORM)
    shot = await picture(bench.page, [bench.page.locator("#phone")])
    assert pixels(shot, (5, 5, 195, 35)) == {GREY}
    assert pixels(shot, (5, 55, 195, 80)) == {GREY}
    assert pixels(shot, (0, 100, 200, 140)) != {GREY}


async def test_a_part_of_a_page_is_masked_too(bench: Bench) -> None:
    await bench.page.set_content(FORM)
    phone = bench.page.locator("#phone")
    assert pixels(await picture_of(phone, [phone]), (0, 0, 200, 40)) == {GREY}


LETTER = """<body style="margin:0;background:#fff;font:20px monospace"><p style="margin:0;height:40px">call {}</p>
<section style="position:absolute;top:100px;left:40px;margin:0">{}<br>order 4138000011112222333</section></body>"""


@pytest.mark.parametrize("phone", ["13800001111", "138 0000 1111", "138-0000-1111", "+8613800001111"])
async def test_a_phone_in_a_buyers_words_is_covered_in_every_picture_and_the_page_stays_as_it_was(
    bench: Bench, phone: str
) -> None:
    await bench.page.set_content(LETTER.format(phone, phone))
    html = await bench.page.content()
    dark = (0, 0, 0)
    page, part = await picture(bench.page), await picture_of(bench.page.locator("section"))
    assert dark not in pixels(page, (65, 0, 400, 30))
    assert dark in pixels(page, (0, 0, 50, 30))
    assert dark not in pixels(part, (0, 0, 200, 23))
    assert dark in pixels(part, (0, 26, 200, 50))
    assert await bench.page.content() == html


NOISE = "<canvas id=goods width=600 height=600></canvas>"
PAINT = """() => { const pen = document.querySelector('#goods').getContext('2d'), dots = pen.createImageData(600, 600);
for (let i = 0; i < dots.data.length; i++) dots.data[i] = i % 4 === 3 ? 255 : Math.random() * 255; pen.putImageData(dots, 0, 0); }"""


async def test_a_photo_for_the_record_is_as_covered_as_a_picture_and_far_smaller_where_goods_are_shown(
    bench: Bench,
) -> None:
    await bench.page.set_content(FORM.replace("id=phone", "") + NOISE)
    await bench.page.evaluate(PAINT)
    record, exact = await photo(bench.page), await picture(bench.page)
    assert record.startswith(b"\xff\xd8\xff")
    for covered in ((16, 12, 120, 30), (16, 46, 72, 54)):  # the password, the number
        assert pixels(exact, covered) == {GREY}
        strayed = [abs(part - grey) for dot in pixels(record, covered) for part, grey in zip(dot, GREY, strict=True)]
        assert max(strayed) <= 4
    assert len(record) < len(exact) / 2


HIDDEN = """<script>const key = 'hunter3'</script><input type=hidden name=csrf value=hunter4><meta name=csrf-token content=hunter6>
<iframe srcdoc="<p>rows in a frame</p><input type=password value=hunter5>"></iframe>"""


async def test_a_failed_page_is_seen_whole_but_for_its_secrets(bench: Bench) -> None:
    await bench.page.set_content(FORM + HIDDEN)
    await bench.page.frame_locator("iframe").get_by_text("rows").wait_for()
    sight = await sight_of(bench.page, [bench.page.locator("#phone")])
    assert pixels(sight.picture, (5, 5, 195, 35)) == pixels(sight.picture, (5, 55, 195, 80)) == {GREY}
    assert 'id="rest"' in sight.html
    assert "rows in a frame" in sight.html
    assert "hunter" not in sight.html
    assert await bench.page.locator("input[type=password]").first.input_value() == "hunter2", "the page stays as it was"


async def test_the_tree_of_a_failed_page_holds_no_word_that_was_typed(bench: Bench) -> None:
    await bench.page.set_content(FORM + HIDDEN + "<label>Code <input id=code></label><button>Go</button>")
    await bench.page.fill("#code", "hunter7")
    tree = (await sight_of(bench.page)).tree
    assert '- textbox "Code"' in tree
    assert '- button "Go"' in tree
    assert "hunter" not in tree


async def test_a_failed_page_takes_its_styles_along(bench: Bench) -> None:
    css = "data:text/css,p{color:rgb(1, 2, 3)}"
    await bench.page.set_content(f"<head><link rel=stylesheet href='{css}'></head><p>words</p>")
    await bench.page.set_content((await sight_of(bench.page)).html.replace(css, ""))
    assert await bench.page.locator("p").evaluate("e => getComputedStyle(e).color") == "rgb(1, 2, 3)"


async def test_a_page_that_is_gone_shows_nothing_and_raises_nothing(bench: Bench) -> None:
    await bench.page.close()
    assert await sight_of(bench.page) == Sight()


async def test_an_error_takes_along_what_stood_on_the_page_and_a_rate_limit_does_not(bench: Bench) -> None:
    await bench.page.set_content(FORM)
    with pytest.raises(Unreadable) as caught:
        async with witnessed(bench.page):
            raise Unreadable("no amount")
    assert caught.value.sight is not None
    assert caught.value.sight.picture.startswith(b"\x89PNG")
    with pytest.raises(RateLimited) as limited:
        async with witnessed(bench.page):
            raise RateLimited("429", wait_s=1)
    assert limited.value.sight is None
