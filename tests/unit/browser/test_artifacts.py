"""Pictures show no secret, bundles are complete, and no name leads out of its folder."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from PIL import Image

from bot.browser.artifacts import Failure, keep_failure, picture, picture_of, safe_name
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


async def test_a_failure_leaves_picture_page_and_words_but_no_secret(bench: Bench, tmp_path: Path) -> None:
    await bench.page.set_content(FORM)
    failure = Failure("run-1", "test/shop/70001", "detail.amount", "dt 退款金额", "matched nothing")
    bundle = await keep_failure(tmp_path, bench.page, failure)
    assert bundle is not None
    assert sorted(path.name for path in bundle.iterdir()) == ["page.html", "page.png", "sought.json"]
    assert "hunter2" not in (bundle / "page.html").read_text(encoding="utf-8")
    assert json.loads((bundle / "sought.json").read_text(encoding="utf-8"))["sought"] == "dt 退款金额"


async def test_a_page_that_is_gone_leaves_the_words(bench: Bench, tmp_path: Path) -> None:
    await bench.page.close()
    bundle = await keep_failure(tmp_path, bench.page, Failure("r", "c", "t", "s", "e"))
    assert bundle is not None
    assert [path.name for path in bundle.iterdir()] == ["sought.json"]


async def test_a_disk_that_refuses_makes_no_second_failure(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert await keep_failure(tmp_path / "file", bench.page, Failure("r", "c", "t", "s", "e")) is None


@pytest.mark.parametrize(
    "hostile",
    [
        "../../etc/passwd",
        "/etc/passwd",
        "\\\\server\\share",
        "C:\\x",
        "con",
        "NUL.txt",
        "a\x00b",
        "x" * 300,
        "\u202egnp",
        "..",
        "",
        "退款",
    ],
)
def test_no_name_leads_out_of_its_folder(hostile: str, tmp_path: Path) -> None:
    name = safe_name(hostile)
    assert (tmp_path / name).resolve().parent == tmp_path.resolve()
    assert name.isascii()
    assert 0 < len(name) <= 81
    assert name.split(".")[0].lower() not in {"con", "nul"}
