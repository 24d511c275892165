"""Claims on the policies that decided: kept once in the ledger, so that facts and hits are told after policy.toml has changed or broken."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from bot.app.monitoring import monitor
from bot.app.policies import Decided, PolicyWatch
from bot.app.reporting import _kept
from bot.app.wiring import House
from bot.catalogue import Catalogue, Language
from bot.cli.commands import cli
from bot.config import Home, HomeFiles, PolicyFile, load_home
from bot.config.picks import scene_of
from bot.domain.action import AgreeReturn, Verb
from bot.domain.decision import Reason
from bot.domain.history import UNASKED
from bot.domain.ids import CaseKey, ShopKey
from bot.domain.money import Money
from bot.engine.policy import Policy, parse_policy
from bot.engine.scenes import Scene
from bot.errors import ConfigError
from bot.ledger import SqlLedger, SqlReader
from bot.ledger.events import Kind
from bot.ports.ledger import Caps
from bot.ports.monitor import HitFilters
from bot.ports.progress import NullProgress
from tests.unit.config.homes import spoil, trial_home
from tests.unit.engine.builders import Situation, received, shipped_policy_data, unshipped
from tests.unit.ledger.story import RUN, CountingIds, StandingClock, Story, story_at

SHOP = ShopKey(platform="taobao", shop_id="1001")
DAY = date(2026, 3, 9)
LARGE = Caps(strategy_day=Money(10**9), shop_day=Money(10**9), buyer_day=Money(10**9))
SCENE = """
[[scene]]
scene = "shipped_return"
id = "back"
name = "退货"
active = true
max_amount = "500.00"
"""


@dataclass
class Alarms:
    told: list[Any] = field(default_factory=list)

    def notify(self, alarm: Any) -> None:
        self.told.append(alarm)


def house_of(home: Home, ledger: SqlLedger) -> House:
    return cast("House", SimpleNamespace(home=home, ledger=ledger, notifier=Alarms(), catalogue=Catalogue(Language.EN)))


def deciding(files: HomeFiles, *cases: Situation) -> list[Policy]:
    """A sweep's decisions under the file's policy as it stands; the policies under which they were made."""
    with SqlLedger(files.ledger, StandingClock(), CountingIds()) as ledger:
        house = house_of(load_home(files.root, last_good_policy=True), ledger)
        watch = PolicyWatch(house, NullProgress()).of(SHOP, [])
        policies = []
        for number, case in enumerate(cases):
            policy = watch.in_force()
            run = type(RUN)(f"run-{number}-{case.page.key.aftersale_id}")
            ledger.open_run(run, SHOP, "observe", "c", policy.hash)
            ledger.decided(run, case.page, case.trails, UNASKED, case.judged(policy))
            policies.append(policy)
        return policies


def at(case: Situation, aftersale_id: str) -> Situation:
    return case.shows(key=CaseKey(**SHOP.model_dump(), aftersale_id=aftersale_id))


@pytest.fixture
def files(tmp_path: Path) -> HomeFiles:
    return HomeFiles(trial_home(tmp_path / "home"))


def run(*words: object) -> Any:
    return CliRunner().invoke(cli, [str(word) for word in words], env={"COLUMNS": "300", "LC_ALL": "en_US.UTF-8"})


def explained(files: HomeFiles, case: str) -> dict[str, Any]:
    done = run("policy", "explain", case, "--home", files.root, "--json")
    assert done.exit_code == 0, done.output
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_a_change_is_told_once_in_the_name_of_the_shop_whose_sweep_came_upon_it(files: HomeFiles) -> None:
    """Also where another shop's sweep began meanwhile, beside the first one that waits for a person."""
    other = ShopKey(platform="taobao", shop_id="other")
    with SqlLedger(files.ledger, StandingClock(), CountingIds()) as ledger:
        house = house_of(load_home(files.root, last_good_policy=True), ledger)
        watch, notes = PolicyWatch(house, NullProgress()), (list[Reason](), list[Reason]())
        first, second = watch.of(SHOP, notes[0]), watch.of(other, notes[1])
        before = (first.in_force(), second.in_force())
        spoil(files.policy, 'when.amount_over = "2000.00"', 'when.amount_over = "100.00"')
        assert first.in_force().hash == second.in_force().hash != before[0].hash
    told = cast("Alarms", house.notifier).told
    assert [(one.reason.code, one.shop) for one in told] == [("policy.changed", SHOP)]
    assert [[one.code for one in some] for some in notes] == [["policy.changed"], []]


