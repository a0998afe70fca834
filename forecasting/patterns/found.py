"""One thing found in a load: its words, kWh, money, evidence, and how sure it is."""

from datetime import datetime
from decimal import Decimal
from typing import Literal

import numpy as np

from domain.checks import FloatArray
from domain.findings import Finding
from domain.noun import noun
from domain.text import Text
from domain.time import said_at
from forecasting.patterns.history import History
from forecasting.patterns.repricing import Repricing

Sureness = Literal["measured", "estimate", "possible"]
SURE_WORDS: dict[Sureness, Text] = {
    "measured": Text(en="read off the meter", zh="由电表直接得出"),
    "estimate": Text(en="estimated from the load's own better days", zh="依据该负荷自身较好的日子估算"),
    "possible": Text(en="possible; ask the plant", zh="可能存在，请与现场核实"),
}
MOST_EVIDENCE = 5


@noun
class Evidence:
    """A stretch of the meter's past that shows a finding."""

    start: datetime
    end: datetime
    load_kw: float
    """Mean load over the stretch; of a peak, the peak. [kW]"""

    def said(self, zone: str) -> str:
        """Write it on the local clock."""
        return f"{said_at(self.start, zone)} – {said_at(self.end, zone)}: {self.load_kw:,.0f} kW"


@noun
class PatternFinding:
    """What was found, with the number behind it.

    Findings may overlap (an idle hour can lie above a high base), so their kWh and money do not add up.
    """

    finding: Finding
    energy_kwh: float
    """Over everything measured. [kWh]"""
    billed_kwh: float | None
    """The part of it in the months that were billed; None without a tariff. [kWh]"""
    saving: Decimal | None
    """Exact bills of those months before, minus after it is taken away; None without a tariff, or where it lies in no
    billed month. [currency]"""
    currency: str | None
    evidence: tuple[Evidence, ...]
    sure: Sureness

    @property
    def code(self) -> str:
        """Code of its kind."""
        return self.finding.code


def evidence_of(history: History, first: int, stop: int, load_kw: float | None = None) -> Evidence:
    """Make the evidence of some steps."""
    grid = history.meter.grid
    mean_kw = float(np.nanmean(history.load_kw[first:stop])) if load_kw is None else load_kw
    return Evidence(start=grid.at(first), end=grid.at(stop), load_kw=mean_kw)


def found(
    finding: Finding,
    history: History,
    reduction_kw: FloatArray,
    repricing: Repricing | None,
    *,
    evidence: tuple[Evidence, ...],
    sure: Sureness,
) -> PatternFinding:
    """Price the load that a finding would take away, by billing the months with and without it.

    Parameters
    ----------
    reduction_kw : FloatArray
        What would be taken away, shape (n_steps,); 0 where nothing. [kW]
    """
    saving = None if repricing is None else repricing.saving(reduction_kw)
    if repricing is not None and not saving and reduction_kw.any() and not repricing.touches(reduction_kw):
        saving = None  # it lies outside the billed months, and no later bill looks back at it
    return PatternFinding(
        finding=finding,
        energy_kwh=history.kwh(reduction_kw),
        billed_kwh=None if repricing is None else repricing.billed_kwh(reduction_kw),
        saving=saving,
        currency=None if repricing is None else repricing.billing.tariff.currency,
        evidence=evidence[:MOST_EVIDENCE],
        sure=sure,
    )
