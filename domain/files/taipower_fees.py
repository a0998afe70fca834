"""Basic fees of a Taipower plan: per customer, per kW of the contracts, and what exceeding them costs.

References
----------
台灣電力公司電價表 (114年10月1日起實施), chapters 3 to 5: fees by contract; overruns, the first tenth of the contract at
twice the price, the rest at three times; the power factor, base 80 %, to 95 %, 0.1 % of the month's bill a point.
"""

from collections.abc import Mapping
from decimal import Decimal

from domain.files.clauses import ClauseBook, TariffOptionMissingError
from domain.files.taipower_plan import HOUSEHOLD_UNIT, KW_UNIT, Row, Season, TaipowerPlan, amount
from domain.tariffs import DemandCharge, FixedCharge, OverStep, PowerFactorCharge
from domain.tariffs.charges import ZERO, Charge
from domain.text import Text

REGULAR = ("經常契約", "需量經常契約")
NON_SUMMER = ("非夏月契約", "需量非夏月契約")
INSTALLED = "裝置契約"
BY_DEMAND = "(需量)"
_PENALTY = frozenset(("threshold_ratio", "rate_low", "rate_high", "base_fee_label", "tier"))
_POWER_FACTOR = {"base_percent": 80, "max_discount_percent": 95, "step_percent": 0.1, "apply_to": "total"}
_BY_THE_BOOK = {"apply_to": "energy"}
"""How the machine-readable copy shortens the low-voltage rule, which the tariff book gives in full."""
_NOT_AGREED = Text(en="a contract of this kind is taken as not agreed", zh="视为未签订此类契约")


def is_installed(contract_kw: Mapping[str, Decimal]) -> bool:
    """Say whether the customer contracts its installed equipment instead of a demand."""
    return INSTALLED in contract_kw


def household_fee(plan: TaipowerPlan, chosen: str | None, *, installed: bool, book: ClauseBook) -> list[Charge]:
    """Give the fee per customer; where there are several, the one that goes with the contract or is chosen."""
    fees = {fee["label"]: fee for fee in plan.rows("basic_fees") if fee["unit"] == HOUSEHOLD_UNIT}
    if "basic_fee" in plan.fields:
        price = amount(plan.fields["basic_fee"])
        if price is None:
            raise plan.wrong("basic_fee", Text(en="is no price", zh="不是价格"))
        book.read("basic_fee")
        return [_per_customer(price)]
    if any(label.endswith(BY_DEMAND) for label in fees):
        fees = {label: fee for label, fee in fees.items() if label.endswith(BY_DEMAND) != installed}
    if chosen is not None and chosen in fees:
        fees = {chosen: fees[chosen]}
    if (chosen is not None and chosen not in fees) or len(fees) > 1:
        why = Text(en="the plan has a fee per customer for each", zh="该方案按户计收费用有多种")
        raise TariffOptionMissingError(
            file=f"{plan.file}, {plan.plan_id}", option="household", why=why, choices=", ".join(fees) or "∅"
        )
    for label, fee in fees.items():
        if "cost" not in fee:
            book.refuse(
                f"basic_fees.{label}", Text(en="a fee per customer by season", zh="按户费用分季节"), essential=True
            )
            continue
        book.read(f"basic_fees.{label}")
        return [_per_customer(amount(fee["cost"]) or ZERO)]
    return []


def _per_customer(price: Decimal) -> FixedCharge:
    label = Text(en="Basic fee per customer", zh="按户计收基本电费")
    return FixedCharge(charge_id="household", label=label, amount_per_month=price)


def months_of(season: Season) -> tuple[int, ...]:
    """Give the months whose first day lies in a season."""
    first, last = (tuple(map(int, edge.split("-"))) for edge in (season.start, season.end))
    if first <= last:
        return tuple(month for month in range(1, 13) if first <= (month, 1) <= last)
    return tuple(month for month in range(1, 13) if (month, 1) >= first or (month, 1) <= last)


def contract_fees(plan: TaipowerPlan, contract_kw: Mapping[str, Decimal], book: ClauseBook) -> list[Charge]:
    """Give the fees per kW of the agreed contracts, and what exceeding them costs."""
    fees = {fee["label"]: fee for fee in plan.rows("basic_fees") if fee["unit"] == KW_UNIT}
    for label in contract_kw:
        if label not in fees:
            listed = ", ".join(fees) or "∅"
            raise plan.wrong(
                "basic_fees", Text(en=f"has no {label}; there are {listed}", zh=f"没有 {label}，现有 {listed}")
            )
    if is_installed(contract_kw):
        return _installed(fees, contract_kw, book)
    regular = next((label for label in REGULAR if label in fees), None)
    if regular is None:
        return []
    _others(fees, regular, contract_kw, book)
    steps = _over_steps(plan, regular, book)
    if steps is None:
        return []
    charges = [_of_season(season, fees, regular, contract_kw, steps) for season in plan.seasons]
    book.read(f"basic_fees.{regular}", "billing_rules.over_contract_penalty")
    if any(not season.start.endswith("-01") for season in plan.seasons):
        starts = [season.start for season in plan.seasons]
        why = Text(
            en=f"seasons begin on {' and '.join(starts)}, inside a month; the whole month's capacity fee "
            "follows the season of its first day",
            zh=f"季节自 {'、'.join(starts)} 起，不在月初；整月基本电费按当月第一天所属季节计",
        )
        book.assume("basic_fees", why)
    return [*charges]


