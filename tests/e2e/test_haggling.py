"""Offers and complaints end to end: the real browser, the ledger, the shop's own log, and the buyers' answers a day later."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from bot.app.demo import Deed, _booked, _effect, differences
from bot.browser.launch import BrowserHost
from bot.domain.action import Verb
from bot.domain.case import OfferState, newest_offer
from bot.domain.decision import Reason
from bot.domain.facts import Known
from bot.domain.outcome import CaseStatus
from bot.ledger import SqlReader, audit
from tests.conftest import ROOT, Simulator, StartSimulator
from tests.e2e.acceptance import lines_of, make_home
from tests.e2e.in_process import lend_browser, sweep_here

pytestmark = pytest.mark.asyncio(loop_scope="session")

STRATEGIES = """
[[strategy]]
id = "filed"
name = "投诉处理中，等平台"
verb = "hold"
waits = true
when.complaint = ["filed"]

[[strategy]]
id = "empty"
name = "退回空包，投诉"
verb = "complain"
active = true
autonomy = "granted"
scene = "false_return"
message = "退货包裹 {return_waybill} 为空包，实收 {counted} 件，称重 {weight} 克"
proofs = ["weights"]
when.state = ["wait_seller_receive"]
when.return_empty = true

[[strategy]]
id = "keep"
name = "退货前先协商留用"
verb = "negotiate"
active = true
autonomy = "granted"
offers = ["45%", "60%"]
max_offer = "500.00"
max_offer_percent = 60
message = "您好，为您补偿 {offer}，商品留用，可以吗"
when.state = ["wait_seller"]
when.type = ["return_refund"]
"""
HALF_A_DAY_S = 14 * 3600


def haggling_home(shop: Simulator, folder: Path) -> Path:
    """The shipped parameters with strategies that negotiate and complain."""
    home = make_home(shop, folder, pictures=False)
    parameters = (ROOT / "policy.example.toml").read_text(encoding="utf-8").partition("\n[[strategy]]\n")[0]
    (home / "policy.toml").write_text(parameters + STRATEGIES, encoding="utf-8")
    return home


def difference_of(shop: Simulator, home: Path) -> tuple[Reason, ...]:
    """As the demo's judge: the shop's own log of what we did against the receipts."""
    done: Counter[Deed] = Counter(map(_effect, shop.get("effects")))
    buyers = Counter(_effect(one) for one in shop.get("effects") if not one["actor"].startswith("seller:"))
    with SqlReader(home / "ledger.db") as reader:
        booked = Counter(deed for run in reader.runs(100) for deed in _booked(reader, run))
        assert audit(reader.engine, None).findings == ()
    return differences(done - buyers, booked)


async def test_offers_are_made_answered_and_raised_and_a_fraud_is_complained_about(
    simulator: StartSimulator, tmp_path: Path, host: BrowserHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    lend_browser(monkeypatch, host)
    shop = simulator(scenario="returns", seed=10, cases=10)
    home = haggling_home(shop, tmp_path / "home")
    (first,) = (await sweep_here(home)).shops
    assert first.acted[Verb.NEGOTIATE] >= 2
    assert first.acted[Verb.COMPLAIN] >= 1
    assert first.waiting == sum(first.acted.values())
    assert difference_of(shop, home) == ()

    shop.post("clock", advance_s=HALF_A_DAY_S)
    (second,) = (await sweep_here(home)).shops
    assert difference_of(shop, home) == ()
    for line in lines_of(home).values():
        offer = newest_offer(line.snapshot) if line.snapshot else None
        if offer is not None and isinstance(offer.state, Known) and offer.state.value is OfferState.ACCEPTED:
            assert line.status is CaseStatus.DONE
    accepted = [one for one in shop.get("effects") if one["verb"] == "accept_offer"]
    declined = [one for one in shop.get("effects") if one["verb"] == "decline_offer"]
    assert accepted, "choose another seed: nobody accepted"
    assert declined, "choose another seed: nobody declined"
    assert second.refunded_fen == sum(one["amount_fen"] for one in accepted)
    assert second.acted == {Verb.NEGOTIATE: len(declined)}
    report = next((home / "reports").glob("*.html"), None)
    assert report is not None
