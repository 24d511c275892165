"""Claims on strangers' words: nobody is known by them, nothing in them is invisible or turns the page around."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.report import masking


@pytest.mark.parametrize(
    ("buyer", "shown"),
    [
        ("", ""),
        ("王", "***"),
        ("王芳", "王***"),
        ("山间清风2019", "山***9"),
        ("tb_5527316", "t***6"),
        (" 李雷雷 ", "李***雷"),
    ],
)
def test_a_buyers_name_keeps_its_ends_only(buyer: str, shown: str) -> None:
    assert masking.name(buyer) == shown


@pytest.mark.parametrize(
    "written",
    [
        "13800138000",
        "138 0013 8000",
        "138-0013-8000",
        "１３８００１３８０００",
        "+86 13800138000",
        "8613800138000",
        "1 3 8 0 0 1 3 8 0 0 0",
    ],
)
def test_a_phone_number_is_masked_however_it_is_written(written: str) -> None:
    shown = masking.text(f"打我电话{written}谢谢")
    assert "00138" not in shown.replace(" ", "").replace("-", "")
    assert "***" in shown


NUMBERS = ("388", "501", "12", "1802", "七号", "888")


@pytest.mark.parametrize(
    "address",
    [
        "浙江省杭州市文三路388号2幢501室",
        "解放街 12 号",
        "阳光小区3号楼2单元1802室",
        "人民路七号",
        "义乌市稠州北路888号电商园12栋 售后部",
    ],
)
def test_an_address_is_masked(address: str) -> None:
    shown = masking.text(f"寄到{address}就行")
    assert "***" in shown
    assert [number for number in NUMBERS if number in shown] == []


@pytest.mark.parametrize("number", ["4509145176216000037", "785671293000038", "YT4003934000075", "¥1,344.70"])
def test_numbers_of_orders_and_parcels_stay_whole(number: str) -> None:
    assert masking.text(f"单号 {number} 已签收") == f"单号 {number} 已签收"


def test_a_buyers_name_is_masked_inside_other_words_too() -> None:
    assert masking.text("买家山间清风2019说：不要了", buyer="山间清风2019") == "买家山***9说：不要了"


def test_direction_and_control_characters_are_shown_by_number() -> None:
    assert masking.text("退款\u202e元001\u2066x\x1b[31m\x00") == "退款⟨U+202E⟩元001⟨U+2066⟩x⟨U+001B⟩[31m⟨U+0000⟩"


def test_long_words_are_cut_and_say_so() -> None:
    shown = masking.text("长" * 10_000)
    assert len(shown) == masking.LONGEST
    assert shown.endswith("…")


@given(st.text(max_size=400), st.text(max_size=30))
def test_any_text_comes_out_short_and_visible(raw: str, buyer: str) -> None:
    shown = masking.text(raw, buyer=buyer)
    assert len(shown) <= masking.LONGEST
    assert not set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\n\r\t\x00") & set(shown)
