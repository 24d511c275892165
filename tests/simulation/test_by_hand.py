"""Claims on people's verdicts carried out by the robot: the same protocol, on the named case alone, and nothing on a page that changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.domain.action import RefusalReason, Verb
from bot.domain.case import CaseState
from bot.domain.decision import ProofKind
from bot.domain.hand import HandVerdict, Instead
from bot.domain.ids import CaseKey
from bot.domain.money import Money
from bot.domain.outcome import CaseStatus
from bot.engine.autonomy import Word
from bot.ledger import audit
from bot.ports.ledger import CaseLine, HandTold
from bot.ports.results import ShopSweep
from bot.runner.orders import Posture
from tests.simulation.harness import World
from tests.simulation.model_shop import SHOP, snapshot_of
from tests.simulation.test_autonomy import POLICY as EARNING
from tests.simulation.test_autonomy import PROMOTED
from tests.simulation.test_protocol import STORM, assert_books_match

PARCEL, PAYS = "0001", "0000"
"""In transit, which the shipped policy would intercept; and not yet sent, which it would pay."""


def case(aftersale_id: str) -> CaseKey:
    return CaseKey(**SHOP.model_dump(), aftersale_id=aftersale_id)


def verdict(world: World, aftersale_id: str = PAYS, verb: Verb = Verb.AGREE_REFUND, **told: Any) -> HandVerdict:
    """Li decides on the case as it stands on the page right now."""
    seen = snapshot_of(world.shop.cases[aftersale_id], world.clock.now())
    given: dict[str, Any] = {"fingerprint": seen.fingerprint, "by": "Li", "why": "known customer"}
    given |= {"case": case(aftersale_id), "verb": verb, "decided_at": world.clock.now()}
    return HandVerdict(**(given | told))


async def carry_out(world: World, *verdicts: HandVerdict, **orders: Any) -> ShopSweep:
    told = {"posture": Posture.OBSERVE, "verdicts": {one.case: one for one in verdicts}}
    return await world.sweep(**(told | orders))


def line(world: World, aftersale_id: str = PAYS) -> CaseLine:
    """The case in the newest run."""
    return next(one for one in world.ledger.lines(world.ledger.runs(1)[0]) if one.case.aftersale_id == aftersale_id)


def codes(world: World, aftersale_id: str = PAYS) -> Sequence[str]:
    return [reason.code for reason in line(world, aftersale_id).reasons]


def told_of(world: World) -> HandTold:
    """The newest verdict on the case, whole."""
    told = world.ledger.hands(case(PAYS))[0].told
    assert told is not None
    return told


def sound(world: World) -> bool:
    return audit(world.ledger.engine, None).findings == ()


async def watched(**told: Any) -> World:
    """Four cases that a sweep in posture observe has looked at."""
    world = World(seed=1, cases=4, **told)
    await world.sweep(posture=Posture.OBSERVE)
    assert not world.shop.effects
    return world


@pytest.mark.parametrize("posture", Posture)
async def test_a_persons_deed_is_done_on_the_named_case_alone_whatever_the_posture(posture: Posture) -> None:
    world = await watched()
    swept = await carry_out(world, verdict(world), posture=posture)
    assert dict(world.ours) == {(PAYS, Verb.AGREE_REFUND): 1}
    assert (swept.acted, swept.seen, swept.acting) == ({Verb.AGREE_REFUND: 1}, 1, True)
    assert line(world).status is CaseStatus.DONE
    assert line(world).decision == told_of(world).decision, "the report tells the person's reasons"
    ((intent, receipt),) = line(world).receipts
    assert (intent.strategy, receipt.amount) == ("person:li", world.shop.cases[PAYS].amount)
    (told,) = world.ledger.hands(case(PAYS))
    assert (told.by, told.asked, told.verb, intent.hand) == ("Li", Verb.AGREE_REFUND, Verb.AGREE_REFUND, told.seq)
    assert told_of(world).verdict.why == "known customer"
    own = told_of(world).own
    assert own is not None
    assert own.plan is not None, "the robot's own decision is kept beside"
    assert sound(world)


async def test_a_person_may_decide_against_the_robot_and_the_budgets_know_them() -> None:
    world = await watched()
    await carry_out(world, verdict(world, PARCEL))
    assert dict(world.ours) == {(PARCEL, Verb.AGREE_REFUND): 1}
    spent = {one.scope: one.posted for one in world.ledger.budgets("2026-11-22")}
    assert spent["strategy:person:li"] == spent["shop"] == world.shop.cases[PARCEL].amount


async def test_a_page_that_changed_since_sends_nothing_and_says_what_changed() -> None:
    world = await watched()
    told = verdict(world)
    buyer = world.shop.cases[PAYS]
    buyer.amount, buyer.version = buyer.amount - Money(1), buyer.version + 1
    await carry_out(world, told)
    assert not world.shop.requests
    assert line(world).status is CaseStatus.HELD
    assert codes(world)[0] == "hand.changed"
    changed = {reason.params["part"]: reason.params for reason in line(world).reasons if "part" in reason.params}
    assert (changed["amount"]["was"], changed["amount"]["now"]) == ("¥50.00", "¥49.99")
    assert {"amount", "version"} <= set(changed)
    assert [one.verb for one in world.ledger.hands(told.case)] == [Verb.HOLD]
    assert sound(world)


async def test_a_page_that_nobody_was_shown_sends_nothing() -> None:
    world = await watched()
    await carry_out(world, verdict(world, fingerprint="f" * 64))
    assert not world.shop.requests
    assert codes(world)[:2] == ["hand.changed", "hand.never_seen"]


async def test_a_buyer_who_edits_right_before_the_click_ends_it() -> None:
    world = await watched()
    told = verdict(world)
    world.chance.rates = {"buyer_edits": 1.0}
    world.clock.pass_time(10)
    await carry_out(world, told)
    assert not world.ours
    assert line(world).status is CaseStatus.HELD
    assert sound(world)


@pytest.mark.parametrize(
    ("state", "instead"), [(CaseState.CLOSED, Instead.WAIT), (CaseState.SUCCESS, Instead.ELSEWHERE)]
)
async def test_a_case_that_is_over_ends_as_the_page_says(state: CaseState, instead: Instead) -> None:
    world = await watched()
    verb = Verb.HOLD if instead is Instead.ELSEWHERE else Verb.AGREE_REFUND
    told = verdict(world, verb=verb, instead=instead)
    world.shop.cases[PAYS].state = state
    await carry_out(world, told)
    assert not world.shop.requests
    assert line(world).status is CaseStatus.FOREIGN
    assert sound(world)


async def test_the_word_that_it_was_settled_elsewhere_ends_nothing_by_itself() -> None:
    world = await watched()
    await carry_out(world, verdict(world, verb=Verb.HOLD, instead=Instead.ELSEWHERE))
    assert line(world).status is CaseStatus.HELD
    assert codes(world)[0] == "hand.still_pending"


async def test_a_verb_off_the_shops_list_is_refused_for_persons_too() -> None:
    world = await watched()
    await carry_out(world, verdict(world), verbs=frozenset({Verb.REFUSE}))
    assert not world.shop.requests
    assert codes(world)[0] == "brake.verb"
    assert "intent.armed" not in kinds(world)


def kinds(world: World) -> set[str]:
    with world.ledger.engine.connect() as db:
        return {row[0] for row in db.exec_driver_sql("SELECT kind FROM events")}


@pytest.mark.parametrize("brake", ["kill", "breaker"])
async def test_kill_switch_and_breaker_stop_a_persons_hand_before_anything_is_armed(brake: str) -> None:
    world = await watched()
    told = verdict(world)
    world.kill.on = brake == "kill"
    world.ledger.set_breaker(SHOP, "page" if brake == "breaker" else "")
    swept = await carry_out(world, told)
    assert swept.stopped is not None
    assert swept.stopped.code == f"brake.{brake}"
    assert not world.shop.requests
    assert "intent.armed" not in kinds(world)


async def test_the_kill_switch_between_arming_and_click_sends_nothing() -> None:
    world = await watched()
    told = verdict(world)

    def engage(point: str) -> bool:
        world.kill.on = world.kill.on or point == "after arm"
        return False

    world._crash = engage  # type: ignore[method-assign] # this test throws its switch at a moment instead of crashing
    await carry_out(world, told)
    assert not world.shop.requests
    world.kill.on = False
    assert line(world).status is CaseStatus.HELD
    assert sound(world)


async def test_over_a_cap_it_is_held() -> None:
    world = await watched()
    await carry_out(world, verdict(world), shop_cap_day=Money(4_999))
    assert not world.shop.requests
    assert codes(world)[0] == "error.case.over_cap.shop"
    assert sound(world)


async def test_a_persons_own_cap_of_the_day_holds() -> None:
    world = await watched()
    for aftersale_id in (PAYS, PARCEL):
        big = world.shop.cases[aftersale_id]
        big.amount = big.paid = Money(2_600_000)
    verdicts = [verdict(world, one, by=name) for one, name in ((PAYS, "Li"), (PARCEL, "ＬＩ "))]
    await carry_out(world, *verdicts, buyer_cap_day=Money(10_000_000))
    assert len(world.shop.effects) == 1, "two spellings of one name share one cap"
    assert {codes(world, one)[0] for one in (PAYS, PARCEL) if line(world, one).status is CaseStatus.HELD} == {
        "error.case.over_cap.strategy"
    }


@pytest.mark.parametrize("mark", ["arm", "fire", "sent", "settle"])
@pytest.mark.parametrize("moment", ["before", "after"])
async def test_killed_at_each_mark_and_asked_again_it_has_one_effect(mark: str, moment: str) -> None:
    world = await watched()
    told, world.crash_at = verdict(world), f"{moment} {mark}"
    orders = {"posture": Posture.OBSERVE, "verdicts": {told.case: told}}
    await world.sweep_through_crashes(**orders)
    await world.sweep(**orders)
    assert world.crashed_at == {world.crash_at: 1}
    assert dict(world.ours) == {(PAYS, Verb.AGREE_REFUND): 1}
    assert world.shop.requests == {PAYS: 1}
    assert line(world).status is CaseStatus.DONE
    assert codes(world) == ["hand.done_before"]
    assert sound(world)


async def test_an_intercept_that_was_asked_for_twice_is_made_once_and_still_waits() -> None:
    world = await watched()
    told = verdict(world, PARCEL, Verb.INTERCEPT)
    await carry_out(world, told)
    await carry_out(world, told)
    assert dict(world.ours) == {(PARCEL, Verb.INTERCEPT): 1}
    assert line(world, PARCEL).status is CaseStatus.WAITING
    assert sound(world)


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({}, "hand.two_above"),
        ({"approved_by": "Li"}, "hand.own_approval"),
        ({"approved_by": " ｌｉ\u200b"}, "hand.own_approval"),
        ({"approved_by": "Wang"}, ""),
    ],
)
async def test_above_the_limit_a_second_person_is_needed(told: dict[str, str], code: str) -> None:
    world = await watched()
    await carry_out(world, verdict(world, **told), second_person_above=Money(4_999))
    assert len(world.shop.effects) == (0 if code else 1)
    if code:
        assert codes(world)[0] == code
        assert "intent.armed" not in kinds(world)
    assert sound(world)


async def test_up_to_the_limit_one_person_is_enough() -> None:
    world = await watched()
    await carry_out(world, verdict(world), second_person_above=Money(5_000))
    assert len(world.shop.effects) == 1


async def test_an_old_verdict_and_one_from_the_future_are_asked_for_anew() -> None:
    for away in (timedelta(minutes=-61), timedelta(minutes=6)):
        world = await watched()
        await carry_out(world, verdict(world, decided_at=world.clock.now() + away))
        assert not world.shop.requests
        assert codes(world)[0] == "hand.expired"


async def test_a_refusal_needs_ground_and_proof_as_the_policys_do() -> None:
    world = World(seed=1, cases=4, kinds=("in_transit", "return"))
    await world.sweep(posture=Posture.OBSERVE)
    ok = verdict(world, "0000", Verb.REFUSE, refusal=RefusalReason.IN_TRANSIT, message="还在路上")
    false = verdict(world, "0002", Verb.REFUSE, refusal=RefusalReason.SIGNED_FOR, message="已签收")
    mute = verdict(world, "0001", Verb.REFUSE, message="不退")
    await carry_out(world, ok, false, mute)
    assert dict(world.ours) == {("0000", Verb.REFUSE): 1}
    ((intent, _),) = line(world, "0000").receipts
    assert len(intent.action.proofs) == 1, "the trail's picture goes along although nobody named it"  # type: ignore[union-attr] # a refusal
    assert codes(world, "0002")[0] == "hand.no_ground"
    assert codes(world, "0001")[0] in {"hand.no_refusal", "hand.refusal_barred"}
    assert sound(world)


async def test_what_the_platform_bars_is_refused_before_anything_is_armed() -> None:
    world = await watched()
    why = {"refusal": RefusalReason.RETURN_DAMAGED, "message": "no", "proofs": (ProofKind.INBOX,)}
    await carry_out(world, verdict(world, PAYS, Verb.REFUSE, **why))
    assert codes(world)[0] == "hand.refusal_barred"
    assert "intent.armed" not in kinds(world)


async def test_an_offer_is_made_for_the_sum_that_a_person_names() -> None:
    world = await watched()
    sums = {PARCEL: Money(2_000), PAYS: Money(5_000)}
    await carry_out(world, *(verdict(world, one, Verb.NEGOTIATE, amount=amount) for one, amount in sums.items()))
    assert [(effect.case, effect.amount) for effect in world.shop.effects] == [(PARCEL, Money(2_000))]
    assert codes(world, PAYS)[0] == "hand.bad_offer", "the whole claim is no offer"
    assert sound(world)


async def test_a_case_that_a_person_keeps_is_left_alone_until_their_time_is_up() -> None:
    world = await watched()
    until = world.clock.now() + timedelta(hours=3)
    await carry_out(world, verdict(world, verb=Verb.HOLD, again_at=until))
    assert codes(world)[0] == "hand.waits"
    assert line(world).owner == "Li"
    for posture in Posture:
        await world.sweep(posture=posture)
        assert (PAYS, Verb.AGREE_REFUND) not in world.ours
        assert codes(world)[0] == "hand.parked"
        assert line(world).owner == "Li"
    world.clock.pass_time(3 * 3600)
    await world.sweep()
    assert world.ours[PAYS, Verb.AGREE_REFUND] == 1
    assert sound(world)


@pytest.mark.parametrize("hours", [-1, 23])
async def test_nobody_is_left_alone_past_the_last_hours_before_the_deadline(hours: int) -> None:
    world = await watched()
    at: datetime = world.clock.now() + timedelta(hours=hours)
    await carry_out(world, verdict(world, verb=Verb.HOLD, again_at=at))
    assert codes(world)[0] == "hand.no_time"
    assert world.ledger.parked(case(PAYS)) is None


async def in_doubt() -> World:
    """A world whose first case has a refund of the robot's that nobody can tell the outcome of; it landed."""
    world = World(seed=3, cases=1, rates={"drop_after": 1.0})
    blind = world.chance.draw

    def draw(kind: str) -> bool:
        return bool(world.shop.requests) if kind == "read_error" else blind(kind)

    world.chance.draw = draw  # type: ignore[method-assign] # pages are unreadable from the first request on
    await world.sweep()
    world.chance.draw = blind  # type: ignore[method-assign] # and can be read again
    world.chance.rates = {}
    world.ledger.set_breaker(SHOP, "")
    assert world.ledger.unknowns(case(PAYS))
    return world


