"""Ways in which the same two-part supply may be billed for its size: by transformer capacity, by contract demand, by actual demand.

References
----------
发改办价格〔2016〕1583号: by capacity or by maximum demand, changed quarterly at 15 working days' notice; the contract value of the
demand monthly at 5.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from enum import StrEnum

from domain import checks
from domain.noun import noun
from domain.tariffs.charges import (
    CapacityCharge,
    Charge,
    DemandCharge,
    MinimumCharge,
    OverRule,
    PriceCapCharge,
    TaxCharge,
    UsageRebateCharge,
)
from domain.tariffs.tariff import Tariff
from domain.text import Text


class BillingMode(StrEnum):
    """What the size of a supply is billed by."""

    CAPACITY = "capacity"
    CONTRACT_DEMAND = "contract_demand"
    ACTUAL_DEMAND = "actual_demand"


MODE_WORDS = {
    BillingMode.CAPACITY: Text(en="by transformer capacity", zh="按变压器容量"),
    BillingMode.CONTRACT_DEMAND: Text(en="by contract demand", zh="按合同最大需量"),
    BillingMode.ACTUAL_DEMAND: Text(en="by actual maximum demand", zh="按实际最大需量"),
}


@noun
class SizePrices:
    """What a tariff asks for the size of a supply, each way it may be billed."""

    price_per_kva_month: Decimal
    """[tariff.currency / kVA / month]"""
    price_per_kw_month: Decimal
    """[tariff.currency / kW / month]"""
    over_rule: OverRule = "actual_plus_double"
    """Reading of the 105 % rule for contract demand; ``stepped`` has no shares here and is refused."""
    floor_share: Decimal = Decimal("0.40")
    """Contract values below this share of the connected kVA are raised to it. [-]"""
    measurement_min: int = 15
    """[min]"""

    def __post_init__(self) -> None:
        checks.not_negative(self, "price_per_kva_month", float(self.price_per_kva_month))
        checks.not_negative(self, "price_per_kw_month", float(self.price_per_kw_month))
        checks.share(self, "floor_share", float(self.floor_share))
        if self.over_rule == "stepped":
            problem = Text(en="needs shares that are not given here", zh="需要此处未给出的分档")
            raise checks.refuse(self, "over_rule", self.over_rule, problem)


def in_mode(
    tariff: Tariff, mode: BillingMode, prices: SizePrices, *, replaces: Sequence[str], charge_id: str = "size"
) -> Tariff:
    """Give a tariff with the charges on its size replaced by one of another mode.

    Lines that rest on the replaced charges (rebates, caps, minimum bills, taxes of named charges) rest on the new one; a rebate
    of demand lines has nothing to give back where capacity is billed and is left out there.

    Parameters
    ----------
    replaces : Sequence[str]
        Ids of the charges on demand or capacity that the mode takes the place of.
    """
    known = {charge.charge_id for charge in tariff.charges}
    for one in replaces:
        if one not in known:
            raise checks.refuse(
                "in_mode", "replaces", one, Text(en="is no charge of the tariff", zh="不是该电价的费用项")
            )
    found: list[Charge] = []
    placed = False
    for charge in tariff.charges:
        if charge.charge_id in replaces:
            if not placed:
                found.append(_size_charge(mode, prices, charge_id))
                placed = True
            continue
        kept = _pointing(charge, replaces, charge_id, keeps=mode is not BillingMode.CAPACITY)
        if kept is not None:
            found.append(kept)
    if not placed:
        raise checks.refuse("in_mode", "replaces", list(replaces), checks.NOT_EMPTY)
    name = Text(en=f"{tariff.name.en}, {MODE_WORDS[mode].en}", zh=f"{tariff.name.zh}（{MODE_WORDS[mode].zh}）")
    return replace(tariff, tariff_id=f"{tariff.tariff_id}-{mode}", name=name, charges=tuple(found))


def _size_charge(mode: BillingMode, prices: SizePrices, charge_id: str) -> CapacityCharge | DemandCharge:
    if mode is BillingMode.CAPACITY:
        label = Text(en="Transformer capacity", zh="容量电费")
        return CapacityCharge(charge_id=charge_id, label=label, price_per_kva_month=prices.price_per_kva_month)
    is_contract = mode is BillingMode.CONTRACT_DEMAND
    return DemandCharge(
        charge_id=charge_id,
        label=Text(en="Contract demand", zh="合同需量电费")
        if is_contract
        else Text(en="Maximum demand", zh="需量电费"),
        price_per_kw_month=prices.price_per_kw_month,
        measurement_min=prices.measurement_min,
        basis="contract" if is_contract else "actual",
        over_rule=prices.over_rule,
        floor_share=prices.floor_share,
    )


def _pointing(charge: Charge, replaced: Sequence[str], charge_id: str, *, keeps: bool) -> Charge | None:
    """Give a charge that names others with the replaced ones renamed; None for a rebate that has nothing left."""
    if not isinstance(charge, UsageRebateCharge | PriceCapCharge | MinimumCharge | TaxCharge) or not charge.of:
        return charge
    renamed = tuple(dict.fromkeys(charge_id if one in replaced else one for one in charge.of))
    if isinstance(charge, UsageRebateCharge) and not keeps:
        renamed = tuple(one for one in renamed if one != charge_id)
        if not renamed:
            return None
    return replace(charge, of=renamed)
