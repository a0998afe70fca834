"""Named hypotheses: other readings of a rule, other ways of measuring, other prices, each as a change of the question.

An alternative is never believed for itself: it is billed, and counts only if with it lines agree to the cent that
did not agree before, and none that agreed departs.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import combinations

import numpy as np

from domain.noun import noun
from domain.shadow.comparison import EffectKind
from domain.tariffs import (
    BilledLoad,
    Charge,
    EnergyCharge,
    SupplyPoint,
    Tariff,
)
from domain.text import Text
from domain.time import TimeGrid

MOST_FLIPPED = 5
"""Up to so many components every set of floating ones is tried, beyond it only one or two changes."""
AGENCY_PENALTY = Decimal("1.5")


@noun(eq=False)
class Asked:
    """What a bill is made from."""

    load: BilledLoad
    tariff: Tariff
    supply: SupplyPoint


@noun(eq=False)
class Alternative:
    """One hypothesis."""

    kind: EffectKind
    cause: str
    why: Text
    change: Text | None = None
    """What to set in the tariff or the data, if it holds."""
    is_explained: bool = True
    """False: it tells where a difference comes from, not that it is right."""
    apply: Callable[[Asked], Asked]


def with_charge(asked: Asked, charge_id: str, change: Callable[[Charge], Charge]) -> Asked:
    """Give the question with one charge changed."""
    charges = tuple(change(one) if one.charge_id == charge_id else one for one in asked.tariff.charges)
    return replace(asked, tariff=replace(asked.tariff, charges=charges))


def changed_charge(charge: Charge, **fields: object) -> Callable[[Asked], Asked]:
    """Give the change of some fields of one charge."""
    return lambda asked: with_charge(asked, charge.charge_id, lambda one: replace(one, **fields))  # type: ignore[arg-type]


# energy: prices


def floats_flipped(tariff: Tariff) -> Iterator[Alternative]:
    """Give every other choice of which components the band's factor multiplies; provinces differ."""
    for charge in tariff.charges:
        if not isinstance(charge, EnergyCharge) or not charge.components or not charge.factors:
            continue
        numbers = range(len(charge.components))
        most = len(numbers) if len(numbers) <= MOST_FLIPPED else 2
        for size in range(1, most + 1):
            for flipped in combinations(numbers, size):
                yield _flip(charge, flipped)


def _flip(charge: EnergyCharge, flipped: tuple[int, ...]) -> Alternative:
    components = tuple(
        replace(one, floats=not one.floats) if number in flipped else one
        for number, one in enumerate(charge.components)
    )
    names = [charge.components[number] for number in flipped]
    now_en = ", ".join(f"{one.name.en} {'fixed' if one.floats else 'floating'}" for one in names)
    now_zh = "、".join(f"{one.name.zh}{'不浮动' if one.floats else '浮动'}" for one in names)

    def apply(asked: Asked) -> Asked:
        def flip(one: Charge) -> Charge:
            assert isinstance(one, EnergyCharge)  # noqa: S101 -- charge ids are unique
            return replace(
                one,
                components=tuple(
                    replace(part, floats=not part.floats) if number in flipped else part
                    for number, part in enumerate(one.components)
                ),
            )

        return with_charge(asked, charge.charge_id, flip)

    assert components != charge.components  # noqa: S101 -- something is flipped
    return Alternative(
        kind="rule",
        cause="floating_components",
        why=Text(
            en=f"the bill multiplies other parts of the price by the band's factor: {now_en}",
            zh=f"账单参与分时浮动的电价构成不同：{now_zh}",
        ),
        change=Text(
            en=f"charge {charge.charge_id}: set floats of {now_en}",
            zh=f"费用项 {charge.charge_id}：设置 floats，{now_zh}",
        ),
        apply=apply,
    )


