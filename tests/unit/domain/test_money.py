"""Amounts are read by one strict grammar, which stands here a second time, written by hand without a pattern (F55, M18)."""

from __future__ import annotations

import unicodedata
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.domain.money import Money

FULL = "０１２３４５６７８９．，"
HALF = "0123456789.,"

GOOD = {
    "0": 0, "1": 100, "9": 900, "10": 1000, "99": 9900, "100": 10000, "999": 99900, "1000": 100000, "123456789": 12345678900,
    "999999999": 99999999900, "0.1": 10, "0.01": 1, "0.00": 0, "0.0": 0, "0.10": 10, "0.99": 99, "1.0": 100, "1.5": 150, "1.05": 105,
    "1.50": 150, "9.99": 999, "12.3": 1230, "12.34": 1234, "1.15": 115, "19.99": 1999, "1234.56": 123456, "99999.99": 9999999,
    "1,000": 100000, "1,234": 123400, "12,345": 1234500, "123,456": 12345600, "1,234,567": 123456700, "12,345,678": 1234567800,
    "123,456,789": 12345678900, "999,999,999.99": 99999999999, "1,000.5": 100050, "1,299.00": 129900, "10,000.01": 1000001,
    "¥0": 0, "¥1": 100, "¥12.30": 1230, "¥1,299.00": 129900, "¥0.01": 1, "¥ 12": 1200, "¥  12.5": 1250, "¥999,999,999": 99999999900,
    "￥1": 100, "￥12.30": 1230, "￥1,299.00": 129900, "￥ 9.9": 990, "￥　9.9": 990, "¥\xa012": 1200, "￥０．０１": 1, "￥１，２９９．００": 129900,
    "1元": 100, "12.30元": 1230, "1,299.00元": 129900, "0.01元": 1, "12 元": 1200, "12　元": 1200, "12.5  元": 1250, "１２元": 1200,
    "０": 0, "１": 100, "１２．３４": 1234, "１，２３４": 123400, "１,２３４.５６": 123456, "1２.3４": 1234, "１２３": 12300, "９９９９": 999900,
    " 1": 100, "1 ": 100, "  1.5  ": 150, "\t2\t": 200, "\n3\n": 300, "　4　": 400, "\xa05\xa0": 500, " ¥6 ": 600, " 7元 ": 700, "\r\n8元": 800,
    "¥100000000": 10000000000, "¥10": 1000, "¥5000": 500000, "¥50,000.00": 5000000, "3000元": 300000, "2,999.99元": 299999,
}  # fmt: skip
"""What is an amount, in fen."""

