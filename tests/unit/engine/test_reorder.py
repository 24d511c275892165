"""Claims on changing the order: nothing acts while it changes, the first is on first, nobody else moves (domain.md 49)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.engine.policy import Policy, parse_policy
from bot.engine.reorder import Move, Step, steps
from bot.engine.scenes import Scene
from tests.unit.engine.policies import HOLD, REFUND, policy_of, strategy
from tests.unit.engine.test_scenes import form, policy_with

calmly = settings(max_examples=60)


def applied(data: dict[str, Any], done: tuple[Step, ...]) -> list[Policy]:
    """The policy after each step."""
    seen = []
    for step in done:
        for entry in (*data["strategy"], *data.get("scene", ())):
            entry.update(step.changes.get(entry["id"], {}))
        seen.append(parse_policy(data))
    return seen


def order_of(policy: Policy) -> list[str]:
    return [one.strategy.id for one in policy.ranked if one.strategy.id in policy.scene_of]


def entries(active: list[bool]) -> dict[str, Any]:
    scenes = [form(name=f"s{n}", active=on) for n, on in enumerate(active)]
    return {"name": "t", "strategy": [strategy(HOLD, "never", {"platform_marked": True})], "scene": scenes}


@calmly
@given(active=st.lists(st.booleans(), min_size=2, max_size=10), draw=st.data())
def test_no_strategy_of_the_scene_is_active_while_it_changes(active: list[bool], draw: st.DataObject) -> None:
    data = entries(active)
    before = parse_policy(data)
    names = draw.draw(st.permutations([f"s{n}" for n in range(len(active))]))
    wanted = names[: draw.draw(st.integers(2, len(names)))]
    done = steps(before, wanted)
    states = applied(data, done)
    for step, policy in zip(done, states, strict=True):
        assert order_of(policy) == list(step.active)
        if step.move is Move.ORDER:
            assert order_of(policy) == [], "all off"
    on = [step for step in done if step.move is Move.ON]
    assert [len(step.changes) for step in on] == [1] * sum(active), "one by one"
    final = states[-1]
    assert set(order_of(final)) == set(order_of(before)), "what was off stays off"
    kept = [name for name in order_of(final) if name in wanted]
    assert kept == [name for name in wanted if name in kept]
    places = [n for n in range(len(active)) if f"s{n}" in wanted]
    assert all(one.priority == (n + 1) * 10 for n, one in enumerate(final.scene) if n not in places), (
        "nobody else moves"
    )


def test_strategies_of_no_scene_change_places_and_holds_stay_on() -> None:
    policy = policy_of(
        strategy(REFUND, "a"), strategy(HOLD, "h"), strategy(REFUND, "b"), strategy(REFUND, "c", active=False)
    )
    done = steps(policy, ["c", "a"])
    assert [step.move for step in done] == [Move.OFF, Move.ORDER, Move.ON, Move.ON]
    assert done[0].changes == {"a": {"active": False}, "b": {"active": False}}
    assert done[1].changes == {"c": {"priority": 10}, "a": {"priority": 40}}
    assert [step.active for step in done[2:]] == [("b",), ("b", "a")]


def test_an_order_among_what_is_off_needs_no_switching() -> None:
    policy = policy_with(form(name="a", active=False), form(name="b", active=False))
    assert [step.move for step in steps(policy, ["b", "a"])] == [Move.ORDER]


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (["a"], "two strategies or more"),
        (["a", "a"], "each once"),
        (["a", "other"], "inside one scene"),
        (["a", "never"], "inside one scene"),
        (["a", "bb"], "bb is no strategy (did you mean b?)"),
    ],
)
def test_what_is_no_order_is_refused(wanted: list[str], words: str) -> None:
    policy = policy_with(form(name="a"), form(name="b"), form(Scene.KEEP_GOODS, "other"))
    with pytest.raises(ValueError, match=r".") as caught:
        steps(policy, wanted)
    assert words in str(caught.value)


def test_strategies_that_share_a_priority_are_told_apart_first() -> None:
    policy = policy_of(strategy(REFUND, "a", priority=5), strategy(REFUND, "b", priority=5))
    with pytest.raises(ValueError, match="share a priority"):
        steps(policy, ["b", "a"])
