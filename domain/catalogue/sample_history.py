r"""Made-up meter history of the sample plant, the same for the same seed.

site = base + process - PV, in quarter-hours:

- base: standing load, offices and workshop on working days, lorry loading from 6 to 20 h, lights in the
  dark, cooling and heating after a temperature that drifts with the season and from day to day, and an
  autoregressive rest :math:`x_t = 0.92 x_{t-1} + \epsilon_t`. Public holidays are quieter, make-up
  working days are working days.
- process: what the plan controls. The mills run from the morning on like in the plan, with starts that
  wander, days of one run more or less, trips, few runs on holidays and one overhaul of mill 1; the bag
  line works on working days; the compressors follow their shifts.
- PV, with cloudy and clear days, lowers the site's import.

Some quarter-hours are missing in both meters, as in life; they are NaN.
"""

from datetime import date, timedelta

import numpy as np

from domain.checks import FloatArray
from domain.metering import MeterSeries
from domain.plant import ProductionPlan, Site
from domain.plant.expand import pv_available_kw
from domain.time import Calendar, TimeGrid
from domain.time.grid import LocalDay

STEP_MIN = 15
PER_HOUR = 4
REST_RHO = 0.92
REST_SIGMA_KW = 9.0
OVERHAUL_AFTER_DAYS = 40
OVERHAUL_DAYS = 4
TRIP_CHANCE = 0.06
POWER_FACTOR = (0.93, 0.006)

Rng = np.random.Generator


def sample_meter_history(
    site: Site, plan: ProductionPlan, *, start: date, n_days: int, seed: int
) -> tuple[MeterSeries, MeterSeries]:
    """Make the meter history of the sample plant: site, and what the plan controls.

    Parameters
    ----------
    site, plan
        The sample plant; mill, bag-line and compressor powers are the plan's.
    start : date
        First local day.
    n_days : int
        How many local days. [d]
    seed : int
        Equal seeds make equal histories.

    Returns
    -------
    tuple of MeterSeries
        Site import (net of PV) with reactive power, and what the planned equipment drew. [kW]
    """
    grid = TimeGrid.of_local_days(start, n_days, site.zone, STEP_MIN)
    calendar = Calendar(country=site.country)
    base_kw = _base_kw(grid, site, calendar, np.random.default_rng([seed, 1]))
    process_kw = _process_kw(grid, plan, calendar, np.random.default_rng([seed, 2]))
    pv_kw = np.minimum(_pv_kw(grid, site, np.random.default_rng([seed, 3])), base_kw + process_kw)
    site_kw = base_kw + process_kw - pv_kw
    rng = np.random.default_rng([seed, 4])
    tan_phi = np.empty(grid.n_steps)
    for day in grid.local_days(site.zone):
        tan_phi[day.first : day.stop] = np.tan(np.arccos(rng.normal(*POWER_FACTOR)))
    site_holes = _holes(grid, rng, longest=26, n_single=12)
    process_holes = _holes(grid, rng, longest=9, n_single=3)
    return (
        MeterSeries(
            meter_id=f"{site.site_id}.site",
            grid=grid,
            import_kw=np.where(site_holes, np.nan, np.round(site_kw, 1)),
            reactive_kvar=np.where(site_holes, np.nan, np.round(site_kw * tan_phi, 1)),
        ),
        MeterSeries(
            meter_id=f"{site.site_id}.process",
            grid=grid,
            import_kw=np.where(process_holes, np.nan, np.round(process_kw, 1)),
        ),
    )


def _autoregressive(n_steps: int, rho: float, sigma: float, rng: Rng) -> FloatArray:
    noise = rng.normal(0.0, sigma, n_steps)
    for step in range(1, n_steps):
        noise[step] += rho * noise[step - 1]
    return noise


def _base_kw(grid: TimeGrid, site: Site, calendar: Calendar, rng: Rng) -> FloatArray:
    local = grid.local_starts(site.zone)
    hour = np.asarray(local.hour + local.minute / 60)
    days = grid.local_days(site.zone)
    weather_c = _autoregressive(len(days), 0.8, 1.6, rng)
    load_kw = np.full(grid.n_steps, 330.0)
    load_kw += 45.0 * ((hour < 6) | (hour >= 18))  # noqa: PLR2004 -- darkness
    load_kw += _autoregressive(grid.n_steps, REST_RHO, REST_SIGMA_KW, rng)
    for day, drift_c in zip(days, weather_c, strict=True):
        part = slice(day.first, day.stop)
        tags = calendar.tags(day.day)
        office = 1.0 if "workday" in tags else 0.25
        loading = 0.3 if "holiday" in tags else (0.6 if "sun" in tags else 1.0)
        clock = hour[part]
        load_kw[part] += 210.0 * office * np.clip(np.minimum(clock - 7.0, 18.5 - clock), 0.0, 1.0)
        load_kw[part] += 130.0 * loading * ((clock >= 6) & (clock < 20))  # noqa: PLR2004 -- loading hours
        season_c = 17.0 + 11.0 * np.cos(2 * np.pi * (day.day.timetuple().tm_yday - 200) / 365)
        outside_c = season_c + drift_c + 4.0 * np.cos(2 * np.pi * (clock - 15.0) / 24)
        load_kw[part] += 6.0 * np.maximum(outside_c - 22.0, 0.0) + 4.0 * np.maximum(10.0 - outside_c, 0.0)
    return np.asarray(np.maximum(load_kw, 150.0), dtype=np.float64)


