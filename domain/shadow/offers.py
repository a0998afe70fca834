"""Which alternatives are worth trying for which kind of charge, given the bill at hand."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

import numpy as np

from domain.errors import WattplanError
from domain.noun import noun
from domain.shadow.alternatives import (
    Alternative,
    Asked,
    component_at,
    floats_flipped,
    other_clock,
    other_price_decimals,
    scaled,
    without_holidays,
)
from domain.shadow.alternatives_power import demand_measurements, demand_of, demand_rules, power_factors
from domain.shadow.billed import BilledEnergy, measured_demand_kw, reactive_kvarh
from domain.shadow.ebill import TOTAL, ZERO, EBill, Register
from domain.shadow.explain import Search, Sides
from domain.shadow.groups import Group, Side, spread
from domain.shadow.own_load import OwnQuestion, power_factor_as_billed
from domain.tariffs import EnergyCharge, Tariff, as_decimal, half_up, measure
from domain.text import Text

PRICE_DECIMALS = 8
LEAST_BANDS = 2
"""A component's price is read off the bill only where so many bands with different factors agree on it."""


@noun(eq=False)
class Offers:
    """Everything that alternatives are made from."""

    ebill: EBill
    billed: BilledEnergy
    search: Search
    own: OwnQuestion | None
    """The bill's own quantities, where ours come from a meter; None where they are ours already."""

    def energy(self, asked: Asked, sides: Sides) -> Iterator[Alternative]:
        """Give alternatives for kWh and their prices."""
        if self.own is not None:
            yield from self._losses(sides)
            yield from other_clock(asked.load)
            yield from without_holidays(asked.tariff)
            yield from (scaled(factor) for factor in self._multipliers())
        yield from floats_flipped(asked.tariff)
        yield from self._components(asked.tariff, sides)
        yield from other_price_decimals(asked.tariff)

    def demand(self, asked: Asked, sides: Sides) -> Iterator[Alternative]:
        """Give alternatives for demand; the bill's own register last, which only tells where a difference is."""
        del sides
        yield from demand_rules(asked.tariff, asked.supply)
        if self.own is not None:
            yield from (one for one in demand_measurements(asked.tariff) if self._is_measured_so(one, asked))
            yield demand_of(self.own.load, self.own.tariff)

    def _is_measured_so(self, alternative: Alternative, asked: Asked) -> bool:
        """Say whether another way of measuring gives the maximum demand that the bill prints, where it prints one.

        Without this a lower peak would do that happens to stay below a contract value.
        """
        printed = measured_demand_kw(self.ebill)
        if printed is None:
            return True
        changed = alternative.apply(asked)
        try:
            found = measure(changed.load, changed.tariff, changed.supply, self.ebill.month)
        except WattplanError:
            return False
        peaks = [one.quantities["max_demand_kw"][0] for one in found if "max_demand_kw" in one.quantities]
        exponent = printed.as_tuple().exponent
        decimals = max(0, -exponent) if isinstance(exponent, int) else 0
        return any(half_up(as_decimal(float(peak)), decimals) == printed for peak in peaks)

    def power_factor(self, asked: Asked, sides: Sides) -> Iterator[Alternative]:
        """Give alternatives for the power factor and its rate."""
        del sides
        reactive, active = reactive_kvarh(self.ebill), self.billed.energy_kwh
        on_bill = power_factor_as_billed(self.ebill, active)
        unrounded = None
        if reactive is not None and active:
            unrounded = abs(active) / (active * active + reactive * reactive).sqrt()
        yield from power_factors(asked.tariff, on_bill, unrounded)

    def nothing(self, asked: Asked, sides: Sides) -> Iterator[Alternative]:
        """Give no alternative: kinds that no hypothesis is known for."""
        del asked, sides
        yield from ()

    def _multipliers(self) -> list[Decimal]:
        found = {
            reading.multiplier
            for meter in self.ebill.meters
            for reading in meter.of(Register.ACTIVE)
            if reading.multiplier is not None and reading.multiplier > 1
        }
        return sorted(found)

    def _losses(self, sides: Sides) -> Iterator[Alternative]:
        losses, passed_on = self.billed.loss_kwh, self.billed.adjustment_kwh
        both = {band: losses.get(band, ZERO) + passed_on.get(band, ZERO) for band in {*losses, *passed_on}}
        ours = _band_kwh(self.search.groups, sides)
        for cause, added, en, zh in (
            ("losses", losses, "transformer and line losses", "变损与线损"),
            ("adjustment", passed_on, "what is added for or passed on to other meters", "分表加减电量"),
            ("losses_and_adjustment", both, "losses and what is passed on to other meters", "变损、线损与分表加减电量"),
        ):
            if any(added.values()) and ours:
                told = half_up(_total(added), 3)
                yield Alternative(
                    kind="quantity",
                    cause=cause,
                    why=Text(
                        en=f"the bill's kWh include {en}, {told} kWh, which our meter does not see",
                        zh=f"账单电量含{zh} {told} 千瓦时，本方电表未计量",
                    ),
                    apply=lambda one, added=added: _grossed(one, added, ours),  # type: ignore[misc]
                )

    def _components(self, tariff: Tariff, sides: Sides) -> Iterator[Alternative]:
        """Read other prices of floating components off the bands in which the bill departs."""
        for charge in tariff.charges:
            if isinstance(charge, EnergyCharge):
                for number, component in enumerate(charge.components):
                    if component.floats and charge.factors:
                        yield from self._component(charge, number, sides)

    def _component(self, charge: EnergyCharge, number: int, sides: Sides) -> Iterator[Alternative]:
        present = charge.components[number].price_per_kwh
        factors: dict[Decimal, set[Decimal]] = defaultdict(set)
        for at, group in enumerate(self.search.groups):
            if not any(item.key == f"{charge.charge_id}/{number}" for item in group.ours):
                continue
            real, ours = self.search.real[at], sides[at]
            for band, quantity in real.quantities.items():
                factor = charge.factors.get(band, Decimal(1))
                if quantity and factor and band in ours.prices:
                    price = present + (real.prices[band] - ours.prices[band]) / factor
                    factors[half_up(price, PRICE_DECIMALS).normalize()].add(factor)
        for price, agreeing in factors.items():
            if price != present and len(agreeing) >= LEAST_BANDS:
                yield component_at(charge, number, price, len(agreeing))


