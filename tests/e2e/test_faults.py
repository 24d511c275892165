"""Each fault of the simulator, one at a time and at an exact place, in the real browser: how the case ends that it hit, and what became of the others."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from bot.browser.launch import BrowserHost
from bot.domain.ids import CaseKey
from bot.domain.outcome import CaseStatus
from bot.ports.exits import ExitCode
from bot.ports.ledger import CaseLine
from bot.ports.progress import NullProgress, Stage
from simulator.skins.taobao.mishaps import RENAMES
from tests.conftest import Simulator, StartSimulator
from tests.e2e.acceptance import judge, lines_of, make_home
from tests.e2e.in_process import WRITES, AtStage, alarms, lend_browser, only, ours, sweep_here, writes_of

HIT: Final = "the case"
"""Where a fault strikes: the first case that reaches the row's stage; anything else is a path."""
DETAIL: Final = "/trade-platform/refund-list/detail"
LIST_PAGE: Final = "/trade-platform/refund-list"
LIST: Final = "/h5api/dispute/list"
AGREE: Final = "/h5api/dispute/agree"
UPLOAD: Final = "/h5api/dispute/uploadProof"
HOME: Final = "/home"
TRACK: Final = "/track"
STAYS: Final = 9
"""Loads for which a page stays as broken as it is: more than a sweep ever asks for, also when a renewed browser gives it a read free."""
READS: Final = 3
"""Reads of a page that stays broken, until its case is held; a renewal beside it does not count as one."""
CASES: Final = 3
"""Cases that a sweep of the table looks at: the one that is hit, and two that must not notice."""


class End(NamedTuple):
    """How a case ended: its status, why, and whether its receipt is only presumed to be ours."""

    status: CaseStatus
    why: str = ""
    presumed: bool = False


SETTLED: Final = End(CaseStatus.DONE)
PRESUMED: Final = End(CaseStatus.DONE, presumed=True)
FOREIGN: Final = End(CaseStatus.FOREIGN, "case.moved_on")
TAKEN: Final = End(CaseStatus.FOREIGN, "settle.foreign")


def held(why: str) -> End:
    return End(CaseStatus.HELD, why)


@dataclass(frozen=True)
class Row:
    """One line of the table.

    `before`: the fault is planted when the case comes to this stage. `writes`: requests that reach the shop for the case
    that was hit; the others need one each. `else_ends`: the other right end, where it depends on what was cut off, or on
    whether the page was loaded once more before the click.
    """

    kind: str
    at: str
    ends: End
    before: Stage = Stage.READING
    times: int = 1
    writes: int = 1
    seconds: float | None = None
    quiet_s: int = 1
    else_ends: End | None = None

    def ends_so(self, end: End) -> bool:
        return end in (self.ends, self.else_ends)

    def __str__(self) -> str:
        return f"{self.kind}-{self.at.rpartition('/')[2].replace(' ', '-')}-{self.before}-x{self.times}"


SHOP: Final = {
    # ---- what strikes the whole shop and each at a place of its own, so that none is the second at one read ----
    "read again": (
        Row("http_5xx", HOME, SETTLED),
        Row("rate_limited", LIST, SETTLED),
        Row("half_page", TRACK, SETTLED),
        Row("slow", DETAIL, SETTLED, seconds=5.0),
    ),
    "list comes late": (Row("http_5xx", LIST_PAGE, SETTLED), Row("list_shift", LIST, SETTLED, times=2)),
    "list fails twice": (Row("http_5xx", LIST, SETTLED, times=2),),
    # ---- the session goes: one sign-in for all, and on ----
    "session lost at the list": (Row("session_loss", LIST, SETTLED),),
    "session lost at a case": (Row("session_loss", HIT, SETTLED),),
    "session lost at a click": (Row("session_loss", AGREE, SETTLED, writes=2),),
    # ---- applied after the answer was given up, before the second look ----
    "answered too late": (Row("slow", AGREE, PRESUMED, seconds=7.0, quiet_s=4),),
}
"""One sweep for each; all of its faults have to strike."""

SOMEBODY: Final = frozenset({"buyer_edits", "buyer_withdraws", "colleague_acts"})

CLEAN: Final = Row("", HIT, SETTLED)
"""A case that nothing strikes: it must not notice what befell those before it."""

