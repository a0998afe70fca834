"""How much of the dear hours' load could move, estimated from the load's own spread, and what a full day's move brings.

An estimate with bounds, for nobody has asked the machines. Days of one kind differ: at each time of day there is a load
that the plant stayed under on one day in ten, and one on one day in four. What lies above is taken to be movable, for
such days were lived through; the base is taken to be fixed. So the low estimate is what lies above the lower quartile,
the middle what lies above the lowest tenth, the high all above the base. It moves within its own day into the cheapest
hours, never above that day's own highest load.
"""

from decimal import Decimal

import numpy as np

from domain.checks import FloatArray
from domain.findings import FindingKind, Severity
from domain.noun import noun
from domain.tariffs import EnergyCharge, Tariff, band_price_per_kwh
from domain.text import Text
from forecasting.patterns.found import PatternFinding, evidence_of, found
from forecasting.patterns.history import History, quantile_kw
from forecasting.patterns.levels import Levels
from forecasting.patterns.repricing import Repricing

QUARTILE, TENTH = 0.25, 0.10

SHIFTABLE = FindingKind(
    code="pattern_shiftable",
    severity=Severity.INFO,
    words=Text(
        en="About {share_pct:.0f} % of the energy of the dearest hours ({low_pct:.0f} … {high_pct:.0f} %) could move to the "
        "same day's cheapest hours: {energy_kwh:,.0f} kWh, by the spread of the load's own days; between "
        "{low_saving:,.0f} and {high_saving:,.0f} {currency} in the billed months.",
        zh="最贵时段电量约有 {share_pct:.0f} %（{low_pct:.0f} … {high_pct:.0f} %）可移至当日最便宜时段：{energy_kwh:,.0f} kWh，"
        "依据该负荷各日之间的差异估算；所计费月份可省 {low_saving:,.0f} 至 {high_saving:,.0f} {currency}。",
    ),
)


@noun
class BandShare:
    """How much of one band's energy lies above what the plant has managed with."""

    band: str
    band_kwh: float
    low_share: float
    middle_share: float
    high_share: float


@noun
class Shiftable:
    """The estimate, its bounds, and the money of moving it."""

    bands: tuple[BandShare, ...]
    moved_kwh: float
    low_kwh: float
    high_kwh: float
    low_saving: Decimal
    high_saving: Decimal
    found: PatternFinding


def above_kw(history: History, level: float) -> FloatArray:
    """Give what lies above a quantile of the kind of day at that time of day, shape (n_steps,). [kW]."""
    above: FloatArray = np.nan_to_num(np.maximum(history.load_kw - quantile_kw(history, level), 0.0))
    return above


def shiftable(
    history: History, levels: Levels, tariff: Tariff, bands: tuple[str, ...], repricing: Repricing
) -> Shiftable | None:
    """Estimate what could move from the dearest to the cheapest hours of the same day; None where no day has both."""
    charge = next(one for one in tariff.charges if isinstance(one, EnergyCharge))
    named = dict.fromkeys(bands)
    prices = {band: float(band_price_per_kwh(charge, band)) for band in named}
    price = np.array([prices[band] for band in bands])
    base_kw = levels.base_by_day_kw[history.day_of]
    parts = {
        "middle": above_kw(history, TENTH),
        "low": above_kw(history, QUARTILE),
        "high": np.nan_to_num(np.maximum(history.load_kw - base_kw, 0.0)),
    }
    parts["high"] = np.maximum(parts["high"], parts["middle"])
    moves = {name: _moved(history, part_kw, price) for name, part_kw in parts.items()}
    dear = _dearest(history, price)
    dear_kwh = history.kwh(np.where(dear, history.load_kw, 0.0))
    moved = {name: history.kwh(np.maximum(move, 0.0)) for name, move in moves.items()}
    if dear_kwh <= 0 or moved["middle"] <= 0:
        return None
    savings = {name: repricing.saving(move) for name, move in moves.items()}
    pct = {name: 100 * kwh / dear_kwh for name, kwh in moved.items()}
    said = SHIFTABLE.at(
        share_pct=pct["middle"],
        low_pct=pct["low"],
        high_pct=pct["high"],
        energy_kwh=moved["middle"],
        low_saving=float(savings["low"]),
        high_saving=float(savings["high"]),
        currency=tariff.currency,
    )
    best = _best_day(history, np.maximum(moves["middle"], 0.0))
    made = found(said, history, moves["middle"], repricing, evidence=(evidence_of(history, *best),), sure="estimate")
    made = PatternFinding(
        finding=said,
        energy_kwh=moved["middle"],
        billed_kwh=repricing.billed_kwh(np.maximum(moves["middle"], 0.0)),
        saving=made.saving,
        currency=made.currency,
        evidence=made.evidence,
        sure="estimate",
    )
    return Shiftable(
        bands=_shares(history, parts, bands),
        moved_kwh=moved["middle"],
        low_kwh=moved["low"],
        high_kwh=moved["high"],
        low_saving=savings["low"],
        high_saving=savings["high"],
        found=made,
    )


def _dearest(history: History, price: FloatArray) -> np.ndarray:
    dear = np.zeros(price.size, dtype=bool)
    for _, first, stop in history.steps_of_days():
        day = price[first:stop]
        dear[first:stop] = (day == day.max()) & (day.max() > day.min())
    return dear


def _moved(history: History, part_kw: FloatArray, price: FloatArray) -> FloatArray:
    """Give what leaves each step, negative where it arrives; every day keeps its energy and its highest load. [kW]."""
    moved_kw = np.zeros(price.size)
    for _, first, stop in history.steps_of_days():
        day, load_kw = price[first:stop], history.load_kw[first:stop]
        if day.max() <= day.min() or not np.isfinite(load_kw).all():
            continue
        leaving = np.where(day == day.max(), part_kw[first:stop], 0.0)
        room = np.where(day == day.min(), load_kw.max() - load_kw, 0.0)
        amount = min(float(leaving.sum()), float(room.sum()))
        if amount > 0:
            moved_kw[first:stop] = amount * (leaving / leaving.sum() - room / room.sum())
    return moved_kw


def _best_day(history: History, leaving_kw: FloatArray) -> tuple[int, int]:
    return max(
        ((first, stop) for _, first, stop in history.steps_of_days()),
        key=lambda day: float(leaving_kw[day[0] : day[1]].sum()),
    )


def _shares(history: History, parts: dict[str, FloatArray], bands: tuple[str, ...]) -> tuple[BandShare, ...]:
    every = np.array(bands)
    made = []
    for band in dict.fromkeys(bands):
        here = every == band
        band_kwh = history.kwh(np.where(here, history.load_kw, 0.0))
        if band_kwh > 0:
            low, middle, high = (
                history.kwh(np.where(here, parts[name], 0.0)) / band_kwh for name in ("low", "middle", "high")
            )
            made.append(BandShare(band=band, band_kwh=band_kwh, low_share=low, middle_share=middle, high_share=high))
    return tuple(made)
