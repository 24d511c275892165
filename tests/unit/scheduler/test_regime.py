"""When a shop is swept next: over midnights, nights, holidays, make-up workdays and promotions, in Asia/Shanghai wherever the PC is."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from pydantic import ValidationError

from bot.config.rhythm import Every, read_rhythm
from bot.config.schedule import OffHours, Schedule
from bot.config.settings import Settings
from bot.domain.base import SHANGHAI
from bot.domain.ids import ShopKey
from bot.scheduler.regime import Season, in_force, next_sweep, schedule_of
from bot.scheduler.workdays import OwnDays, is_known, is_workday

SHOP = ShopKey(platform="taobao", shop_id="1001")


def settings(own: dict[str, object] | None = None, **schedule: object) -> Settings:
    shop = {"platform": "taobao", "shop_id": "1001", "name": "一", "url": "https://shop.example", "account": "a"}
    more = {"schedule": own} if own else {}
    return Settings.model_validate({"schedule": schedule, "shop": [{**shop, "courier": "", **more}]})


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def next_times(told: Settings, now: datetime, count: int) -> list[datetime]:
    found = [now]
    for _ in range(count):
        coming = next_sweep(schedule_of(told, SHOP), found[-1])
        found += [coming] if coming else []
    return found[1:]


def told(told: Settings, now: str, count: int = 3) -> list[str]:
    return [f"{one:%m-%d %H:%M:%S}" for one in next_times(told, at(now), count)]


def test_interval_counts_from_midnight_and_starts_again_there() -> None:
    assert told(settings(sweep="7m"), "2026-11-28 23:50") == ["11-28 23:55:00", "11-29 00:00:00", "11-29 00:07:00"]


def test_a_time_that_has_come_is_not_next_any_more() -> None:
    assert told(settings(sweep="5m"), "2026-11-28 10:00:00", 1) == ["11-28 10:05:00"]
    assert told(settings(sweep="0 10 * * *"), "2026-11-28 10:00:00", 1) == ["11-29 10:00:00"]


NIGHT = {"begin": "23:00", "end": "07:00", "sweep": "30m", "posture": "propose"}


def test_night_has_its_own_rhythm_on_both_sides_of_midnight() -> None:
    nightly = settings(sweep="10m", off_hours=NIGHT)
    assert told(nightly, "2026-11-28 22:45", 4) == [
        "11-28 22:50:00",
        "11-28 23:00:00",
        "11-28 23:30:00",
        "11-29 00:00:00",
    ]
    assert told(nightly, "2026-11-29 06:30") == ["11-29 07:00:00", "11-29 07:10:00", "11-29 07:20:00"]
    regime = in_force(nightly.schedule, at("2026-11-29 03:00"))
    assert (regime.season, regime.posture) == (Season.OFF_HOURS, "propose")
    assert in_force(nightly.schedule, at("2026-11-29 07:00")).season is Season.USUAL


def test_a_night_without_sweeps_is_slept_through_to_the_morning() -> None:
    assert told(settings(sweep="10m", off_hours={**NIGHT, "sweep": "never"}), "2026-11-28 22:55", 2) == [
        "11-29 07:00:00",
        "11-29 07:10:00",
    ]


def test_off_hours_within_one_day_end_on_that_day() -> None:
    noon = OffHours.model_validate({"begin": "12:00", "end": "13:00"})
    covered = [noon.covers(at(f"2026-11-28 {hour}").time()) for hour in ("11:59", "12:00", "12:59", "13:00")]
    assert covered == [False, True, True, False]


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-09-20", True),  # a Sunday made up for the National Day
        ("2026-10-10", True),  # and a Saturday
        ("2026-10-01", False),
        ("2026-10-08", True),
        ("2026-02-16", False),  # New Year's Eve
        ("2026-11-28", False),  # a plain Saturday
    ],
)
def test_statutory_calendar_knows_holidays_and_make_up_workdays(day: str, works: bool) -> None:
    assert is_workday(date.fromisoformat(day), OwnDays()) is works


def test_a_year_that_is_not_announced_is_known_as_unknown_and_never_fails() -> None:
    assert is_known(2026)
    assert not is_known(2090)
    assert is_workday(date(2090, 1, 2), OwnDays())  # a Monday
    assert not is_workday(date(2090, 1, 1), OwnDays())


def test_days_of_the_settings_come_before_every_calendar() -> None:
    own = OwnDays(holidays=(date(2026, 11, 27),), workdays=(date(2026, 11, 28), date(2090, 1, 1)))
    assert not is_workday(date(2026, 11, 27), own)
    assert is_workday(date(2026, 11, 28), own)
    assert is_workday(date(2090, 1, 1), own)


def test_holiday_has_its_own_rhythm_and_a_make_up_workday_the_usual_one() -> None:
    rested = settings(sweep="10m", days_off={"sweep": "1h"})
    assert told(rested, "2026-10-07 22:30") == ["10-07 23:00:00", "10-08 00:00:00", "10-08 00:10:00"]
    assert told(rested, "2026-10-10 10:00", 1) == ["10-10 10:10:00"]
    assert told(rested, "2026-10-11 10:00", 1) == ["10-11 11:00:00"]


PARTY = {"name": "618", "first": "2026-06-18", "last": "2026-06-20", "sweep": "1m"}


def test_promotion_goes_before_night_and_holiday_from_its_first_midnight_to_its_last() -> None:
    busy = settings(sweep="10m", off_hours=NIGHT, days_off={"sweep": "1h"}, promotion=[PARTY])
    assert told(busy, "2026-06-17 23:30", 2) == ["06-18 00:00:00", "06-18 00:01:00"]
    assert told(busy, "2026-06-20 23:58") == ["06-20 23:59:00", "06-21 00:00:00", "06-21 00:30:00"]
    assert in_force(busy.schedule, at("2026-06-19 12:00")).season is Season.PROMOTION


def test_a_shop_goes_by_its_own_schedule_where_it_says_one() -> None:
    mixed = settings({"sweep": "2m"}, sweep="1h", off_hours=NIGHT)
    assert told(mixed, "2026-11-28 10:00", 1) == ["11-28 10:02:00"]
    assert told(mixed, "2026-11-28 23:00", 1) == ["11-28 23:30:00"]


def test_a_shop_that_is_never_swept_has_no_next_time() -> None:
    assert told(settings(sweep="never"), "2026-11-28 10:00") == []


def test_cron_line_is_read_in_shanghai_with_weekdays_by_name() -> None:
    assert told(settings(sweep="30 9-10 * * mon-fri"), "2026-11-27 10:00", 2) == ["11-27 10:30:00", "11-30 09:30:00"]


@pytest.fixture
def in_new_york(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    yield
    os.environ.pop("TZ")
    time.tzset()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no tzset")
@pytest.mark.parametrize("sweep", ["30m", "0 9 * * *"])
@pytest.mark.usefixtures("in_new_york")
def test_pc_in_another_zone_changes_nothing(sweep: str) -> None:
    now = at("2026-11-28 23:59")
    here = next_times(settings(sweep=sweep, off_hours=NIGHT), now, 3)
    there = next_times(settings(sweep=sweep, off_hours=NIGHT), now.astimezone(UTC), 3)
    assert here == there
    assert {one.utcoffset() for one in here} == {timedelta(hours=8)}
    assert here[0] == at("2026-11-29 00:00")


@pytest.mark.parametrize("text", ["5", "5 minutes", "9s", "25h", "", "* * * *", "61 * * * *", "sometimes", 300])
def test_what_is_no_rhythm_is_refused(text: object) -> None:
    with pytest.raises(ValidationError):
        settings(sweep=text)


def test_weekday_by_number_is_refused_because_programs_disagree_on_it() -> None:
    with pytest.raises(ValidationError, match="weekdays by name"):
        settings(sweep="0 9 * * 1-5")


@pytest.mark.parametrize("line", ["0 0 30 2 *", "0 4 31 apr,jun *"])
def test_a_cron_line_that_never_comes_round_is_refused_and_not_looked_for_in_every_year(line: str) -> None:
    for where in ({"sweep": line}, {"audit": line}, {"off_hours": {"sweep": line}}):
        with pytest.raises(ValidationError, match="no such day"):
            settings(**where)
    assert settings(sweep="0 0 29 2 *").schedule.sweep == read_rhythm("0 0 29 2 *")


def test_a_promotion_that_ends_before_it_begins_and_a_night_of_no_length_are_refused() -> None:
    with pytest.raises(ValidationError, match="ends before it begins"):
        settings(promotion=[{"name": "618", "first": "2027-06-16", "last": "2026-06-20"}])
    with pytest.raises(ValidationError, match="no length"):
        settings({"off_hours": {"begin": "07:00"}})


def test_rhythms_are_read_in_seconds_minutes_and_hours() -> None:
    assert [read_rhythm(text) for text in ("90s", "5m", "2h")] == [Every(90), Every(300), Every(7200)]


def test_defaults_leave_night_and_holidays_alone() -> None:
    assert (Schedule().off_hours, Schedule().days_off, Schedule().promotion) == (None, None, ())
