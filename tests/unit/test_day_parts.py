"""Claims about the promotion day's harness: its clock, its scales, its person, and how lost deadlines are told apart."""

from __future__ import annotations

import json
import random
import sys
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from bot.config import load_home
from bot.config.rhythm import Every
from bot.domain.base import SHANGHAI
from bot.domain.decision import Reason
from bot.domain.ids import ShopKey
from bot.ledger import SqlLedger, SqlReader
from bot.ports.alarms import Sending, Subject
from bot.ports.notifier import Alarm, Urgency
from bot.scheduler.regime import in_force
from simulator.scenarios.day import DAY
from tests.conftest import Simulator
from tests.e2e.day import clock as clocks
from tests.e2e.day.clock import ScaledClock, Tempo
from tests.e2e.day.memory import Scales, pss, slope, theil_sen
from tests.e2e.day.pacer import Pacer
from tests.e2e.day.person import CHALLENGE, Call, LedgerBell, Person
from tests.e2e.day.places import Place
from tests.e2e.day.verdict import Claim, alarmed, settings_of, silence, table
from tests.unit.config.homes import trial_home
from tests.unit.ledger.story import CountingIds, StandingClock

NOON = datetime(2026, 6, 18, 12, tzinfo=SHANGHAI)


@pytest.fixture
def tempo(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """It was noon three seconds ago, and a minute of the day has passed since."""
    monkeypatch.setattr(clocks.time, "monotonic", lambda: 103.0)
    file = tmp_path / "tempo.json"
    Tempo(NOON, 100.0, 20).keep(file)
    return file


def test_the_scaled_clock_tells_the_shops_moment_and_waits_as_we_do(tempo: Path) -> None:
    clock = ScaledClock(tempo)
    assert clock.now() == NOON + timedelta(seconds=60)
    assert clock.monotonic() == 103.0


def test_the_scaled_clock_follows_another_tempo_and_never_goes_back(tempo: Path) -> None:
    clock = ScaledClock(tempo)
    Tempo(NOON + timedelta(seconds=50), 102.0, 4).keep(tempo)
    assert clock.now() == NOON + timedelta(seconds=60)
    Tempo(NOON + timedelta(seconds=50), 102.0, 40).keep(tempo)
    assert clock.now() == NOON + timedelta(seconds=90)


class Pace(Simulator):
    """Writes down what was set; says who waits as it is told to."""

    def __init__(self) -> None:
        self.rates: list[float] = []
        self.waiting: list[dict[str, Any]] = []

    def get(self, path: str) -> Any:
        assert path == "delays?waiting=1"
        return self.waiting

    def post(self, path: str, **body: object) -> Any:
        assert path == "clock"
        self.rates.append(float(str(body["rate"])))
        return {"now": NOON.isoformat()}


def test_the_day_passes_slowly_while_somebody_waits_whom_the_bar_is_not_lost_for(tmp_path: Path) -> None:
    shop = Pace()
    pacer = Pacer(shop, tmp_path / "tempo.json", rate=40, busy_rate=4)
    for waited, asleep in ((None, False), (599.0, False), (30.0, False), (30.0, True), (600.0, False)):
        shop.waiting = [{"waited_s": waited}]
        pacer.look(asleep=asleep)
    assert shop.rates == [4, 40, 4, 40]
    assert Tempo.kept(pacer.file).rate == 40


def test_the_day_is_lived_under_the_promotions_own_profile_and_its_eve_as_shipped(tmp_path: Path) -> None:
    home, place = trial_home(tmp_path), Place()
    try:
        place.join(home, 3_600)
    finally:
        place.close()
    schedule, shipped = load_home(home).settings.schedule, load_home(trial_home(tmp_path / "shipped")).settings.schedule
    after = DAY + timedelta(hours=24)
    for moment, rhythm in ((DAY, Every(60)), (after - timedelta(seconds=1), Every(60)), (after, shipped.sweep)):
        assert in_force(schedule, moment).sweep == rhythm
    assert in_force(schedule, DAY - timedelta(seconds=1)).sweep == shipped.sweep
    assert schedule.follow_up == shipped.follow_up
    told = settings_of(home)
    assert told.holds
    assert told.measured.startswith(
        "sweep every 60 s on the day (promotion), every 300 s before it, follow-up every 120 s; "
    )
    assert settings_of(tmp_path / "shipped").holds is False


# ---- memory -----------------------------------------------------------------------------------------------------------


def test_a_leak_is_seen_through_noise_and_a_peak_makes_none() -> None:
    noise = random.Random(1)
    flat = [(float(x), 500 + noise.uniform(-20, 20)) for x in range(0, 4_000, 40)]
    leaking = [(x, y + 0.06 * x) for x, y in flat]
    flat[50] = (flat[50][0], 3_000.0)
    told, leak = slope(flat), slope(leaking)
    assert told is not None
    assert leak is not None
    assert abs(told.middle) < 0.005
    assert leak.low > 0.05


def test_samples_without_a_case_between_them_tell_no_slope() -> None:
    assert theil_sen([(3.0, 100.0), (3.0, 900.0)]) is None
    assert slope([]) is None


def test_the_scales_drop_the_warm_up_and_add_the_parts_up() -> None:
    scales = Scales(1, [(cases, Counter(robot=100, browser=300 + cases, driver=80)) for cases in range(10)])
    assert scales.points("robot", "browser")[0] == (2.0, 402.0)
    assert scales.peak == 489


@pytest.mark.skipif(sys.platform != "linux", reason="told by Linux alone")
def test_what_a_process_holds_is_weighed_apart_from_the_files_it_runs_from() -> None:
    own, files = pss(psutil.Process())
    held = bytearray(b"x" * 30_000_000)
    more, still = pss(psutil.Process())
    assert more - own > 0.9 * len(held)
    assert abs(still - files) < 5_000_000
    assert files > 1_000_000


# ---- the person -------------------------------------------------------------------------------------------------------


@dataclass
class Book:
    """A bell of a test."""

    rung: list[Call]
    heard: list[int] = field(default_factory=list)

    def calls(self) -> list[Call]:
        return self.rung

    def acknowledge(self, call: Call, note: str) -> None:
        self.heard.append(call.number)

    def escalated(self) -> set[int]:
        return set()

    def not_due_yet(self, now: datetime) -> set[int]:
        return set()


def call(number: int, at: datetime = NOON, code: str = "hold", aftersale_id: str = "", duties: str = "") -> Call:
    return Call(number, at, "call", code, "*" if duties else "s1", aftersale_id, duties)


def person(bell: Book, ignores: float = 0.0) -> tuple[Person, list[str]]:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(json.loads(request.content)["aftersale_id"])
        return httpx.Response(200, json={})

    probe = httpx.Client(transport=httpx.MockTransport(answer), base_url="http://probe")
    shop = Simulator(None, {"url": "http://probe", "shops": []}, probe)  # type: ignore[arg-type] # no process in this test
    return Person(shop, bell, ignores=ignores), asked


def test_an_alarm_about_a_case_is_answered_minutes_later_and_once() -> None:
    bell = Book([call(1, aftersale_id="26"), call(2)])
    somebody, asked = person(bell)
    somebody.look(NOON + timedelta(seconds=30))
    assert not bell.heard
    for minutes in (7, 8, 9):
        somebody.look(NOON + timedelta(minutes=minutes))
    assert (bell.heard, asked) == ([1, 2], ["26"])
    assert set(somebody.settled) == {"26"}


def test_who_ignores_every_alarm_answers_none() -> None:
    bell = Book([call(1), call(2)])
    somebody, _ = person(bell, ignores=1.0)
    somebody.look(NOON + timedelta(hours=9))
    assert not bell.heard


def test_a_challenge_of_a_shop_that_is_not_theirs_is_still_acknowledged() -> None:
    bell = Book([call(1, code=CHALLENGE)])
    somebody, asked = person(bell)
    somebody.look(NOON + timedelta(hours=1))
    assert (bell.heard, asked) == ([1], [])


def test_the_ledger_of_a_home_is_a_bell_and_takes_answers(tmp_path: Path) -> None:
    bell = LedgerBell(tmp_path)
    assert bell.calls() == []
    raised = Alarm(
        urgency=Urgency.CALL, shop=ShopKey(platform="taobao", shop_id="s1"), reason=Reason(code="x"), case_id="26"
    )
    with SqlLedger(tmp_path / "ledger.db", StandingClock(NOON), CountingIds()) as ledger:
        ledger.raise_alarm(raised, Subject("26", timedelta(hours=1)))
    assert bell.calls() == [call(1, code="x", aftersale_id="26")]
    bell.acknowledge(bell.calls()[0], "seen")
    with SqlReader(tmp_path / "ledger.db") as reader:
        assert reader.open_alarms() == ()


@pytest.mark.parametrize(
    ("urgency", "due_after"), [(Urgency.CALL, timedelta(minutes=30)), (Urgency.WARN, timedelta(days=1))]
)
def test_an_alarm_that_was_told_waits_until_the_ladder_tells_it_again_and_no_longer(
    tmp_path: Path, urgency: Urgency, due_after: timedelta
) -> None:
    home = trial_home(tmp_path)
    with (home / "refundpilot.toml").open("a", encoding="utf-8") as settings:
        settings.write('\n[[channel]]\nname = "desk"\nkind = "webhook"\nurl = "https://desk.example/hook"\n')
    bell = LedgerBell(home)
    raised = Alarm(urgency=urgency, shop=ShopKey(platform="taobao", shop_id="s1"), reason=Reason(code="x"))
    with SqlLedger(home / "ledger.db", StandingClock(NOON), CountingIds()) as ledger:
        ledger.raise_alarm(raised, Subject("x", timedelta(hours=1)))
        assert bell.not_due_yet(NOON) == set(), "nobody was told of it"
        ledger.sent_alarms([1], Sending(rung=0, channel="desk", at=NOON, ok=True))
    assert bell.not_due_yet(NOON + due_after - timedelta(seconds=1)) == {1}
    assert bell.not_due_yet(NOON + due_after) == set()


# ---- the verdict ------------------------------------------------------------------------------------------------------


def row(aftersale_id: str, lost: datetime | None, shop: str = "s1") -> dict[str, Any]:
    return {"aftersale_id": aftersale_id, "shop_id": shop, "deadline_lost_at": lost and lost.isoformat()}


def test_a_lost_deadline_is_silent_unless_somebody_was_told_of_it_or_of_the_run_that_was_missed() -> None:
    lost = NOON + timedelta(hours=1)
    rows = [row("warned", lost), row("after", lost), row("missed", lost), row("silent", lost, "s2"), row("kept", None)]
    calls = [
        call(1, NOON, aftersale_id="warned"),
        call(2, lost + timedelta(minutes=5), aftersale_id="after"),
        call(3, lost + timedelta(minutes=9), code="missed.asleep", duties="audit|sweep taobao/s1"),
        call(4, NOON, code="missed.asleep", duties="sweep taobao/s2"),
        call(5, NOON, aftersale_id="kept"),
    ]
    assert silence(rows, calls) == Counter({"warned": 1, "told after": 2, "silent": 1})
    assert [one["aftersale_id"] for one in alarmed(rows, calls)] == ["warned", "kept"]


def test_the_table_says_what_holds_and_what_fails() -> None:
    told = table([Claim("a", "1", "0", holds=False), Claim("bcd", "2")])
    assert [line.split() for line in told.splitlines()] == [["FAILS", "a", "1", "(0)"], ["bcd", "2"]]
