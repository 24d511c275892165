"""Back-test of a million generated cases on two cores: `python -m benchmarks.backtest [--cases N] [--workers N] [--seed N]`.

Beside it, in the same run, zen-engine on the same two tables and two if-chains by hand (`side_by_side.py`), on a sample.
Measured is everything but the reading of stored rows: cases are generated as facts (seeded, streamed), decided by the live
policy, decided again by the candidate, with caps of the day counted anew, and every flip is explained by the full engine. What
reading costs (a row of the ledger parsed, facts gathered from page and trail) is measured beside it, on real rows.
"""

from __future__ import annotations

import argparse
import copy
import multiprocessing
import resource
import tempfile
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

from benchmarks.side_by_side import SAMPLE, race
from benchmarks.situations import NOW, known, stream
from bot.backtest import Rehearsal
from bot.backtest.flips import Deed, deed_of_gist
from bot.backtest.rehearse import MOST_TOLD
from bot.domain.action import Verb
from bot.domain.decision import Decision
from bot.domain.facts import Fact, Known, Source
from bot.domain.ids import CaseKey, ShopKey
from bot.domain.money import ZERO, Money
from bot.engine.facts import Facts
from bot.engine.fast import Gist, verdict_of
from bot.engine.past import Spent
from bot.engine.policy import Policy, parse_policy
from bot.engine.reasons import explain, trace
from bot.engine.ruling import rule, stand_all
from bot.ledger import SqlReader
from bot.ports.past import Past, Spending

ROOT = Path(__file__).parents[1]
LARGE_FEN = 190_000
"""From more than this on the candidate calls a person; the live policy from 2,000 yuan on."""

A_DAY = 5_000
"""Cases a day of each generated shop."""
ROWS = 600


def policies() -> tuple[Policy, Policy]:
    """The shipped policy, and it with a lower limit for large sums and a smaller cap of the day."""
    data = tomllib.loads((ROOT / "policy.example.toml").read_text(encoding="utf-8"))
    changed: dict[str, Any] = copy.deepcopy(data)
    for one in changed["strategy"]:
        if one["id"] == "large":
            one["when"]["amount_over"] = str(Money(LARGE_FEN).yuan)
        if one["id"] == "unshipped_full":
            one["cap_day"] = "20000.00"
    return parse_policy(data), parse_policy(changed)


class Facing(Rehearsal):
    """A rehearsal over facts that are at hand; the books put the candidate's spending in."""

    facts: Facts
    _entry: Known[Spent] = Known(value=Spent({}), source=Source.HISTORY, seen_at=NOW)

    def _facts(self, past: Past) -> Facts:
        spent = self.spent(past)
        if spent is not past.kept.history.spent:
            # the generated case is ours alone: a copy of eighty facts would cost more than the verdict that is measured
            if spent is not self._entry.value.strategies:
                self._entry = Known(value=Spent(spent), source=Source.HISTORY, seen_at=NOW)
            object.__setattr__(self.facts, "spent", self._entry)
        return self.facts


