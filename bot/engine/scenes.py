"""ATOM's five scenes (domain.md 40 to 52): forms with exactly their fields, each spelled out as ordinary strategies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import count
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, Strict, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from bot.domain.action import Verb
from bot.domain.base import Frozen
from bot.domain.case import AftersaleType, CaseState, ShipStatus
from bot.domain.money import Money
from bot.engine.autonomy import Autonomy
from bot.engine.conditions import Flag, Hours, Seconds, Several, Sum, Words
from bot.engine.messages import RemarkText
from bot.engine.moments import Day, PartOfDay

MOST_A_SCENE = 10
"""Strategies that one scene takes, switched on or not (domain.md 44)."""

DEFAULT_DAY = Money(5_000_000)
"""50,000 元 a strategy and day, the platform's own default (domain.md 45)."""

_HOUR_S = 3600

WAITS = "_waits"
"""Ends the id of the hold that stands for a scene's strategy while its delay has not passed."""


class Scene(StrEnum):
    """When ATOM acts, in the order in which scenes have a case: what only some orders carry goes first (domain.md 42)."""

    UNSHIPPED_REFUND = "unshipped_refund"  # 1 发货前-自动仅退款
    TAGGED_KEEP_GOODS = "tagged_keep_goods"  # 5 发货后-自动退款不退货
    KEEP_GOODS = "keep_goods"  # 4 发货后-不退货仅退款
    SHIPPED_REFUND = "shipped_refund"  # 2 发货后-自动仅退款
    SHIPPED_RETURN = "shipped_return"  # 3 发货后-自动退货退款


def _shipped_only(states: tuple[ShipStatus, ...]) -> tuple[ShipStatus, ...]:
    if ShipStatus.UNSHIPPED in states:
        raise PydanticCustomError("scene_shipped", "this scene is for what was shipped")
    return states


OrderStates = Annotated[Several[ShipStatus], AfterValidator(_shipped_only)]


class SceneBase(Frozen):
    """What every scene has; off until switched on (domain.md 43). `delay_s` in seconds, `apply_within` in hours.

    `priority` is the place inside the scene, the smaller first; without it, the order of the file: 10, 20, 30 …
    """

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,33}$")]
    name: Annotated[str, Field(min_length=1, max_length=80)]  # 策略名称
    active: Flag = False  # 生效
    priority: Annotated[int, Strict(), Field(ge=1, le=100_000)] | None = None  # 策略优先级
    valid_from: Day | None = None  # 有效期, both days included
    valid_to: Day | None = None
    window: PartOfDay | None = None  # 指定执行时间, by time of application
    delay_s: Seconds = 0
    cap_day: Sum = DEFAULT_DAY  # 当日退款总额上限
    max_amount: Sum  # 单笔金额上限
    apply_within: Hours | None = None  # 申请退款时间限制
    autonomy: Autonomy | None = None
    seller_reason: RemarkText = ""  # 卖家退款原因
    note: Annotated[str, Field(max_length=500)] = ""  # 策略备注

    scene: Scene

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise PydanticCustomError("scene_days", "valid_to is before valid_from")
        return self

    def asks(self) -> dict[str, Any]:
        """The scene's own conditions, and of the form what every scene has."""
        limits = {"valid_from": self.valid_from, "valid_to": self.valid_to, "applied_between": self.window}
        return {"state": [CaseState.WAIT_SELLER], **limits}


class WithOrderStates(SceneBase):
    """Scenes after shipping: their orders are shipped and not finished."""

    order_states: OrderStates = (ShipStatus.SHIPPED, ShipStatus.SIGNED)  # 适用订单状态

    def asks(self) -> dict[str, Any]:
        since = {"hours_after_shipping_at_most": self.apply_within}
        return {**super().asks(), "shop_says": self.order_states, **since}


class WithGoods(WithOrderStates):
    """Scenes that can be kept to some goods: every line of the order has one of the words."""

    goods: Words | None = None  # 商品限定条件

    def asks(self) -> dict[str, Any]:
        return {**super().asks(), "goods_named": self.goods}


class UnshippedRefund(SceneBase):
    """发货前-自动仅退款, with what ATOM lacks: courier and warehouse have to say too that nothing left (domain.md 47)."""

    scene: Literal[Scene.UNSHIPPED_REFUND]

    def asks(self) -> dict[str, Any]:
        claim = {"type": [AftersaleType.REFUND_UNSHIPPED], "shop_says": [ShipStatus.UNSHIPPED]}
        since = {"hours_after_payment_at_most": self.apply_within}
        return {**super().asks(), **claim, **since, "scanned": False, "left_warehouse": False}


class ShippedRefund(WithGoods):
    """发货后-自动仅退款: for low prices only (domain.md 48)."""

    scene: Literal[Scene.SHIPPED_REFUND]

    def asks(self) -> dict[str, Any]:
        return {**super().asks(), "type": [AftersaleType.REFUND_SHIPPED]}


class ShippedReturn(WithGoods):
    """发货后-自动退货退款: the buyer may send the goods back."""

    scene: Literal[Scene.SHIPPED_RETURN]

    def asks(self) -> dict[str, Any]:
        return {**super().asks(), "type": [AftersaleType.RETURN_REFUND]}