async def test_an_action_in_doubt_is_let_go_by_two_persons_and_booked_as_the_page_says() -> None:
    world = await in_doubt()
    alone = verdict(world, verb=Verb.HOLD, instead=Instead.RELEASE)
    for one in (alone, verdict(world, verb=Verb.HOLD, instead=Instead.RELEASE, approved_by="li")):
        await carry_out(world, one)
        assert world.ledger.unknowns(case(PAYS))
        assert line(world).status is CaseStatus.HELD
    await carry_out(world, verdict(world, verb=Verb.HOLD, instead=Instead.RELEASE, approved_by="Wang"))
    assert not world.ledger.unknowns(case(PAYS))
    assert line(world).status is CaseStatus.DONE
    assert world.shop.requests == {PAYS: 1}
    assert sound(world)


async def test_an_action_in_doubt_that_came_to_nothing_goes_back_to_a_person() -> None:
    world = await in_doubt()
    case_ = world.shop.cases[PAYS]
    case_.state = CaseState.WAIT_SELLER
    world.shop.effects.clear()
    await carry_out(world, verdict(world, verb=Verb.HOLD, instead=Instead.RELEASE, approved_by="Wang"))
    assert not world.ledger.unknowns(case(PAYS))
    assert line(world).status is CaseStatus.HELD
    assert codes(world)[0] == "hand.released"
    assert all(one.pending == Money(0) for one in world.ledger.budgets("2026-11-22"))
    assert sound(world)