def _installed(fees: Mapping[str, Row], contract_kw: Mapping[str, Decimal], book: ClauseBook) -> list[Charge]:
    for label, fee in fees.items():
        if label != INSTALLED:
            book.ignore(f"basic_fees.{label}", _prices(fee), _NOT_AGREED)
        elif "cost" not in fee:
            book.refuse(f"basic_fees.{label}", Text(en="prices by season", zh="价格分季节"), essential=True)
    price = amount(fees[INSTALLED].get("cost")) or ZERO
    book.read(f"basic_fees.{INSTALLED}")
    kw = contract_kw[INSTALLED]
    why = Text(
        en=f"{kw:f} kW of installed equipment; more than that is no use under the tariff",
        zh=f"装置契约容量 {kw:f} kW；超出部分不属正常用电",
    )
    book.assume(f"basic_fees.{INSTALLED}", why)
    words = Text(en="Installed capacity", zh="装置契约基本电费")
    return [FixedCharge(charge_id="installed", label=words, amount_per_month=price * kw)]


def _prices(fee: Row) -> dict[str, object]:
    return {name: fee[name] for name in fee if name not in ("label", "unit")}


def _others(fees: Mapping[str, Row], regular: str, contract_kw: Mapping[str, Decimal], book: ClauseBook) -> None:
    """Leave out contracts that are not agreed, and refuse those that cannot be priced."""
    for label, fee in fees.items():
        if label == regular:
            continue
        if label not in contract_kw:
            book.ignore(f"basic_fees.{label}", _prices(fee), _NOT_AGREED)
        elif label not in NON_SUMMER:
            why = Text(
                en="its overrun counts only beyond the overruns of other hours, which is not priced",
                zh="其超约瓩数须扣除其他时间的超约瓩数，暂不支持计价",
            )
            book.refuse(f"basic_fees.{label}", why, _prices(fee))
        elif regular not in contract_kw:
            why = Text(en=f"goes on top of {regular}; give its kW, too", zh=f"叠加于 {regular} 之上，请一并给出其容量")
            book.refuse(f"basic_fees.{label}", why, essential=True)


def _over_steps(plan: TaipowerPlan, regular: str, book: ClauseBook) -> tuple[OverStep, ...] | None:
    field = "billing_rules.over_contract_penalty"
    penalty = plan.rules.get("over_contract_penalty")
    if penalty is None:
        why = Text(
            en=f"the plan does not say what exceeding {regular} costs; give the kW of {INSTALLED} if that is agreed",
            zh=f"该方案未说明超出 {regular} 的计价；若签订的是 {INSTALLED}，请给出其容量",
        )
        book.refuse(field, why, essential=True)
        return None
    numbers = (
        {name: amount(penalty.get(name)) for name in ("threshold_ratio", "rate_low", "rate_high")}
        if isinstance(penalty, dict)
        else {}
    )
    ratio, low, high = (numbers.get(name) for name in ("threshold_ratio", "rate_low", "rate_high"))
    known = isinstance(penalty, dict) and set(penalty) == _PENALTY and penalty["base_fee_label"] in REGULAR
    if not known or ratio is None or low is None or high is None or ratio <= 0 or low <= 0 or high <= 0:
        book.refuse(field, Text(en="an overrun rule of another kind", zh="其他形式的超约规则"), penalty, essential=True)
        return None
    return (
        OverStep(from_share=Decimal(1), multiplier=low),
        OverStep(from_share=Decimal(1) + ratio, multiplier=high),
    )


def _of_season(
    season: Season,
    fees: Mapping[str, Row],
    regular: str,
    contract_kw: Mapping[str, Decimal],
    steps: tuple[OverStep, ...],
) -> DemandCharge:
    """Give one charge per season: the month's fee follows the season of its first day."""
    kw = contract_kw.get(regular)
    if kw is not None and season.name == "non_summer":
        kw += sum((contract_kw[label] for label in NON_SUMMER if label in contract_kw), ZERO)
    words = season.name.replace("_", "-")
    return DemandCharge(
        charge_id=f"contract_{season.name}",
        label=Text(en=f"Regular contract capacity, {words}", zh=f"经常契约容量（{season.zh}）"),
        price_per_kw_month=amount(fees[regular].get(season.name, fees[regular].get("cost"))) or ZERO,
        months=months_of(season),
        basis="contract",
        contract_demand_kw=kw,
        over_rule="stepped",
        over_steps=steps,
        floor_share=ZERO,
    )


def power_factor(plan: TaipowerPlan, book: ClauseBook, *, installed: bool) -> list[PowerFactorCharge]:
    """Give the adjustment by power factor, where the plan has one."""
    field = "power_factor_adjustment"
    rule = plan.rules.get(field)
    if rule is None:
        return []
    if installed:
        why = Text(
            en="of an installed contract it takes the fee per kW, too, and holds from 20 kW; not priced",
            zh="装置契约的功率因数调整含按瓩计收的基本电费，且仅适用于 20 瓩以上；暂不支持计价",
        )
        book.refuse(f"billing_rules.{field}", why, rule)
        return []
    if rule == _BY_THE_BOOK:
        why = Text(
            en="the copy gives no steps; read as the tariff book has it for three-phase supply from 20 or 30 kW: base "
            "80 %, to 95 %, 0.1 % of the month's bill a point, no fee per customer",
            zh="文件未列级距；按电价表对三相供电、20 或 30 瓩以上用户的规定：基准 80 %，至 95 %，每 1 % 增减当月电费 0.1 %，"
            "不含按户计收部分",
        )
        book.assume(f"billing_rules.{field}", why)
    elif rule != _POWER_FACTOR:
        book.refuse(
            f"billing_rules.{field}", Text(en="a power-factor rule of another kind", zh="其他形式的功率因数规则"), rule
        )
        return []
    book.read(f"billing_rules.{field}")
    label = Text(en="Power-factor adjustment", zh="功率因数调整费")
    return [PowerFactorCharge(charge_id="power_factor", label=label, standard="tw_0.80")]