TOGETHER: Final = (
    # ---- reads: asked again twice, then held ----
    Row("slow", HIT, SETTLED, seconds=1.5),
    Row("http_5xx", HIT, SETTLED, times=2),
    Row("http_5xx", HIT, held("error.page"), times=STAYS, writes=0),
    Row("rate_limited", HIT, SETTLED),
    Row("half_page", HIT, SETTLED),
    Row("half_page", HIT, held("error.page.unreadable"), times=STAYS, writes=0, else_ends=held("error.page.wrong")),
    CLEAN,
    Row("stale_detail", HIT, SETTLED),
    Row("stale_detail", HIT, held("error.page.wrong"), times=STAYS, writes=0),
    CLEAN,
    Row("half_page", HIT, SETTLED, before=Stage.FIRING),
    Row("stale_detail", HIT, SETTLED, before=Stage.FIRING),
    Row("stale_detail", HIT, SETTLED, before=Stage.FIRING, times=3, else_ends=held("error.page.wrong")),
    # ---- the write: never twice unproven ----
    Row("slow", AGREE, SETTLED, before=Stage.FIRING, seconds=0.5),
    Row("http_5xx", AGREE, SETTLED, before=Stage.FIRING, writes=2),
    Row("rate_limited", AGREE, SETTLED, before=Stage.FIRING, writes=2),
    Row("dropped_after_apply", HIT, PRESUMED, writes=2),  # one of them may be the browser's own twin (M2)
    CLEAN,
    Row("apply_then_502", HIT, PRESUMED),
    Row("lying_toast", HIT, SETTLED, writes=2),
    # ---- somebody else was there ----
    Row("buyer_edits", HIT, held("hold.strategy")),
    Row("buyer_edits", AGREE, held("hold.strategy"), before=Stage.FIRING),
    CLEAN,
    Row("buyer_withdraws", HIT, TAKEN, else_ends=FOREIGN),
    Row("buyer_withdraws", AGREE, TAKEN, before=Stage.FIRING),
    Row("colleague_acts", HIT, PRESUMED, else_ends=FOREIGN),
    Row("colleague_acts", AGREE, PRESUMED, before=Stage.FIRING),
    CLEAN,
)
"""One sweep for all: each strikes one case, in the order in which the cases come to hand."""


class InTurn(NullProgress):
    """Gives each case that comes to hand the next row, and plants its fault when the case comes to the row's stage."""

    def __init__(self, shop: Simulator, rows: Sequence[Row]) -> None:
        self._shop = shop
        self._left = iter(rows)
        self.rows: dict[str, Row] = {}
        self._planted: set[str] = set()

    def case(self, case: CaseKey, stage: Stage) -> None:
        key = case.aftersale_id
        if key not in self.rows:
            self.rows[key] = next(self._left)
        row = self.rows[key]
        if row.kind and stage is row.before and key not in self._planted:
            self._planted.add(key)
            plant(self._shop, row, key if row.at == HIT else row.at)


@pytest.fixture(autouse=True)
def _in_one_browser(monkeypatch: pytest.MonkeyPatch, host: BrowserHost) -> None:
    lend_browser(monkeypatch, host)


def end_of(line: CaseLine) -> End:
    presumed = any(receipt.presumed for _, receipt in line.receipts)
    return End(line.status, "" if line.receipts else line.reasons[0].code, presumed)


def assert_nothing_twice_nothing_unbooked(shop: Simulator, home: Path, before: list[dict[str, Any]]) -> None:
    """A1, A2 and A3 of reliability.md 2, told by the probe."""
    verdict = judge(shop, home, before)
    assert verdict.twice == ()
    assert verdict.without_receipt == ()
    assert verdict.outside_label == ()


@pytest.mark.parametrize("name", SHOP)
async def test_fault_of_the_shop_ends_as_the_protocol_says_and_harms_no_case(
    simulator: StartSimulator, tmp_path: Path, name: str
) -> None:
    rows, (first, *_) = SHOP[name], SHOP[name]
    shop = simulator(scenario="unshipped", seed=80, cases=10)
    before = shop.get("cases")
    home = make_home(shop, tmp_path / "home", quiet_wait_s=first.quiet_s, max_cases=CASES, pictures=False)
    planter = AtStage(first.before, lambda case: strike(shop, first, case))
    for row in rows:
        if row.at != HIT:
            plant(shop, row, row.at)
    result = await sweep_here(home, planter if first.at == HIT else None)
    assert shop.get("faults")["fired"] == planned(rows, STAYS)
    assert_nothing_twice_nothing_unbooked(shop, home, before)
    ends = {case: end_of(line) for case, line in worked(home).items()}
    assert Counter(ends.values()) == Counter([first.ends] + [SETTLED] * (CASES - 1)), ends
    assert first.at != HIT or ends[planter.aftersale_id] == first.ends
    assert writes_of(shop) == {"agree": CASES - 1 + first.writes}
    losses = sum(row.kind == "session_loss" for row in rows)
    assert shop.get("requests")["POST /login/submit"] >= 1 + losses, "the robot itself met it and signed in anew"
    assert result.exit_code == ExitCode.DONE
    assert alarms(home) == []


