"""A plant as one file: its site, its plan, what it wants, and what its planned equipment drew in the past."""

from datetime import datetime

import numpy as np

from domain import checks
from domain.findings import Finding
from domain.metering import MeterSeries
from domain.noun import noun
from domain.offers import BaseLoadSource, Preferences
from domain.plant import ProductionPlan, Site
from domain.text import Text
from domain.time import TimeGrid


@noun
class PastRun:
    """What one piece of the planned equipment really drew over a span of the past."""

    start: datetime
    end: datetime
    power_kw: float
    """Mean over the span. [kW]"""
    name: str = ""

    def __post_init__(self) -> None:
        checks.ordered(self, "end", self.start, self.end)
        checks.not_negative(self, "power_kw", self.power_kw)


@noun
class PlantFile:
    """One site with its plan, as a customer sends it.

    Invariants: the plan's zone is the site's; ``past_runs`` are given if and only if ``base_load_source``
    is ``site_less_history``.
    """

    site: Site
    plan: ProductionPlan
    present_tariff_id: str | None = None
    """Tariff the site is on today; None: given elsewhere."""
    base_load_source: BaseLoadSource = "site_less_plan"
    past_runs: tuple[PastRun, ...] = ()
    """The complete log of the planned equipment from its first start to its last end."""
    preferences: Preferences = Preferences()
    findings: tuple[Finding, ...] = ()
    """What the reader noticed; never part of a file."""

    def __post_init__(self) -> None:
        if self.plan.zone != self.site.zone:
            raise checks.refuse(
                self,
                "plan.zone",
                self.plan.zone,
                Text(en=f"differs from the site's {self.site.zone}", zh=f"与厂区时区 {self.site.zone} 不同"),
            )
        if (self.base_load_source == "site_less_history") != bool(self.past_runs):
            raise checks.refuse(
                self,
                "base_load_source",
                self.base_load_source,
                Text(
                    en="past runs go with site_less_history, and only with it",
                    zh="仅且必须在 site_less_history 时给出历史运行",
                ),
                Text(
                    en="Give past runs and site_less_history, or neither.",
                    zh="请同时给出历史运行与 site_less_history，或都不给。",
                ),
            )


def process_history(past_runs: tuple[PastRun, ...], grid: TimeGrid) -> MeterSeries:
    """Give the mean power of the planned equipment in each step, by exact overlap of its runs.

    Parameters
    ----------
    past_runs : tuple[PastRun, ...]
        The complete log from its first start to its last end; runs may overlap and then add up.
    grid : TimeGrid
        Steps wanted.

    Returns
    -------
    MeterSeries
        ``import_kw`` with NaN in steps not wholly inside the log, because nothing is known there. [kW]
    """
    mean_kw = np.zeros(grid.n_steps)
    if not past_runs:
        mean_kw[:] = np.nan
        return MeterSeries(meter_id="past_runs", grid=grid, import_kw=mean_kw)
    for run in past_runs:
        start, stop = (_in_steps(at, grid) for at in (run.start, run.end))
        first, last = max(0, int(np.floor(start))), min(grid.n_steps, int(np.ceil(stop)))
        steps = np.arange(first, max(first, last))
        overlap = np.minimum(steps + 1, stop) - np.maximum(steps, start)
        mean_kw[first : max(first, last)] += run.power_kw * np.clip(overlap, 0.0, 1.0)
    known_from = _in_steps(min(run.start for run in past_runs), grid)
    known_to = _in_steps(max(run.end for run in past_runs), grid)
    steps = np.arange(grid.n_steps)
    mean_kw[(steps < known_from) | (steps + 1 > known_to)] = np.nan
    return MeterSeries(meter_id="past_runs", grid=grid, import_kw=mean_kw)


def _in_steps(at: datetime, grid: TimeGrid) -> float:
    return (at - grid.start) / grid.step