async def test_beside_an_action_in_doubt_nothing_else_is_done() -> None:
    world = await in_doubt()
    world.shop.cases[PAYS].state = CaseState.WAIT_SELLER
    await carry_out(world, verdict(world, verb=Verb.AGREE_RETURN))
    assert world.shop.requests == {PAYS: 1}
    assert codes(world)[0] == "hand.unknown_first"
    assert sound(world)


async def test_a_page_that_still_cannot_be_read_releases_nothing() -> None:
    world = await in_doubt()
    world.chance.rates = {"read_error": 1.0}
    told = verdict(world, verb=Verb.HOLD, instead=Instead.RELEASE, approved_by="Wang")
    await carry_out(world, told)
    assert world.ledger.unknowns(case(PAYS))
    assert codes(world)[0] == "hand.still_unknown"
    assert sound(world)


@pytest.mark.parametrize(
    ("verb", "expected"), [(Verb.AGREE_REFUND, [Word.AGREED]), (Verb.AGREE_RETURN, [Word.DIFFERED]), (Verb.HOLD, [])]
)
async def test_what_a_person_has_done_with_a_proposal_is_their_word_on_its_strategy(
    verb: Verb, expected: list[Word]
) -> None:
    world = World(seed=1, cases=1)
    await world.sweep(policy=EARNING)
    assert codes(world)[0] == "would.earning"
    await carry_out(world, verdict(world, verb=verb), policy=EARNING)
    assert [one for words in world.ledger.words(EARNING.earning, 60).values() for one in words] == expected
    assert len(world.shop.effects) == (verb is not Verb.HOLD)


