"""A tariff's charges as the terms of a model over one planning horizon.

``priced_terms(...).cost(horizon)`` equals the mean over the window's samples of the exact month bills
before rounding. Where the window gives the reactive power around the horizon, the power factor is the schedule's: its
rate then multiplies what it adjusts step by step, as atoms. Elsewhere it is as given and the same for every schedule.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from domain.checks import FloatArray
from domain.noun import noun
from domain.tariffs.atoms import Affine, HingeAtom
from domain.tariffs.bills import BillingWindow
from domain.tariffs.coming import coming_lines
from domain.tariffs.compiling import compile_month
from domain.tariffs.line import Line
from domain.tariffs.lowering import Lowered, Lowering
from domain.tariffs.lowering_peaks import HorizonSplitsBlockError
from domain.tariffs.quantities import Billed, Energy, Given, IntArray, Largest, Peak, Quantity, Rated, Sum
from domain.tariffs.tariff import SupplyPoint
from domain.tariffs.terms import UNBLOCKED, DemandTerm, PricedTerms
from domain.tariffs.versions import AnyTariff

__all__ = ["HorizonSplitsBlockError", "priced_terms"]

NOTHING_SHARE = 1e-12
"""A price this small beside those that it is the sum of is the rest of a subtraction. [-]"""
KW_DIGITS = 9
PRICE_DIGITS = 12


def priced_terms(tariff: AnyTariff, supply: SupplyPoint, window: BillingWindow) -> PricedTerms:
    """Give a tariff's cost of a planning horizon as terms of a model. [tariff.currency].

    Parameters
    ----------
    window : BillingWindow
        The whole months that the horizon touches, with the load around it and the facts that the tariff asks for.

    Returns
    -------
    PricedTerms
        ``cost(horizon_kw)`` is the mean over the samples of the months' bills before rounding. A plain demand charge
        gives one term for each month that it is levied in and whose window meets the horizon; elsewhere it
        is part of ``constant``. Where ``window.facts`` name coming months, what these owe for the plan's peaks through
        ratchets and yearly prices is in it, too (``coming``). What rests on several quantities comes as atoms.

    Raises
    ------
    TariffNotInForceError, TariffNotForCustomerError
        If the tariff does not hold in all of the window's months, or not for this customer.
    HorizonSplitsBlockError
        If the horizon begins or ends inside a measurement block.
    MonthNotCoveredError, StepTooCoarseError, BandEdgeError
        If the window does not fit the tariff's local clock.
    CapacityUnknownError, ContractDemandUnknownError, PowerFactorUnknownError
        If the supply point lacks what a charge bills.
    ApparentPowerPlannedError
        If a charge counts kVA where the reactive power is the schedule's.
    PricesUnknownError, SystemPeaksUnknownError, PastMonthUnknownError, ComingMonthUnknownError
        If ``window.facts`` does.
    """
    pricing = _Pricing(window, supply, tariff.zone)
    for month in window.months:
        pricing.month(tariff, month)
    for sign, line in coming_lines(tariff, supply, window, pricing.lowering):
        pricing.line(line, sign)
    return pricing.terms(tariff)


@noun(eq=False)
class _Owed:
    """A quantity at the top of the bill, and what is owed per unit of it."""

    price: float
    quantity: Quantity


def _flat(price: float, quantity: Quantity, lowering: Lowering) -> Iterator[_Owed]:
    """Take sums and fixed rates apart, so that each quantity stands by itself."""
    if isinstance(quantity, Sum):
        if quantity.constant:
            yield _Owed(price=price * quantity.constant, quantity=Given(value=1.0))
        for coefficient, part in quantity.parts:
            yield from _flat(price * coefficient, part, lowering)
    elif isinstance(quantity, Rated) and not lowering.is_planned(quantity):
        yield from _flat(price * lowering.rate(quantity), quantity.of, lowering)
    else:
        yield _Owed(price=price, quantity=quantity)


class _Pricing:
    """Gathers the lines of all months into the terms of a model."""

    def __init__(self, window: BillingWindow, supply: SupplyPoint, zone: str) -> None:
        self.window = window
        self.supply = supply
        self.lowering = Lowering(window, supply, zone)
        self.constant = 0.0
        self.import_price = np.zeros(window.grid.n_steps)
        """[currency / kWh]"""
        self.export_price: FloatArray | None = None
        self.others: dict[int, _Owed] = {}

    def month(self, tariff: AnyTariff, month: date) -> None:
        """Add a month's lines."""
        window = self.window
        for compiled in compile_month(tariff, self.supply, window.grid, window.facts, month):
            for line in compiled.lines:
                self.line(line)

    def line(self, line: Line, sign: float = 1.0) -> None:
        """Add a line, or take it off."""
        price, quantity = line.priced()
        for owed in _flat(sign * price, quantity, self.lowering):
            self._add(owed)

    def _add(self, owed: _Owed) -> None:
        quantity = owed.quantity
        match quantity:
            case Given():
                self.constant += owed.price * quantity.value
            case Energy(channel="import"):
                weights = 1.0 if quantity.weights is None else quantity.weights
                self.import_price[quantity.first : quantity.stop] += owed.price * weights
            case Energy(channel="export"):
                if self.export_price is None:
                    self.export_price = np.zeros(self.window.grid.n_steps)
                weights = 1.0 if quantity.weights is None else quantity.weights
                self.export_price[quantity.first : quantity.stop] -= owed.price * weights
            case _:
                before = self.others.get(id(quantity))
                price = owed.price if before is None else before.price + owed.price
                self.others[id(quantity)] = _Owed(price=price, quantity=quantity)

    def terms(self, tariff: AnyTariff) -> PricedTerms:
        """Give what was gathered."""
        demand, rest = self._parted()
        left = self._without_reactive(self.lowering.combine(rest))
        window, step_h = self.window, self.window.grid.step_h
        inside = slice(window.first, window.stop)
        import_price = self.import_price[inside].copy()
        if left.per_import_kw is not None:
            import_price += left.per_import_kw / step_h
        export_price = None if self.export_price is None else self.export_price[inside].copy()
        if left.per_export_kw is not None:
            export_price = (0.0 if export_price is None else export_price) - left.per_export_kw / step_h
        return PricedTerms(
            tariff_id=tariff.tariff_id,
            currency=tariff.currency,
            horizon=window.horizon,
            constant=self.constant + self._outside() + float(left.constant.mean()),
            energy_price_per_kwh=import_price,
            demand=tuple(demand),
            export_price_per_kwh=export_price,
            atoms=tuple(self.lowering.atoms),
            charged=tuple((price, number) for number, price in sorted(left.parts.items()) if price),
        )

    def _without_reactive(self, left: Lowered) -> Lowered:
        """Give what is owed with plain prices of reactive energy as atoms: the positive part of a sum never below 0."""
        if left.per_reactive_kvar is None:
            return left
        lowering, nothing = self.lowering, np.zeros(self.window.n_samples)
        parts = [(1.0, replace(left, per_reactive_kvar=None))]
        for sign in (1.0, -1.0):
            prices = np.maximum(sign * left.per_reactive_kvar, 0.0)
            if prices.any():
                one = Affine(constant=nothing, per_reactive_kvar=prices)
                parts.append((sign, lowering.add(HingeAtom(label="reactive energy", of=one))))
        return lowering.combine(parts)

    def _parted(self) -> tuple[list[DemandTerm], list[tuple[float, Lowered]]]:
        """Part what is owed into plain demand charges, one for each peak and rule, and the rest."""
        alike: dict[tuple[object, ...], list[tuple[_Owed, DemandTerm]]] = {}
        rest: list[tuple[float, Lowered]] = []
        for owed in self.others.values():
            plain = self._demand_term(owed)
            if plain is None:
                rest.append((owed.price, self.lowering.of(owed.quantity)))
            else:
                alike.setdefault(_rule_of(plain), []).append((owed, plain))
        demand: list[DemandTerm] = []
        for group in alike.values():
            price = sum(plain.price_per_kw for _, plain in group)
            most = max(abs(plain.price_per_kw) for _, plain in group)
            if price < -NOTHING_SHARE * most:
                rest += [(owed.price, self.lowering.of(owed.quantity)) for owed, _ in group]
                continue
            one = replace(group[0][1], price_per_kw=price)
            if (one.block_of_step == UNBLOCKED).all():
                self.constant += one.cost(np.zeros(self.window.horizon.n_steps))
            elif price > NOTHING_SHARE * most or len(group) == 1:
                demand.append(one)
        return pooled(demand), rest

    def _outside(self) -> float:
        """Give what the energy outside the horizon costs. [currency]."""
        window, step_h = self.window, self.window.grid.step_h
        outside = np.ones(window.grid.n_steps, dtype=bool)
        outside[window.first : window.stop] = False
        owed = float(self.import_price[outside] @ window.around_kw[:, outside].mean(axis=0)) * step_h
        if self.export_price is not None and window.around_export_kw is not None:
            fed_in_kw = window.around_export_kw[:, outside].mean(axis=0)
            owed -= float(self.export_price[outside] @ fed_in_kw) * step_h
        return owed

    def _demand_term(self, owed: _Owed) -> DemandTerm | None:
        """Give a demand as the fast kind of term, if it is one plain peak, what past months make of it, and a contract."""
        billed = owed.quantity if isinstance(owed.quantity, Billed) else None
        found = self._single_peak(billed.demand if billed is not None else owed.quantity)
        if found is None:
            return None
        share, peak, least_kw = found
        inside, _ = self.lowering.peaks.inner_blocks(peak)
        other_kw = np.maximum(self.lowering.peaks.outside_peak_kw(peak), least_kw / share)
        over = None if billed is None else billed.over
        return DemandTerm(
            label=peak.label,
            price_per_kw=owed.price * (share if over is None else 1.0),
            block_of_step=_from_zero(inside),
            other_peak_kw=other_kw,
            contract_kw=None if over is None else float(over.contract_kw),
            thresholds_kw=() if over is None else tuple(float(one) / share for one in over.thresholds_kw),
            multipliers=() if over is None else tuple(float(one) * share for one in over.multipliers),
            jump_kw=0.0 if over is None else float(over.jump_kw),
        )

    def _single_peak(self, demand: Quantity) -> tuple[float, Peak, FloatArray] | None:
        """Give the one peak that the horizon can change, the share of it that counts, and the least that the others make.

        The least has shape (n_samples,) and is what counts, not yet divided by the share.
        """
        least_kw = np.zeros(self.window.n_samples)
        if isinstance(demand, Peak):
            return (1.0, demand, least_kw) if _is_plain(demand) else None
        if not isinstance(demand, Largest):
            return None
        least_kw = least_kw + demand.least
        touched: list[tuple[float, Peak]] = []
        for coefficient, part in demand.parts:
            if isinstance(part, Peak) and self.lowering.peaks.touches(part):
                touched.append((coefficient, part))
                continue
            lowered = self.lowering.of(part)
            if not lowered.is_constant:
                return None
            least_kw = np.maximum(least_kw, coefficient * lowered.constant)
        if len(touched) == 1 and touched[0][0] > 0 and _is_plain(touched[0][1]):
            return *touched[0], least_kw
        return None