async def test_fault_of_a_case_ends_as_the_protocol_says_and_harms_no_other_case(
    simulator: StartSimulator, tmp_path: Path
) -> None:
    shop = simulator(scenario="unshipped", seed=80, cases=len(TOGETHER))
    before = shop.get("cases")
    home = make_home(shop, tmp_path / "home", quiet_wait_s=1, pictures=False)
    in_turn = InTurn(shop, TOGETHER)
    result = await sweep_here(home, in_turn)
    lines = lines_of(home)
    ends = {case: end_of(line) for case, line in lines.items()}
    wrong = {case: f"{row}: {lines[case]}" for case, row in in_turn.rows.items() if not row.ends_so(ends[case])}
    assert not wrong, "\n".join(wrong.values())
    assert len(in_turn.rows) == len(TOGETHER)
    fired, least, most = shop.get("faults")["fired"], planned(TOGETHER, READS), planned(TOGETHER, STAYS)
    assert fired.keys() == least.keys()
    assert all(least[kind] <= times <= most[kind] for kind, times in fired.items()), fired
    assert_nothing_twice_nothing_unbooked(shop, home, before)
    # what happens between the two reads of a case is met by the second one where it is due, else by the click
    between = sum(row.writes for row in TOGETHER if row.else_ends or (row.kind in SOMEBODY and row.at == HIT))
    twins = sum(row.kind == "dropped_after_apply" for row in TOGETHER)
    in_all = sum(row.writes for row in TOGETHER)
    assert in_all - between - twins <= writes_of(shop)["agree"] <= in_all
    assert result.exit_code == ExitCode.HELD
    assert alarms(home) == []
    assert bundles(home) == {case for case, end in ends.items() if end.why.startswith("error.page")}


def bundles(home: Path) -> set[str]:
    """Cases of which HOME/failures shows how their page stood; each bundle is whole."""
    found = {file.parent: json.loads(file.read_text(encoding="utf-8")) for file in home.glob("failures/*/sought.json")}
    for folder in found:
        assert (folder / "page.png").read_bytes().startswith(b"\x89PNG")
        assert "<html" in (folder / "page.html").read_text(encoding="utf-8")
    return {told["case_id"] for told in found.values()}


def planned(rows: Sequence[Row], staying: int) -> Counter[str]:
    """Strikes by kind, when every row's fault struck as often as it was told to, and one that stays `staying` times."""
    strikes: Counter[str] = Counter()
    for row in rows:
        if row.kind:
            strikes[row.kind] += staying if row.times == STAYS else row.times
    return strikes


async def test_handler_that_was_bound_twice_gets_one_request_out_and_is_told(
    simulator: StartSimulator, tmp_path: Path
) -> None:
    """F18: however often its page is loaded, one click fires two requests, and the guard lets one go."""
    shop = simulator(scenario="unshipped", seed=80, cases=10)
    before = shop.get("cases")
    home = make_home(shop, tmp_path / "home", quiet_wait_s=1, max_cases=CASES, pictures=False)
    await sweep_here(
        home, AtStage(Stage.READING, lambda case: shop.post("faults", kind="double_bound_handler", at=case, times=9))
    )
    assert_nothing_twice_nothing_unbooked(shop, home, before)
    assert Counter(end_of(line) for line in worked(home).values()) == {SETTLED: CASES}
    assert writes_of(shop) == {"agree": CASES}
    assert {alarm["reason"]["code"] for alarm in alarms(home)} == {"guard.refused"}


