"""Facts about what the shop tried beside yes and no: its offers to the buyer, its complaint to the platform (domain.md 4, 28)."""

from __future__ import annotations

from bot.domain.case import ComplaintState, Negotiable, OfferState, Snapshot, newest_offer
from bot.domain.facts import Fact, Source, Unknown
from bot.domain.money import ZERO, Money
from bot.engine.combine import derive, known_or


def _tool(snapshot: Snapshot) -> Fact[Negotiable]:
    return known_or(snapshot.negotiable, "unknown.no_negotiation", Source.SHOP, snapshot.seen_at)


def negotiation(snapshot: Snapshot) -> Fact[OfferState]:
    """How the newest offer stands; `none` before the first."""
    newest = newest_offer(snapshot)
    if newest is not None:
        return newest.state
    return derive(_tool(snapshot), lambda _: OfferState.NONE)


def offers_made(snapshot: Snapshot) -> Fact[int]:
    """Offers so far, whoever of the shop made them."""
    return derive(_tool(snapshot), lambda tool: len(tool.offers))


def best_offer(snapshot: Snapshot) -> Fact[Money]:
    """The largest sum offered so far; nothing before the first."""
    return derive(_tool(snapshot), lambda tool: max((offer.amount for offer in tool.offers), default=ZERO))


def most(snapshot: Snapshot) -> Fact[Money]:
    """The largest sum that the page takes as an offer."""
    return derive(_tool(snapshot), lambda tool: tool.most)


def complaint(snapshot: Snapshot) -> Fact[ComplaintState]:
    """How the shop's complaint stands."""
    if snapshot.complaint is None:
        return Unknown(why="unknown.absent", source=Source.SHOP)
    return snapshot.complaint.state