def test_a_decision_keeps_its_facts_and_sources_when_the_policy_file_changes(files: HomeFiles) -> None:
    deciding(files, at(unshipped(), "1"))
    before = explained(files, "1")
    spoil(files.policy, "packaging_g", "# a note\npackaging_g")
    spoil(files.policy, 'when.amount_over = "2000.00"', 'when.amount_over = "100.00"')
    after = explained(files, "1")
    assert (before["same_policy"], after["same_policy"]) == (True, False)
    assert after["facts"] == before["facts"]
    assert len(after["facts"]) > 50
    assert all(fact["source"] for fact in after["facts"])
    assert [one["source"] for one in after["because"]] == [one["source"] for one in before["because"]]
    told = run("policy", "explain", "1", "--home", files.root)
    assert "as the ledger kept it" in told.output


def test_a_policy_is_kept_once_however_often_it_decides(files: HomeFiles) -> None:
    (first, *_) = deciding(files, at(unshipped(), "1"), at(received(), "2"))
    spoil(files.policy, 'when.amount_over = "2000.00"', 'when.amount_over = "100.00"')
    (second,) = deciding(files, at(unshipped(), "3"))
    with SqlReader(files.ledger) as reader:
        assert set(reader.policy_hashes()) == {first.hash, second.hash}
        decided = Decided(reader, second)
        assert decided.by(first.hash) == first
        assert reader.policy_text(second.hash) == files.policy.read_text(encoding="utf-8")


def test_a_policy_that_breaks_under_way_is_not_what_is_kept(files: HomeFiles) -> None:
    whole = files.policy.read_text(encoding="utf-8")
    deciding(files, at(unshipped(), "1"))
    files.policy.write_text("x = [", encoding="utf-8")
    (policy,) = deciding(files, at(unshipped(), "2"))
    with SqlReader(files.ledger) as reader:
        assert reader.policy_text(policy.hash) == whole


def test_a_kept_text_that_is_not_the_one_that_decided_tells_no_source(files: HomeFiles) -> None:
    (policy,) = deciding(files, at(unshipped(), "1"))
    with closing(sqlite3.connect(files.ledger)) as other, other:
        other.execute("UPDATE policies SET body = replace(body, '2000.00', '9000.00')")
    spoil(files.policy, 'when.amount_over = "2000.00"', 'when.amount_over = "100.00"')
    with SqlReader(files.ledger) as reader:
        assert Decided(reader, load_home(files.root, with_logins=False).policy).by(policy.hash) is None
    assert explained(files, "1")["facts"] == []


def test_the_report_has_the_policies_that_decided_in_its_runs(files: HomeFiles) -> None:
    (old,) = deciding(files, at(unshipped(), "1"))
    spoil(files.policy, 'when.amount_over = "2000.00"', 'when.amount_over = "100.00"')
    home = load_home(files.root, with_logins=False)
    with SqlLedger(files.ledger, StandingClock(), CountingIds()) as ledger:
        kept = _kept(house_of(home, ledger), [old.hash, home.policy.hash, "0" * 64])
    assert set(kept) == {old.hash, home.policy.hash}
    assert kept[old.hash] == old


