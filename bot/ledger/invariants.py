"""The invariants of reliability.md 3.6 that a ledger can check alone, each a function from history and tables to findings."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from sqlalchemy import Connection, select

from bot.domain.hand import BY_PERSON, same_person
from bot.domain.money import Money
from bot.domain.outcome import CaseStatus
from bot.ledger import schema
from bot.ledger.events import Kind
from bot.ledger.findings import Finding, finding
from bot.ledger.history import Happened, History, Story

_AFTER = {
    Kind.ARMED: (Kind.FIRED, Kind.VOID),
    Kind.FIRED: (Kind.SENT, Kind.VOID, Kind.UNKNOWN),
    Kind.SENT: (Kind.SETTLED, Kind.VOID, Kind.UNKNOWN),
    Kind.UNKNOWN: (Kind.SETTLED, Kind.VOID),
    Kind.SETTLED: (),
    Kind.VOID: (),
}
"""What may follow a mark: the state diagram of reliability.md 3.2, written a second time on purpose."""


_ONCE = ("agree_refund", "complain")


def one_effect(history: History) -> Iterator[Finding]:
    """I2: one refund and one complaint per case, ever; any other verb once per state of the case that it was decided on."""
    effects: Counter[tuple[str, str, str]] = Counter()
    for story in history.stories.values():
        facts = story.armed.facts
        state = "" if facts["verb"] in _ONCE else facts["fingerprint"]
        effects[story.armed.case, facts["verb"], state] += story.settled is not None
    for (case, verb, _), count in effects.items():
        if count > 1:
            yield finding("I2", case, "audit.effects", verb=verb, count=count)


def order_of_marks(history: History) -> Iterator[Finding]:
    """I3 and I21: each mark follows one that it may follow, so every SENT has its FIRED and ARMED and happened once."""
    for event in history.orphans:
        yield finding("I3", f"event {event.seq}", "audit.mark", intent=event.intent, mark=event.kind, after="")
    for story in history.stories.values():
        before = story.armed
        for mark in story.marks:
            if mark.kind not in _AFTER[Kind(before.kind)]:
                invariant = "I21" if mark.kind == Kind.SENT else "I3"
                named = {"intent": mark.intent, "mark": mark.kind, "after": before.kind}
                yield finding(invariant, f"event {mark.seq}", "audit.mark", **named)
            before = mark


def decisions(history: History) -> Iterator[Finding]:
    """I3, I4, I11: every intent rests on a decision: same fingerprint, same policy, same amount, under a named configuration."""
    for intent, story in history.stories.items():
        armed, decided = story.armed, history.decision_for(story.armed)
        if decided is None:
            yield finding("I3", f"intent {intent}", "audit.undecided", case=armed.case)
            continue
        run = history.opened.get(decided.run)
        hashes = (armed.facts["policy_hash"], decided.facts["policy_hash"])
        if not all(hashes) or len(set(hashes)) != 1 or run is None or not run.facts["config_hash"]:
            yield finding("I11", f"intent {intent}", "audit.policy", intent=hashes[0], decision=hashes[1])
        yield from _amount(intent, armed, decided)


def _amount(intent: str, armed: Happened, decided: Happened) -> Iterator[Finding]:
    stated, meant, fee = armed.facts["stated"], decided.facts["amount"], decided.facts["max_fee"]
    if armed.facts["verb"] != decided.facts["verb"]:
        if armed.facts["verb"] != "remark":
            verbs = {"intent": armed.facts["verb"], "decision": decided.facts["verb"]}
            yield finding("I4", f"intent {intent}", "audit.verb", **verbs)
    elif armed.facts["verb"] == "intercept":
        if fee is not None and stated > fee:
            yield finding("I4", f"intent {intent}", "audit.amount", intent=Money(stated), decision=Money(fee))
    elif None not in (stated, meant) and stated != meant:
        yield finding("I4", f"intent {intent}", "audit.amount", intent=Money(stated), decision=Money(meant))


def receipts(history: History) -> Iterator[Finding]:
    """I4: a receipt's amount is the intent's, or an alarm stands beside it."""
    for intent, story in history.stories.items():
        settled = story.settled
        if settled is not None and settled.facts["amount"] != story.armed.facts["spends"] and not story.alarmed:
            amounts = {"intent": Money(story.armed.facts["spends"]), "receipt": Money(settled.facts["amount"])}
            yield finding("I4", f"intent {intent}", "audit.receipt", **amounts)


def verdicts(history: History) -> Iterator[Finding]:
    """I23: what a person had done rests on their verdict, above the limit on a second person's word too, as does each release."""
    for intent, story in history.stories.items():
        yield from _own_verdict(history, intent, story.armed)
        yield from _released(history, intent, story)


