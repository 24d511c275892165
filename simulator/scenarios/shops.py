"""Whose shops and accounts a scenario has: names, addresses, couriers, rights and passwords."""

from __future__ import annotations

import random
from dataclasses import replace

from simulator.scenarios import texts
from simulator.scenarios.catalogue import Scenario
from simulator.world.model import Account, Challenge, ReturnAddress, Shop, Verb

MOST_SHOPS = len(texts.SHOP_NAMES) + len(texts.MORE_SHOP_NAMES)
FRAMED = 0.25
"""How many seeds have shops that show their list inside a frame."""

RIGHTS = frozenset(
    {
        Verb.AGREE_REFUND,
        Verb.AGREE_RETURN,
        Verb.AGREE_SERVICE,
        Verb.REFUSE,
        Verb.INTERCEPT,
        Verb.REMARK,
        Verb.NEGOTIATE,
        Verb.COMPLAIN,
    }
)


def shops_of(scenario: Scenario, seed: int, rng: random.Random) -> list[Shop]:
    names = [*rng.sample(texts.SHOP_NAMES, min(scenario.shops, len(texts.SHOP_NAMES))), *texts.MORE_SHOP_NAMES]
    framed = not scenario.measures and random.Random(f"{seed}/frame").random() < FRAMED
    shops = [_shop(scenario, index, name, rng) for index, name in enumerate(names[: scenario.shops])]
    return [replace(shop, list_in_frame=scenario.in_frame or framed) for shop in shops]


def _shop(scenario: Scenario, index: int, name: str, rng: random.Random) -> Shop:
    cities = rng.sample(texts.HOME_CITIES, 2)
    challenge = rng.choice((Challenge.SLIDER, Challenge.SMS)) if scenario.challenge else None
    return Shop(
        shop_id=f"tb{rng.randrange(10**7, 10**8)}",
        platform="taobao",
        name=name,
        return_addresses=tuple(
            ReturnAddress(f"A{index}{n}", city, f"{city}{texts.STREETS[n]} 售后部 138****66{n}1")
            for n, city in enumerate(cities)
        ),
        contract_couriers=frozenset(courier for courier, _ in texts.CONTRACTED),
        rows_linger=not scenario.measures,
        sign_in_challenge=challenge,
    )


def accounts_of(scenario: Scenario, shops: list[Shop], rng: random.Random) -> tuple[Account, ...]:
    rights = RIGHTS - {Verb.AGREE_REFUND} if scenario.limited else RIGHTS
    everywhere = [shop.shop_id for shop in shops] if scenario.one_login else []
    return tuple(
        Account(f"{shop.name}:售后{n:02d}", _password(rng), shop.shop_id, rights, _others(everywhere, shop.shop_id))
        for n, shop in enumerate(shops, 1)
    )


def _others(shop_ids: list[str], own: str) -> tuple[str, ...]:
    """One login may hold several shops (domain.md 3.1): each account of two-shops may switch to the others."""
    return tuple(shop_id for shop_id in shop_ids if shop_id != own)


def courier_account(rng: random.Random) -> Account:
    return Account(f"wl{rng.randrange(10**5, 10**6)}", _password(rng), "", frozenset())


def _password(rng: random.Random) -> str:
    return "".join(rng.choice("abcdefghjkmnpqrstuvwxyz23456789") for _ in range(12))