def test_a_ledger_of_before_gets_the_table_and_keeps_what_it_had(files: HomeFiles) -> None:
    deciding(files, at(unshipped(), "1"))
    with closing(sqlite3.connect(files.ledger)) as other, other:
        other.execute("DROP TABLE policies")
        other.execute("DELETE FROM schema_version WHERE version > 1")
    deciding(files, at(received(), "2"))
    assert explained(files, "1")["facts"]
    with SqlReader(files.ledger) as reader:
        assert len(reader.policy_hashes()) == 1


@pytest.mark.parametrize(
    "words",
    [
        ("policy", "explain", "1"),
        ("policy", "backtest", "--candidate", "CANDIDATE"),
        ("policy", "monitor"),
        ("status",),
        ("audit",),
        ("policy", "vote", "1", "agree"),
    ],
    ids=" ".join,
)
def test_a_broken_policy_file_takes_no_reading_command_away(files: HomeFiles, words: tuple[str, ...]) -> None:
    whole = files.root / "whole.toml"
    whole.write_text(files.policy.read_text(encoding="utf-8"), encoding="utf-8")
    deciding(files, at(unshipped(), "1"))
    files.policy.write_text("x = [", encoding="utf-8")
    done = run(*(str(whole) if word == "CANDIDATE" else word for word in words), "--home", files.root)
    assert "policy.toml is wrong, so this goes by the last whole one" in done.stderr
    assert "not TOML" in done.stderr
    # nobody earns anything in the shipped policy: a vote is refused for that, not for the file
    assert done.exit_code == (1 if "vote" in words else 0), done.output


def test_a_sweep_never_goes_by_a_file_that_nobody_kept(files: HomeFiles) -> None:
    files.policy.write_text("x = [", encoding="utf-8")
    assert run("status", "--home", files.root).exit_code == 2


def held_strategy(story: Story, case: Situation, policy: Policy) -> str:
    story.ledger.decided(RUN, case.page, case.trails, UNASKED, case.judged(policy))
    (facts,) = [json.loads(row[0]) for row in _decided(story)]
    return str(facts["strategy"])


def _decided(story: Story) -> list[Any]:
    with story.ledger.engine.connect() as db:
        return list(db.exec_driver_sql(f"SELECT facts FROM events WHERE kind = '{Kind.DECIDED}' ORDER BY seq"))


@pytest.mark.parametrize(
    ("case", "strategy"),
    [
        (unshipped().shows(platform_tags=("疑似恶意退款",)), "marked"),
        (unshipped(), "unshipped_full"),
        (unshipped().shows(controls=frozenset()), ""),
    ],
    ids=("a call for a person", "an act", "the engine's own hold"),
)
def test_the_chain_names_the_strategy_that_held_a_case(case: Situation, strategy: str) -> None:
    story = story_at(":memory:")
    assert held_strategy(story, case, parse_policy(shipped_policy_data())) == strategy
    assert story.ledger.hits(DAY) == () or strategy == "unshipped_full"
    story.ledger.close()


def agreeing(story: Story, number: int, fen: int, fate: str, strategy: str = "back") -> None:
    story.judge(number, Verb.AGREE_RETURN, strategy=strategy, amount=Money(fen))
    action = AgreeReturn(amount=Money(fen))
    intent = story.send(number, caps=LARGE, action=action, strategy=strategy, buyer=f"b{number}")
    if fate == "settled":
        story.settle(intent, 0)
    else:
        story.ledger.leave_unknown(intent.id, story.hold(number), story.lease)


@pytest.fixture
def returning(files: HomeFiles) -> HomeFiles:
    """A home whose scene 3 agreed to two returns, and which has done away with that scene since."""
    whole = files.policy.read_text(encoding="utf-8")
    files.policy.write_text(whole + SCENE, encoding="utf-8")
    policy = load_home(files.root, with_logins=False).policy
    story = story_at(files.ledger)
    PolicyFile(files, policy, print, Catalogue(Language.EN)).in_force()
    story.ledger.keep_policy(policy.hash, files.policy.read_text(encoding="utf-8"))
    agreeing(story, 1, 1_234, "settled")
    agreeing(story, 2, 2_345, "open")
    story.ledger.close()
    files.policy.write_text(whole, encoding="utf-8")
    return files


