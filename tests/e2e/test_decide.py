"""A person decides two cases of the simulated shop in the real browser: one as proposed, one that has changed since they looked."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.app import decide_by_hand, preview_by_hand
from bot.browser.launch import BrowserHost
from bot.config import load_home
from bot.domain.action import Verb
from bot.domain.outcome import CaseStatus
from bot.ledger import SqlReader, audit
from bot.ports.deciding import HandAsk, HandWord
from bot.ports.exits import ExitCode
from bot.ports.progress import NullProgress
from tests.conftest import StartSimulator
from tests.e2e.acceptance import lines_of, make_home
from tests.e2e.in_process import Never, lend_browser, ours, sweep_here


async def test_a_proposal_is_carried_out_on_its_case_alone_and_a_changed_page_sends_nothing(
    simulator: StartSimulator, host: BrowserHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lend_browser(monkeypatch, host)
    shop = simulator(scenario="unshipped", seed=2, cases=10)
    home = make_home(shop, tmp_path / "home", posture="observe", quiet_wait_s=1, max_cases=4)
    await sweep_here(home)
    pays = [one for one, line in lines_of(home).items() if line.decision and line.decision.verb is Verb.AGREE_REFUND]
    loaded = load_home(home)
    asks = [HandAsk(case=one, word=HandWord.AGREE, by="Li", why="regular") for one in pays[:2]]
    shown = [await preview_by_hand(loaded, ask) for ask in asks]
    assert [one.refused for one in shown] == [None, None]
    stale = shown[1].verdict.model_copy(update={"fingerprint": "f" * 64})
    done = await decide_by_hand(loaded, shown[0].verdict, NullProgress(), Never())
    held = await decide_by_hand(loaded, stale, NullProgress(), Never())

    assert [(effect["aftersale_id"], effect["verb"]) for effect in ours(shop)] == [(pays[0], "agree_refund")]
    assert (done.done, done.status, done.moved_fen) == (True, CaseStatus.DONE, shown[0].claim.fen)
    assert (held.done, held.status, held.exit_code) == (False, CaseStatus.HELD, ExitCode.HELD)
    assert held.reasons[0].code == "hand.changed"
    again = await decide_by_hand(loaded, shown[0].verdict, NullProgress(), Never())
    assert (again.done, again.moved_fen, len(ours(shop))) == (True, 0, 1)
    with SqlReader(loaded.files.ledger) as reader:
        assert audit(reader.engine, loaded.files.evidence).findings == ()
