"""The grammars accept what a page prints and nothing else (F55; "not read" is never zero)."""

from datetime import datetime, timedelta

import pytest

from bot.domain.base import SHANGHAI
from flows import grammar

GOOD_COUNTDOWNS = {
    "还剩 1 天 3 时 20 分": (timedelta(days=1, hours=3, minutes=20), ""),
    "还剩 0 天 0 时 0 分": (timedelta(0), ""),
    "还剩1天3时20分": (timedelta(days=1, hours=3, minutes=20), ""),
    "还剩 3 时 20 分": (timedelta(hours=3, minutes=20), ""),
    "还剩 20 分": (timedelta(minutes=20), ""),
    "还剩 6 天 23 小时 33 分 2 秒": (timedelta(days=6, hours=23, minutes=33, seconds=2), ""),
    "还剩 22 小时 31 分钟": (timedelta(hours=22, minutes=31), ""),
    "还剩 １ 天 ３ 时 ２０ 分": (timedelta(days=1, hours=3, minutes=20), ""),
    "还剩 1 天 3 时 20 分，逾期未处理系统将自动退款": (
        timedelta(days=1, hours=3, minutes=20),
        "逾期未处理系统将自动退款",
    ),
    "  还剩 2 天  ": (timedelta(days=2), ""),
    "还剩\xa01\xa0天": (timedelta(days=1), ""),
}
BAD_COUNTDOWNS = [
    "", "—", "无", "还剩", "还剩 天 时 分", "还剩 -1 天", "还剩 1.5 天", "剩 1 天", "1 天 3 时", "还剩 1 天后", "还剩 3 分 1 天",
    "还剩 1 天 1 天", "还剩 1 2 天", "还剩 1 天 1\n3 时", "还 剩 1 天", "还剩 ١ 天", "即将超时", "已超时", "还剩 1e3 天", "还剩 99999 天", "<b>还剩 1 天</b>", "还剩 1 天 3",
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), GOOD_COUNTDOWNS.items(), ids=repr)
def test_countdown_is_read(text: str, expected: tuple[timedelta, str]) -> None:
    assert grammar.countdown(text) == expected


@pytest.mark.parametrize("text", BAD_COUNTDOWNS)
def test_what_is_no_countdown_is_an_error_with_its_text(text: str) -> None:
    with pytest.raises(ValueError, match="not a countdown"):
        grammar.countdown(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("450克", 450), ("450 克", 450), ("0克", 0), ("４５０克", 450), ("1.25kg", 1250), ("1kg", 1000), ("0.3 KG", 300),
     ("2公斤", 2000), ("1.5千克", 1500), ("12g", 12)],
)  # fmt: skip
def test_weight_is_read_in_whole_grams(text: str, expected: int) -> None:
    assert grammar.grams(text) == expected


@pytest.mark.parametrize(
    "text", ["", "—", "450", "克", "-1克", "4.5克", "1.2345kg", "1,000克", "1斤", "NaN克", "٤克", "1e3g", "约450克"]
)
def test_what_is_no_weight_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="not a weight"):
        grammar.grams(text)


@pytest.mark.parametrize(
    ("text", "unit", "expected"), [("3", "", 3), ("0", "", 0), ("12 次", "次", 12), ("１２次", "次", 12)]
)
def test_count_is_read(text: str, unit: str, expected: int) -> None:
    assert grammar.whole(text, unit) == expected


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("", ""),
        ("—", ""),
        ("-1", ""),
        ("1.0", ""),
        ("01", ""),
        ("1_0", ""),
        ("三", ""),
        ("3", "次"),
        ("次", "次"),
        ("1,0", ""),
    ],
)
def test_what_is_no_count_is_an_error(text: str, unit: str) -> None:
    with pytest.raises(ValueError, match="not a whole number"):
        grammar.whole(text, unit)


@pytest.mark.parametrize("text", ["2026-11-22 10:00:00", "2026-11-22 10:00", "２０２６-11-22 10:00:00"])
def test_moment_is_read_as_shanghai_time(text: str) -> None:
    assert grammar.moment(text) == datetime(2026, 11, 22, 10, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    "text",
    ["", "—", "2026-11-22", "11-22 10:00", "2026/11/22 10:00", "2026-13-01 10:00", "2026-11-22T10:00", "昨天 10:00"],
)
def test_what_is_no_moment_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="not a moment"):
        grammar.moment(text)


def test_the_servers_date_header_is_told_in_shanghai_time() -> None:
    at = grammar.server_moment("Sun, 22 Nov 2026 02:00:00 GMT")
    assert at == datetime(2026, 11, 22, 10, tzinfo=SHANGHAI)
    assert at.utcoffset() == timedelta(hours=8)


@pytest.mark.parametrize(
    "text", ["", "tomorrow", "2026-11-22", "Sun, 22 Nov 2026 02:00:00", "Sun, 22 Nov 2026 02:00:00 -0000"]
)
def test_a_broken_date_header_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="not a Date header"):
        grammar.server_moment(text)
