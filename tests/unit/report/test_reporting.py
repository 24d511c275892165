"""Claims on the sweep's last step: the report is made from what the ledger holds, and never makes a done sweep look failed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from bot.app.reporting import write_report
from bot.app.wiring import House
from bot.catalogue import Catalogue, Language
from bot.domain.courier import ParcelStatus
from bot.domain.decision import Reason
from bot.domain.history import UNASKED
from bot.domain.ids import RunId
from bot.domain.outcome import Hold
from bot.ledger import SqlLedger
from bot.ports.notifier import Alarm
from bot.ports.results import ShopSweep
from tests.unit.engine.builders import shipped, shipped_policy
from tests.unit.ledger.story import RUN, SHOP, CountingIds, StandingClock
from tests.unit.report.runs import Store


@dataclass
class Told:
    """Alarms that were raised."""

    alarms: list[Alarm] = field(default_factory=list)

    def notify(self, alarm: Alarm) -> None:
        self.alarms.append(alarm)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """The parts of a house that a report needs, with a ledger of one run: one case read, judged and held."""
    clock = StandingClock()
    ledger = SqlLedger(":memory:", clock, CountingIds())
    home = SimpleNamespace(
        policy=shipped_policy(),
        files=SimpleNamespace(reports=tmp_path / "reports"),
        settings=SimpleNamespace(shop=[SimpleNamespace(key=SHOP)]),
    )
    case = shipped(ParcelStatus.OUT_FOR_DELIVERY)
    decision = case.judged()
    ledger.open_run(RUN, SHOP, "act", "c" * 64, shipped_policy().hash)
    ledger.decided(RUN, case.page, case.trails, UNASKED, decision)
    ledger.hold(RUN, Hold(case=case.page.key, reasons=decision.reasons, owner="售后台", deadline=None))
    ledger.close_run(RUN, {"held": 1})
    parts = SimpleNamespace(
        home=home,
        clock=clock,
        ledger=ledger,
        evidence=Store(),
        notifier=Told(),
        catalogue=Catalogue(Language.EN),
    )
    yield cast("House", parts)
    ledger.close()


SWEPT = ShopSweep(shop=str(SHOP), name="禾木良品", posture="act")


def test_the_report_tells_what_the_ledger_holds_facts_with_their_source(house: House) -> None:
    path = write_report(house, {RUN: SWEPT})
    assert path is not None
    text = path.read_text(encoding="utf-8")
    assert "2600000001" in text
    assert "courier 10:00:00" in text
    assert path.with_suffix(".xlsx").is_file()


def test_a_shop_that_never_opened_a_run_still_has_its_section(house: House) -> None:
    stopped = SWEPT.model_copy(update={"stopped": Reason(code="error.session.refused")})
    path = write_report(house, {RunId("run-never"): stopped})
    assert path is not None
    assert "The sign-in was refused" in path.read_text(encoding="utf-8")


def test_no_run_no_report(house: House) -> None:
    assert write_report(house, {}) is None


def test_a_full_disk_is_an_alarm_not_a_failed_sweep(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr("bot.app.reporting.build", full)
    assert write_report(house, {RUN: SWEPT}) is None
    assert [alarm.reason.code for alarm in cast("Told", house.notifier).alarms] == ["report.not_written"]


def test_no_half_written_file_is_left(house: House) -> None:
    path = write_report(house, {RUN: SWEPT})
    assert path is not None
    assert sorted(file.suffix for file in path.parent.iterdir()) == [".html", ".xlsx"]
