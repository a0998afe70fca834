"""What the site will draw: base load over the horizon, and the billing months around it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import numpy as np

from domain.checks import FloatArray
from domain.errors import WattplanError
from domain.findings import Finding
from domain.metering import MeterSeries
from domain.metering.series import Quality
from domain.noun import noun
from domain.offers import Case, ResponseProblem
from domain.plant import Schedule
from domain.plant.expand import pv_available_kw
from domain.tariffs import AnyTariff, BilledLoad, BillingWindow, SupplyPoint, versions_of
from domain.tariffs.month_so_far import months_around
from domain.tariffs.past import looks_back, past_months, with_past
from domain.tariffs.power_factor import power_factor_of
from domain.text import Text
from domain.time import Calendar, TimeGrid, local_midnight, month_start, next_month, said_at, zone_of
from forecasting.errors import NoUsableDataError
from forecasting.forecast import FittedLoad, ForecastOptions, fit_load
from optimizer.assemble import changeovers_kw, runs_kw
from optimizer.process_use import processes_kw
from scenarios import findings
from scenarios.unit_checks import must_share_units

POWER_FACTOR_DAYS = 30
DAY_H = 24


class TariffZoneError(WattplanError):
    """A tariff's months would not begin when the site's do."""

    code = "tariff_zone_differs"
    words = Text(
        en="Tariff {tariff_id} counts its hours in {tariff_zone}, the site stands in {site_zone} "
        "and their clocks differ.",
        zh="电价 {tariff_id} 按 {tariff_zone} 计时，而厂区位于 {site_zone}，两地时钟不同。",
    )


class StepsDifferError(WattplanError):
    """Two series of one case have different steps."""

    code = "steps_differ"
    words = Text(
        en="{field} has steps of {step_min} min, the meter {meter_step_min} min. Give both in the same steps.",
        zh="{field} 的步长为 {step_min} 分钟，而电表为 {meter_step_min} 分钟。请统一步长。",
    )


@noun(eq=False)
class Loads:
    """All loads of a case; samples are paired by row everywhere."""

    horizon: TimeGrid
    window: BillingWindow
    measured: MeterSeries | None = None
    """What the meter said before; tariffs that look back at past months find them here."""
    base_kw: FloatArray
    """Base load over the horizon, shape (n_samples, n_steps). [kW]"""
    findings: tuple[Finding, ...]
    versions: dict[str, str]
    base_kvar: FloatArray | None = None
    """Reactive power of the expected base load before compensation, where the plan counts it, shape (n_steps,). [kvar]"""

    def window_of(self, tariff: AnyTariff, supply: SupplyPoint) -> BillingWindow:
        """Give the billing months with what a tariff looks back at, as far as the meter knows it."""
        return self.window if self.measured is None else looking_back(self.window, tariff, supply, self.measured)

    @property
    def expected_base_kw(self) -> FloatArray:
        """Mean over the samples: what the schedule is made for. [kW]."""
        return np.asarray(self.base_kw.mean(axis=0), dtype=np.float64)


@noun(eq=False)
class SiteForecast:
    """The site's metered load, fitted once, and what was measured before the case was issued."""

    horizon: TimeGrid
    measured: MeterSeries
    fitted: FittedLoad
    after: TimeGrid
    """From the time of issue to the end of the billing months."""
    samples_kw: FloatArray
    """On ``after``, shape (n_samples, n_after). [kW]"""
    findings: tuple[Finding, ...]
    versions: dict[str, str]

    @property
    def horizon_samples_kw(self) -> FloatArray:
        """The samples within the horizon. [kW]."""
        first = self.after.edge_of(self.horizon.start)
        return self.samples_kw[:, first : first + self.horizon.n_steps]


def options_of(case: Case) -> ForecastOptions:
    """Give the forecast's options from the case's."""
    asked = case.options
    return ForecastOptions(
        n_samples=asked.n_samples,
        seed=asked.seed,
        history_days=asked.history_days,
        backend=asked.forecast_backend,
    )


def horizon_of(case: Case) -> TimeGrid:
    """Give the plan's horizon in the meter's steps."""
    return TimeGrid.between(case.plan.start, case.plan.end, case.meter.grid.step_min)


