"""What each charge of a tariff measures in a month: energy by band, maximum demand, capacity, power factor …"""

from datetime import date

import numpy as np

from domain.checks import FloatArray
from domain.tariffs.bills import BilledLoad, BillingDeterminants
from domain.tariffs.compiling import CompiledPeriod, compile_month
from domain.tariffs.periods import (
    CapacityUnknownError,
    MonthNotCoveredError,
    MonthPart,
    StepTooCoarseError,
    clock_blocks,
    month_part,
    step_bands,
)
from domain.tariffs.quantities import IntArray, Windows
from domain.tariffs.reading import Reading, window_means
from domain.tariffs.tariff import SupplyPoint
from domain.tariffs.versions import AnyTariff

__all__ = [
    "CapacityUnknownError",
    "MonthNotCoveredError",
    "MonthPart",
    "StepTooCoarseError",
    "block_peaks_kw",
    "clock_blocks",
    "measure",
    "month_part",
    "step_bands",
]

METERED_ONLY = ("active_kwh", "reactive_kvarh")
"""Quantities of the power factor that are named only where reactive energy is metered."""


def block_peaks_kw(rows_kw: FloatArray, blocks: IntArray) -> FloatArray:
    """Give each row's highest block mean, at least 0, shape (n_samples,). [kW]."""
    means, _ = window_means(rows_kw, Windows(first=0, stop=rows_kw.shape[1], blocks=blocks))
    if means.shape[1] == 0:
        return np.zeros(rows_kw.shape[0])
    return np.asarray(np.maximum(means.max(axis=1), 0.0))


def measure(load: BilledLoad, tariff: AnyTariff, supply: SupplyPoint, month: date) -> tuple[BillingDeterminants, ...]:
    """Measure what a tariff's charges bill in one local month, one entry per charge, for every sample.

    Parameters
    ----------
    load : BilledLoad
        Must cover the whole month on the tariff's local clock; may be longer: a ratchet and a yearly price look at
        the earlier months that it covers, and ask ``load.facts`` for the others.
    month : date
        Any day of the month.

    Returns
    -------
    tuple[BillingDeterminants, ...]
        In the order of the tariff's charges, version by version. Quantities by name with unit, such as
        ``energy_kwh.<band>`` for each band that the month has, ``max_demand_kw`` and ``billed_demand_kw`` (nothing in
        a month without the charge), ``capacity_kva``, ``power_factor``.

    Raises
    ------
    MonthNotCoveredError, StepTooCoarseError, BandEdgeError
        If the load does not fit the month or the tariff's clock.
    CapacityUnknownError, ContractDemandUnknownError, PowerFactorUnknownError
        If the supply point lacks what a charge bills.
    PricesUnknownError, SystemPeaksUnknownError, PastMonthUnknownError
        If the facts do.
    """
    reading = Reading(load, supply)
    periods = compile_month(tariff, supply, load.grid, load.facts, month)
    return tuple(one for period in periods for one in measured(period, reading))


def measured(compiled: CompiledPeriod, reading: Reading) -> tuple[BillingDeterminants, ...]:
    """Evaluate what the charges of one version measure in one month."""
    metered = reading.load.reactive_kvar is not None
    return tuple(
        BillingDeterminants(
            charge_id=charge.charge_id,
            month=compiled.period.month,
            quantities={
                name: reading.of(quantity)
                for name, quantity in charge.measured.items()
                if metered or name not in METERED_ONLY
            },
        )
        for charge in compiled.charges
    )
