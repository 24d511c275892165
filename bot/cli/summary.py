"""What stands in the terminal when the work is done: tables that a shop owner reads in ten seconds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich import box
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from bot.catalogue import Catalogue
from bot.cli.ran import ran, service
from bot.domain.action import Verb
from bot.domain.decision import Reason
from bot.domain.money import Money
from bot.domain.outcome import CaseStatus
from bot.ports.exits import ExitCode
from bot.ports.results import AuditResult, DemoResult, ShadowResult, ShopSweep, SweepResult
from bot.ports.status import AutonomyStatus, BudgetStatus, LiabilityStatus, RunResult, ShopStatus, StatusResult

_VERB_STYLES = {
    Verb.AGREE_REFUND: "green",
    Verb.AGREE_RETURN: "green",
    Verb.REFUSE: "red",
    Verb.INTERCEPT: "cyan",
    Verb.NEGOTIATE: "cyan",
    Verb.COMPLAIN: "red",
    Verb.REMARK: "dim",
}
_ENDS = (
    ("held", CaseStatus.HELD, "yellow"),
    ("waiting", CaseStatus.WAITING, "cyan"),
    ("foreign", CaseStatus.FOREIGN, "magenta"),
    ("failed", CaseStatus.FAILED, "red"),
)


class Summary:
    """Renders results in one language."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._say = catalogue

    def demo(self, result: DemoResult) -> RenderableType:
        """One panel: what was done, and whether the server agrees."""
        ends = {name: getattr(result, name) for name, _, _ in _ENDS}
        rows = self._counts(result.verbs, ends, result.unknown, whole=not result.stopped)
        head = self._text("demo_head", cases=result.cases, seconds=f"{result.seconds:.0f}")
        body = Group(
            Text(head, style="bold"),
            "",
            rows,
            "",
            self._money(result.refunded_fen),
            *self._proof(result),
            *self._left_early(result.stopped),
        )
        good = result.exit_code is ExitCode.DONE
        return Panel(body, title="RefundPilot", border_style="green" if good else "red", expand=False, padding=(1, 3))

    def _proof(self, result: DemoResult) -> Iterable[Text]:
        """What both sides say; where the sweep was left before it did anything, there is nothing to prove."""
        if result.mismatches:
            yield Text(f"✗ {self._text('proof_bad', mismatches=result.mismatches)}", style="bold red")
            yield from (Text(f"  {self._say.text(one)}", style="red") for one in result.differences[:10])
        elif result.effects or not result.stopped:
            yield Text(f"✓ {self._text('proof_good', effects=result.effects)}", style="bold green")

    def sweep(self, result: SweepResult) -> RenderableType:
        """One panel a shop."""
        return Group(*map(self._shop, result.shops))

    def _shop(self, shop: ShopSweep) -> RenderableType:
        title = f"{shop.name or shop.shop} · {self._say.text_of(f'posture.{shop.posture}')}"
        head = Text(self._text("sweep_head", cases=shop.seen, seconds=f"{shop.seconds:.0f}"), style="bold")
        ends = {name: getattr(shop, name) for name, _, _ in _ENDS}
        acting = shop.acting
        verbs = shop.acted if acting else shop.proposed
        rows = self._counts(verbs, ends, shop.unknown, whole=not shop.stopped)
        tail = [self._money(shop.refunded_fen)] if acting else [Text(self._text("only_looked"), style="dim")]
        resting = [Text(self._text("resting", count=shop.resting), style="dim")] if shop.resting else []
        body = Group(head, "", rows, *resting, "", *tail, *self._warnings(shop))
        return Panel(
            body, title=Text(title), border_style="red" if shop.stopped else "blue", expand=False, padding=(1, 3)
        )

    def _warnings(self, shop: ShopSweep) -> Iterable[RenderableType]:
        for key in ("late", "unreadable"):
            if count := getattr(shop, key):
                yield Text(f"! {self._text(key, count=count)}", style="yellow")
        yield from (Text(f"! {self._say.text(note)}", style="yellow") for note in shop.notes)
        yield from self._left_early(shop.stopped)

    def _left_early(self, why: Reason | None) -> Iterable[Text]:
        if why:
            yield Text(f"✗ {self._text('left_early', why=self._say.text(why))}", style="bold red")
            if cure := self._say.cure(why):
                yield Text(f"  → {cure}")

    def _counts(self, verbs: Mapping[str, int], ends: Mapping[str, int], unknown: int, *, whole: bool) -> Table:
        """Verbs done, then the other ends; zeros are left out. Only of a whole sweep "nothing" may be said: unread is not nothing."""
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
        table.add_column()
        table.add_column(justify="right")
        for verb, style in _VERB_STYLES.items():
            if count := verbs.get(verb, 0):
                table.add_row(Text(self._say.name(verb), style=style), str(count))
        for name, status, style in _ENDS:
            if count := ends[name]:
                table.add_row(Text(self._say.name(status), style=style), str(count))
        if unknown:
            table.add_row(Text(self._text("unknown"), style="bold red"), str(unknown))
        if whole and not table.row_count:
            table.add_row(Text(self._text("nothing"), style="dim"), "")
        return table

    def _money(self, fen: int) -> Text:
        return Text(self._text("refunded", amount=str(Money(fen))))

    def status(self, result: StatusResult) -> RenderableType:
        """Cases by state, budgets of the day, brakes."""
        parts: list[RenderableType] = [self._cases(result.shops)]
        if result.budgets:
            parts.append(self._budgets(result.day, result.budgets))
        if result.autonomy:
            parts.append(self._autonomy(result.autonomy))
        if result.stopped:
            parts.append(Text(f"✗ {self._text('kill_on')}", style="bold red"))
        parts += [
            Text(f"✗ {self._text('breaker', shop=shop.shop, why=shop.breaker)}", style="bold red")
            for shop in result.shops
            if shop.breaker
        ]
        parts += [
            Text(f"! {self._text('open_intents', shop=shop.shop, count=shop.open_intents)}", style="yellow")
            for shop in result.shops
            if shop.open_intents
        ]
        parts += [self._liable(shop, shop.liability) for shop in result.shops if shop.liability]
        parts += [self._shadowed(shop, shop.shadow) for shop in result.shops if shop.shadow]
        return Group(*parts, *service(result, self._say))

    def ran(self, result: RunResult) -> RenderableType:
        """What a service did until it ended."""
        return ran(result, self._say)

    def _autonomy(self, earning: Iterable[AutonomyStatus]) -> Table:
        """Strategies that earn their autonomy: what is proven, what is wanted, what is still missing."""
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=self._text("autonomy"), title_justify="left")
        for key in ("col_strategy", "col_agreed", "col_bound", "col_standing"):
            table.add_column(self._text(key))
        for one in earning:
            standing = Text(self._text("acts"), style="green")
            if not one.promoted:
                standing = Text(self._text("proposes", needed=one.needed), style="yellow")
            bound = self._text("bound", bound=one.bound, wanted=one.wanted)
            table.add_row(Text(one.name), f"{one.agreed} / {one.asked}", bound, standing)
        return table

    def _shadowed(self, shop: ShopStatus, shadow: ShadowResult) -> Text:
        """How often the candidate in the shadow would have done something else in the newest run."""
        told = {"shop": shop.name or shop.shop, "count": shadow.differ, "judged": shadow.judged}
        turns = ", ".join(f"{self._turn(turn)} {count}" for turn, count in shadow.turns.items())
        words = self._text("shadowed", **told, hash=shadow.policy_hash[:12])
        return Text(f"{words} {turns}".rstrip(), style="yellow" if shadow.differ else "dim")

    def _turn(self, turn: str) -> str:
        """`refuse>hold` in words."""
        return " → ".join(self._say.text_of(f"verb.{verb}") for verb in turn.split(">"))

    def _liable(self, shop: ShopStatus, liable: LiabilityStatus) -> Text:
        """The liability rate, and how far the platform's takeover is away."""
        told = {"shop": shop.name or shop.shop, "rate": liable.rate, "cases": liable.cases, "left": liable.cases_left}
        if liable.cases_left is None:
            return Text(self._text("liable_none", **told), style="dim")
        key = "liable_left" if liable.cases_left else "liable_on"
        return Text(
            f"{'! ' if liable.near else ''}{self._text(key, **told)}", style="bold yellow" if liable.near else "dim"
        )

    def _cases(self, shops: Iterable[ShopStatus]) -> Table:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for key in ("col_shop", "col_posture", "col_cases"):
            table.add_column(self._text(key))
        for shop in shops:
            counts = [
                f"{self._say.name(status)} {shop.cases[status]}" for status in CaseStatus if shop.cases.get(status)
            ]
            if shop.resting:
                counts.append(self._text("at_rest", count=shop.resting))
            told = " · ".join(counts) or self._text("no_cases")
            table.add_row(Text(shop.name or shop.shop), self._say.text_of(f"posture.{shop.posture}"), told)
        return table

    def _budgets(self, day: str, budgets: Iterable[BudgetStatus]) -> Table:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=self._text("budgets", day=day), title_justify="left")
        table.add_column(self._text("col_shop"))
        table.add_column(self._text("col_budget"))
        for key in ("col_posted", "col_pending", "col_cap"):
            table.add_column(self._text(key), justify="right")
        for line in budgets:
            cap = "" if line.cap_fen is None else str(Money(line.cap_fen))
            table.add_row(line.shop, line.scope, str(Money(line.posted_fen)), str(Money(line.pending_fen)), cap)
        return table

    def audit(self, result: AuditResult) -> RenderableType:
        """One line a check, breaches in it; notes are no breaches."""
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for key in ("col_check", "col_what"):
            table.add_column(self._text(key))
        table.add_column("")
        for check in result.checks:
            mark = Text("✓", style="green") if check.ok else Text("✗ " + "\n".join(check.breaches), style="red")
            table.add_row(check.id, Text(check.title), mark)
        verdict = self._text("audit_good" if result.ok else "audit_bad", events=result.events, head=result.head[:16])
        notes = [Text(f"! {note}", style="yellow") for note in result.notes]
        return Group(table, *notes, Text(verdict, style="bold green" if result.ok else "bold red"))

    def _text(self, key: str, **params: object) -> str:
        return self._say.text_of(f"cli.{key}", **params)
