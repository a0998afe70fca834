"""The verb: from a meter's past to what it says of the plant, in kWh and money."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from domain.checks import FloatArray
from domain.findings import Finding
from domain.metering import MeterSeries
from domain.noun import noun
from domain.offers import Package
from domain.programmes.programme import Programme
from domain.time import Calendar
from forecasting.patterns import changes, idle, levels, peaks, power_factor, shiftable, typical
from forecasting.patterns.candidates import Candidate, package_fits, programme_fits
from forecasting.patterns.changes import Change
from forecasting.patterns.found import PatternFinding
from forecasting.patterns.history import History
from forecasting.patterns.levels import Levels
from forecasting.patterns.peaks import MonthPeak
from forecasting.patterns.power_factor import LowMonth
from forecasting.patterns.repricing import Billing, Repricing
from forecasting.patterns.shiftable import Shiftable
from forecasting.patterns.typical import Dip, Habit, LoadFactors, TypicalDay


@noun(eq=False)
class Diagnosis:
    """What a meter's past says of a plant. Findings may overlap; their kWh and money do not add up."""

    meter_id: str
    zone: str
    measured_days: float
    """Measured time. [d]"""
    measured_kwh: float
    by_day_kw: FloatArray
    """Load by local day and wall-clock slot, NaN where not measured, shape (n_days, day_slots). [kW]"""
    dates: tuple[date, ...]
    """The local days."""
    days: tuple[TypicalDay, ...]
    factors: LoadFactors
    busiest: Habit | None
    quietest: Habit | None
    dip: Dip | None
    """Midday break of the typical working day."""
    levels: Levels
    band_kwh: dict[str, float]
    """Energy by tariff band; empty without a tariff that has bands. [kWh]"""
    n_billed_months: int
    billed_cost: Decimal | None
    """What was owed for the billed months; None without a tariff. [currency]"""
    currency: str | None
    findings: tuple[PatternFinding, ...]
    """Losses, changes, standstills, doubts about the meter; dearest first, then by kWh."""
    peaks: tuple[MonthPeak, ...]
    changes: tuple[Change, ...]
    low_months: tuple[LowMonth, ...]
    shiftable: Shiftable | None
    candidates: tuple[Candidate, ...]
    notes: tuple[Finding, ...]
    """What the money leaves out."""


def diagnose(
    meter: MeterSeries,
    *,
    zone: str,
    calendar: Calendar,
    billing: Billing | None = None,
    packages: Sequence[Package] = (),
    programmes: Sequence[Programme] = (),
) -> Diagnosis:
    """Look for patterns and losses in all that a meter measured.

    Parameters
    ----------
    meter : MeterSeries
        At least 14 measured days; reactive power where the power factor is to be judged. [kW, kvar]
    zone : str
        IANA zone whose wall clock the plant works by; a tariff's clock must be the same.
    calendar : Calendar
        Working days, holidays and make-up working days.
    billing : Billing, optional
        Present tariff and supply point; without it there is no money and no power-factor finding.
    packages, programmes : sequence, optional
        What might fit; packages need a billing.

    Raises
    ------
    NoUsableDataError, HistoryTooShortError, ConstantLoadError, TooFewWholeDaysError
        If the history is hopeless.
    ClocksDifferError, NothingPricedError
        If the tariff does not fit it; further as ``bill``.
    """
    history = History.of(meter, zone, calendar)
    repricing = None if billing is None else Repricing.of(history.meter, billing, zone)
    days = typical.typical_days(history)
    habits = typical.habits(days)
    measured = levels.levels_of(history)
    ramps = idle.ramps_of(history, measured)
    bands = None if billing is None else typical.band_names(history, billing.latest, billing.facts)
    moved = None
    if repricing is not None and billing is not None and bands is not None:
        moved = shiftable.shiftable(history, measured, billing.latest, bands, repricing)
    changed = changes.level_changes(history, repricing)
    low = power_factor.low_months(history, repricing)
    fits = programme_fits(history, programmes, None if habits is None else habits[0])
    if repricing is not None:
        fits = package_fits(history, packages, repricing) + fits
    losses = (
        levels.base_above_best(history, measured, repricing),
        levels.rest_above_best(history, repricing),
        idle.idle(history, measured, repricing),
        idle.start_up(history, measured, ramps, repricing),
        None if moved is None else moved.found,
        *(one.found for one in changed),
        *(one.found for one in low),
        *changes.standstills(history, measured, repricing),
        *changes.stuck_meter(history, measured, repricing),
    )
    known = [one for one in losses if one is not None]
    return Diagnosis(
        meter_id=meter.meter_id,
        zone=zone,
        measured_days=history.energy_days,
        measured_kwh=history.energy_kwh,
        by_day_kw=history.by_day_kw,
        dates=tuple(history.day(number) for number in range(history.n_days)),
        days=days,
        factors=typical.load_factors(history),
        busiest=None if habits is None else habits[0],
        quietest=None if habits is None else habits[1],
        dip=typical.midday_dip(days),
        levels=measured,
        band_kwh={} if bands is None else typical.band_kwh(history, bands),
        n_billed_months=0 if repricing is None else len(repricing.bills),
        billed_cost=None if repricing is None else repricing.total,
        currency=None if billing is None else billing.tariff.currency,
        findings=tuple(sorted(known, key=lambda one: (-(one.saving or Decimal(0)), -one.energy_kwh))),
        peaks=peaks.month_peaks(history, ramps, repricing),
        changes=changed,
        low_months=low,
        shiftable=moved,
        candidates=fits,
        notes=() if repricing is None else repricing.findings,
    )
