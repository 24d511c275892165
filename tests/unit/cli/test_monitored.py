"""Claims on 策略监控 and reordering at the command line: five filters, sums of the ledger, words in both languages."""

from __future__ import annotations

import asyncio
import io
import json
from datetime import date
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from bot.app.monitoring import monitor
from bot.catalogue import Catalogue
from bot.cli import monitored
from bot.cli.commands import cli
from bot.config import Home, HomeFiles, load_home, write_home
from bot.domain.action import Verb
from bot.domain.money import Money
from bot.errors import ConfigError
from bot.ports.monitor import HitFilters, MonitorResult
from tests.unit.config.test_editing import SCENES
from tests.unit.ledger.story import story_at

DAY = date(2026, 3, 9)
CLI = CliRunner()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home whose ledger has three hits: of a scene, of a strategy of its own, and of one that the policy no longer has."""
    files = HomeFiles(tmp_path / "home")
    write_home(files.root)
    files.policy.write_text(files.policy.read_text(encoding="utf-8") + SCENES, encoding="utf-8")
    story = story_at(files.ledger)
    for number, strategy, fen in ((1, "little", 1_000), (2, "difference", 2_050), (3, "gone", 300)):
        story.judge(number, strategy=strategy, amount=Money(fen))
    story.settle(story.send(1, 1_000, strategy="little"), 1_000)
    story.settle(story.send(2, 2_050, strategy="difference", buyer="b2"), 2_050)
    story.ledger.close()
    return load_home(files.root, with_logins=False)


def asked(home: Home, **filters: str) -> MonitorResult:
    return asyncio.run(monitor(home, DAY, HitFilters(**filters)))


def strategies(result: MonitorResult) -> list[str]:
    return [hit.strategy for hit in result.hits]


def test_hits_carry_todays_names_and_scenes(home: Home) -> None:
    result = asked(home)
    assert [(hit.strategy, hit.scene, hit.name) for hit in result.hits] == [
        ("little", "unshipped_refund", "小额"),
        ("difference", "", "退差价，金额正确 / price difference, correct amount"),
        ("gone", "", "gone"),
    ]
    assert [(total.strategy, total.cases, total.posted_fen) for total in result.totals] == [
        ("difference", 1, 2_050),
        ("gone", 1, 0),
        ("little", 1, 1_000),
    ]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"scene": "unshipped_refund"}, ["little"]),
        ({"scene": "keep_goods"}, []),
        ({"reason": "不想"}, ["little", "difference", "gone"]),
        ({"reason": "质量"}, []),
        ({"strategy": "difference"}, ["difference"]),
        ({"strategy": "退差价"}, ["difference"]),
        ({"case": "a2"}, ["difference"]),
        ({"case": "a"}, []),
        ({"order": "o1"}, ["little"]),
        ({"order": "o1", "case": "a2"}, []),
    ],
)
def test_each_of_the_five_filters_narrows_hits_and_sums(home: Home, filters: dict[str, str], found: list[str]) -> None:
    result = asked(home, **filters)
    assert strategies(result) == found
    assert sorted(total.strategy for total in result.totals) == sorted(found)


def test_without_a_ledger_there_is_nothing_to_tell(tmp_path: Path) -> None:
    write_home(tmp_path / "home")
    fresh = load_home(tmp_path / "home", with_logins=False)
    assert asked(fresh) == MonitorResult(since="2026-03-09", hits=(), totals=())


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_table_is_told_in_both_languages(home: Home, language: str) -> None:
    console = Console(width=240, record=True, file=io.StringIO())
    console.print(monitored.picture(asked(home), Catalogue(language)))
    text = console.export_text()
    assert {"zh": "发货前-自动仅退款", "en": "before shipping: refund"}[language] in text
    assert Catalogue(language).name(Verb.AGREE_REFUND) in text
    assert "¥20.50" in text
    assert "[" not in text, "a code that nobody wrote a text for"


@pytest.mark.parametrize(("text", "first"), [("1d", DAY), ("7d", date(2026, 3, 3)), ("2026-02-01", date(2026, 2, 1))])
def test_since_counts_business_days_with_today_among_them(text: str, first: date) -> None:
    assert monitored.since_when(text, DAY) == first


@pytest.mark.parametrize("text", ["", "d", "-1d", "yesterday", "2026-13-01", "99999999999d"])
def test_a_time_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        monitored.since_when(text, DAY)


def test_the_command_prints_one_json_object(home: Home) -> None:
    told = CLI.invoke(
        cli, ["policy", "monitor", "--home", str(home.path), "--since", "2026-03-09", "--case", "a1", "--json"]
    )
    assert told.exit_code == 0
    body = json.loads(told.stdout)
    assert [hit["posted_fen"] for hit in body["hits"]] == [1_000]
    assert [total["posted_fen"] for total in body["totals"]] == [1_000]


def test_a_reordering_tells_its_steps_and_a_dry_run_writes_nothing(home: Home) -> None:
    before = home.files.policy.read_text(encoding="utf-8")
    words = ["policy", "reorder", "big", "little", "--home", str(home.path), "--json"]
    dry = json.loads(CLI.invoke(cli, [*words, "--dry-run"]).stdout)
    assert home.files.policy.read_text(encoding="utf-8") == before
    wet = json.loads(CLI.invoke(cli, words).stdout)
    assert (
        [step["step"] for step in dry["steps"]]
        == [step["step"] for step in wet["steps"]]
        == ["off", "order", "on", "on"]
    )
    assert [step["active"] for step in wet["steps"]] == [[], [], ["big"], ["big", "little"]]
    assert home.files.policy.read_text(encoding="utf-8") != before


def test_an_order_that_is_none_ends_with_2(home: Home) -> None:
    told = CLI.invoke(cli, ["policy", "reorder", "big", "difference", "--home", str(home.path), "--json"])
    assert told.exit_code == 2
    assert json.loads(told.stdout)["error"] == "policy.no_order"
