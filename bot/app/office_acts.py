"""What people do at the console: each act written down with who did it, and those that one person alone may not do kept for a second (S17)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Protocol

from loguru import logger

from bot.app.office_links import LedgerAlarmBook
from bot.app.office_policy import PolicyDesk
from bot.config import FileKillSwitch, HomeFiles, Settings
from bot.domain.decision import Reason
from bot.domain.hand import same_person
from bot.domain.ids import CaseKey, ShopKey
from bot.domain.money import Money
from bot.errors import CaseError, ConfigError, RefundPilotError, Stopped
from bot.ledger.lists import UNPROVEN
from bot.ledger.office import OfficeLedger
from bot.ports.clock import Clock
from bot.ports.office import OPEN, Errands
from bot.ports.office_views import Answer, CaseFile, Person, Role
from bot.ports.wanted import HandVerdict, Wanted


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
        return _done("office.breaker_closed", shop=str(shop))

    def end_sign_in(self, shop: ShopKey, person: Person) -> Answer:
        if self._errands is None:
            return _nobody("service")
        self._ledger.did("ended_sign_in", {"platform": shop.platform, "shop": shop.shop_id}, person.name)
        self._errands.end_sign_in(shop)
        return _done("office.sign_in_ended", shop=str(shop))

    def save_policy(self, text: str, base: str, person: Person, why: str, moved: Money | None) -> Answer:
        if person.role is not Role.APPROVER or (moved is not None and self._is_large(moved)):
            return self._ask("policy", "policy.toml", json.dumps({"text": text, "base": base}), person, why)
        return self._save(text, base, person, why)

    def _save(self, text: str, base: str, person: Person, why: str) -> Answer:
        try:
            policy = self._policy.save(text, base)
        except ConfigError as error:
            return _refused(error)
        self._ledger.keep_policy(policy.hash, text)
        self._ledger.did("saved_policy", {"policy_hash": policy.hash, "before": base}, person.name, why)
        return _done("office.policy_saved", name=policy.name, hash=policy.hash[:12])

    def switch(self, strategy: str, person: Person, *, on: bool) -> Answer:
        try:
            policy = self._policy.switch(strategy, on=on)
        except ConfigError as error:
            return _refused(error)
        self._keep("switched", person, strategy=strategy, on=on)
        return _done("office.switched_on" if on else "office.switched_off", strategy=policy.by_id[strategy].name)

    def reorder(self, wanted: Sequence[str], person: Person) -> Answer:
        try:
            planned = self._policy.reorder(wanted)
        except ConfigError as error:
            return _refused(error)
        self._keep("reordered", person, order=list(wanted))
        return _done("office.reordered", steps=str(len(planned)))

    def _keep(self, what: str, person: Person, **facts: object) -> None:
        policy_hash, text = self._policy.text_in_force()
        self._ledger.keep_policy(policy_hash, text)
        self._ledger.did(what, {"policy_hash": policy_hash, **facts}, person.name)

    def acknowledge(self, alarm: str, person: Person) -> Answer:
        mine = self._alarms.acknowledge(alarm, person.name)
        return _done("office.acknowledged") if mine else _no("office.was_acknowledged")

    def acknowledge_by_link(self, message: str) -> Answer:
        """`message`: what the link was proven to be for; empty where it proves nothing."""
        mine = bool(message) and self._alarms.acknowledge_message(message, BY_LINK)
        return _done("office.acknowledged") if mine else _no("office.was_acknowledged")

    async def decide(self, verdict: HandVerdict, person: Person, file: CaseFile | None) -> Answer:
        """A verdict on a case as the person saw it; carried out by the robot's own protocol, or not at all."""
        seen = file.line.snapshot if file else None
        if file is None or seen is None:
            return _no("office.no_case", case=verdict.case.aftersale_id)
        if seen.fingerprint != verdict.fingerprint:
            return _no("office.moved", case=verdict.case.aftersale_id)
        if file.line.status not in OPEN:
            return _no("office.not_open", case=verdict.case.aftersale_id)
        if self._errands is None:
            return _nobody("service")
        unproven = any(reason.code in UNPROVEN for reason in file.line.reasons)
        if unproven or (verdict.deed and self._is_large(seen.amount)):
            body = verdict.model_dump_json()
            return await asyncio.to_thread(self._ask, "verdict", str(verdict.case), body, person, verdict.why)
        return await self._carry_out(verdict, self._errands)

    def _is_large(self, amount: Money) -> bool:
        limit = self._frame.settings.limits.second_person_above
        return limit is not None and amount > limit

    async def _carry_out(self, verdict: HandVerdict, errands: Errands) -> Answer:
        # from now: a second person may have taken longer than a verdict lasts, and the page is held against the fingerprint anyway
        fresh = verdict.model_copy(update={"decided_at": self._clock.now()})
        errands.hand_over(await asyncio.to_thread(self._ledger.hand_over, fresh), fresh)
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

    async def sign(self, signoff: str, person: Person, *, agrees: bool) -> Answer:
        try:
            asked = await asyncio.to_thread(lambda: self._ledger.answer(signoff, person.name, agrees=agrees))
        except CaseError as error:
            return _refused(error)
        if not agrees:
            return _done("office.declined")
        if asked.kind == "policy":
            body = json.loads(asked.body)
            return await asyncio.to_thread(self._save, body["text"], body["base"], person, asked.why)
        if self._errands is None:
            return _nobody("service")
        verdict = HandVerdict.model_validate_json(asked.body)
        return await self._carry_out(verdict.model_copy(update={"approved_by": person.name}), self._errands)

    def _ask(self, kind: str, about: str, body: str, person: Person, why: str) -> Answer:
        """Kept for a second person; refused where there is none who could answer."""
        others = [
            one.name
            for one in self._frame.people
            if one.role is Role.APPROVER and not same_person(one.name, person.name)
        ]
        if not others:
            return _no("office.no_second")
        self._ledger.ask(kind, about, body, person.name, why)
        told = Reason(code="office.asked_second", params={"who": ", ".join(others)})
        return Answer(kind="asked", told=told)


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
