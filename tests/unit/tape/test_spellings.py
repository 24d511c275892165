"""Claims on finding a known value however long it is and however it is wrapped, and on touching nothing beside it."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.tape.rules import Datum
from bot.tape.scrub import SECRET, Scrubber
from bot.tape.spellings import alike, any_of, layers

KEY = b"k" * 32
Wrap = Callable[[str], str]


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def js(value: str) -> str:
    return json.dumps(value)[1:-1]


def percent(value: str) -> str:
    return quote(value, safe="")


WRAPS: dict[str, Wrap] = {
    "plain": str,
    "json": js,
    "json twice": lambda value: js(js(value)),
    "json in a query": lambda value: percent(js(value)),
    "json in an attribute": lambda value: html.escape(js(value)),
    "percent": percent,
    "percent as a page does it": lambda value: quote(value, safe="!'()*"),
    "percent in small letters": lambda value: percent(value).lower(),
    "percent twice": lambda value: percent(percent(value)),
    "percent in GBK": lambda value: quote(value.encode("gbk"), safe=""),
    "escape()": lambda value: "".join(f"%u{ord(one):04X}" for one in value),
    "entities": lambda value: "".join(f"&#{ord(one)};" for one in value),
    "hex entities": lambda value: "".join(f"&#X{ord(one):X};" for one in value),
    "split by a tag": lambda value: f"{value[:1]}<em class=hit>{value[1:]}</em>",
    "base64": lambda value: b64(value.encode()),
    "base64 of GBK": lambda value: b64(value.encode("gbk")),
    "base64 twice": lambda value: b64(f"<{b64(value.encode())}>".encode()),
    "hex": lambda value: value.encode().hex(),
}


@pytest.mark.parametrize("wrap", WRAPS.values(), ids=WRAPS)
@pytest.mark.parametrize("value", ["利民日化2019", "P@ss!word*1", "镕镕的小店", 'a"b c+d'])
def test_a_value_is_found_under_every_coat_and_nothing_beside_it_goes(wrap: Wrap, value: str) -> None:
    scrubber = Scrubber(KEY)
    scrubber.secret(value)
    clean = scrubber.text(f"before={wrap(value)}&amount=129.00")
    assert wrap(value) not in clean
    assert clean.startswith("before=")
    assert clean.endswith("&amount=129.00")


@pytest.mark.parametrize(
    "value", ["a" * 4096, "eyJhbGciOi." * 400, "广东省深圳市南山区" * 14], ids=["plain", "token", "address"]
)
def test_a_value_may_be_as_long_as_it_likes(value: str) -> None:
    scrubber = Scrubber(KEY)
    scrubber.secret(value)
    assert scrubber.text(f"<{value}>") == f"<{SECRET}>"


def test_values_may_begin_alike_for_as_long_as_they_like() -> None:
    words = ["a" * length for length in range(2, 1200)]
    assert any_of(words).findall(f"{'a' * 1199} {'a' * 7}") == ["a" * 1199, "a" * 7]


@given(st.lists(st.text(alphabet="abc", min_size=1, max_size=12), min_size=1), st.text(alphabet="abc", max_size=40))
def test_the_longest_value_that_stands_there_is_taken(words: list[str], text: str) -> None:
    hit = any_of(words).match(text)
    assert (hit[0] if hit else None) == max((word for word in words if text.startswith(word)), key=len, default=None)


@given(st.text(alphabet=st.sampled_from("a7é山%&\\<bu>;#x41 "), max_size=60))
def test_every_layer_knows_where_it_stands_in_the_text(raw: str) -> None:
    for layer in layers(raw):
        for place, letter in enumerate(layer.text):
            start, end = layer.place(place, place + 1)
            assert 0 <= start < end <= len(raw)
            assert letter == raw[start:end] or end - start > 1


@given(st.text())
def test_letters_that_are_alike_take_as_much_room(raw: str) -> None:
    assert len(alike(raw)) == len(raw)


def test_a_nick_in_other_letters_is_the_same_nick() -> None:
    scrubber = Scrubber(KEY)
    scrubber.person(Datum.BUYER, "lily2020")
    assert len({scrubber.text(nick) for nick in ("lily2020", "lıly2020", "LİLY2020", "ｌｉｌｙ２０２０")}) == 1
