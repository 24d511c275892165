"""Alarms are written down, one JSON line each, and a broken disk stops nobody."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import SecretStr

from bot.alerts.log import LogNotifier
from bot.clock import SystemClock
from bot.config import SECRETS
from bot.domain.decision import Reason
from bot.domain.ids import ShopKey
from bot.ports.notifier import Alarm, Urgency

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