BAD = (
    # nothing, words, marks alone
    "", " ", "　", "\t", "¥", "￥", "元", "¥元", "¥ ", " 元", "—", "-", "无", "免费", "暂无", "null", "None", "NaN", "nan", "Infinity", "inf", "-inf", "N/A",
    "?", "*", "**", "1**", "***.**", "¥--", "¥-", "¥?", "待定", "面议", "一元", "十元", "百", "1百", "1千", "1万", "1.2万", "¥1万", "1亿", "两元", "壹", "〇", "零",
    # signs, exponents, other numbers
    "-1", "+1", "−1", "–1", "—1", "-0", "+0", "¥-1", "-¥1", "¥+1", "+¥1", "(1)", "（1）", "1-", "1+", "－1", "＋1", "±1", "~1", "≈1", "约1", "<1", ">1", "≥1",
    "1e3", "1E3", "1e-2", "１ｅ３", "0x10", "0b1", "0o7", "1_000", "1_0", "１＿０", "1f", "1d", "1L", "1j", "10%", "1/2", "½", "1½", "¼", "⅓", "1:2", "1;2", "1=1", "1*2",
    # decimals
    ".", ".5", "5.", "¥.5", "¥5.", "5.元", "0.", ".00", "1.234", "0.001", "1.000", "1..2", "1.2.3", "1. 5", "1 .5", "1 . 5", "1。5", "1·5", "1‧5", "1٫5", "1,5", "1，5", "1．", "．5", "1.5.",
    "12,34.56", "1.2,3", "1.23,4", "1.234,56", "1，２３", "1.2３４", "1.¥5", "1.5 0", "1'5", "1.５０５",
    # separators
    ",", "1,", ",1", "1,2", "1,23", "1,2345", "12,3456", "1234,567", "1,,234", "1,234,", "1,234,56", "1,23,456", "0,123", "01,234", "1 234", "1 234.56", "1\xa0234",
    "1'234", "1’234", "1、234", "1;234", "1،234", "1٬234", "1,234,567,890", "1,000,000,000", "，123", "１，２３", "1, 234", "1 ,234", "1,\t234", "1\u2009234", "1\u202f234",
    # length, leading zeros
    "00", "01", "007", "00.5", "01.50", "000", "0012", "1234567890", "9999999999.99", "12345678901234567890", "００", "０１", "¥01", "01元", "0,000", "00,000",
    # marks
    "¥¥1", "￥￥1", "¥￥1", "1¥", "1￥", "1元元", "元1", "¥1元", "￥1元", "¥ 1 元", "¥1¥", "1.¥", "$1", "US$1", "€1", "£1", "₩1", "₹1", "RMB1", "RMB 1", "CNY1", "1CNY", "CN¥1", "￠1", "￡1", "￦1",
    "1圆", "1圓", "1円", "1块", "1块5", "1元5", "1元5角", "1角", "5分", "1.5元整", "1元起", "¥1起", "¥1-2", "¥1~2", "¥1–¥2", "¥1/件", "共1元", "退款1元", "金额：1", "¥1（含运费）", "1元,",
    # what NFKC folds to digits, marks or commas; other scripts' digits
    "1²", "²", "1³", "¹", "x²", "⁰", "⁵", "₁", "1₂", "①", "①23", "1②", "⑩", "⓪", "⑴", "⒈", "⒈5", "⒈⒉", "1⒉", "🄀", "🄁5", "🄂00", "𝟏", "𝟎.𝟏", "𝟙𝟚", "𝟣", "𝟭𝟮", "𝟷", "1𝟎", "🯰", "🯱🯲",
    "١", "١٢", "۱", "१", "১", "๑", "໑", "០", "᠑", "߁", "𑁧", "1١", "¥١", "一", "1㈠", "㊀", "㉑", "❶", "➀", "Ⅰ", "ⅰ", "㎏1", "1㍿", "︐1", "1︐234", "1﹐234", "1﹒5", "1．．5", "㆒",
    # invisible and control characters, markup
    "1\u200b", "\u200b1", "1\u200d2", "\ufeff1", "1\ufeff", "1\u2060", "\u202e1", "1\x00", "\x001", "1\u0300", "1\ufe0f", "1\ufe0f\u20e3", "1\x7f", "<b>1</b>", "1&nbsp;", "&yen;1", "1\\n", "=1", "'1", '"1"', "`1`", "1 1",
    "1\n2", "1\t2", "¥1\n¥2", "1 元 2", "1元\n起", "１ ２", "1　2",
)  # fmt: skip


def reference(text: str) -> int | None:
    """The grammar once more: fen, or None for what is no amount."""
    bare = "".join(_half(character) for character in text)
    bare = _trimmed(bare)
    if bare[:1] == "\N{YEN SIGN}":
        bare = _trimmed(bare[1:])
    elif bare[-1:] == "元":
        bare = _trimmed(bare[:-1])
    yuan, dot, fen = bare.partition(".")
    if dot and not (len(fen) in {1, 2} and _digits(fen)):
        return None
    whole = _whole(yuan)
    if whole is None:
        return None
    tens, ones = (fen + "00")[:2]
    return whole * 100 + HALF.index(tens) * 10 + HALF.index(ones)


def _half(character: str) -> str:
    if character == "\N{FULLWIDTH YEN SIGN}":
        return "\N{YEN SIGN}"
    if character == "\N{IDEOGRAPHIC SPACE}":
        return " "
    wide = unicodedata.name(character, "").startswith("FULLWIDTH ") and ord(character) <= 0xFF5E
    return unicodedata.normalize("NFKC", character) if wide else character