def _own_verdict(history: History, intent: str, armed: Happened) -> Iterator[Finding]:
    named, by_person = armed.facts.get("hand", 0), armed.facts["strategy"].startswith(BY_PERSON)
    told = history.decision_for(armed) if named else None
    if told is None:
        # one that names a verdict which does not precede it rests on no decision at all: I3 says so
        if by_person and not named:
            yield finding("I23", f"intent {intent}", "audit.no_verdict", case=armed.case)
    elif not _carries(told, armed):
        yield finding("I23", f"intent {intent}", "audit.other_verdict", case=armed.case)
    elif _above(told) and not _two(told):
        yield finding("I23", f"intent {intent}", "audit.one_person", case=armed.case)


def _carries(told: Happened, armed: Happened) -> bool:
    """The intent is the verdict's, on the version of the case that the person saw; a note of the proposal may follow."""
    same = ("strategy",) if armed.facts["verb"] == "remark" else ("strategy", "verb", "fingerprint")
    return told.facts["seen"] == told.facts["fingerprint"] and all(told.facts[one] == armed.facts[one] for one in same)


def _above(told: Happened) -> bool:
    stake = told.facts["max_fee" if told.facts["verb"] == "intercept" else "amount"] or 0
    return told.facts["second_above"] is not None and stake > told.facts["second_above"]


def _two(told: Happened) -> bool:
    by, approved_by = told.facts["by"], told.facts["approved_by"]
    return bool(approved_by) and not same_person(by, approved_by)


def _released(history: History, intent: str, story: Story) -> Iterator[Finding]:
    """Nobody but two persons lets go of an action whose outcome could not be told."""
    unknown = next((mark.seq for mark in story.marks if mark.kind == Kind.UNKNOWN), None)
    if unknown is None or story.last.kind == Kind.UNKNOWN:
        return
    between = (told for seq, told in history.hands.items() if unknown < seq < story.last.seq)
    if not any(told.case == story.armed.case and told.facts["instead"] == "release" and _two(told) for told in between):
        yield finding("I23", f"intent {intent}", "audit.unreleased", case=story.armed.case)


def epochs(history: History) -> Iterator[Finding]:
    """I10: epochs only rise, and whatever is marked is marked under the newest one."""
    newest: dict[str, int] = defaultdict(int)
    for event in history.events:
        epoch = event.facts.get("epoch") if event.kind != Kind.RELEASED else None
        if event.kind == Kind.LEASED:
            if event.facts["epoch"] <= newest[event.shop]:
                yield finding("I10", f"event {event.seq}", "audit.epoch", epoch=epoch, newest=newest[event.shop])
            newest[event.shop] = max(newest[event.shop], event.facts["epoch"])
        elif epoch is not None and epoch != newest[event.shop]:
            yield finding("I10", f"event {event.seq}", "audit.epoch", epoch=epoch, newest=newest[event.shop])


