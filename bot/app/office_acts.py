"""What people do at the console: each act written down with who did it, and those that one person alone may not do kept for a second (S17)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from loguru import logger

from bot.alerts.passing import OF_BREAKER
from bot.alerts.subjects import subject_of
from bot.app.calling import EVERYWHERE
from bot.app.office_links import LedgerAlarmBook
from bot.app.office_policy import Draft, PolicyDesk
from bot.config import FileKillSwitch, HomeFiles, Settings
from bot.domain.action import Verb
from bot.domain.case import Snapshot
from bot.domain.decision import Reason
from bot.domain.hand import same_person
from bot.domain.ids import CaseKey, ShopKey
from bot.domain.money import Money
from bot.domain.outcome import UNPROVEN
from bot.engine.policy import Policy
from bot.errors import CaseError, ConfigError, RefundPilotError, Stopped
from bot.ledger.office import OfficeLedger
from bot.ledger.signoffs import CALLS
from bot.ports.alarms import Subject
from bot.ports.clock import Clock
from bot.ports.deciding import HandPreview
from bot.ports.notifier import Alarm, Urgency
from bot.ports.office import OPEN, Errands
from bot.ports.office_views import Answer, CaseFile, Person, Role, Signoff
from bot.ports.wanted import HandVerdict, Pick, Wanted
from bot.runner import calls


class Frame(Protocol):
    """What the acts have to know of the home."""

    @property
    def settings(self) -> Settings: ...

    @property
    def files(self) -> HomeFiles: ...

    @property
    def people(self) -> tuple[Person, ...]: ...


BY_LINK = "somebody with the link"
"""Who answered an alarm by the link of its message: the link proves that they got it, not who they are."""


class Acts:
    """All of them; the roles of `bot.console.access` were asked before, what needs two persons is asked here."""

    def __init__(
        self,
        frame: Frame,
        clock: Clock,
        ledger: OfficeLedger,
        policy: PolicyDesk,
        kill: FileKillSwitch,
        errands: Errands | None,
        alarms: LedgerAlarmBook,
    ) -> None:
        self._frame, self._clock, self._ledger, self._policy = frame, clock, ledger, policy
        self._kill, self._errands, self._alarms = kill, errands, alarms
        self._running: set[asyncio.Task[object]] = set()

    def unmask(self, case: CaseKey, person: Person, why: str) -> None:
        self._ledger.did("unmasked", {}, person.name, why, case)

    def stop(self, person: Person) -> Answer:
        """The switch first: a ledger that cannot be written must not keep anybody from stopping."""
        was = self._kill.engaged()
        if not was:
            self._kill.engage(self._clock.now())
            self._ledger.did("stopped", {}, person.name)
        return _done("office.was_stopped" if was else "office.stopped")

    def resume(self, person: Person) -> Answer:
        """Written down first: nothing goes on that nobody can be named for."""
        if self._kill.engaged():
            self._ledger.did("resumed", {}, person.name)
            self._kill.clear()
        return _done("office.resumed")

    def close_breaker(self, shop: ShopKey, person: Person) -> Answer:
        why = self._ledger.breaker(shop)
        if not why:
            return _done("office.breaker_was_closed", shop=str(shop))
        self._ledger.did("closed_breaker", {"platform": shop.platform, "shop": shop.shop_id}, person.name, why)
        self._ledger.set_breaker(shop, "")
        for code in OF_BREAKER:
            self._alarms.end(code, shop)
        return _done("office.breaker_closed", shop=str(shop))

    def end_sign_in(self, shop: ShopKey, person: Person) -> Answer:
        if self._errands is None:
            return _nobody("service")
        self._ledger.did("ended_sign_in", {"platform": shop.platform, "shop": shop.shop_id}, person.name)
        self._errands.end_sign_in(shop)
        return _done("office.sign_in_ended", shop=str(shop))

    async def enter(self, shop: ShopKey, person: Person, *, anew: bool) -> Answer:
        """An errand without cases: the robot proves its session, or signs in; where a person is needed the window comes to the front."""
        if self._errands is None:
            return _nobody("service")
        if self._kill.engaged():
            return _no("brake.kill")
        facts: dict[str, object] = {"platform": shop.platform, "shop": shop.shop_id}
        await asyncio.to_thread(self._ledger.did, "asked_sign_in" if anew else "asked_check", facts, person.name)
        if anew:
            self._errands.end_sign_in(shop)
        self._send(self._errands, Wanted(shop=shop, posture="observe", pick=Pick(ids=frozenset())), person)
        return _done("office.signing_in" if anew else "office.checking", shop=str(shop))

    def save_policy(self, text: str, base: str, person: Person, why: str, moved: Money | None) -> Answer:
        if self._takes_two(person, moved):
            return self._ask("policy", "policy.toml", _body(text, base, moved), person, why)
        return self._save(text, base, person, why)

    def _takes_two(self, person: Person, moved: Money | None) -> bool:
        """Whether a policy is one person's to write; what cannot be rehearsed counts as large where somebody else could look at it."""
        if person.role is not Role.APPROVER:
            return True
        unknown = moved is None and self._limit is not None and bool(self._others(person.name))
        return unknown or (moved is not None and self._is_large(moved))

    def _save(self, text: str, base: str, person: Person, why: str) -> Answer:
        try:
            policy = self._policy.save(text, base)
        except ConfigError as error:
            return _refused(error)
        return self._saved(policy, text, base, person, why)

    def _saved(self, policy: Policy, text: str, base: str, person: Person, why: str) -> Answer:
        self._ledger.keep_policy(policy.hash, text)
        self._ledger.did("saved_policy", {"policy_hash": policy.hash, "before": base}, person.name, why)
        return _done("office.policy_saved", name=policy.name, hash=policy.hash[:12])

    def switch(self, strategy: str, person: Person, *, on: bool) -> Answer:
        """On, and a hold off, let the robot do more: that is rehearsed, and one person's or two's, as saving it would be."""
        try:
            draft = self._policy.switched(strategy, on=on)
            changed = draft.policy.by_id[strategy]
            if on or changed.verb is Verb.HOLD:
                if asked := self._second(draft, f"{strategy}: active = {str(on).lower()}", person):
                    return asked
                self._policy.write(draft)
            else:
                draft = self._policy.switch(strategy, on=on)
        except ConfigError as error:
            return _refused(error)
        self._keep("switched", draft, person, strategy=strategy, on=on)
        return _done("office.switched_on" if on else "office.switched_off", strategy=changed.name)

    def reorder(self, wanted: Sequence[str], person: Person) -> Answer:
        try:
            draft = self._policy.reordered(wanted)
            if asked := self._second(draft, " > ".join(wanted), person):
                return asked
            self._policy.write(draft)
        except ConfigError as error:
            return _refused(error)
        self._keep("reordered", draft, person, order=list(wanted))
        return _done("office.reordered", steps=str(len(draft.steps)))

    def _second(self, draft: Draft, about: str, person: Person) -> Answer | None:
        """Ask the second person where the change, rehearsed, is not this one's alone."""
        moved = self._policy.moved(draft.text, self._clock.now())
        if not self._takes_two(person, moved):
            return None
        return self._ask("policy", about, _body(draft.text, draft.base, moved), person, "")

    def _keep(self, what: str, draft: Draft, person: Person, **facts: object) -> None:
        self._ledger.keep_policy(draft.policy.hash, draft.text)
        self._ledger.did(what, {"policy_hash": draft.policy.hash, **facts}, person.name)

    def acknowledge(self, alarm: str, person: Person) -> Answer:
        mine = self._alarms.acknowledge(alarm, person.name)
        return _done("office.acknowledged") if mine else _no("office.was_acknowledged")

    def acknowledge_by_link(self, message: str) -> Answer:
        """`message`: what the link was proven to be for; empty where it proves nothing."""
        mine = bool(message) and self._alarms.acknowledge_message(message, BY_LINK)
        return _done("office.acknowledged") if mine else _no("office.was_acknowledged")

    async def decide(
        self, verdict: HandVerdict, person: Person, file: CaseFile | None, told: HandPreview | None
    ) -> Answer:
        """A verdict on a case as the person saw it; carried out by the robot's own protocol, or not at all.

        `told`: what it comes to by now, and whether that takes two, as the protocol counts it.
        """
        barred = self._barred(verdict, file)
        if barred or file is None or file.line.snapshot is None or self._errands is None:
            return barred or _nobody("service")
        unproven = any(reason.code in UNPROVEN for reason in file.line.reasons)
        try:
            if unproven or (told is not None and told.needs_two):
                asked = told.as_shown if told is not None else verdict
                return await asyncio.to_thread(self._ask_verdict, asked, person, file.line.snapshot)
            return await self._carry_out(verdict, self._errands)
        except CaseError as error:
            return _refused(error)

    def _barred(self, verdict: HandVerdict, file: CaseFile | None) -> Answer | None:
        """Why nobody can carry it out now; None where the service would."""
        case, seen = verdict.case.aftersale_id, file.line.snapshot if file else None
        if file is None or seen is None:
            return _no("office.no_case", case=case)
        if seen.fingerprint != verdict.fingerprint:
            return _no("office.moved", case=case)
        if file.line.status not in OPEN:
            return _no("office.not_open", case=case)
        return _nobody("service") if self._errands is None else None

    @property
    def _limit(self) -> Money | None:
        return self._frame.settings.limits.second_person_above

    def _is_large(self, amount: Money) -> bool:
        return self._limit is not None and amount > self._limit

    async def _carry_out(self, verdict: HandVerdict, errands: Errands, signoff: str = "") -> Answer:
        # from now: a second person may have taken longer than a verdict lasts, and the page is held against the fingerprint anyway
        fresh = verdict.model_copy(update={"decided_at": self._clock.now()})
        errands.hand_over(await asyncio.to_thread(self._ledger.hand_over, fresh, signoff), fresh)
        return _done("office.handed_over", case=verdict.case.aftersale_id, verb=verdict.verb.value)

    async def sweep(self, wanted: Wanted, person: Person) -> Answer:
        if self._errands is None:
            return _nobody("service")
        facts: dict[str, object] = {"shop": str(wanted.shop or "")}
        if wanted.pick.ids is not None:
            facts["cases"] = len(wanted.pick.ids)
        await asyncio.to_thread(self._ledger.did, "asked_sweep", facts, person.name)
        self._send(self._errands, wanted, person)
        return _done("office.sweep_asked")

    def _send(self, errands: Errands, wanted: Wanted, person: Person) -> None:
        """The page does not wait for the robot: what becomes of it stands in the ledger."""
        task: asyncio.Task[object] = asyncio.get_running_loop().create_task(_told(errands, wanted, person))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def sign(self, asked: Signoff, person: Person, file: CaseFile | None, *, agrees: bool) -> Answer:
        """The second person's word on what was asked; `file`: the case of a verdict. A yes that nobody can carry out now stays unsaid."""
        try:
            if not agrees:
                await asyncio.to_thread(self._answer, asked, person, agrees=False)
                return _done("office.declined")
            if asked.kind == "policy":
                return await asyncio.to_thread(self._agree_policy, asked, person)
            return await self._agree_verdict(asked, person, file)
        except (CaseError, ConfigError) as error:
            return _refused(error)

    def withdraw(self, signoff: str, person: Person) -> Answer:
        """What this person asked for themselves, before anybody answered."""
        try:
            self._ledger.withdraw(signoff, person.name)
        except CaseError as error:
            return _refused(error)
        return _done("office.withdrawn")

    def _answer(self, asked: Signoff, person: Person, *, agrees: bool) -> None:
        self._ledger.answer(asked.id, person.name, agrees=agrees)

    def _agree_policy(self, asked: Signoff, person: Person) -> Answer:
        body = json.loads(asked.body)
        with self._policy.ready(body["text"], body["base"]) as write:
            self._answer(asked, person, agrees=True)
            policy = write()
        return self._saved(policy, body["text"], body["base"], person, asked.why)

    async def _agree_verdict(self, asked: Signoff, person: Person, file: CaseFile | None) -> Answer:
        verdict = HandVerdict.model_validate_json(asked.body)
        barred = self._barred(verdict, file)
        if barred or self._errands is None:
            return barred or _nobody("service")
        return await self._carry_out(verdict.model_copy(update={"approved_by": person.name}), self._errands, asked.id)

    def _ask(self, kind: str, about: str, body: str, person: Person, why: str) -> Answer:
        """Kept for a second person, who is called; refused where there is none who could answer."""
        call = partial(_call, kind, person.name, None)
        return self._kept(person, lambda: self._ledger.ask(kind, about, body, person.name, why, call))

    def _ask_verdict(self, verdict: HandVerdict, person: Person, seen: Snapshot) -> Answer:
        call = partial(_call, "verdict", person.name, seen)
        return self._kept(person, lambda: self._ledger.ask_verdict(verdict, person.name, call))

    def _kept(self, person: Person, keep: Callable[[], str]) -> Answer:
        if none := self.no_second(person.name):
            return Answer(kind="refused", told=none)
        keep()
        told = Reason(code="office.asked_second", params={"who": ", ".join(self._others(person.name))})
        return Answer(kind="asked", told=told)

    def no_second(self, name: str) -> Reason | None:
        """Why nobody could agree to what this person asks for, with the lines that would mend it; None where somebody could."""
        if self._others(name):
            return None
        return Reason(code="office.no_second", params={"limit": str(self._limit) if self._limit is not None else "—"})

    def _others(self, name: str) -> list[str]:
        """Who could be the second one."""
        people = self._frame.people
        return [one.name for one in people if one.role is Role.APPROVER and not same_person(one.name, name)]


