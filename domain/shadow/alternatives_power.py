"""Named hypotheses about demand and the power factor."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import product

from domain.shadow.alternatives import Alternative, Asked, changed_charge
from domain.tariffs import (
    BilledLoad,
    DemandCharge,
    EnergyCharge,
    PowerFactorCharge,
    SupplyPoint,
    Tariff,
    UsageRebateCharge,
)
from domain.text import Text

REBATED = Decimal("0.90")
FLOOR = Decimal("0.40")
REBATE_ID = "usage_rebate_as_billed"
REBATE_LABEL = Text(en="Demand rebate for kWh per kVA", zh="每千伏安用电量需量折扣")
READINGS = ("actual_plus_double", "contract_plus_double")
STANDARDS = ("cn_0.90", "cn_0.85", "cn_0.80")


def demand_rules(tariff: Tariff, supply: SupplyPoint) -> Iterator[Alternative]:
    """Give the other readings of each demand charge: contract rule, basis, floor, rebate."""
    for charge in tariff.charges:
        if isinstance(charge, DemandCharge):
            yield from _contract_rules(charge, supply)
            yield from _rebates(charge, tariff)


def demand_measurements(tariff: Tariff) -> Iterator[Alternative]:
    """Give the other ways of measuring each demand: interval, sliding or by the clock."""
    for charge in tariff.charges:
        if isinstance(charge, DemandCharge):
            yield from _measurements(charge)


def _contract_rules(charge: DemandCharge, supply: SupplyPoint) -> Iterator[Alternative]:
    is_known = charge.contract_demand_kw is not None or supply.contract_demand_kw is not None
    if charge.basis == "contract":
        for reading in READINGS:
            if reading != charge.over_rule:
                words = Text(en=f"the bill reads the 105 % rule as {reading}", zh=f"账单对 105% 规则采用 {reading}")
                yield _rule(charge, words, over_rule=reading)
        words = Text(en="the bill charges demand as measured, not by the contract value", zh="账单按实际最大需量计费")
        yield _rule(charge, words, basis="actual")
        if charge.floor_share:
            words = Text(
                en=f"the bill does not raise the contract value to {charge.floor_share:.0%} of the kVA",
                zh=f"账单未将合同最大需量提高至装接容量的 {charge.floor_share:.0%}",
            )
            yield _rule(charge, words, floor_share=Decimal(0))
        else:
            words = Text(
                en=f"the bill raises the contract value to {FLOOR:.0%} of the kVA",
                zh=f"账单将合同最大需量提高至装接容量的 {FLOOR:.0%}",
            )
            yield _rule(charge, words, floor_share=FLOOR)
    elif is_known:
        floors = dict.fromkeys((charge.floor_share, Decimal(0), FLOOR))
        for reading, floor in product(READINGS, floors):
            words = Text(
                en=f"the bill charges the contract value (at least {floor:.0%} of the kVA), reading the 105 % rule as "
                f"{reading}",
                zh=f"账单按合同最大需量（不低于装接容量的 {floor:.0%}）计费，105% 规则采用 {reading}",
            )
            changed = {} if floor == charge.floor_share else {"floor_share": floor}
            yield _rule(charge, words, basis="contract", over_rule=reading, **changed)


def _rule(charge: DemandCharge, why: Text, **fields: object) -> Alternative:
    told = ", ".join(f"{name} {value}" for name, value in fields.items())
    return Alternative(
        kind="rule",
        cause="_".join(f"{name}_{value}" for name, value in fields.items()).replace(".", "_").lower(),
        why=why,
        change=Text(en=f"charge {charge.charge_id}: {told}", zh=f"费用项 {charge.charge_id}：{told}"),
        apply=changed_charge(charge, **fields),
    )


def _measurements(charge: DemandCharge) -> Iterator[Alternative]:
    for minutes in (15, 30, 60):
        if minutes != charge.measurement_min:
            words = Text(en=f"the bill measures demand over {minutes} minutes", zh=f"账单按 {minutes} 分钟计量需量")
            yield _rule(charge, words, measurement_min=minutes)
    words = Text(en="the bill measures demand in sliding windows", zh="账单按滑差方式计量需量")
    if charge.sliding:
        words = Text(en="the bill measures demand in blocks of the clock", zh="账单按固定时段计量需量")
    yield _rule(charge, words, sliding=not charge.sliding)


def _rebates(charge: DemandCharge, tariff: Tariff) -> Iterator[Alternative]:
    rebates = [one for one in tariff.charges if isinstance(one, UsageRebateCharge) and charge.charge_id in one.of]
    if rebates:
        gone = {one.charge_id for one in rebates}

        def without(asked: Asked) -> Asked:
            kept = tuple(one for one in asked.tariff.charges if one.charge_id not in gone)
            return replace(asked, tariff=replace(asked.tariff, charges=kept))

        yield Alternative(
            kind="rule",
            cause="usage_rebate_not_applied",
            why=Text(
                en="the bill does not grant the rebate on demand for kWh per kVA",
                zh="账单未给予按每千伏安用电量的需量折扣",
            ),
            change=Text(en=f"leave out charge {', '.join(gone)}", zh=f"删除费用项 {', '.join(gone)}"),
            apply=without,
        )
    else:
        rebate = UsageRebateCharge(charge_id=REBATE_ID, label=REBATE_LABEL, of=(charge.charge_id,))

        def granted(asked: Asked) -> Asked:
            return replace(asked, tariff=replace(asked.tariff, charges=(*asked.tariff.charges, rebate)))

        yield Alternative(
            kind="rule",
            cause="usage_rebate_applied",
            why=Text(
                en="the bill grants 10 % off the demand charge because the month reaches 260 kWh per kVA",
                zh="当月每千伏安用电量达到 260 千瓦时，账单需量电费按 90% 计收",
            ),
            change=Text(
                en=f"add a charge of kind usage_rebate on {charge.charge_id}",
                zh=f"为 {charge.charge_id} 增加 usage_rebate 费用项",
            ),
            apply=granted,
        )
    yield Alternative(
        kind="rule",
        cause="demand_price_90_percent",
        why=Text(
            en="the bill's demand price is 90 % of the tariff's, whatever the month's kWh per kVA",
            zh="账单需量电价为电价表的 90%，与每千伏安用电量无关",
        ),
        change=Text(
            en=f"charge {charge.charge_id}: price_per_kw_month {charge.price_per_kw * REBATED}",
            zh=f"费用项 {charge.charge_id}：price_per_kw_month 设为 {charge.price_per_kw * REBATED}",
        ),
        apply=changed_charge(charge, price_per_kw_month=charge.price_per_kw * REBATED),
    )


def demand_of(load: BilledLoad, tariff: Tariff) -> Alternative:
    """Give the demand that the bill's own register shows: tells measured kW from the rule that bills them."""
    calendars = {charge.charge_id: charge for charge in tariff.charges}

    def apply(asked: Asked) -> Asked:
        charges = tuple(
            replace(one, calendar=None, bands=())
            if isinstance(one, DemandCharge) and one.calendar is not None and one.charge_id in calendars
            else one
            for one in asked.tariff.charges
        )
        laid = {one.charge_id: one for one in tariff.charges if isinstance(one, EnergyCharge)}
        moved = tuple(laid.get(one.charge_id, one) for one in charges)
        return replace(asked, load=load, tariff=replace(asked.tariff, charges=moved))

    return Alternative(
        kind="quantity",
        cause="demand_measured",
        why=Text(
            en="the bill's demand register shows another maximum than the meter file",
            zh="账单的需量示数与电表文件的最大需量不同",
        ),
        is_explained=False,
        apply=apply,
    )


