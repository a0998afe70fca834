"""Contract demand: the 105 % rule in its readings, the 40 % floor, and what to declare.

References
----------
发改办价格〔2016〕1583号: at most 105 % of the contract value the contract value is billed, the part above
is charged double; a contract value below 40 % of the connected kVA is raised to it. The notice leaves
two readings of "double", so the reading is a field of the charge and is printed on the bill.
"""

from decimal import ROUND_CEILING, Decimal

from domain import checks
from domain.errors import WattplanError
from domain.noun import noun
from domain.tariffs.charges import ONE, ZERO, DemandCharge
from domain.tariffs.tariff import SupplyPoint
from domain.tariffs.terms import PEAK_TOLERANCE_KW
from domain.text import Text

ALLOWED_SHARE = Decimal("1.05")
DOUBLE = Decimal(2)


class ContractDemandUnknownError(WattplanError):
    """A demand charge bills against a contract value that nobody gave."""

    code = "contract_demand_unknown"
    words = Text(
        en="Charge {charge_id} bills against the contract demand, but none is known. "
        "Give supply.contract_demand_kw (command line: --contract-kw) or the charge's contract_demand_kw.",
        zh="费用项 {charge_id} 按合同最大需量计费，但未给出合同最大需量。"
        "请填写 supply.contract_demand_kw（命令行：--contract-kw）或该费用项的 contract_demand_kw。",
    )


@noun
class OverTerms:
    r"""The billed demand as a function of the measured one.

    .. math:: f(D) = C + \sum_j (m_j - m_{j-1}) \max(0, D - \theta_j) + J \, [D > \theta_1], \quad m_0 = 0
    """

    declared_kw: Decimal
    """The contract value as declared. [kW]"""
    contract_kw: Decimal
    """C: what is charged up to the first threshold: the declared value, raised to the floor, unless the charge says
    otherwise. [kW]"""
    thresholds_kw: tuple[Decimal, ...]
    """θ_j, ascending. [kW]"""
    multipliers: tuple[Decimal, ...]
    """m_j. [-]"""
    jump_kw: Decimal = ZERO
    """J. [kW]"""

    def is_over(self, peak_kw: Decimal) -> bool:
        """Say whether a peak exceeds the first threshold by more than a meter resolves."""
        return peak_kw - self.thresholds_kw[0] >= Decimal(repr(PEAK_TOLERANCE_KW))

    def billed_kw(self, peak_kw: Decimal) -> Decimal:
        """Give f(D). [kW]."""
        billed_kw, before = self.contract_kw, ZERO
        for threshold_kw, multiplier in zip(self.thresholds_kw, self.multipliers, strict=True):
            billed_kw += (multiplier - before) * max(ZERO, peak_kw - threshold_kw)
            before = multiplier
        return billed_kw + (self.jump_kw if self.is_over(peak_kw) else ZERO)


def floor_kw(charge: DemandCharge, supply: SupplyPoint) -> Decimal:
    """Give the least contract value that is billed; 0 where the capacity is not known. [kW]."""
    if supply.capacity_kva is None:
        return ZERO
    return charge.floor_share * (supply.capacity_kva + supply.high_voltage_motor_kva)


def over_terms(charge: DemandCharge, supply: SupplyPoint) -> OverTerms | None:
    """Give the rule by which a charge bills its measured demand; None: as measured.

    Raises
    ------
    ContractDemandUnknownError
        If the charge bills against a contract value and neither it nor the supply point has one.
    """
    if charge.basis == "actual":
        return None
    declared_kw = supply.contract_demand_kw if charge.contract_demand_kw is None else charge.contract_demand_kw
    if declared_kw is None:
        raise ContractDemandUnknownError(charge_id=charge.charge_id)
    contract_kw = max(declared_kw, floor_kw(charge, supply))
    if charge.over_rule == "stepped":
        charged_kw = contract_kw if charge.charged_contract_kw is None else charge.charged_contract_kw
        return OverTerms(
            declared_kw=declared_kw,
            contract_kw=charged_kw,
            thresholds_kw=tuple(step.from_share * contract_kw for step in charge.over_steps),
            multipliers=tuple(step.multiplier for step in charge.over_steps),
        )
    jumps = charge.over_rule == "actual_plus_double"
    return OverTerms(
        declared_kw=declared_kw,
        contract_kw=contract_kw,
        thresholds_kw=(ALLOWED_SHARE * contract_kw,),
        multipliers=(DOUBLE,),
        jump_kw=(ALLOWED_SHARE - ONE) * contract_kw if jumps else ZERO,
    )


def best_contract_demand_kw(peak_kw: Decimal) -> Decimal:
    """Give the cheapest whole-kW contract value for a known peak: D / 1.05, rounded up. [kW].

    Holds for both readings of the 105 % rule above the 40 % floor: one kW less would put the peak over
    105 %, one kW more is paid for nothing.
    """
    checks.not_negative("best_contract_demand_kw", "peak_kw", float(peak_kw))
    return (peak_kw / ALLOWED_SHARE).to_integral_value(ROUND_CEILING)


def break_even_kw_per_kva(
    capacity_price_per_kva_month: Decimal, demand_price_per_kw_month: Decimal, *, demand_rebate_share: Decimal = ZERO
) -> Decimal:
    """Give the kW per kVA below which billing by demand is cheaper than by capacity. [kW / kVA].

    Parameters
    ----------
    capacity_price_per_kva_month, demand_price_per_kw_month : Decimal
        The two prices a customer may choose between. [currency / kVA / month], [currency / kW / month]
    demand_rebate_share : Decimal
        Share of the demand price that is waived, such as 0.10 where 90 % are paid. [-]
    """
    checks.not_negative("break_even_kw_per_kva", "capacity_price_per_kva_month", float(capacity_price_per_kva_month))
    paid_per_kw = demand_price_per_kw_month * (ONE - demand_rebate_share)
    checks.positive("break_even_kw_per_kva", "demand_price_per_kw_month", float(paid_per_kw))
    return capacity_price_per_kva_month / paid_per_kw
