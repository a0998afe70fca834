"""A tariff's terms with the contract value of one charge left open, where only that charge rests on it."""

from dataclasses import fields, is_dataclass, replace
from datetime import date
from decimal import Decimal

import numpy as np
from scipy import sparse

from domain import checks
from domain.noun import noun
from domain.tariffs.bills import BillingWindow
from domain.tariffs.charges import DemandCharge
from domain.tariffs.compile_demand import is_levied
from domain.tariffs.free_contract import ContractLimits, ContractNotChoosableError, FreeContract, free_contract
from domain.tariffs.pricing import priced_terms
from domain.tariffs.tariff import SupplyPoint, Tariff
from domain.tariffs.terms import PricedTerms
from domain.tariffs.versions import AnyTariff, held_days
from domain.text import Text

CHANGES = Text(en="the tariff changes within {month}", zh="电价在 {month} 内变更")
NO_PEAK = Text(
    en="in {month} it does not bill one peak in kW that the horizon can change (several peaks, apparent power, sliding intervals, a "
    "ratchet over coming months, or no measurement window in the horizon)",
    zh="在 {month} 它并非按计划期可改变的单一千瓦峰值计费（多峰、视在功率、滑差、跨后续月份的回溯，或计划期内没有需量时段）",
)
RESTS = Text(
    en="another line rests on what it bills (a rebate, a minimum bill, a cap)",
    zh="另有费用以其计费结果为基础（优惠、最低电费、封顶）",
)


@noun(eq=False)
class OpenContract:
    """Terms under some contract value, and what is left open of them."""

    charge_id: str
    terms: PricedTerms
    free: dict[int, FreeContract]
    """By the number of the demand term."""
    months: dict[int, date]
    """Month of each, likewise."""


def with_contract(tariff: AnyTariff, charge_id: str, contract_kw: Decimal) -> AnyTariff:
    """Give a tariff whose charge has a contract value of its own, in all versions that know the charge."""
    if not isinstance(tariff, Tariff):
        return replace(tariff, versions=tuple(_declared(one, charge_id, contract_kw) for one in tariff.versions))
    return _declared(tariff, charge_id, contract_kw)


def _declared(tariff: Tariff, charge_id: str, contract_kw: Decimal) -> Tariff:
    charges = tuple(
        replace(one, contract_demand_kw=contract_kw)
        if isinstance(one, DemandCharge) and one.charge_id == charge_id and one.basis == "contract"
        else one
        for one in tariff.charges
    )
    return replace(tariff, charges=charges)


def open_contract(
    tariff: AnyTariff, supply: SupplyPoint, window: BillingWindow, charge_id: str, limits: ContractLimits
) -> OpenContract:
    """Give a tariff's terms with the contract value of one charge left open, month by month.

    Raises
    ------
    ContractNotChoosableError
        If the horizon can change no plain peak of the charge in one of the months, the tariff changes within one, or other
        lines rest on what the charge bills.
    InvalidFieldError
        If the tariff has no such charge on a contract value.
    """
    charges = _charges(tariff, window, charge_id)
    low = priced_terms(with_contract(tariff, charge_id, limits.least_kw), supply, window)
    other = max(limits.most_kw, limits.least_kw) + 1 + 2 * _floor(supply)  # another value than the first, floor or not
    high = priced_terms(with_contract(tariff, charge_id, other), supply, window)
    found: dict[int, FreeContract] = {}
    months: dict[int, date] = {}
    for month, charge in charges.items():
        label = f"{charge_id} {month:%Y-%m}"
        numbers = [n for n, one in enumerate(low.demand) if one.label == label and one.contract_kw is not None]
        if len(numbers) != 1:
            raise _refused(charge_id, NO_PEAK, month)
        found[numbers[0]] = free_contract(charge, supply, low.demand[numbers[0]], limits)
        months[numbers[0]] = month
    if not _alike(_without(low, found), _without(high, found)):
        raise _refused(charge_id, RESTS)
    return OpenContract(charge_id=charge_id, terms=low, free=found, months=months)


def _floor(supply: SupplyPoint) -> Decimal:
    return Decimal(0) if supply.capacity_kva is None else supply.capacity_kva + supply.high_voltage_motor_kva


def _refused(charge_id: str, problem: Text, month: date | None = None) -> ContractNotChoosableError:
    said = "" if month is None else f"{month:%Y-%m}"
    problem = Text(en=problem.en.format(month=said), zh=problem.zh.format(month=said))
    return ContractNotChoosableError(charge_id=charge_id, problem=problem)


def must_be_contract_charge(tariff: AnyTariff, charge_id: str) -> None:
    """Refuse an id that is none of a charge on a contract value.

    Raises
    ------
    InvalidFieldError
    """
    versions = (tariff,) if isinstance(tariff, Tariff) else tariff.versions
    known = [
        one.charge_id
        for each in versions
        for one in each.charges
        if isinstance(one, DemandCharge) and one.basis == "contract"
    ]
    if charge_id not in known:
        ids = ", ".join(dict.fromkeys(known))
        problem = Text(
            en="is no demand charge on a contract value of this tariff", zh="不是该电价中按合同最大需量计费的费用项"
        )
        mend = (
            Text(en=f"It has: {ids}.", zh=f"现有：{ids}。")
            if ids
            else Text(en="It has none.", zh="该电价没有此类费用项。")
        )
        raise checks.refuse("open_contract", "charge_id", charge_id, problem, mend)


def _charges(tariff: AnyTariff, window: BillingWindow, charge_id: str) -> dict[date, DemandCharge]:
    """Give the contract charge of each month in which it is levied."""
    must_be_contract_charge(tariff, charge_id)
    found: dict[date, DemandCharge] = {}
    for month in window.months:
        held = held_days(tariff, month)
        for version in held:
            for charge in version.tariff.charges:
                if charge.charge_id != charge_id or not isinstance(charge, DemandCharge) or charge.basis != "contract":
                    continue
                if is_levied(charge, month):
                    if len(held) > 1:
                        raise _refused(charge_id, CHANGES, month)
                    found[month] = charge
    return found


def _without(terms: PricedTerms, numbers: dict[int, FreeContract]) -> PricedTerms:
    return replace(terms, demand=tuple(one for number, one in enumerate(terms.demand) if number not in numbers))


def _alike(one: object, other: object) -> bool:
    """Say whether two values are the same, arrays and nouns of arrays included."""
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return isinstance(one, np.ndarray) and isinstance(other, np.ndarray) and np.array_equal(one, other)
    if isinstance(one, sparse.csr_array) and isinstance(other, sparse.csr_array):
        parts = ("data", "indices", "indptr")
        return one.shape == other.shape and all(np.array_equal(getattr(one, a), getattr(other, a)) for a in parts)
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(_alike(a, b) for a, b in zip(one, other, strict=True))
    if is_dataclass(one) and type(one) is type(other):
        return all(_alike(getattr(one, field.name), getattr(other, field.name)) for field in fields(one))
    return one == other