@pytest.mark.parametrize(
    ("seed", "what", "times", "ends"),
    [
        (86, "退款金额", 1, SETTLED),
        (82, "售后编号", 1, SETTLED),
        (80, "售后状态", 1, SETTLED),
        (83, "同意退款", STAYS, held("hold.strategy")),
        (81, "拒绝退款申请", STAYS, held("error.page.wrong")),
    ],
)
async def test_renamed_label_is_never_clicked_on_a_guess(
    simulator: StartSimulator, tmp_path: Path, seed: int, what: str, times: int, ends: End
) -> None:
    """The simulator's seed decides what is renamed; a name that cannot be read is read again, a button never replaced."""
    assert what in RENAMES[random.Random(seed).choice(range(len(RENAMES)))], "another seed for it, please"
    shop = simulator(scenario="unshipped", seed=seed, cases=10)
    before = shop.get("cases")
    home = make_home(shop, tmp_path / "home", quiet_wait_s=1, max_cases=CASES, pictures=False)
    planter = AtStage(Stage.READING, lambda case: shop.post("faults", kind="renamed_label", at=case, times=times))
    await sweep_here(home, planter)
    assert 1 <= shop.get("faults")["fired"]["renamed_label"] <= times
    assert_nothing_twice_nothing_unbooked(shop, home, before)
    found = {case: end_of(line) for case, line in worked(home).items()}
    assert found.pop(planter.aftersale_id) == ends
    assert list(found.values()) == [SETTLED] * (CASES - 1)
    assert writes_of(shop) == {"agree": sum(end == SETTLED for end in (ends, *found.values()))}


@pytest.mark.parametrize("kind", ["dropped_after_apply", "lying_toast"])
async def test_every_kind_of_write_survives_an_answer_that_is_lost_or_lies(
    simulator: StartSimulator, tmp_path: Path, kind: str
) -> None:
    """One strike at each of the six endpoints that change something, and no more cases than show one of each kind."""
    shop = simulator(scenario="calm", seed=84, cases=14)
    before = one_of_each_label(shop.get("cases"))
    home = make_home(shop, tmp_path / "home", quiet_wait_s=1, pictures=False)
    for name in WRITES:
        shop.post("faults", kind=kind, at=f"/h5api/dispute/{name}", times=1)
    await sweep_here(home, pick=only(before))
    writes = writes_of(shop)
    struck = {name for name in WRITES if name in writes}
    assert len(struck) >= 5, struck
    assert shop.get("faults")["fired"] == {kind: len(struck)}
    verdict = judge(shop, home, before)
    assert verdict.safe, verdict
    again = writes.total() - verdict.effects.total()
    if kind == "lying_toast":
        assert again == len(struck)  # nothing was applied, so each is asked for once more
        unproven: set[str] = set()
    else:
        assert again <= len(struck)  # a twin of the browser's own, and only on a connection that it used before (M2)
        # a remark's twin is told that all is well, so nothing is left to presume
        unproven = struck - {"remark"} if writes["remark"] > verdict.effects["remark"] else struck
    lines = lines_of(home).values()
    assert sum(receipt.presumed for line in lines for _, receipt in line.receipts) == len(unproven)
    assert not [line for line in lines if line.status is CaseStatus.HELD and line.case.aftersale_id in wanted(before)]


