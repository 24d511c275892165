"""Claims on ATOM's five scenes (domain.md 40 to 52): their fields, their order, their time, and what they come to."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.action import Verb
from bot.domain.base import SHANGHAI
from bot.domain.case import AftersaleType, CaseState, GoodsLine, ServiceTag
from bot.domain.courier import ParcelStatus
from bot.domain.decision import Decision, Flip, Verdict
from bot.domain.history import History
from bot.domain.money import Money
from bot.engine.decide import judge
from bot.engine.policy import Policy, parse_policy
from bot.engine.scenes import FORMS, Scene, by_priority
from bot.errors import ConfigError
from tests.unit.engine.builders import (
    NOW,
    OUT,
    PAID,
    Situation,
    controls,
    courier,
    labelled,
    parcel,
    shipped,
    unshipped,
    warehouse,
)
from tests.unit.engine.policies import HOLD, strategy

calmly = settings(max_examples=40)

MATRIX = {
    Scene.UNSHIPPED_REFUND: set(),
    Scene.SHIPPED_REFUND: {"goods", "order_states"},
    Scene.SHIPPED_RETURN: {"goods", "order_states"},
    Scene.KEEP_GOODS: {"goods", "order_states"},
    Scene.TAGGED_KEEP_GOODS: {"order_states"},
}
"""domain.md 42, beyond the columns that every scene has."""

EVERY_SCENE = {
    *("scene", "id", "name", "active", "autonomy", "priority", "valid_from", "valid_to", "window", "delay_s"),
    *("cap_day", "max_amount", "apply_within", "seller_reason", "note"),
}


def form(scene: Scene = Scene.UNSHIPPED_REFUND, name: str = "s", **changes: Any) -> dict[str, Any]:
    return {"scene": scene, "id": name, "name": name, "active": True, "max_amount": "200.00"} | changes


def policy_with(*forms: dict[str, Any], **top: Any) -> Policy:
    """Scenes beside a strategy that never applies."""
    nothing = strategy(HOLD, "never", {"platform_marked": True})
    return parse_policy({"name": "test", "strategy": [nothing], "scene": list(forms), **top})


def refused(*forms: dict[str, Any]) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        policy_with(*forms)
    return caught.value


def decided(situation: Situation, *forms: dict[str, Any], now: datetime = NOW) -> Decision:
    return situation.judged(policy_with(*forms), now)


def strategy_of(decision: Decision) -> str:
    return decision.plan.strategy if decision.plan else ""


def returning() -> Situation:
    """A claim to send the goods back, on a page that would pay at once as well."""
    buttons = controls(AftersaleType.RETURN_REFUND, CaseState.WAIT_SELLER, intercept=False)
    both = buttons | controls(AftersaleType.REFUND_SHIPPED, CaseState.WAIT_SELLER, intercept=False)
    base = shipped(ParcelStatus.SIGNED)
    kind = courier(AftersaleType.RETURN_REFUND)
    return base.shows(type=kind, controls=both)


@pytest.mark.parametrize("scene", Scene)
def test_each_scene_has_exactly_its_fields(scene: Scene) -> None:
    assert set(FORMS[scene].model_fields) == EVERY_SCENE | MATRIX[scene]


@pytest.mark.parametrize(
    ("scene", "field"),
    [(scene, field) for scene in Scene for field in sorted({"goods", "order_states"} - MATRIX[scene])],
)
def test_a_field_that_the_scene_lacks_is_refused_by_its_name(scene: Scene, field: str) -> None:
    error = refused(form(scene, **{field: ["signed"]}))
    assert error.target == f"scene[0].{field}"
    assert f"the scene {scene} has no {field}" in str(error)
    assert "unknown key" not in str(error)


def test_an_unknown_key_of_a_scene_is_told_with_the_nearest_one() -> None:
    error = refused(form(windw="22:00-06:00"))
    assert (error.target, error.hint) == ("scene[0].windw", "window")


@pytest.mark.parametrize(
    "changes",
    [
        {"scene": "after_shipping"},
        {"max_amount": "0.00"},
        {"max_amount": 20.5},
        {"window": "22:00-22:00"},
        {"window": "22:00 - 06:00"},
        {"window": "25:00-06:00"},
        {"window": "24:00-06:00"},
        {"window": 22},
        {"delay_s": -1},
        {"delay_s": 1.5},
        {"valid_from": "2026-13-01"},
        {"valid_from": 20261101},
        {"valid_from": NOW},
        {"valid_from": date(2026, 11, 2), "valid_to": date(2026, 11, 1)},
        {"active": "true"},
        {"apply_within": "48"},
        {"id": "s" * 35},
        {"seller_reason": "{nobody}"},
    ],
)
def test_a_bad_value_of_a_scene_is_refused(changes: dict[str, Any]) -> None:
    assert refused(form(**changes)).target.startswith("scene[0]")


def test_scenes_after_shipping_are_not_for_unshipped_orders() -> None:
    assert refused(form(Scene.SHIPPED_REFUND, order_states=["unshipped"])).target == "scene[0].order_states"


def test_goods_without_a_letter_would_take_all_goods_and_are_refused() -> None:
    assert refused(form(Scene.KEEP_GOODS, goods=["，"])).target == "scene[0].goods[0]"


def test_the_eleventh_strategy_of_a_scene_is_refused_where_it_stands() -> None:
    full = [form(name=f"s{n}") for n in range(10)]
    assert policy_with(*full, form(Scene.KEEP_GOODS, "other"))
    error = refused(*full, form(Scene.KEEP_GOODS, "other"), form(name="s10"))
    assert error.target == "scene[11]"
    assert "the scene unshipped_refund has at most 10 strategies" in str(error)


def test_an_id_is_given_once_also_between_scenes_and_strategies() -> None:
    assert "share the id never" in str(refused(form(name="never")))
    assert "share the id s_waits" in str(refused(form(delay_s=60), form(name="s_waits")))


def test_a_new_strategy_of_a_scene_is_not_in_force() -> None:
    policy = policy_with({key: value for key, value in form().items() if key != "active"})
    assert [one.strategy.id for one in policy.ranked] == ["never"]
    assert unshipped().judged(policy).verb is Verb.HOLD


def test_the_daily_cap_of_a_scene_is_fifty_thousand_unless_written() -> None:
    plans = [decided(unshipped(), form(**more)).plan for more in ({}, {"cap_day": "129.00"})]
    assert [plan and plan.strategy_cap_day for plan in plans] == [Money(5_000_000), Money(12900)]


@pytest.mark.parametrize(
    ("situation", "scene", "verb"),
    [
        (unshipped(), Scene.UNSHIPPED_REFUND, Verb.AGREE_REFUND),
        (shipped(), Scene.SHIPPED_REFUND, Verb.AGREE_REFUND),
        (shipped(ParcelStatus.SIGNED), Scene.SHIPPED_REFUND, Verb.AGREE_REFUND),
        (returning(), Scene.SHIPPED_RETURN, Verb.AGREE_RETURN),
        (returning(), Scene.KEEP_GOODS, Verb.AGREE_REFUND),
        (shipped(), Scene.KEEP_GOODS, Verb.AGREE_REFUND),
        (shipped().shows(service_tags=frozenset({ServiceTag.KEEPS_GOODS})), Scene.TAGGED_KEEP_GOODS, Verb.AGREE_REFUND),
        (shipped(), Scene.TAGGED_KEEP_GOODS, Verb.HOLD),
        (unshipped(), Scene.SHIPPED_REFUND, Verb.HOLD),
        (shipped(), Scene.UNSHIPPED_REFUND, Verb.HOLD),
        (shipped(), Scene.SHIPPED_RETURN, Verb.HOLD),
        (returning(), Scene.SHIPPED_REFUND, Verb.HOLD),
    ],
)
def test_each_scene_acts_on_its_own_claims(situation: Situation, scene: Scene, verb: Verb) -> None:
    assert decided(situation, form(scene)).verb is verb


def test_unshipped_is_believed_only_where_courier_and_warehouse_say_so_too() -> None:
    scene = form(Scene.UNSHIPPED_REFUND)
    assert decided(labelled(), scene).verb is Verb.AGREE_REFUND
    for doubtful in (
        labelled(ParcelStatus.PICKED_UP),
        labelled().silent(),
        unshipped().shows(warehouse=warehouse(out=True)),
    ):
        assert decided(doubtful, scene).verb is Verb.HOLD


def test_a_return_is_paid_at_once_only_where_the_page_has_the_button() -> None:
    plain = returning().shows(controls=controls(AftersaleType.RETURN_REFUND, CaseState.WAIT_SELLER, intercept=False))
    both = form(Scene.KEEP_GOODS, "keep"), form(Scene.SHIPPED_RETURN, "back")
    assert strategy_of(decided(returning(), *both)) == "keep"
    assert strategy_of(decided(plain, *both)) == "back"


def test_the_sellers_reason_is_left_on_the_case() -> None:
    plan = decided(unshipped(), form(seller_reason="未发货，同意退款{amount}")).plan
    assert plan is not None
    assert plan.remark == "未发货，同意退款¥129.00"


@pytest.mark.parametrize(("cap", "verb"), [("129.00", Verb.AGREE_REFUND), ("128.99", Verb.HOLD)])
def test_the_single_amount_may_equal_its_cap(cap: str, verb: Verb) -> None:
    assert decided(unshipped(), form(max_amount=cap)).verb is verb


@pytest.mark.parametrize(
    ("states", "status", "verb"),
    [
        (["shipped"], ParcelStatus.IN_TRANSIT, Verb.AGREE_REFUND),
        (["shipped"], ParcelStatus.SIGNED, Verb.HOLD),
        (["signed"], ParcelStatus.SIGNED, Verb.AGREE_REFUND),
    ],
)
def test_order_states_narrow_a_scene(states: list[str], status: ParcelStatus, verb: Verb) -> None:
    assert decided(shipped(status), form(Scene.SHIPPED_REFUND, order_states=states)).verb is verb


@pytest.mark.parametrize(
    ("words", "verb"),
    [
        (["雨伞"], Verb.AGREE_REFUND),
        (["帐篷", "晴 雨，伞"], Verb.AGREE_REFUND),
        (["帐篷"], Verb.HOLD),
        (["藏蓝"], Verb.AGREE_REFUND),
    ],
)
def test_goods_narrow_a_scene_by_title_or_specification(words: list[str], verb: Verb) -> None:
    assert decided(shipped(), form(Scene.SHIPPED_REFUND, goods=words)).verb is verb


def test_one_other_line_of_goods_and_the_scene_is_not_hit() -> None:
    line = shipped().page.goods[0]
    other = GoodsLine(name="帐篷", spec="", unit_price=PAID, quantity=1, weight_g=None)
    scene = form(Scene.SHIPPED_REFUND, goods=["雨伞"])
    assert decided(shipped(goods=(line, line)), scene).verb is Verb.AGREE_REFUND
    assert decided(shipped(goods=(line, other)), scene).verb is Verb.HOLD


@pytest.mark.parametrize(
    ("before", "verb"),
    [
        (timedelta(hours=48), Verb.AGREE_REFUND),
        (timedelta(hours=48, seconds=1), Verb.HOLD),
        (timedelta(minutes=-5), Verb.AGREE_REFUND),
        (None, Verb.HOLD),
    ],
)
@pytest.mark.parametrize(
    ("scene", "field"), [(Scene.UNSHIPPED_REFUND, "paid_at"), (Scene.SHIPPED_REFUND, "shipped_at")]
)
def test_the_limit_of_application_runs_from_payment_or_from_shipping(
    scene: Scene, field: str, before: timedelta | None, verb: Verb
) -> None:
    base = unshipped() if scene is Scene.UNSHIPPED_REFUND else shipped()
    moment = None if before is None else base.page.applied_at - before
    assert decided(base.shows(**{field: moment}), form(scene, apply_within=48)).verb is verb


@pytest.mark.parametrize(
    ("today", "verb"),
    [
        (date(2026, 11, 19), Verb.HOLD),
        (date(2026, 11, 20), Verb.AGREE_REFUND),
        (date(2026, 11, 24), Verb.AGREE_REFUND),
        (date(2026, 11, 25), Verb.HOLD),
    ],
)
@pytest.mark.parametrize("clock", [time(0, 0), time(23, 59, 59)])
def test_both_days_of_validity_are_included(today: date, clock: time, verb: Verb) -> None:
    scene = form(valid_from=date(2026, 11, 20), valid_to="2026-11-24")
    assert decided(unshipped(), scene, now=datetime.combine(today, clock, SHANGHAI)).verb is verb


def test_a_delay_is_waited_for_and_nobody_is_called() -> None:
    scene = form(delay_s=600)
    early = unshipped().page.applied_at + timedelta(seconds=599)
    for now, verb, code in (
        (early, Verb.HOLD, "wait.strategy"),
        (early + timedelta(seconds=1), Verb.AGREE_REFUND, "decided.agree_refund"),
    ):
        decision = decided(unshipped(), scene, now=now)
        assert (decision.verb, decision.reasons[0].code) == (verb, code)


def test_who_waits_for_its_delay_keeps_the_case_from_later_strategies_of_the_scene() -> None:
    early = unshipped().page.applied_at + timedelta(seconds=5)
    decision = decided(unshipped(), form(name="first", delay_s=600), form(name="second"), now=early)
    assert decision.reasons[0].code == "wait.strategy"
    assert [one.strategy for one in decision.traces if one.verdict is Verdict.MATCHED] == ["first_waits"]


def test_a_delay_beyond_the_deadline_calls_a_person() -> None:
    applied, printed = unshipped().page.applied_at, unshipped().page.deadline
    assert printed is not None
    late = printed.model_copy(update={"at": applied + timedelta(minutes=30)})
    decision = decided(unshipped().shows(deadline=late), form(delay_s=3600), now=applied)
    assert decision.reasons[0].code == "hold.no_match"


# ---- order and hits ---------------------------------------------------------------------------------------------


def test_scenes_stand_behind_every_strategy_unless_lifted() -> None:
    person = strategy(HOLD, "person", priority=500)
    data = {"name": "t", "strategy": [person], "scene": [form()]}
    assert unshipped().judged(parse_policy(data)).verb is Verb.HOLD
    assert unshipped().judged(parse_policy(data | {"scene_priority": 499})).verb is Verb.AGREE_REFUND


def test_a_strategy_stands_before_scenes_of_its_own_rank() -> None:
    data = {"name": "t", "strategy": [strategy(HOLD, "person", priority=50)], "scene": [form()], "scene_priority": 50}
    assert unshipped().judged(parse_policy(data)).verb is Verb.HOLD


amounts = st.integers(1, 30_000).map(lambda fen: str(Money(fen)))
forms = st.lists(
    st.tuples(st.none() | st.integers(1, 60), amounts, st.booleans(), st.none() | st.just("09:00-15:00")),
    min_size=1,
    max_size=10,
)


@calmly
@given(forms)
def test_the_first_by_priority_hits_and_no_other_of_the_scene_sees_the_case(
    drawn: list[tuple[int | None, str, bool, str | None]],
) -> None:
    entries = [
        form(name=f"s{n}", max_amount=cap, active=on, window=window)
        | ({} if priority is None else {"priority": priority})
        for n, (priority, cap, on, window) in enumerate(drawn)
    ]
    situation = unshipped()
    clock = situation.page.applied_at.astimezone(SHANGHAI).time()
    fits = [
        (priority or (n + 1) * 10, n)
        for n, (priority, cap, on, window) in enumerate(drawn)
        if on and Money.parse(cap) >= PAID and (window is None or time(9) <= clock < time(15))
    ]
    decision = decided(situation, *entries)
    assert strategy_of(decision) == (f"s{min(fits)[1]}" if fits else "")
    assert [one.strategy for one in decision.traces if one.verdict is Verdict.MATCHED] == (
        [f"s{min(fits)[1]}"] if fits else []
    )


def test_who_lost_to_another_of_its_scene_is_told_so() -> None:
    decision = decided(unshipped(), form(name="late", priority=20), form(name="early", priority=10))
    (lost,) = (one for one in decision.traces if one.strategy == "late")
    assert (lost.verdict, lost.because[0].code, lost.because[0].params) == (
        Verdict.LOST,
        "scene.hit",
        {"strategy": "early"},
    )


def test_an_open_question_of_a_later_strategy_does_not_stop_an_earlier_one() -> None:
    open_question = form(name="late", apply_within=48)
    assert decided(unshipped(), form(name="early"), open_question).verb is Verb.AGREE_REFUND
    assert decided(unshipped(), open_question | {"priority": 1}, form(name="early")).verb is Verb.HOLD


def test_the_more_special_scene_goes_first() -> None:
    entries = [form(scene, scene.value) for scene in reversed(Scene)]
    order = [one.scene for one in by_priority(policy_with(*entries).scene)]
    assert order == list(Scene)
    tagged = returning().shows(service_tags=frozenset({ServiceTag.KEEPS_GOODS}))
    assert strategy_of(decided(tagged, *entries)) == "tagged_keep_goods"


@pytest.mark.parametrize(("spent", "strategy"), [(7_100, "first"), (7_101, "second")])
def test_what_would_pass_the_cap_of_the_day_is_not_hit_and_falls_to_the_next_of_the_scene(
    spent: int, strategy: str
) -> None:
    """domain.md 45, 52: spent + this > cap is no hit; exactly equal is one (200.00 here, the claim is 129.00)."""
    policy = policy_with(form(name="first", cap_day="200.00"), form(name="second", max_amount="150.00"))
    situation, known = unshipped(), History(spent={"first": Money(spent)})
    assert strategy_of(judge(situation.page, situation.trails, policy, NOW, known)) == strategy


def test_a_return_has_a_cap_of_the_day_too() -> None:
    policy, situation = policy_with(form(Scene.SHIPPED_RETURN, cap_day="200.00")), returning()
    verbs = [
        judge(situation.page, situation.trails, policy, NOW, History(spent={"s": Money(fen)})).verb
        for fen in (7_100, 7_101)
    ]
    assert verbs == [Verb.AGREE_RETURN, Verb.HOLD]


# ---- the nearest flip of a scene's own fields ----------------------------------------------------------------------


def flipped(situation: Situation, policy: Policy, now: datetime, flip: Flip) -> Situation | datetime:
    """The situation, or the day, as the flip says it would have to be."""
    match flip.fact:
        case "applied_minute":
            minute = int(flip.would_be)
            return situation.shows(applied_at=situation.page.applied_at.replace(hour=minute // 60, minute=minute % 60))
        case "today":
            return datetime.combine(date.fromisoformat(flip.would_be), now.timetz())
        case other:
            raise AssertionError(other)


@calmly
@given(
    start=st.integers(0, 1439),
    end=st.integers(0, 1439),
    minute=st.integers(0, 1439),
    off=st.integers(-40, 40),
    length=st.integers(0, 20),
)
def test_the_nearest_flip_of_a_window_or_a_day_really_flips_and_nothing_nearer_does(
    start: int, end: int, minute: int, off: int, length: int
) -> None:
    if start == end:
        return
    first = NOW.date() + timedelta(days=off)
    window = f"{start // 60:02d}:{start % 60:02d}-{end // 60:02d}:{end % 60:02d}"
    policy = policy_with(form(window=window, valid_from=first, valid_to=first + timedelta(days=length)))
    at = (NOW - timedelta(days=1)).replace(hour=minute // 60, minute=minute % 60)
    situation = unshipped().shows(applied_at=at)
    decision = situation.judged(policy)
    if decision.flip is None or decision.flip.fact not in {"applied_minute", "today"}:
        return
    other = flipped(situation, policy, NOW, decision.flip)
    again = situation.judged(policy, other) if isinstance(other, datetime) else other.judged(policy)
    assert again.verb is decision.flip.verb is not decision.verb
    if decision.flip.fact == "today":
        was, would_be = map(date.fromisoformat, (decision.flip.was, decision.flip.would_be))
        step = timedelta(days=1 if would_be > was else -1)
        days = [was + step * n for n in range(1, abs((would_be - was).days))]
        assert all(situation.judged(policy, datetime.combine(day, NOW.timetz())).verb is decision.verb for day in days)
    else:
        distance = abs(int(decision.flip.would_be) - int(decision.flip.was))
        for nearer in {minute - distance + 1, minute + distance - 1} & set(range(1440)):
            shown = situation.shows(applied_at=at.replace(hour=nearer // 60, minute=nearer % 60))
            assert shown.judged(policy).verb is decision.verb


# ---- windows ----------------------------------------------------------------------------------------------------

clocks = st.integers(0, 24 * 60 - 1)
days = st.dates(date(1988, 1, 1), date(2030, 12, 31))


@calmly
@given(day=days, applied=clocks, start=clocks, end=clocks, second=st.integers(0, 59))
def test_a_window_asks_the_time_of_application_also_across_midnight_on_every_day_of_the_year(
    day: date, applied: int, start: int, end: int, second: int
) -> None:
    if start == end:
        return
    text = f"{start // 60:02d}:{start % 60:02d}-{end // 60:02d}:{end % 60:02d}"
    at = datetime.combine(day, time(applied // 60, applied % 60, second), SHANGHAI)
    inside = start <= applied < end if start < end else not end <= applied < start
    decision = decided(unshipped().shows(applied_at=at), form(window=text), now=at + timedelta(hours=7))
    assert (decision.verb is Verb.AGREE_REFUND) is inside


def test_a_window_may_end_at_midnight() -> None:
    late = datetime(2026, 11, 21, 23, 59, 59, tzinfo=SHANGHAI)
    assert decided(unshipped().shows(applied_at=late), form(window="22:00-24:00")).verb is Verb.AGREE_REFUND
    assert (
        decided(unshipped().shows(applied_at=late + timedelta(seconds=1)), form(window="22:00-24:00")).verb is Verb.HOLD
    )


def test_waybill_of_the_parcel_is_asked_about() -> None:
    """The guard of domain.md 47 needs the courier: a label that was printed and never scanned is still unshipped."""
    assert decided(unshipped().shows(forward=parcel(OUT)), form()).verb is Verb.HOLD