async def test_a_verdict_that_came_to_nothing_is_no_word() -> None:
    world = World(seed=1, cases=1)
    await world.sweep(policy=EARNING)
    await carry_out(world, verdict(world, verb=Verb.AGREE_RETURN, fingerprint="f" * 64), policy=EARNING)
    assert not any(world.ledger.words(EARNING.earning, 60).values())


async def test_a_person_who_turns_the_robots_own_act_overrides_it() -> None:
    world = World(seed=1, cases=1, kinds=("in_transit",))
    await world.sweep(policy=EARNING, trust=PROMOTED)
    assert [effect.verb for effect in world.shop.effects] == [Verb.INTERCEPT]
    await carry_out(world, verdict(world, verb=Verb.AGREE_RETURN), policy=EARNING)
    assert [effect.verb for effect in world.shop.effects] == [Verb.INTERCEPT, Verb.AGREE_RETURN]
    assert [one for words in world.ledger.words(EARNING.earning, 60).values() for one in words] == [Word.OVERRIDDEN]


async def test_storms_and_crashes_never_do_a_persons_deed_twice() -> None:
    for seed in range(12):
        world = World(seed=seed, cases=4)
        await world.sweep(posture=Posture.OBSERVE)
        told = {case(one): verdict(world, one) for one in (PAYS, PARCEL)}
        world.chance.rates, world.crash_rate = STORM, 0.05
        await world.sweep_through_crashes(posture=Posture.OBSERVE, verdicts=told)
        world.chance.rates, world.crash_rate = {}, 0.0
        world.ledger.set_breaker(SHOP, "")
        world.clock.pass_time(30)
        await world.sweep(posture=Posture.OBSERVE, verdicts=told)
        assert set(world.ours) <= {(one, Verb.AGREE_REFUND) for one in (PAYS, PARCEL)}, seed
        assert_books_match(world)
