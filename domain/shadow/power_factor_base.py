"""Why the amount that a power factor is applied to differs: it follows from the other lines, or counts others."""

from decimal import Decimal

from domain.shadow.comparison import ShadowEffect
from domain.shadow.ebill import ZERO
from domain.shadow.effects import cents
from domain.shadow.groups import Group, Side
from domain.shadow.vocabulary import FUND
from domain.text import Text

ADJUSTED = ("energy", "demand", "capacity")


def base_effects(
    groups: tuple[Group, ...], real: dict[int, Side], ours: dict[int, Side], number: int
) -> list[ShadowEffect]:
    """Split the effect of the adjusted amount into what follows from other lines and what is counted otherwise.

    Parameters
    ----------
    groups, real, ours : tuple[Group, ...], dict[int, Side], dict[int, Side]
        All groups with both bills' figures, ours as first billed.
    number : int
        The power-factor group.
    """
    here, there = real[number], ours[number]
    rate = next(iter(there.prices.values()), ZERO)
    off = sum(here.quantities.values(), ZERO) - sum(there.quantities.values(), ZERO)
    if not off or not here.quantities:
        return []
    follows, funds, power, n_rows = ZERO, ZERO, ZERO, 4
    for place, group in enumerate(groups):
        if group.kind in ADJUSTED and group.components != frozenset({FUND}):
            follows += real[place].amount - ours[place].amount
            n_rows += real[place].n_rows + ours[place].n_rows
        funds += sum((item.amount for item in group.real if item.components == frozenset({FUND})), ZERO)
        if group.kind in ("demand", "capacity"):
            power += real[place].amount
    slack = n_rows * Decimal("0.01")
    found = [_follows(follows, rate)] if cents(follows * rate) else []
    for added, cause, en, zh in (
        (ZERO, "", "", ""),
        (funds, "funds_in_base", "the bill applies the power factor to government funds too", "账单将政府性基金计入参与调整金额"),
        (
            -funds,
            "funds_not_in_base",
            "the bill leaves government funds out of the adjusted amount; mark them in the tariff (is_fund)",
            "账单未将政府性基金计入参与调整金额；请在电价中标明 is_fund",
        ),
        (-power, "power_not_in_base", "the bill leaves demand or capacity out of the adjusted amount", "账单未将容（需）量电费计入参与调整金额"),
        (
            funds - power,
            "funds_in_base_power_not",
            "the bill applies the power factor to funds, and not to demand or capacity",
            "账单将政府性基金计入、容（需）量电费不计入参与调整金额",
        ),
    ):  # fmt: skip
        if abs(off - follows - added) <= slack:
            if added:
                why = Text(en=en, zh=zh)
                found.append(_effect("rule", cause, cents(added * rate), why, is_explained=True))
            return found
    left = cents(off * rate) - sum((one.amount for one in found), ZERO)
    if left:
        why = Text(
            en=f"the adjusted amount differs by {cents(off - follows)} beyond what the other lines explain",
            zh=f"参与调整金额的差异中有 {cents(off - follows)} 不能由其他费用项解释",
        )
        found.append(_effect("quantity", "adjusted_amount_differs", left, why, is_explained=False))
    return found


def _follows(follows: Decimal, rate: Decimal) -> ShadowEffect:
    why = Text(en="follows from the differences of the lines it is applied to", zh="由参与调整的其他费用项差异引起")
    return _effect("quantity", "follows", cents(follows * rate), why, is_explained=True)


def _effect(kind: str, cause: str, amount: Decimal, why: Text, *, is_explained: bool) -> ShadowEffect:
    return ShadowEffect(kind=kind, cause=cause, amount=amount, is_explained=is_explained, why=why)  # type: ignore[arg-type]
