"""The fewest pictures that together show all that is demanded."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.proofs import Demand
from bot.engine.proofs.choose import choose

D = Demand
ASKED = (D.RETURN_WAYBILL, D.WEIGHT, D.COUNTED)
sets_of_demands = st.frozensets(st.sampled_from(ASKED))


def test_one_picture_that_shows_all_is_taken_before_two_that_do() -> None:
    shows = [frozenset({D.RETURN_WAYBILL}), frozenset({D.WEIGHT, D.COUNTED}), frozenset(ASKED)]
    assert choose(ASKED, frozenset(), shows, 0, 3) == (2,)


def test_nothing_is_added_where_the_own_pictures_suffice() -> None:
    assert choose(ASKED, frozenset(ASKED), [frozenset(ASKED)], 0, 3) == ()


def test_one_is_added_where_people_have_to_show_something() -> None:
    assert choose(ASKED, frozenset(ASKED), [frozenset(), frozenset()], 1, 3) == (0,)


def test_too_little_is_nothing() -> None:
    assert choose(ASKED, frozenset(), [frozenset({D.WEIGHT})], 0, 3) is None
    assert choose(ASKED, frozenset(), [frozenset({one}) for one in ASKED], 0, 2) is None


@given(sets_of_demands, st.lists(sets_of_demands, max_size=5), st.integers(0, 3))
def test_whatever_is_chosen_shows_all_and_no_smaller_set_does(
    given_: frozenset[Demand], shows: list[frozenset[Demand]], room: int
) -> None:
    chosen = choose(ASKED, given_, shows, 0, room)

    def suffices(places: tuple[int, ...]) -> bool:
        return set(ASKED) <= given_.union(*(shows[place] for place in places))

    smaller = range(min(room, len(shows)) + 1 if chosen is None else len(chosen))
    assert chosen is None or (suffices(chosen) and len(chosen) <= room)
    assert not any(suffices(places) for size in smaller for places in combinations(range(len(shows)), size))
