"""Claims on looking at pictures: the browser knows one again in another size and compression, and never takes one for another."""

from __future__ import annotations

import base64
import io
import random
from itertools import combinations

import pytest
from PIL import Image, ImageDraw, ImageFilter

from bot.browser.look import look_at
from bot.domain.pictures import ALIKE, distance
from tests.unit.browser.conftest import Bench

pytestmark = pytest.mark.asyncio(loop_scope="session")


def photograph(seed: int, size: tuple[int, int] = (320, 240)) -> Image.Image:
    """Something with light, shade and things in it; the same for the same seed."""
    chance = random.Random(seed)
    image = Image.new("RGB", size, tuple(chance.randrange(256) for _ in range(3)))
    draw = ImageDraw.Draw(image)
    for _ in range(40):
        x, y = chance.randrange(size[0]), chance.randrange(size[1])
        reach = chance.randrange(20, 120)
        draw.ellipse((x - reach, y - reach, x + reach, y + reach), fill=tuple(chance.randrange(256) for _ in range(3)))
    return image.filter(ImageFilter.GaussianBlur(6))


def address(image: Image.Image, kind: str = "PNG", **options: int) -> str:
    made = io.BytesIO()
    image.save(made, kind, **options)
    return f"data:image/{kind.lower()};base64,{base64.b64encode(made.getvalue()).decode()}"


async def test_another_size_and_another_compression_are_the_same_picture(bench: Bench) -> None:
    for seed in range(12):
        taken = photograph(seed)
        others = (taken.resize((800, 600)), taken.resize((97, 71)))
        kept = [address(taken), *(address(other, "JPEG", quality=40) for other in others)]
        first, *rest = await look_at(bench.page, kept, within_s=60)
        assert first
        assert all(distance(first, other) <= ALIKE for other in rest), seed


async def test_strange_pictures_are_far_apart(bench: Bench) -> None:
    looks = await look_at(bench.page, [address(photograph(seed)) for seed in range(25)], within_s=60)
    assert all(looks)
    assert min(distance(left, right) for left, right in combinations(looks, 2)) > 2 * ALIKE


async def test_what_cannot_be_known_again_has_no_hash(bench: Bench) -> None:
    blank = address(Image.new("RGB", (50, 50), "white"))
    broken = "data:image/png;base64,AAAA"
    sources = [blank, broken, "http://evil.example/a.png", "/home", "http://[", address(photograph(1))]
    looks = await look_at(bench.page, sources, within_s=60)
    assert [bool(look) for look in looks] == [False, False, False, False, False, True]


async def test_nothing_but_a_get_leaves_for_a_picture(bench: Bench) -> None:
    await look_at(bench.page, [f"{bench.shop.url}/picture"])
    assert bench.shop.reached["GET /picture"] == 1
    assert not bench.shop.mutations


async def test_a_page_that_is_gone_costs_the_hashes_and_no_more(bench: Bench) -> None:
    tab = await bench.session.new_tab()
    await tab.close()
    assert await look_at(tab, ["/a", "/b"]) == ("", "")
    assert await look_at(tab, []) == ()


async def test_a_picture_that_never_comes_is_not_waited_for(bench: Bench) -> None:
    assert await look_at(bench.page, [address(photograph(1))], within_s=0.0) == ("",)