def _total(by_band: Mapping[str, Decimal]) -> Decimal:
    """Sum by band, of the total row where there is one."""
    return by_band[TOTAL] if TOTAL in by_band else sum(by_band.values(), ZERO)


def _band_kwh(groups: tuple[Group, ...], sides: Sides) -> dict[str, Decimal]:
    """Give our kWh by band: of the energy groups with most."""
    best: dict[str, Decimal] = {}
    for number, group in enumerate(groups):
        if group.kind == "energy":
            side: Side = sides[number]
            for band, quantity in side.quantities.items():
                best[band] = max(best.get(band, ZERO), quantity)
    return best


def _grossed(asked: Asked, added: Mapping[str, Decimal], ours: Mapping[str, Decimal]) -> Asked:
    """Give the question with kWh added to each band of the load, in proportion to what flows."""
    charge = next(one for one in asked.tariff.charges if isinstance(one, EnergyCharge))
    banded = {band: kwh for band, kwh in added.items() if band != TOTAL}
    by_band = banded or spread(added.get(TOTAL, ZERO), ours)
    names = charge.calendar.bands
    at = charge.calendar.bands_on(asked.load.grid, asked.tariff.zone, asked.tariff.calendar)
    factors = np.ones(len(names))
    for place, band in enumerate(names):
        ours_kwh = ours.get(band, ours.get(TOTAL, ZERO) if len(names) == 1 else ZERO)
        more = by_band.get(band, _total(added) if len(names) == 1 else ZERO)
        if ours_kwh:
            factors[place] = float(1 + more / ours_kwh)
    return replace(asked, load=replace(asked.load, import_kw=np.asarray(asked.load.import_kw) * factors[at]))
