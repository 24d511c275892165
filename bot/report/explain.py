"""`policy explain`: the newest decision on a case in whole sentences, so that customer service can answer a buyer."""

from __future__ import annotations

from collections.abc import Iterator

from bot.catalogue import Catalogue
from bot.domain.base import Frozen
from bot.domain.decision import Finding, Verdict
from bot.domain.facts import Fact, Known, Unknown
from bot.engine.facts import Facts, gather
from bot.engine.flip import as_code
from bot.engine.policy import Policy
from bot.engine.reasons import shown
from bot.ports.exits import ExitCode
from bot.ports.ledger import Judged
from bot.report import masking
from bot.report.card import Because, Other
from bot.report.grounds import Grounds
from bot.report.phrases import Words, exact


class Told(Frozen):
    """One fact as the decision had it; `value` is empty and `missing` says why where it was not known."""

    fact: str
    name: str
    value: str
    source: str
    seen_at: str = ""
    missing: str = ""


class Found(Frozen):
    """What a detector said: `said` is yes, no or unknown, the rest is words."""

    name: str
    said: str
    answer: str
    facts: tuple[str, ...]


class Explanation(Frozen):
    """One decision in words; strangers' words in it are masked.

    `same_policy`: the home's policy is the one that decided. Else facts are told by the one that the ledger kept; where it kept
    none, `facts` is empty, and strategies that are gone are told by their ids.
    """

    case: str
    shop: str
    decided_at: str
    verb: str
    verb_name: str
    strategy: str
    amount: str
    headline: str
    because: tuple[Because, ...]
    findings: tuple[Found, ...]
    flip: str
    matched: tuple[Other, ...]
    undecided: tuple[Other, ...]
    lost: tuple[Other, ...]
    facts: tuple[Told, ...]
    policy: str
    policy_hash: str
    same_policy: bool
    exit_code: ExitCode = ExitCode.DONE


def explain(judged: Judged, policy: Policy, catalogue: Catalogue, kept: Policy | None = None) -> Explanation:
    """The decision in the catalogue's language; `policy` is the home's, `kept` the one that decided where that is another one."""
    decision, snapshot = judged.decision, judged.snapshot
    same = decision.policy_hash == policy.hash
    by = policy if same else kept
    words = Words.of(catalogue, by or policy, policy)
    facts = gather(snapshot, judged.trails, by.parameters, decision.decided_at, judged.history) if by else None
    buyer = snapshot.buyer.name
    grounds = Grounds(words, decision, facts, buyer)
    return Explanation(
        case=masking.visible(decision.case.aftersale_id),
        shop=masking.visible(str(decision.case.shop)),
        decided_at=exact(decision.decided_at),
        verb=decision.verb.value,
        verb_name=words.name(decision.verb),
        strategy=grounds.strategy,
        amount=str(snapshot.amount),
        headline=words.reason(decision.reasons[0], buyer) if decision.reasons else words.text("nothing_said"),
        because=tuple(grounds.because(decision.reasons[0] if decision.reasons else None)),
        findings=tuple(_found(one, words) for one in decision.findings),
        flip=grounds.flip,
        matched=grounds.others(Verdict.MATCHED),
        undecided=grounds.others(Verdict.UNDECIDED),
        lost=grounds.others(Verdict.LOST),
        facts=tuple(_told(facts, words, buyer)) if facts else (),
        policy=by.name if by else "",
        policy_hash=decision.policy_hash,
        same_policy=same,
    )


def _found(finding: Finding, words: Words) -> Found:
    names = tuple(_name(fact, words) for fact in finding.facts)
    code = f"detector.{finding.name}"
    said = words.say.text_of(code) if words.say.has(code) else finding.name
    return Found(name=said, said=finding.answer, answer=words.say.text_of(f"answer.{finding.answer}"), facts=names)


def _name(fact: str, words: Words) -> str:
    code = f"fact_name.{fact}"
    return words.say.text_of(code) if words.say.has(code) else fact


def _told(facts: Facts, words: Words, buyer: str) -> Iterator[Told]:
    """Every fact that has a name for people, in the order of `Facts`."""
    for name, fact in facts.items():
        if words.say.has(f"fact_name.{name}"):
            yield _fact(name, fact, words, buyer)


def _fact(name: str, fact: Fact[object], words: Words, buyer: str) -> Told:
    plain, source = _name(name, words), words.name(fact.source)
    if isinstance(fact, Unknown):
        missing = " ".join(filter(None, (words.say.text_of(fact.why), masking.text(fact.raw, buyer=buyer))))
        return Told(fact=name, name=plain, value="", source=source, missing=missing)
    return Told(fact=name, name=plain, value=_value(fact, words, buyer), source=source, seen_at=exact(fact.seen_at))


def _value(fact: Known[object], words: Words, buyer: str) -> str:
    code = as_code(fact)
    return words.say.text_of(code) if words.say.has(code) else masking.text(shown(fact.value), buyer=buyer)