def one_of_each_label(cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({(*case["label"], case["type"], case["state"]): case for case in cases}.values())


def to_refuse(shop: Simulator) -> list[dict[str, Any]]:
    return [case for case in shop.get("cases") if "refuse" in case["label"]]


async def test_upload_that_breaks_is_begun_anew_and_no_refusal_leaves_without_its_proof(
    simulator: StartSimulator, tmp_path: Path
) -> None:
    shop = simulator(scenario="refusals", seed=85, cases=10)
    before = to_refuse(shop)
    home = make_home(shop, tmp_path / "home", quiet_wait_s=1)
    shop.post("faults", kind="upload_broken", at=UPLOAD, times=2)
    await sweep_here(home, pick=only(before))
    assert shop.get("faults")["fired"] == {"upload_broken": 2}
    verdict = judge(shop, home, before)
    assert verdict.safe, verdict
    assert verdict.missed == {}
    refusals = [effect for effect in ours(shop) if effect["verb"] == "refuse"]
    assert refusals
    assert all(effect["evidence"] for effect in refusals)


async def test_second_prompt_is_insisted_upon_where_the_strategy_says_so_with_an_intent_of_its_own(
    simulator: StartSimulator, tmp_path: Path
) -> None:
    """继续拒绝 (domain.md 34): asked once, pressed once, each click with its own row in the ledger."""
    shop = simulator(scenario="refusals", seed=85, cases=10)
    before = to_refuse(shop)
    home = make_home(shop, tmp_path / "home", quiet_wait_s=1)
    policy = home / "policy.toml"
    needs_proof, without = 'proofs = ["trail"]', "proofs = []"
    text = policy.read_text(encoding="utf-8").replace(needs_proof, without)
    policy.write_text(text.replace("without_proof_allowed = false", "without_proof_allowed = true"), encoding="utf-8")
    await sweep_here(home, pick=only(before))
    verdict = judge(shop, home, before)
    assert verdict.safe, verdict
    bare = [effect for effect in ours(shop) if effect["verb"] == "refuse" and not effect["evidence"]]
    assert bare
    assert writes_of(shop)["refuse"] > len([effect for effect in ours(shop) if effect["verb"] == "refuse"])
    assert not [
        line for line in lines_of(home).values() if any(one.code.endswith("prompt_open") for one in line.reasons)
    ]


async def test_page_that_never_comes_holds_three_cases_and_opens_the_breaker(
    simulator: StartSimulator, tmp_path: Path
) -> None:
    shop = simulator(scenario="unshipped", seed=86, cases=10)
    home = make_home(shop, tmp_path / "home", quiet_wait_s=1)
    shop.post("faults", kind="http_5xx", at=DETAIL, times=1000)
    result = await sweep_here(home)
    assert (result.exit_code, writes_of(shop)) == (ExitCode.STOPPED, {})
    ends = Counter(end_of(line) for line in lines_of(home).values())
    assert ends[held("error.page")] >= 3
    assert ends[held("error.page")] + ends[End(CaseStatus.WAITING, "brake.breaker")] == 10
    assert {alarm["reason"]["code"] for alarm in alarms(home)} == {"brake.breaker"}


@pytest.mark.parametrize("stage", [Stage.READING, Stage.GATHERING, Stage.FIRING])
async def test_browser_that_dies_is_replaced_and_every_case_gets_its_end(
    simulator: StartSimulator, tmp_path: Path, host: BrowserHost, stage: Stage
) -> None:
    """F7: what is settled, what is not, is read from the server in a new browser."""
    shop = simulator(scenario="unshipped", seed=88, cases=10)
    before = shop.get("cases")
    home = make_home(shop, tmp_path / "home", quiet_wait_s=1, max_cases=CASES, pictures=False)
    killer = AtStage(stage, lambda _: host.kill())
    result = await sweep_here(home, killer)
    assert result.shops[0].stopped is None
    assert_nothing_twice_nothing_unbooked(shop, home, before)
    found = {case: end_of(line) for case, line in worked(home).items()}
    assert len(found) == CASES
    assert found[killer.aftersale_id].status in {CaseStatus.DONE, CaseStatus.HELD}
    assert Counter(found.values())[SETTLED] >= CASES - 1, found


@pytest.mark.parametrize("path", [HOME, LIST_PAGE, LIST])
async def test_shop_that_cannot_be_entered_or_listed_is_told_and_left(
    simulator: StartSimulator, tmp_path: Path, path: str
) -> None:
    shop = simulator(scenario="unshipped", seed=87, cases=10)
    home = make_home(shop, tmp_path / "home", quiet_wait_s=1)
    shop.post("faults", kind="http_5xx", at=path, times=1000)
    result = await sweep_here(home)
    (left,) = result.shops
    assert left.stopped is not None
    assert left.stopped.code == "error.page"
    assert (result.exit_code, writes_of(shop)) == (ExitCode.HELD, {})
    assert {(alarm["urgency"], alarm["reason"]["code"]) for alarm in alarms(home)} == {("call", "error.page")}


def wanted(before: list[dict[str, Any]]) -> set[str]:
    """Cases on which a clerk could act."""
    return {case["aftersale_id"] for case in before if case["label"] != ["hold"]}


def plant(shop: Simulator, row: Row, at: str) -> None:
    seconds = {} if row.seconds is None else {"seconds": row.seconds}
    shop.post("faults", kind=row.kind, at=at, times=row.times, **seconds)


def strike(shop: Simulator, row: Row, case: str) -> None:
    """Plant what the whole shop suffers from, and set it off before the robot goes on: nothing is being written to yet."""
    plant(shop, row, case)
    shop.probe.get(DETAIL, params={"disputeId": case})


def worked(home: Path) -> dict[str, CaseLine]:
    """The cases that the sweep looked at; the rest wait for the next one."""
    lines = lines_of(home)
    return {case: line for case, line in lines.items() if not (line.reasons and line.reasons[0].code == "run.enough")}