def asked(files: HomeFiles, **filters: str) -> Any:
    return asyncio.run(monitor(load_home(files.root, with_logins=False), DAY, HitFilters(**filters)))


@pytest.mark.parametrize("scene", ["shipped_return", "发货后-自动退货退款", "after shipping: return and refund", ""])
def test_returns_that_a_scene_agreed_to_are_in_its_sums_though_the_scene_is_gone(
    returning: HomeFiles, scene: str
) -> None:
    found = asked(returning, scene=scene or "shipped_return")
    (total,) = found.totals
    assert (total.scene, total.name, total.cases) == ("shipped_return", "退货", 2)
    with SqlReader(returning.ledger) as reader:
        (line,) = (one for one in reader.budgets(DAY.isoformat()) if one.scope == "agreed:back")
    assert (total.posted_fen, total.pending_fen) == (line.posted.fen, line.pending.fen) == (1_234, 2_345)


def test_a_mistyped_scene_is_an_error_that_names_the_nearest(returning: HomeFiles) -> None:
    with pytest.raises(ConfigError) as caught:
        asked(returning, scene="shiped_return")
    assert (caught.value.reason_code, caught.value.params["target"]) == ("cli.no_scene", "shipped_return")
    done = run("policy", "monitor", "--scene", "发货后-自动退货", "--home", returning.root)
    assert done.exit_code == 2
    assert "发货后-自动退货退款" in done.output


def test_every_scene_is_found_by_its_id_and_names() -> None:
    assert [scene_of(scene.value) for scene in Scene] == [scene.value for scene in Scene]
    assert scene_of("") == ""


drawn = st.lists(
    st.tuples(
        st.sampled_from([Verb.AGREE_REFUND, Verb.AGREE_RETURN]),
        st.sampled_from(["s1", "s2"]),
        st.integers(1, 5_000),
        st.sampled_from(["settled", "open"]),
        st.integers(0, 26 * 3600),
    ),
    min_size=1,
    max_size=10,
)


@settings(max_examples=15)
@given(drawn)
def test_sums_of_refunds_and_promises_are_the_budgets_to_the_fen(acts: list[Any]) -> None:
    story = story_at(":memory:")
    for number, (verb, strategy, fen, fate, later) in enumerate(acts, 1):
        story.lease = story.ledger.renew(story.lease, 10**7)
        if verb is Verb.AGREE_RETURN:
            agreeing(story, number, fen, fate, strategy)
        else:
            story.judge(number, strategy=strategy, amount=Money(fen))
            intent = story.send(number, fen, strategy=strategy, buyer=f"b{number}")
            if fate == "settled":
                story.settle(intent, fen)
            else:
                story.ledger.leave_unknown(intent.id, story.hold(number), story.lease)
        story.clock.pass_s(later)
    sums: dict[tuple[str, str], list[int]] = {}
    for hit in story.ledger.hits(DAY):
        kept = sums.setdefault((hit.day, hit.strategy), [0, 0])
        kept[0] += hit.posted.fen
        kept[1] += hit.pending.fen
    books: dict[tuple[str, str], list[int]] = {}
    for day in {day for day, _ in sums}:
        for line in story.ledger.budgets(day):
            kind, _, name = line.scope.partition(":")
            if kind in {"strategy", "agreed"}:
                kept = books.setdefault((day, name), [0, 0])
                kept[0] += line.posted.fen
                kept[1] += line.pending.fen
    assert {key: tuple(one) for key, one in sums.items() if any(one)} == {
        key: tuple(one) for key, one in books.items() if any(one)
    }
    story.ledger.close()
