"""Alarms are written down, one JSON line each, and a broken disk stops nobody."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from loguru import logger
from pydantic import SecretStr

from bot.alerts.log import LogNotifier
from bot.app.policies import PolicyWatch
from bot.app.telling import Attended, Unrepeated
from bot.app.wiring import House
from bot.catalogue import Catalogue, Language
from bot.clock import SystemClock
from bot.config import SECRETS, load_home
from bot.config.logs import start_logs
from bot.domain.decision import Reason
from bot.domain.ids import ShopKey
from bot.ports.notifier import Alarm, Urgency
from bot.ports.progress import NullProgress
from tests.unit.config.homes import trial_home

ALARM = Alarm(
    urgency=Urgency.CALL,
    shop=ShopKey(platform="taobao", shop_id="s"),
    reason=Reason(code="brake.breaker", params={"detail": "页面\n读不懂"}),
    case_id="42",
)


def test_each_alarm_is_one_line_whatever_is_in_its_text(tmp_path: Path) -> None:
    notifier = LogNotifier(tmp_path, SystemClock())
    notifier.notify(ALARM)
    notifier.notify(ALARM)
    lines = (tmp_path / "alarms.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["reason"]["params"]["detail"] for line in lines] == ["页面\n读不懂"] * 2


def test_an_alarm_that_cannot_be_written_down_stops_nothing(tmp_path: Path) -> None:
    LogNotifier(tmp_path / "gone", SystemClock()).notify(ALARM)


def test_no_secret_and_no_turned_text_stands_in_the_alarm_file(tmp_path: Path) -> None:
    SECRETS.learn(SecretStr("canary-7Q9x"))
    reason = Reason(code="error.page", params={"detail": "token canary-7Q9x \u202e reversed"})
    LogNotifier(tmp_path, SystemClock()).notify(ALARM.model_copy(update={"reason": reason}))
    written = (tmp_path / "alarms.jsonl").read_text(encoding="utf-8")
    assert "canary-7Q9x" not in written
    assert "\u202e" not in written


@pytest.fixture
def own_logger() -> Iterator[None]:
    start_logs(None)
    yield
    logger.remove()
    logger.configure(patcher=lambda _: None)
    logger.add(sys.stderr)


CHALLENGE = ALARM.model_copy(update={"reason": Reason(code="error.session.challenge", params={"detail": "slider"})})


@pytest.mark.parametrize("language", list(Language))
def test_an_alarm_is_told_once_in_the_operators_language_with_its_cure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], own_logger: None, language: Language
) -> None:
    say = Catalogue(language)
    LogNotifier(tmp_path, SystemClock(), say).notify(CHALLENGE)
    what, cure = capsys.readouterr().err.splitlines()
    assert what == f"! taobao/s 42: {say.text(CHALLENGE.reason)}"
    assert cure.startswith("  → ")
    assert "headed = true" in cure


def test_the_same_alarm_in_a_row_is_one_line_on_the_terminal_and_each_is_written_down(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], own_logger: None
) -> None:
    notifier = LogNotifier(tmp_path, SystemClock(), Catalogue(Language.EN))
    other = CHALLENGE.model_copy(update={"case_id": "43"})
    for alarm in (CHALLENGE, CHALLENGE, other, CHALLENGE):
        notifier.notify(alarm)
    assert [line[:13] for line in capsys.readouterr().err.splitlines()[::2]] == [
        "! taobao/s 42",
        "! taobao/s 43",
        "! taobao/s 42",
    ]
    assert len((tmp_path / "alarms.jsonl").read_text(encoding="utf-8").splitlines()) == 4


def test_the_file_keeps_codes_whatever_language_is_spoken(tmp_path: Path, own_logger: None) -> None:
    LogNotifier(tmp_path, SystemClock(), Catalogue(Language.ZH)).notify(ALARM)
    written = json.loads((tmp_path / "alarms.jsonl").read_text(encoding="utf-8"))
    assert written["reason"] == ALARM.reason.model_dump()


def test_what_the_command_tells_itself_is_only_written_down(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], own_logger: None
) -> None:
    LogNotifier(tmp_path, SystemClock()).notify(ALARM)
    assert capsys.readouterr().err == ""
    assert (tmp_path / "alarms.jsonl").is_file()


def test_no_secret_and_no_control_character_of_an_alarm_reaches_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], own_logger: None
) -> None:
    SECRETS.learn(SecretStr("canary-7Q9x"))
    reason = Reason(code="error.page", params={"detail": "canary-7Q9x \x1b[31m\n \u202e reversed"})
    LogNotifier(tmp_path, SystemClock(), Catalogue(Language.EN)).notify(ALARM.model_copy(update={"reason": reason}))
    shown = capsys.readouterr().err
    assert not {"\x1b", "\u202e"} & set(shown)
    assert "canary-7Q9x" not in shown
    assert len(shown.splitlines()) == 2


class Notes(NullProgress):
    """Remembers what a terminal would have shown."""

    def __init__(self) -> None:
        self.told: list[Reason] = []

    def note(self, reason: Reason) -> None:
        self.told.append(reason)


def test_a_note_that_was_just_told_as_an_alarm_is_not_told_again(tmp_path: Path) -> None:
    notes, notifier = Notes(), LogNotifier(tmp_path, SystemClock(), Catalogue(Language.EN))
    progress = Unrepeated(notes, notifier.has_just_told)
    quiet = Reason(code="policy.changed", params={"name": "x"})
    for alarm in (ALARM, ALARM.model_copy(update={"reason": quiet, "urgency": Urgency.INFO})):
        notifier.notify(alarm)
        progress.note(alarm.reason)
    assert notes.told == [quiet]


def test_a_service_remembers_who_is_waited_for_until_he_came() -> None:
    shop, waits = ShopKey(platform="taobao", shop_id="1"), Attended(NullProgress())
    waits.person(shop, 600, window=False)
    waits.person(shop, 599)
    assert waits.waits == {shop: (599, True)}
    waits.person(shop, None)
    assert waits.waits == {}


def test_a_policy_that_breaks_in_a_sweep_is_told_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], own_logger: None
) -> None:
    notes, say = Notes(), Catalogue(Language.EN)
    notifier = LogNotifier(tmp_path, SystemClock(), say)
    home = load_home(trial_home(tmp_path / "home"))
    house = cast("House", SimpleNamespace(home=home, notifier=notifier, catalogue=say))
    watch = PolicyWatch(house, Unrepeated(notes, notifier.has_just_told)).of(ALARM.shop, [])
    home.files.policy.write_text("[[strategy", encoding="utf-8")
    watch.in_force()
    assert "policy.toml:1: not TOML" in capsys.readouterr().err
    assert notes.told == []
    assert [reason.code for reason in watch.notes] == ["policy.broken"]