def must_share_clock(case: Case, tariff: AnyTariff, grid: TimeGrid) -> None:
    """Refuse a tariff whose wall clock differs from the site's somewhere in the billing months.

    Raises
    ------
    TariffZoneError
    """
    if tariff.zone == case.site.zone:
        return
    theirs, ours = zone_of(tariff.zone), zone_of(case.site.zone)
    for day in range(0, grid.n_steps, DAY_H * 60 // grid.step_min):
        at = grid.at(day)
        if at.astimezone(theirs).utcoffset() != at.astimezone(ours).utcoffset():
            raise TariffZoneError(tariff_id=tariff.tariff_id, tariff_zone=tariff.zone, site_zone=case.site.zone)


def known_meter(case: Case) -> MeterSeries:
    """Give what the meter said before the case was issued, whole steps only.

    Raises
    ------
    NoUsableDataError
        If that is nothing.
    """
    known = case.meter.before(case.issued_at)
    if known is None:
        raise NoUsableDataError(meter_id=case.meter.meter_id, issued_at=said_at(case.issued_at, case.site.zone))
    return known


def forecast_site(case: Case) -> SiteForecast:
    """Fit the site's load once and sample it to the end of the billing months.

    Raises
    ------
    UnitsMixedError
        If meter, plan and connection cannot be in one unit.
    """
    must_share_units(case)
    horizon = horizon_of(case)
    measured = known_meter(case)
    months = months_around(horizon, case.site.zone)
    issued_step = -((horizon.start - case.issued_at) // horizon.step)  # the first step that begins at or after it
    after = TimeGrid.between(horizon.at(issued_step), months.end, horizon.step_min)
    fitted = _fit(case, measured)
    forecast = fitted.forecast(after)
    return SiteForecast(
        horizon=horizon,
        measured=measured,
        fitted=fitted,
        after=after,
        samples_kw=forecast.samples_kw,
        findings=forecast.degraded_reasons,
        versions=forecast.versions,
    )


def _fit(case: Case, history: MeterSeries) -> FittedLoad:
    return fit_load(
        history,
        issued_at=case.issued_at,
        zone=case.site.zone,
        calendar=Calendar(country=case.site.country),
        options=options_of(case),
    )


def metered_pv_kw(case: Case, grid: TimeGrid) -> FloatArray:
    """Give the expected power of the PV that already lowers the meter's history, shape (n_steps,). [kW]."""
    arrays = [pv_available_kw(one, grid, case.site.zone) for one in case.site.pv if one.in_meter_history]
    return np.sum(arrays, axis=0, dtype=np.float64) if arrays else np.zeros(grid.n_steps)


def behind_meter_kw(case: Case, measured: MeterSeries) -> FloatArray:
    """Give what the site consumed in the past: import less export plus the PV behind the meter, shape (n_steps,). [kW]."""
    exported_kw = 0.0 if measured.export_kw is None else measured.export_kw
    return np.asarray(measured.import_kw - exported_kw + metered_pv_kw(case, measured.grid), dtype=np.float64)


def _gross_samples(case: Case, site: SiteForecast) -> tuple[FloatArray, tuple[Finding, ...]]:
    """Give the whole consumption's samples over the horizon, before PV, shape (n_samples, n_steps). [kW].

    A site that fed in is forecast anew: its import alone does not know what it consumed then.
    """
    exported_kw = site.measured.export_kw
    if exported_kw is None or not (exported_kw > 0).any():
        return site.horizon_samples_kw + metered_pv_kw(case, site.horizon), ()
    consumed = MeterSeries(
        meter_id=f"{site.measured.meter_id} before PV",
        grid=site.measured.grid,
        import_kw=behind_meter_kw(case, site.measured),
    )
    forecast = _fit(case, consumed).forecast(site.horizon)
    return forecast.samples_kw, forecast.degraded_reasons


def base_samples(case: Case, site: SiteForecast, today_process_kw: FloatArray) -> tuple[FloatArray, list[Finding]]:
    """Give the base load's samples over the horizon, before PV, shape (n_samples, n_steps). [kW].

    ``today_process_kw`` is what today's plan draws; it is used only where the base load can be told
    apart from the plan in no better way. PV that the history already nets off is put back on its expected
    day, because the schedule takes PV off again.
    """
    if case.base_load_source == "site_less_history":
        base, clipped = _past_base(case, site.measured)
        found = [findings.BASE_CLIPPED.at(share=clipped)] if clipped > 0 else []
        forecast = _fit(case, base).forecast(site.horizon)
        return forecast.samples_kw, [*found, *forecast.degraded_reasons]
    gross, said = _gross_samples(case, site)
    if case.base_load_source == "not_in_meter":
        return gross, [*said]
    rest = gross - today_process_kw
    clipped = float((rest < 0).mean())
    return np.maximum(rest, 0.0), [findings.BASE_FROM_PLAN.at(clipped=clipped), *said]


def _past_base(case: Case, measured: MeterSeries) -> tuple[MeterSeries, float]:
    """Give what the site consumed less what the planned equipment drew, and how often that was negative."""
    process = case.process_history
    assert process is not None  # noqa: S101 -- the case checked it
    if process.grid.step_min != measured.grid.step_min:
        raise StepsDifferError(
            field="process_history", step_min=process.grid.step_min, meter_step_min=measured.grid.step_min
        )
    drawn = np.full(measured.grid.n_steps, np.nan)
    shift = measured.grid.edge_of(process.grid.start)
    first, stop = max(0, shift), min(measured.grid.n_steps, shift + process.grid.n_steps)
    drawn[first:stop] = process.import_kw[max(0, -shift) : max(0, -shift) + stop - first]
    rest = behind_meter_kw(case, measured) - drawn
    known = ~np.isnan(rest)
    clipped = float((rest[known] < 0).mean()) if known.any() else 0.0
    base = MeterSeries(
        meter_id=f"{measured.meter_id} less planned equipment",
        grid=measured.grid,
        import_kw=np.where(known, np.maximum(rest, 0.0), np.nan),
    )
    return base, clipped


def looking_back(window: BillingWindow, tariff: AnyTariff, supply: SupplyPoint, measured: MeterSeries) -> BillingWindow:
    """Add to a window's facts what a tariff looks back at and the meter holds in whole months without holes."""
    if not any(looks_back(charge, window.months[0]) for version in versions_of(tariff) for charge in version.charges):
        return window
    past = [
        one
        for load in _whole_months(measured, tariff.zone, window)
        for one in past_months(load, tariff, supply, window.months[0])
    ]
    return replace(window, facts=with_past(window.facts, past)) if past else window


def _whole_months(measured: MeterSeries, zone: str, window: BillingWindow) -> Iterator[BilledLoad]:
    """Give each whole metered month before the window that has no hole."""
    for month in dict.fromkeys(month_start(day.day) for day in measured.grid.local_days(zone)):
        begin, end = local_midnight(month, zone), local_midnight(next_month(month), zone)
        if begin < measured.grid.start or end > min(measured.grid.end, window.grid.start):
            continue
        part = measured.part(measured.grid.edge_of(begin), measured.grid.edge_of(end))
        reactive = part.reactive_kvar
        if not np.isnan(part.import_kw).any():
            yield BilledLoad(
                grid=part.grid,
                import_kw=part.import_kw,
                reactive_kvar=None if reactive is None or np.isnan(reactive).any() else reactive,
                power_factor=window.power_factor,
                facts=window.facts,
            )


def planned_kw(problem: ResponseProblem, schedule: Schedule) -> FloatArray:
    """Give what a schedule's runs, set-ups, processes and modulating loads draw, shape (n_steps,). [kW]."""
    drawn = runs_kw(problem, schedule.runs) + changeovers_kw(problem, schedule.changeovers)
    drawn += processes_kw(problem, schedule.processes)
    return np.asarray(sum(schedule.modulating_kw.values(), drawn), dtype=np.float64)


def billing_window(case: Case, site: SiteForecast) -> tuple[BillingWindow, list[Finding]]:
    """Lay the measured past and the forecast rest of the billing months around the horizon."""
    horizon = site.horizon
    months = months_around(horizon, case.site.zone)
    n_samples = site.samples_kw.shape[0]
    around = np.full((n_samples, months.n_steps), np.nan)
    measured = site.measured
    shift = months.edge_of(measured.grid.start)
    first, stop = max(0, shift), max(0, min(months.n_steps, shift + measured.grid.n_steps))
    around[:, first:stop] = measured.import_kw[first - shift : stop - shift]
    found = _fill_past(case, site, around, stop) + _suspects(
        measured.part(first - shift, stop - shift) if stop > first else None, case.site.zone
    )
    begin = months.edge_of(site.after.start)
    skip = max(0, -begin)
    around[:, begin + skip :] = site.samples_kw[:, skip:]
    h_first = months.edge_of(horizon.start)
    around[:, h_first : h_first + horizon.n_steps] = np.nan
    power_factor, said = _power_factor(case)
    window = BillingWindow(
        grid=months,
        zone=case.site.zone,
        first=h_first,
        stop=h_first + horizon.n_steps,
        around_kw=around,
        power_factor=power_factor,
        around_export_kw=_around_export(site, months, n_samples),
        facts=case.facts,
    )
    return window, [*found, *said]


def _around_export(site: SiteForecast, months: TimeGrid, n_samples: int) -> FloatArray | None:
    """Give the metered feed-in of the billing months' past; none is expected after the time of issue."""
    measured = site.measured
    if measured.export_kw is None:
        return None
    fed_in = np.zeros((n_samples, months.n_steps))
    shift = months.edge_of(measured.grid.start)
    first, stop = max(0, shift), max(0, min(months.n_steps, shift + measured.grid.n_steps))
    fed_in[:, first:stop] = np.nan_to_num(measured.export_kw[first - shift : stop - shift])
    return fed_in


def _suspects(billed: MeterSeries | None, zone: str) -> list[Finding]:
    """Say which measured values that are billed look like faults; they are kept, for the meter is what is billed."""
    if billed is None:
        return []
    steps = np.flatnonzero(billed.quality == Quality.SUSPECT)
    if steps.size == 0:
        return []
    highest = int(steps[np.argmax(billed.import_kw[steps])])
    said = {"highest_kw": float(billed.import_kw[highest]), "at": said_at(billed.grid.at(highest), zone)}
    return [findings.MONTH_SUSPECT.at(count=int(steps.size), **said)]


def _fill_past(case: Case, site: SiteForecast, around: FloatArray, stop: int) -> list[Finding]:
    """Fill what the meter does not know of the months' past with the model's expectation, and say so."""
    months = months_around(site.horizon, case.site.zone)
    until = max(stop, months.edge_of(site.after.start))
    holes = np.flatnonzero(np.isnan(around[0, :until])) if until > 0 else np.array([], dtype=int)
    if holes.size == 0:
        return []
    expected = site.fitted.expected_kw(months.part(0, until))
    around[:, holes] = expected[holes]
    first, last = (said_at(months.at(int(step)), case.site.zone) for step in (holes[0], holes[-1] + 1))
    return [findings.MONTH_FILLED.at(count=int(holes.size), first=first, last=last)]


def _power_factor(case: Case) -> tuple[Decimal | None, list[Finding]]:
    """Give the power factor for all bills: as declared, else of the last metered days."""
    if case.site.supply.power_factor is not None:
        return case.site.supply.power_factor, []
    known = known_meter(case)
    if known.reactive_kvar is None:
        return _of_base(case)
    since = max(0, known.grid.step_of(_days_before(known.grid.end, POWER_FACTOR_DAYS)))
    active, reactive = known.import_kw[since:], known.reactive_kvar[since:]
    both = ~np.isnan(active) & ~np.isnan(reactive)
    if not both.any() or float(active[both].sum()) <= 0:
        return _of_base(case)
    step_h = known.grid.step_h
    power_factor = power_factor_of(
        Decimal(str(float(active[both].sum()) * step_h)), Decimal(str(float(reactive[both].sum()) * step_h))
    )
    said = findings.POWER_FACTOR_FROM_METER.at(power_factor=str(power_factor), days=POWER_FACTOR_DAYS)
    return power_factor, [said]


def _of_base(case: Case) -> tuple[Decimal | None, list[Finding]]:
    """Give the base load's power factor, before compensation, where nobody knows that of the months."""
    if case.site.base_power_factor is None:
        return None, []
    power_factor = Decimal(str(case.site.base_power_factor))
    return power_factor, [findings.POWER_FACTOR_OF_BASE.at(power_factor=str(power_factor))]


def _days_before(instant: datetime, days: int) -> datetime:
    return instant - timedelta(days=days)