def _rule_of(term: DemandTerm) -> tuple[object, ...]:
    """Give what terms have in common that differ only in price: charge and month, peak, what lies outside, rule."""
    arrays = (term.block_of_step.tobytes(), np.round(term.other_peak_kw, KW_DIGITS).tobytes())
    return (term.label, *arrays, term.contract_kw, term.thresholds_kw, term.multipliers, term.jump_kw)


def pooled(demand: Sequence[DemandTerm]) -> list[DemandTerm]:
    """Make one term of those that charge the same price for the same peak without a contract, with all their samples.

    A ratchet that eleven coming months look back through is then one peak in the model, not eleven.
    """
    found: dict[tuple[object, ...], list[DemandTerm]] = {}
    for number, term in enumerate(demand):
        key: tuple[object, ...] = (number,)
        if term.contract_kw is None:
            key = (
                term.label,
                term.block_of_step.tobytes(),
                term.other_peak_kw.size,
                f"{term.price_per_kw:.{PRICE_DIGITS}g}",
            )
        found.setdefault(key, []).append(term)
    return [
        alike[0]
        if len(alike) == 1
        else replace(
            alike[0],
            price_per_kw=sum(one.price_per_kw for one in alike),
            other_peak_kw=np.concatenate([one.other_peak_kw for one in alike]),
        )
        for alike in found.values()
    ]


def _is_plain(peak: Peak) -> bool:
    return peak.power == "kw" and peak.n_highest == 1 and not peak.windows.width_steps


def _from_zero(blocks: IntArray) -> IntArray:
    inside = blocks != UNBLOCKED
    return np.where(inside, blocks - blocks[inside].min(initial=np.iinfo(np.int64).max), UNBLOCKED)