def _trimmed(text: str) -> str:
    while text and text[0].isspace():
        text = text[1:]
    while text and text[-1].isspace():
        text = text[:-1]
    return text


def _digits(text: str) -> bool:
    return bool(text) and all(character in HALF[:10] for character in text)


def _whole(text: str) -> int | None:
    groups = text.split(",")
    sizes = [len(group) for group in groups]
    if not all(_digits(group) for group in groups) or (text[0] == "0" and text != "0"):
        return None
    fits = sizes[0] <= 9 if len(groups) == 1 else sizes[0] <= 3 and len(groups) <= 3 and set(sizes[1:]) == {3}
    return int("".join(groups)) if fits else None


def parsed(text: str) -> int | None:
    try:
        return Money.parse(text).fen
    except ValueError:
        return None


def test_the_table_is_long_and_names_nothing_twice() -> None:
    assert len(GOOD) + len(BAD) >= 380
    assert not set(GOOD) & set(BAD)
    assert len(set(BAD)) == len(BAD)


@pytest.mark.parametrize("read", [parsed, reference])
def test_amounts_of_the_table_are_read_to_the_fen(read: object) -> None:
    assert callable(read)
    assert {text: read(text) for text in GOOD} == GOOD


@pytest.mark.parametrize("read", [parsed, reference])
def test_nothing_else_of_the_table_is_an_amount(read: object) -> None:
    assert callable(read)
    assert {text: found for text in BAD if (found := read(text)) is not None} == {}


@pytest.mark.parametrize("text", ["1²", "①23", "⒈5", "1e3", "¥-1", "1.234"])
def test_an_amount_that_is_refused_is_told_with_its_text(text: str) -> None:
    with pytest.raises(ValueError, match="not an amount of money") as refused:
        Money.parse(text)
    assert repr(text) in str(refused.value)


def test_no_character_but_those_of_the_grammar_is_part_of_an_amount() -> None:
    """Every character that means a number anywhere, or that NFKC folds into something else."""
    odd = [one for one in map(chr, range(0x20000)) if unicodedata.numeric(one, None) is not None or _folds(one)]
    assert len(odd) > 5000
    read = {one for one in odd if parsed(one) is not None or parsed(f"1{one}2") is not None}
    assert read == set(FULL[:11] + HALF[:10])


def _folds(character: str) -> bool:
    return unicodedata.normalize("NFKC", character) != character


ODD = "²①⒈𝟏١１２９．，,.¥￥元圆-+eE_ 　\xa0\u200b\t"
PIECES = (
    "¥",
    "￥",
    "元",
    " ",
    "　",
    ".",
    "．",
    ",",
    "，",
    "0",
    "00",
    "000",
    "1",
    "12",
    "123",
    "1234",
    "１",
    "２３",
    "４５６",
    *ODD,
)
AMOUNTS = sorted(GOOD)


def changed(text: str, at: int, new: str, cut: int) -> str:
    """An amount with something put in, taken out or put for something else."""
    return text[: at % (len(text) + 1)] + new + text[at % (len(text) + 1) + cut :]


def test_twenty_thousand_strings_are_accepted_as_the_reference_accepts_them() -> None:
    dice = Random(55)
    drawn = [
        changed(dice.choice(AMOUNTS), dice.randrange(20), dice.choice(PIECES), dice.randrange(2)) for _ in range(10_000)
    ]
    drawn += ["".join(dice.choices(PIECES[:19], k=dice.randrange(6))) for _ in range(10_000)]
    assert [text for text in drawn if parsed(text) != reference(text)] == []
    assert sum(parsed(text) is not None for text in drawn) > 2000, "both sides are drawn often"


@settings(max_examples=300)
@given(
    st.one_of(
        st.builds(changed, st.sampled_from(AMOUNTS), st.integers(0, 20), st.sampled_from(PIECES), st.integers(0, 1)),
        st.lists(st.sampled_from(PIECES), max_size=6).map("".join),
        st.text(max_size=8),
    )
)
@example("0,123")
@example("¥1,234,567,890")
def test_the_accepted_set_is_the_references(text: str) -> None:
    assert parsed(text) == reference(text)