def _process_kw(grid: TimeGrid, plan: ProductionPlan, calendar: Calendar, rng: Rng) -> FloatArray:
    load_kw = np.zeros(grid.n_steps)
    days = grid.local_days(plan.zone)
    overhaul = {days[0].day + timedelta(days=OVERHAUL_AFTER_DAYS + extra) for extra in range(OVERHAUL_DAYS)}
    powers_kw = {name: plan.task(name).phases[0].power_kw for name in ("M1-PO425", "M2-PC425", "BAGS-1")}
    for day in days:
        tags = calendar.tags(day.day)
        holiday = "holiday" in tags
        m1_runs = 0 if day.day in overhaul else _n_runs(5, rng, holiday=holiday)
        _run_mill(load_kw, day, rng, power_kw=powers_kw["M1-PO425"], hour=7.0, n_runs=m1_runs)
        m2_runs = _n_runs(4, rng, holiday=holiday)
        _run_mill(load_kw, day, rng, power_kw=powers_kw["M2-PC425"], hour=8.0, n_runs=m2_runs)
        bags_at = day.first + PER_HOUR * 8 + int(rng.integers(-4, 9))
        if not holiday and "sun" not in tags:
            load_kw[bags_at : min(bags_at + 4 * PER_HOUR, grid.n_steps)] += powers_kw["BAGS-1"] * rng.normal(1.0, 0.01)
        _run_air(load_kw, day, plan, rng, share=0.5 if holiday else 1.0)
    return load_kw


def _n_runs(usual: int, rng: Rng, *, holiday: bool) -> int:
    if holiday:
        return int(rng.choice((0, 2, 3), p=(0.5, 0.25, 0.25)))
    return int(rng.choice((usual - 1, usual, usual + 1), p=(0.18, 0.7, 0.12)))


def _run_mill(load_kw: FloatArray, day: LocalDay, rng: Rng, *, power_kw: float, hour: float, n_runs: int) -> None:
    """Run a mill from the morning on, its first quarter below full power, at times with a trip."""
    first = day.first + int(PER_HOUR * hour) + int(rng.integers(-3, 4))
    n_steps = min(3 * PER_HOUR * n_runs, load_kw.size - first)
    wander = np.clip(_autoregressive(3 * PER_HOUR * n_runs, 0.85, 0.008, rng), -0.03, 0.03)
    trips, trip_at, trip_steps = rng.random() < TRIP_CHANCE, rng.random(), int(rng.integers(3, 11))
    if n_steps <= 0:
        return
    profile_kw = power_kw * (1.0 + wander[:n_steps])
    profile_kw[0] *= 0.8
    if trips:
        at = int(trip_at * n_steps)
        profile_kw[at : at + trip_steps] = 0.0
    load_kw[first : first + n_steps] += profile_kw


def _run_air(load_kw: FloatArray, day: LocalDay, plan: ProductionPlan, rng: Rng, *, share: float) -> None:
    """Run the compressors through the day's shifts at about the plan's mean power."""
    air = plan.modulating_loads[0]
    n_shifts = sum(shift.start < plan.start + timedelta(days=1) for shift in air.shifts)
    per_shift = (day.stop - day.first) // n_shifts
    for number, shift in enumerate(air.shifts[:n_shifts]):
        hours = (shift.end - shift.start).total_seconds() / 3600
        noise = rng.normal(1.0, 0.05, per_shift)
        level_kw = np.clip(share * shift.energy_kwh / hours * noise, air.min_kw, air.max_kw)
        first = day.first + number * per_shift
        load_kw[first : first + per_shift] += level_kw


def _pv_kw(grid: TimeGrid, site: Site, rng: Rng) -> FloatArray:
    total_kw = np.zeros(grid.n_steps)
    for pv in site.pv:
        expected_kw = pv_available_kw(pv, grid, site.zone)
        for day in grid.local_days(site.zone):
            sky = rng.beta(4.0, 1.6) / 0.714
            season = 1.15 + 0.2 * np.cos(2 * np.pi * (day.day.timetuple().tm_yday - 172) / 365)
            flicker = np.clip(rng.normal(1.0, 0.06, day.stop - day.first), 0.5, 1.3)
            total_kw[day.first : day.stop] += expected_kw[day.first : day.stop] * sky * season * flicker
    return total_kw


def _holes(grid: TimeGrid, rng: Rng, *, longest: int, n_single: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Mark one outage of the meter and some single missing quarters."""
    holes = np.zeros(grid.n_steps, dtype=bool)
    at = int(rng.integers(grid.n_steps // 3, max(grid.n_steps // 2, grid.n_steps // 3 + 1)))
    holes[at : at + longest] = True
    holes[rng.choice(grid.n_steps, size=min(n_single, grid.n_steps), replace=False)] = True
    return holes