def proofs(history: History) -> Iterator[Finding]:
    """I14 and I18: a refusal that needs proof carries it, and every picture that is named was kept before it was used."""
    for intent, story in history.stories.items():
        armed, decided = story.armed, history.decision_for(story.armed)
        needs = decided is not None and decided.facts["proofs"] and armed.facts["verb"] in ("refuse", "complain")
        if needs and not armed.facts["proofs"] and not armed.facts["without_proof_allowed"]:
            yield finding("I18", f"intent {intent}", "audit.proofless", case=armed.case)
        yield from _kept(history, story)


def _kept(history: History, story: Story) -> Iterator[Finding]:
    kept, settled = history.kept[story.armed.case], story.settled
    named = [(sha, story.armed.seq) for sha in story.armed.facts["proofs"]]
    if settled is not None:
        named += [(settled.facts[side], settled.seq) for side in ("before", "after") if settled.facts[side]]
    for sha, used in named:
        if kept.get(sha, used) >= used:
            yield finding("I14", f"intent {story.armed.intent}", "audit.picture_unkept", sha256=sha)


def holds(history: History) -> Iterator[Finding]:
    """I8: whoever holds a case says why and whose it is; a failed one says why."""
    for event in history.events:
        held = event.kind in {Kind.HELD, Kind.UNKNOWN}
        failed = event.kind == Kind.CONCLUDED and event.facts["status"] == CaseStatus.FAILED
        if (held and not (event.facts["owner"] and event.facts["reasons"])) or (failed and not event.facts["reasons"]):
            yield finding("I8", f"event {event.seq}", "audit.unexplained", case=event.case)


def ends(db: Connection, history: History) -> Iterator[Finding]:
    """I7 and I8: a closed run leaves no case in the middle and no intent open.

    A decision is an end where the run only looks, and of a case that its page showed to be none of those that were asked for.
    """
    runs, table = schema.runs, schema.run_cases
    in_work = (CaseStatus.SEEN, CaseStatus.DECIDED, CaseStatus.ACTING)
    query = select(table, runs.c.posture).join(runs, runs.c.id == table.c.run)
    closed = {event.run for event in history.events if event.kind == Kind.RUN_CLOSED}
    passed_over = {(event.run, event.case) for event in history.events if _passed_over(event)}
    for row in db.execute(query.where(runs.c.closed_at.is_not(None), table.c.status.in_(in_work))):
        case = f"{row.platform}/{row.shop_id}/{row.aftersale_id}"
        judged_only = row.posture != "act" or (row.run, case) in passed_over
        if row.status != CaseStatus.DECIDED or not judged_only:
            yield finding("I8", case, "audit.unended", run=row.run, status=row.status)
    for intent, story in history.stories.items():
        if story.last.kind in {Kind.ARMED, Kind.FIRED, Kind.SENT} and story.armed.run in closed:
            yield finding("I7", f"intent {intent}", "audit.unresolved", run=story.armed.run, mark=story.last.kind)


def _passed_over(event: Happened) -> bool:
    told = event.facts.get("reasons") or [""]
    return event.kind == Kind.CONCLUDED and event.facts["status"] == CaseStatus.DECIDED and told[0].startswith("pick.")


def projections(db: Connection, history: History) -> Iterator[Finding]:
    """I13: the tables of intents and receipts say what the events say."""
    marks = {row.id: row.mark for row in db.execute(select(schema.intents.c.id, schema.intents.c.mark))}
    proven = {row.intent: row.amount.fen for row in db.execute(select(schema.receipts))}
    says: dict[str, tuple[str | None, int | None]] = {
        intent: (marks.get(intent), proven.get(intent)) for intent in {*marks, *proven, *history.stories}
    }
    for intent in sorted(says):
        story = history.stories.get(intent)
        means = _meaning(story) if story is not None else (None, None)
        if says[intent] != means:
            yield finding("I13", f"intent {intent}", "audit.projection", table=says[intent], events=means)


def _meaning(story: Story) -> tuple[str, int | None]:
    settled = story.settled
    return story.last.kind.removeprefix("intent."), settled.facts["amount"] if settled is not None else None
