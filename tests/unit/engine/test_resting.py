"""Claims on how long a case may stay unread: never into its last hours, and never past a moment at which time alone decides."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.base import SHANGHAI
from bot.domain.case import Row
from bot.domain.ids import CaseKey
from bot.domain.money import Money
from bot.engine.policy import Policy, parse_policy
from bot.engine.resting import LAST_CALL, SHORTER, Rest, same_row

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=SHANGHAI)
LONGEST = timedelta(minutes=30)
MINUTE = timedelta(minutes=1)


def asking(**when: object) -> Policy:
    """A policy that waits while this is so."""
    return parse_policy(
        {"name": "p", "strategy": [{"id": "w", "name": "w", "verb": "hold", "waits": True, "when": when}]}
    )


PLAIN = asking(threat=True)


@given(before=st.integers(-600, 6_000), longest=st.integers(1, 300))
def test_a_rest_never_reaches_into_the_last_two_hours_and_is_short_within_them(before: int, longest: int) -> None:
    """`before`: minutes from the reading to the deadline."""
    deadline, most = NOON + before * MINUTE, longest * MINUTE
    ends = Rest(NOON, None, deadline).ends(PLAIN, most)
    assert NOON < ends <= NOON + most
    border = deadline - LAST_CALL
    if border > NOON:
        assert ends <= border
    else:
        assert ends <= NOON + most / SHORTER


@pytest.mark.parametrize(
    ("when", "applied", "deadline", "minutes"),
    [
        ({"threat": True}, 0, None, 30),
        ({"waited_at_least_s": 600}, 0, None, 10),
        ({"waited_at_least_s": 600}, -5, None, 5),
        ({"waited_at_least_s": 600}, -20, None, 30),
        ({"hours_left_at_most": 4}, 0, 5 * 60 + 7, 7),
        ({"hours_left_over": 23}, 0, 24 * 60 + 11, 11),
        ({"hours_left_over": 23}, 0, 30 * 60, 30),
    ],
)
def test_a_strategy_that_waits_until_a_moment_ends_the_rest_at_it(
    when: dict[str, object], applied: int, deadline: int | None, minutes: int
) -> None:
    rest = Rest(NOON, NOON + applied * MINUTE, NOON + deadline * MINUTE if deadline else None)
    assert abs(rest.ends(asking(**when), LONGEST) - NOON - minutes * MINUTE) < timedelta(seconds=2)


def test_no_rest_outlasts_the_day_since_caps_and_days_begin_anew() -> None:
    late = NOON.replace(hour=23, minute=50)
    assert Rest(late, None, None).ends(PLAIN, LONGEST) == late + 10 * MINUTE


def row(**told: object) -> Row:
    frame = {
        "key": CaseKey(platform="taobao", shop_id="s", aftersale_id="1"),
        "order_id": "o",
        "amount": Money(100),
        "type_text": "t",
        "state_text": "s",
        "deadline_at": NOON,
        "applied_at": NOON,
    }
    return Row.model_validate(frame | told)


@pytest.mark.parametrize(
    "told",
    [
        {"amount": Money(101)},
        {"type_text": "u"},
        {"state_text": "u"},
        {"applied_at": NOON + MINUTE},
        {"deadline_at": NOON + 2 * MINUTE},
        {"deadline_at": NOON - 2 * MINUTE},
        {"deadline_at": None},
    ],
)
def test_a_row_that_says_something_else_is_another_one(told: dict[str, object]) -> None:
    assert not same_row(row(), row(**told))
    assert not same_row(row(**told), row())


def test_a_countdown_in_whole_minutes_is_the_same_one_a_minute_later() -> None:
    assert same_row(row(), row(deadline_at=NOON + MINUTE))
    assert same_row(row(deadline_at=None), row(deadline_at=None))