_PAID_WITHOUT_RETURN = {
    "type": [AftersaleType.REFUND_SHIPPED, AftersaleType.RETURN_REFUND],
    "refund_offered": True,
}
"""A return that is paid at once: only where the page has the button for it; elsewhere the claim is other strategies'."""


class KeepGoods(WithGoods):
    """发货后-不退货仅退款: small claims, returns too, are paid and the buyer keeps the goods (domain.md 42, 48)."""

    scene: Literal[Scene.KEEP_GOODS]

    def asks(self) -> dict[str, Any]:
        return {**super().asks(), **_PAID_WITHOUT_RETURN}


class TaggedKeepGoods(WithOrderStates):
    """发货后-自动退款不退货: orders that carry the tag 退款不退货, with a name of its own (domain.md 52)."""

    scene: Literal[Scene.TAGGED_KEEP_GOODS]

    def asks(self) -> dict[str, Any]:
        return {**super().asks(), **_PAID_WITHOUT_RETURN, "keeps_goods": True}


Form = UnshippedRefund | ShippedRefund | ShippedReturn | KeepGoods | TaggedKeepGoods

FORMS: Mapping[str, type[SceneBase]] = {
    Scene.UNSHIPPED_REFUND: UnshippedRefund,
    Scene.SHIPPED_REFUND: ShippedRefund,
    Scene.SHIPPED_RETURN: ShippedReturn,
    Scene.KEEP_GOODS: KeepGoods,
    Scene.TAGGED_KEEP_GOODS: TaggedKeepGoods,
}

FIELDS = frozenset(name for form in FORMS.values() for name in form.model_fields)
"""All fields of domain.md 42; a scene that lacks one of them refuses it by its name."""


_ASKED = {
    Scene.UNSHIPPED_REFUND: frozenset({AftersaleType.REFUND_UNSHIPPED}),
    Scene.SHIPPED_REFUND: frozenset({AftersaleType.REFUND_SHIPPED}),
    Scene.SHIPPED_RETURN: frozenset({AftersaleType.RETURN_REFUND}),
}


def types_of(scene: Scene) -> frozenset[AftersaleType]:
    """What a buyer must ask for so that the scene can have the case: the list tells it before any page is opened."""
    return _ASKED.get(scene, frozenset({AftersaleType.REFUND_SHIPPED, AftersaleType.RETURN_REFUND}))


def lacks(scene: str, key: str) -> bool:
    """The key is a field of other scenes, but not of this one."""
    return scene in FORMS and key in FIELDS - set(FORMS[scene].model_fields)


def at_most_ten(forms: tuple[Form, ...]) -> tuple[Form, ...]:
    """Raises ValidationError at every form that is one too many in its scene (domain.md 44)."""
    seen: Counter[Scene] = Counter()
    too_many: list[InitErrorDetails] = []
    for place, form in enumerate(forms):
        seen[form.scene] += 1
        if seen[form.scene] > MOST_A_SCENE:
            context = {"most": MOST_A_SCENE, "scene": form.scene.value}
            error = PydanticCustomError("scene_full", "the scene {scene} has at most {most} strategies", context)
            too_many.append(InitErrorDetails(type=error, loc=(place,), input=form.id))
    if too_many:
        raise ValidationError.from_exception_data("scene", too_many)
    return forms


Forms = Annotated[tuple[Annotated[Form, Field(discriminator="scene")], ...], AfterValidator(at_most_ten)]


def by_priority(forms: Sequence[Form]) -> tuple[Form, ...]:
    """First things first: the scenes in their order, in each the smaller priority, then the order of the file."""
    places = {scene: count(10, 10) for scene in Scene}
    ranked = [(form.priority or place, form) for form in forms for place in [next(places[form.scene])]]
    turn = list(Scene)
    return tuple(form for _, form in sorted(ranked, key=lambda one: (turn.index(one[1].scene), one[0])))


def spelled(form: Form) -> Iterator[dict[str, Any]]:
    """The form as ordinary strategies, as plain data: the act and, where it has a delay, the wait before it."""
    asks = {name: wanted for name, wanted in form.asks().items() if wanted is not None}
    delay = {"waited_at_least_s": form.delay_s} if form.delay_s else {}
    shared = {"name": form.name, "active": form.active, "autonomy": form.autonomy}
    yield {**shared, "id": form.id, "when": asks | delay, "max_amount": form.max_amount.yuan, **_act(form)}
    if form.delay_s:
        enough = {"hours_left_over": -(-form.delay_s // _HOUR_S)}
        soon = {"waited_at_most_s": form.delay_s - 1, "amount_at_most": form.max_amount.yuan, **enough}
        yield {**shared, "id": form.id + WAITS, "verb": Verb.HOLD, "waits": True, "when": asks | soon}


def _act(form: Form) -> dict[str, Any]:
    """Money goes back, or the goods may; the seller's reason is left on the case as a remark."""
    verb = Verb.AGREE_RETURN if isinstance(form, ShippedReturn) else Verb.AGREE_REFUND
    said = {"remark": form.seller_reason} if form.seller_reason else {}
    return {"verb": verb, "cap_day": form.cap_day.yuan, **said}