def other_price_decimals(tariff: Tariff) -> Iterator[Alternative]:
    """Give other roundings of a band's price."""
    for charge in tariff.charges:
        if not isinstance(charge, EnergyCharge):
            continue
        for decimals in (None, 2, 3, 4, 5, 6, 7, 8):
            if decimals != charge.price_decimals:
                said_en = "are not rounded" if decimals is None else f"are rounded to {decimals} decimals"
                said_zh = "不取整" if decimals is None else f"保留 {decimals} 位小数"
                yield Alternative(
                    kind="rule",
                    cause="price_decimals",
                    why=Text(en=f"the bill's band prices {said_en}", zh=f"账单的分时电价{said_zh}"),
                    change=Text(
                        en=f"charge {charge.charge_id}: price_decimals {decimals}",
                        zh=f"费用项 {charge.charge_id}：price_decimals 设为 {decimals}",
                    ),
                    apply=changed_charge(charge, price_decimals=decimals),
                )


def component_at(charge: EnergyCharge, number: int, price_per_kwh: Decimal, n_bands: int) -> Alternative:
    """Give the alternative of another price of one component, read off several bands that agree on it."""
    component = charge.components[number]

    def apply(asked: Asked) -> Asked:
        def change(one: Charge) -> Charge:
            assert isinstance(one, EnergyCharge)  # noqa: S101 -- charge ids are unique
            parts = list(one.components)
            parts[number] = replace(parts[number], price_per_kwh=price_per_kwh)
            return replace(one, components=tuple(parts))

        return with_charge(asked, charge.charge_id, change)

    before, after = component.price_per_kwh, price_per_kwh
    is_penalty = before * AGENCY_PENALTY == after
    words_en = f"{component.name.en} is {after} per kWh on the bill, not {before}: {n_bands} bands agree on it"
    words_zh = f"账单的{component.name.zh}为 {after} 元/千瓦时，而非 {before}：{n_bands} 个时段一致"
    if is_penalty:
        words_en += " (1.5 × the agency price, as charged to customers who left the market)"
        words_zh += "（代理购电价格的 1.5 倍，适用于退出市场的用户）"
    return Alternative(
        kind="price",
        cause="agency_price_1_5" if is_penalty else "component_price",
        why=Text(en=words_en, zh=words_zh),
        change=Text(
            en=f"charge {charge.charge_id}: {component.name.en} {after}",
            zh=f"费用项 {charge.charge_id}：{component.name.zh} {after}",
        ),
        apply=apply,
    )


# energy: quantities


def other_clock(load: BilledLoad) -> Iterator[Alternative]:
    """Give the load with its labels read as the other end of their steps."""
    step = load.grid.step
    for shift, en, zh in ((-1, "end", "结束"), (1, "start", "开始")):
        grid = TimeGrid(start=load.grid.start + shift * step, step_min=load.grid.step_min, n_steps=load.grid.n_steps)
        yield Alternative(
            kind="rule",
            cause=f"labels_are_{en}",
            why=Text(
                en=f"the bill's kWh by band are those of the meter file if its stamps name the {en} of a step",
                zh=f"若电表文件的时间标签为时段{zh}，则分时电量与账单一致",
            ),
            change=Text(en=f"read the meter with --labels {en}", zh=f"读取电表文件时使用 --labels {en}"),
            apply=lambda asked, grid=grid: replace(asked, load=replace(asked.load, grid=grid)),  # type: ignore[misc]
        )


def without_holidays(tariff: Tariff) -> Iterator[Alternative]:
    """Give the tariff without its holidays, where it has any."""
    if tariff.country is not None:
        yield Alternative(
            kind="rule",
            cause="holidays_not_applied",
            why=Text(en="the bill treats public holidays as ordinary days", zh="账单将法定节假日按普通日计费"),
            change=Text(en="leave out the tariff's country", zh="删除电价的 country"),
            apply=lambda asked: replace(asked, tariff=replace(asked.tariff, country=None, subdivision=None)),
        )


def scaled(factor: Decimal) -> Alternative:
    """Give the load times a meter's multiplier."""
    return Alternative(
        kind="rule",
        cause="multiplier",
        why=Text(
            en=f"the bill's kWh are the meter file's × {factor}, the multiplier (CT × PT) printed on the bill",
            zh=f"账单电量为电表文件的 {factor} 倍，即账单所印倍率（CT × PT）",
        ),
        change=Text(en=f"read the meter with --multiplier {factor}", zh=f"读取电表文件时使用 --multiplier {factor}"),
        apply=lambda asked: replace(
            asked, load=replace(asked.load, import_kw=np.asarray(asked.load.import_kw) * float(factor))
        ),
    )
