"""Read plans of Taiwan Power Company from a ``plans.json``.

Energy by season, day type and period or in tiers; fees per customer and per kW of the agreed contracts with the steps of
overrun; surcharges, minimum bills, the power-factor rule of the 80 % standard. Contracts that are not agreed are left
out by name; whatever else asks for money refuses the plan, all of it named at once.
"""

from dataclasses import field
from decimal import Decimal

from domain import checks
from domain.files import taipower_fees
from domain.files.clauses import ClauseBook, TariffReading
from domain.files.sources import Source
from domain.files.taipower_energy import SURCHARGE, energy_charge
from domain.files.taipower_fees import months_of
from domain.files.taipower_plan import TaipowerPlan, amount, read_plan, taipower_plans
from domain.noun import noun
from domain.tariffs import MinimumCharge, PurchaseMode, Status, Tariff
from domain.tariffs import Source as TariffSource
from domain.tariffs.charges import Charge
from domain.text import Text

__all__ = ["TaipowerOptions", "months_of", "read_taipower", "taipower_plans"]

ZONE, COUNTRY, CURRENCY = "Asia/Taipei", "TW", "TWD"
_KNOWN = frozenset(
    (
        *("id", "name", "type", "category", "season_strategy", "basic_fee", "basic_fees"),
        *("rates", "schedules", "tiers", "billing_rules", SURCHARGE),
    )
)
_KNOWN_RULES = frozenset(
    (
        *("over_contract_penalty", "zero_usage_basic_fee_ratio", "power_factor_adjustment", "basic_fee_formula"),
        *("min_monthly_fee", "minimum_usage_rules_ref", "billing_cycle_months", SURCHARGE),
    )
)
_FORMULAS = ("two_stage", "three_stage", "regular_only")


@noun
class TaipowerOptions:
    """What the customer has agreed; a plan lists every contract there may be."""

    contract_kw: dict[str, Decimal] = field(default_factory=dict)
    """Agreed kW by the contract's label, such as 經常契約, 非夏月契約, 裝置契約. Without 經常契約 its kW are those of the
    point of supply. [kW]"""
    household: str | None = None
    """Which fee per customer holds, where a plan has several (single or three phase)."""
    absent: tuple[str, ...] = ()
    """Clauses that the contract does not have, by the name under which the refusal gives them."""

    def __post_init__(self) -> None:
        for label, kw in self.contract_kw.items():
            checks.positive(self, f"contract_kw.{label}", float(kw))


USUAL = TaipowerOptions()


def read_taipower(source: Source, plan_id: str, *, options: TaipowerOptions = USUAL) -> TariffReading:
    """Read one plan as a tariff.

    Parameters
    ----------
    source : Path, bytes or str
        The ``plans.json`` of one tariff date.
    plan_id : str
        Such as ``high_voltage_batch`` or ``low_voltage_three_stage``.
    options : TaipowerOptions
        What the customer has agreed.

    Raises
    ------
    UnpricedClauseError
        Naming every clause of the plan that cannot be priced.
    TariffOptionMissingError
        If the plan has several fees per customer and none is chosen.
    TariffFileError
        If the file or the plan is not as the format says, or the plan or a contract is not there.
    """
    plan = read_plan(source, plan_id)
    book = ClauseBook(f"{plan.file}:{plan_id}", options.absent)
    _unknown(plan, book)
    installed = taipower_fees.is_installed(options.contract_kw)
    charges: list[Charge] = taipower_fees.household_fee(plan, options.household, installed=installed, book=book)
    charges += taipower_fees.contract_fees(plan, options.contract_kw, book)
    energy = energy_charge(plan, book)
    charges += [] if energy is None else [energy]
    charges += taipower_fees.power_factor(plan, book, installed=installed)
    charges += _minimum(plan, book)
    book.must_be_priced()
    name = str(plan.fields["name"])
    tariff = Tariff(
        tariff_id=f"tw-taipower-{plan_id.replace('_', '-')}-{plan.valid_from:%Y-%m-%d}",
        name=Text(en=f"Taipower {plan_id.replace('_', ' ')}", zh=f"台电 {name}"),
        currency=CURRENCY,
        zone=ZONE,
        country=COUNTRY,
        valid_from=plan.valid_from,
        status=Status.TO_VERIFY,
        source=TariffSource(
            document=f"Taipower tariff of {plan.valid_from:%Y-%m-%d}, plan {plan_id}",
            issuer="台灣電力公司",
            note="Read from a machine-readable copy; not compared with the tariff book.",
        ),
        purchase_modes=(PurchaseMode.REGULATED,),
        charges=tuple(charges),
    )
    return book.reading(tariff, "taipower")


def _unknown(plan: TaipowerPlan, book: ClauseBook) -> None:
    """Refuse parts and rules that this reader does not know or cannot price, and leave out those without money."""
    what = Text(en="a part this reader does not know", zh="无法识别的内容")
    for name in sorted(set(plan.fields) - _KNOWN):
        book.refuse(name, what, plan.fields[name])
    rules = plan.rules
    for name in sorted(set(rules) - _KNOWN_RULES):
        book.refuse(f"billing_rules.{name}", what, rules[name])
    if "zero_usage_basic_fee_ratio" in rules:
        why = Text(en="it holds only for a month without any use", zh="仅适用于整月未用电的情形")
        book.ignore("billing_rules.zero_usage_basic_fee_ratio", rules["zero_usage_basic_fee_ratio"], why)
    formula = rules.get("basic_fee_formula")
    if formula is not None and (not isinstance(formula, dict) or formula.get("type") not in _FORMULAS):
        book.refuse("billing_rules.basic_fee_formula", what, formula)
    if "minimum_usage_rules_ref" in rules:
        why = Text(en="the least kWh billed depend on the connection's amperes", zh="底度取决于用户的安培数")
        book.refuse("billing_rules.minimum_usage_rules_ref", why, rules["minimum_usage_rules_ref"])
    months = rules.get("billing_cycle_months", 1)
    if months != 1:
        why = Text(
            en="the meter is read every other month and the tiers are doubled; a bill here is one month's",
            zh="隔月抄表，分段度数加倍计算；此处账单按单月计",
        )
        book.refuse("billing_rules.billing_cycle_months", why, months)


def _minimum(plan: TaipowerPlan, book: ClauseBook) -> list[MinimumCharge]:
    least = plan.rules.get("min_monthly_fee")
    if least is None:
        return []
    price = amount(least)
    if price is None or price <= 0:
        raise plan.wrong("billing_rules.min_monthly_fee", Text(en="is no price", zh="不是价格"))
    book.read("billing_rules.min_monthly_fee")
    return [MinimumCharge(charge_id="minimum", label=Text(en="Minimum bill", zh="最低电费"), amount_per_month=price)]
