"""A candidate policy in the shadow of a sweep: where it comes from, and what is said of it afterwards."""

from __future__ import annotations

from bot.app.policies import ShopPolicies
from bot.app.wiring import House
from bot.config import Shop
from bot.config.documents import read_document
from bot.config.rules import read_rules
from bot.domain.decision import Reason
from bot.engine.policy import Policy
from bot.engine.shadow import ShadowBook
from bot.ports.results import ShadowResult


def candidate(house: House, shop: Shop, policies: ShopPolicies) -> Policy | None:
    """The candidate of the shop, else of the home; a broken one is told, and the sweep goes on without it."""
    named = shop.shadow or house.home.settings.shadow
    if not named:
        return None
    policy, problems = read_rules(read_document(house.home.path / named))
    if policy is None:
        detail = "; ".join(problem.told(house.catalogue) for problem in problems)
        policies.tell(Reason(code="shadow.broken", params={"file": named, "detail": detail[:300]}))
    return policy


def book(house: House, shop: Shop, policy: Policy | None) -> ShadowBook:
    """What the candidate would have spent by now: a second sweep of the day begins where the first one ended."""
    return house.ledger.shadow_book(shop.key, policy.hash) if policy else ShadowBook()


def note(shadow: ShadowResult) -> Reason:
    """For the report: how often the candidate would have done something else."""
    params = {"count": str(shadow.differ), "judged": str(shadow.judged), "hash": shadow.policy_hash[:12]}
    return Reason(code="shadow.differs" if shadow.differ else "shadow.agrees", params=params)