@dataclass
class LiveShop:
    """The live policy at work on generated cases; its spending of the day is what a ledger would hold."""

    policy: Policy
    shop: ShopKey

    def __post_init__(self) -> None:
        self.books: dict[str, Money] = {}
        self.entry: Fact[Spent] = known(Spent(self.books))
        self.last: Spending | None = None
        self.midnight, self.day = NOW, ""

    def spending(self, _case: CaseKey, _seq: int) -> Spending | None:
        return self.last

    def spent(self) -> Fact[Spent]:
        """What the ledger would tell of today."""
        return self.entry

    def past(self, number: int, facts: Facts) -> Past:
        """One case decided as a sweep would have, in the shape that a ledger hands to a rehearsal."""
        if number % A_DAY == 0:
            self.midnight = NOW + timedelta(days=number // A_DAY)
            self.day = self.midnight.date().isoformat()
            self._book({})
        now, before = self.midnight + timedelta(seconds=number % A_DAY), self.books
        gist = verdict_of(facts, self.policy)
        deed = deed_of_gist(gist, self.policy.by_id.get(gist.strategy), facts)
        self._spend(deed, now)
        case = CaseKey(platform=self.shop.platform, shop_id=self.shop.shop_id, aftersale_id=str(number))
        claim = facts.amount.value if isinstance(facts.amount, Known) else ZERO
        kept: Any = SimpleNamespace(
            snapshot=SimpleNamespace(amount=claim),
            history=SimpleNamespace(day=self.day, spent=before),
            decision=self._head(case, gist, deed, now, claim),
        )
        return Past(number, "act", kept, partial(self._whole, facts, case, now))

    def _book(self, books: dict[str, Money]) -> None:
        self.books, self.entry = books, known(Spent(books))

    def _spend(self, deed: Deed, now: datetime) -> None:
        self.last = None
        if deed.money.fen:
            self._book({**self.books, deed.strategy: self.books.get(deed.strategy, ZERO) + deed.money})
            self.last = Spending(deed.strategy, self.day, now, deed.money, now, deed.money)

    def _head(self, case: CaseKey, gist: Gist, deed: Deed, now: datetime, claim: Money) -> Any:
        plan = None
        if gist.verb is not Verb.HOLD:
            fee = deed.money if gist.verb is Verb.INTERCEPT else None
            amount = deed.money if gist.verb is Verb.NEGOTIATE else claim
            plan = SimpleNamespace(
                strategy=gist.strategy, amount=amount, max_fee=fee, proofs=() if deed.unproven else ("",)
            )
        code = {"waits": "wait.strategy", "not_pending": "not_pending.success"}.get(gist.cause, f"hold.{gist.cause}")
        return SimpleNamespace(
            case=case,
            verb=gist.verb,
            plan=plan,
            reasons=(SimpleNamespace(code=code),),
            policy_hash=self.policy.hash,
            decided_at=now,
        )

    def _whole(self, facts: Facts, case: CaseKey, now: datetime) -> Decision:
        """What the ledger would have kept; made for flips alone, as a stored one is only then read whole."""
        standings = stand_all(facts, self.policy)
        ruling = rule(standings, facts, self.policy.parameters)
        return Decision.model_construct(
            case=case,
            verb=ruling.verb,
            plan=ruling.plan,
            reasons=explain(ruling, facts),
            traces=tuple(trace(one, facts) for one in standings),
            flip=None,
            decided_at=now,
        )


@dataclass(frozen=True)
class Done:
    """One worker's share."""

    cases: int
    flips: int
    seconds: float
    early_mb: float
    peak_mb: float
    cpu: float


def peak_mb() -> float:
    """The most memory that this process ever held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def work(share: tuple[int, int, int]) -> Done:
    """One shop's cases, in order."""
    number, cases, seed = share
    live, candidate = policies()
    shop = LiveShop(live, ShopKey(platform="taobao", shop_id=str(number)))
    rehearsal = Facing(candidate, shop.spending)
    began, early = time.perf_counter(), 0.0
    for place, facts in enumerate(stream(live, Random(seed + number), cases, spent=shop.spent)):
        rehearsal.facts = facts
        rehearsal.take(shop.past(place, facts))
        if place == cases // 10:
            early = peak_mb()
    return Done(cases, len(rehearsal.flips()), time.perf_counter() - began, early, peak_mb(), time.process_time())


def million(cases: int, workers: int, seed: int) -> None:
    shares = [(number, cases // workers, seed) for number in range(workers)]
    began = time.perf_counter()
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        done = pool.map(work, shares)
    seconds = time.perf_counter() - began
    total, flips = sum(one.cases for one in done), sum(one.flips for one in done)
    print(
        f"{total:,} generated cases, {workers} processes: {seconds:.1f} s, {total / seconds:,.0f} a second; {flips:,} flips"
    )
    for one in done:
        print(
            f"  worker: {one.seconds:.1f} s; peak memory {one.early_mb:.0f} MB after a tenth, {one.peak_mb:.0f} MB at the end"
        )


def verdicts(seed: int, cases_made: int = 5_000) -> None:
    """The fast path beside the full engine, on one core, turn by turn."""
    live, _ = policies()
    cases = list(stream(live, Random(seed), cases_made))
    verdict_of(cases[0], live)
    began = time.process_time()
    for facts in cases:
        verdict_of(facts, live)
    fast = time.process_time() - began
    some = cases[:: cases_made // 500]
    began = time.process_time()
    for facts in some:
        rule(stand_all(facts, live), facts, live.parameters)
    full = (time.process_time() - began) * cases_made / len(some)
    print(
        f"one verdict without explanation: {fast / cases_made * 1e6:.1f} µs of CPU; by the full engine {full / fast:.0f} times that"
    )


def beside(seed: int, cases: int) -> Iterator[str]:
    """The same by zen-engine and by an if-chain, on one core and in this run."""
    live, candidate = policies()
    shop, place = LiveShop(live, ShopKey(platform="taobao", shop_id="beside")), count()
    rehearsal = Facing(candidate, shop.spending)

    def ours(facts: Facts) -> None:
        rehearsal.facts = facts
        rehearsal.take(shop.past(next(place), facts))

    sample = min(cases, SAMPLE)
    yield f"side by side, one core, {sample:,} of the cases and scaled by count (zen-engine: uv run --with zen-engine …):"
    yield from race(stream(live, Random(seed), sample, spent=shop.spent), (live, candidate), LARGE_FEN, ours)
    began = time.process_time()
    flips = rehearsal.flips()
    yield f"{(time.process_time() - began):9.1f} s once for the why of the riskiest {min(MOST_TOLD, len(flips))} of {len(flips)} flips"


def rows() -> Iterator[str]:
    """Real rows: parsed, gathered, judged."""
    from tests.unit.backtest.pasts import LATER, many, write  # noqa: PLC0415  # makes a ledger of the tests' situations

    live, candidate = policies()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "ledger.db"
        write(file, many(ROWS, live))
        with SqlReader(file) as reader:
            since = LATER.now() - timedelta(days=30)
            began = time.process_time()
            past = list(reader.past(since))
            read = time.process_time() - began
            rehearsal = Rehearsal(candidate, reader.spending)
            began = time.process_time()
            for one in past:
                rehearsal.take(one)
            judged = time.process_time() - began
    yield f"a row of a ledger: {read / ROWS * 1e6:.0f} µs to read, {judged / ROWS * 1e6:.0f} µs to gather, judge and compare"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    told = parser.parse_args()
    verdicts(told.seed)
    print(*rows(), sep="\n")
    print(*beside(told.seed, told.cases), sep="\n")
    million(told.cases, told.workers, told.seed)


if __name__ == "__main__":
    main()
