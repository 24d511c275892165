"""The policy file under watch during a sweep, its text kept in the ledger; and the policies that decided, read back from there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from bot.app.wiring import House
from bot.config import HomeFiles, PolicyFile
from bot.config.documents import parse_document, read_document
from bot.config.lastgood import last_good
from bot.config.rules import read_rules
from bot.domain.decision import Reason
from bot.domain.ids import ShopKey
from bot.engine.policy import Policy
from bot.ledger.reader import Reading
from bot.ports.notifier import Alarm, Urgency
from bot.ports.progress import Progress

_URGENCY = {"policy.changed": Urgency.INFO}
"""Anything else about the policy means that the sweep goes on by another one than the file says."""


def text_of(files: HomeFiles, policy_hash: str) -> str:
    """The text of the policy with this hash: the file's, else the last whole one's; empty where neither is it (any more)."""
    for document in (read_document(files.policy, optional=True), last_good(files.last_good)):
        policy = read_rules(document)[0] if document else None
        if document and policy and policy.hash == policy_hash:
            return document.text
    return ""


class Decided:
    """The policies that decided, as the ledger kept them, each read once; `home` is today's."""

    def __init__(self, reader: Reading, home: Policy) -> None:
        self._reader = reader
        self._known: dict[str, Policy | None] = {home.hash: home}

    def by(self, policy_hash: str) -> Policy | None:
        """The policy of that hash; None where it was not kept, or this program reads another one out of its text."""
        if policy_hash not in self._known:
            self._known[policy_hash] = _parsed(self._reader.policy_text(policy_hash), policy_hash)
        return self._known[policy_hash]

    def all(self) -> Iterator[Policy]:
        """Today's first, then those that are kept, the newest first."""
        for policy_hash in dict.fromkeys((*self._known, *self._kept)):
            if policy := self.by(policy_hash):
                yield policy

    @cached_property
    def _kept(self) -> tuple[str, ...]:
        return self._reader.policy_hashes()


def _parsed(text: str, policy_hash: str) -> Policy | None:
    policy = read_rules(parse_document("policy.toml", text))[0] if text else None
    return policy if policy and policy.hash == policy_hash else None


class PolicyWatch:
    """The policy file, for as long as somebody sweeps by it; what there is to tell of it is told once, where it was come upon."""

    def __init__(self, house: House, progress: Progress) -> None:
        self._house = house
        self._progress = progress
        self._kept: set[str] = set()
        self._news: list[Reason] = []
        self._file = PolicyFile(house.home.files, house.home.policy, self._news.append, house.catalogue)

    def of(self, shop: ShopKey, notes: list[Reason]) -> ShopPolicies:
        """For a sweep of this shop, whose notes these are."""
        return ShopPolicies(self, shop, notes)

    def read(self) -> tuple[Policy, tuple[Reason, ...]]:
        """The file's policy, or the last whole one, and what is new of it; its text is in the ledger before anything is decided by it."""
        policy = self._file.in_force()
        if policy.hash not in self._kept:
            self._kept.add(policy.hash)
            if text := text_of(self._house.home.files, policy.hash):
                self._house.ledger.keep_policy(policy.hash, text)
        news = tuple(self._news)
        self._news.clear()
        return policy, news

    def tell(self, shop: ShopKey, reason: Reason) -> None:
        """Whoever is to be called, and whoever looks on."""
        urgency = _URGENCY.get(reason.code, Urgency.CALL)
        self._house.notifier.notify(Alarm(urgency=urgency, shop=shop, reason=reason))
        self._progress.note(reason)


@dataclass(frozen=True, slots=True)
class ShopPolicies:
    """`bot.ports.policy.PolicySource` for the sweep of one shop, beside which another shop's may stand and wait for a person."""

    watch: PolicyWatch
    shop: ShopKey
    notes: list[Reason]

    def in_force(self) -> Policy:
        policy, news = self.watch.read()
        for reason in news:
            self.tell(reason)
        return policy

    def tell(self, reason: Reason) -> None:
        """In this shop's name, and in the notes of its sweep."""
        self.notes.append(reason)
        self.watch.tell(self.shop, reason)