def _body(text: str, base: str, moved: Money | None) -> str:
    """A policy to be agreed to: its text, the hash of the one that it replaces, and what it pays out more, in fen; None: no past says."""
    return json.dumps({"text": text, "base": base, "moved": moved.fen if moved is not None else None})


def _call(kind: str, by: str, seen: Snapshot | None, signoff: str) -> tuple[Alarm, Subject]:
    """For whoever is to agree and is not at the page."""
    reason = Reason(code=f"{CALLS}{kind}", params={"by": by, "signoff": signoff})
    bare = Alarm(urgency=Urgency.WARN, shop=EVERYWHERE, reason=reason)
    alarm = calls.of_case(seen, Urgency.WARN, reason) if seen else bare
    return alarm, subject_of(alarm)


async def _told(errands: Errands, wanted: Wanted, person: Person) -> None:
    try:
        await errands.ask(wanted)
    except RefundPilotError as error:
        logger.error("an errand from the console failed: {} {}", error.reason_code, error)
        if not isinstance(error, Stopped):  # stopping is what somebody wanted, and stands on every page
            params = {"what": error.reason_code, "by": person.name, "detail": str(error)}
            errands.tell(Reason(code="office.errand_failed", params=params))


def _done(code: str, **params: str) -> Answer:
    return Answer(kind="done", told=Reason(code=code, params=params))


def _no(code: str, **params: str) -> Answer:
    return Answer(kind="refused", told=Reason(code=code, params=params))


def _nobody(part: str) -> Answer:
    return Answer(kind="unavailable", told=Reason(code=f"office.nobody.{part}"))


def _refused(error: RefundPilotError) -> Answer:
    return Answer(kind="refused", told=Reason(code=error.reason_code, params=error.params))