def power_factors(tariff: Tariff, on_bill: Decimal | None, unrounded: Decimal | None) -> Iterator[Alternative]:
    """Give other standards, the bill's own power factor, and its power factor cut instead of rounded."""
    for charge in tariff.charges:
        if isinstance(charge, PowerFactorCharge):
            for standard in STANDARDS:
                if standard != charge.standard:
                    yield Alternative(
                        kind="rule",
                        cause=f"standard_{standard}".replace(".", "_"),
                        why=Text(
                            en=f"the bill applies the standard {standard[3:]} of the power factor",
                            zh=f"账单按功率因数标准 {standard[3:]} 考核",
                        ),
                        change=Text(
                            en=f"charge {charge.charge_id}: standard {standard}",
                            zh=f"费用项 {charge.charge_id}：standard 设为 {standard}",
                        ),
                        apply=changed_charge(charge, standard=standard),
                    )
    if on_bill is not None:
        yield Alternative(
            kind="quantity",
            cause="power_factor_measured",
            why=Text(
                en=f"the bill's own readings give the power factor {on_bill}",
                zh=f"按账单自身示数，功率因数为 {on_bill}",
            ),
            is_explained=False,
            apply=_with_power_factor(on_bill),
        )
    if unrounded is not None:
        cut = Decimal(int(unrounded * 100)) / 100
        yield Alternative(
            kind="rounding",
            cause="power_factor_cut",
            why=Text(
                en=f"the bill cuts the power factor {unrounded:.4f} to {cut} instead of rounding it",
                zh=f"账单将功率因数 {unrounded:.4f} 截取为 {cut}，而非四舍五入",
            ),
            apply=_with_power_factor(cut),
        )


def _with_power_factor(value: Decimal) -> Callable[[Asked], Asked]:
    return lambda asked: replace(asked, load=replace(asked.load, reactive_kvar=None, power_factor=value))
