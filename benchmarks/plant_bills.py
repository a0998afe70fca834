"""The site, the bill and the events of random plants."""

import numpy as np
from scipy import sparse

from domain.checks import FloatArray
from domain.plant import Battery, Pv, Site
from domain.programmes.terms import INFINITE_RATE, EventBand, EventTerm
from domain.tariffs import DemandTerm, PricedTerms, PurchaseMode, SupplyPoint
from domain.tariffs.atoms import Affine, HingeAtom, PeakAtom
from domain.time import TimeGrid

ZONE = "Asia/Shanghai"
DAY_STEPS = 96
STEP_H = 0.25
N_SAMPLES = 20
VALLEY, FLAT, PEAK = 0.31, 0.66, 1.12
"""Energy prices by band. [currency / kWh]"""
TABLE = (
    EventBand(from_rate=0.0, to_rate=0.8, per_delivered=0.0, per_committed=0.0),
    EventBand(from_rate=0.8, to_rate=1.2, per_delivered=1.0, per_committed=0.0),
    EventBand(from_rate=1.2, to_rate=INFINITE_RATE, per_delivered=0.0, per_committed=1.2),
)


def site_of(random: np.random.Generator, peak_kw: float, *, tight: bool) -> Site:
    daily = [0.0 if hour < 6 or hour > 18 else 380.0 * float(np.sin(np.pi * (hour - 6) / 12)) for hour in range(24)]  # noqa: PLR2004 -- from six to six
    share = 1.02 if tight else random.uniform(1.1, 1.5)
    return Site(
        site_id="works",
        customer_id="benchmark",
        name="Benchmark works",
        zone=ZONE,
        country="CN",
        supply=SupplyPoint(purchase_mode=PurchaseMode.MARKET_RETAIL),
        import_limit_kw=round(peak_kw * share, 1),
        batteries=(
            Battery(
                battery_id="B",
                capacity_kwh=800.0,
                max_charge_kw=300.0,
                max_discharge_kw=300.0,
                charge_eff=0.95,
                discharge_eff=0.95,
                soc_start_kwh=300.0,
                wear_cost_per_kwh=0.08,
            ),
        ),
        pv=(Pv(pv_id="roof", daily_kw=tuple(daily)),),
        export_limit_kw=100.0,
    )


def terms_of(random: np.random.Generator, grid: TimeGrid, n_days: int, drawn_kw: FloatArray) -> PricedTerms:
    """Give three bands, two demand charges (one with a contract), a ratchet over on-peak demand and a tier."""
    hour = np.tile(np.arange(DAY_STEPS) * STEP_H, n_days)
    is_peak = ((hour >= 8) & (hour < 11)) | ((hour >= 17) & (hour < 22))  # noqa: PLR2004 -- the clock
    is_valley = hour < 7  # noqa: PLR2004 -- the clock
    price = np.where(is_peak, PEAK, np.where(is_valley, VALLEY, FLAT))
    peak_kw = float(drawn_kw.max())
    others = np.sort(random.uniform(0.72, 1.0, N_SAMPLES)) * peak_kw
    on_peak = np.flatnonzero(is_peak)
    means = sparse.csr_array(
        (np.ones(on_peak.size), (np.arange(on_peak.size), on_peak)), shape=(on_peak.size, grid.n_steps)
    )
    ratchet_kw = float(np.round(0.8 * drawn_kw[is_peak].max(), 1))
    energy_kwh = float(drawn_kw.sum() * STEP_H)
    zero = np.zeros(N_SAMPLES)
    atoms = (
        PeakAtom(label="on-peak demand", means=means, window_other_kw=None, other_kw=0.9 * others),
        HingeAtom(label="above the ratchet", of=Affine(constant=zero - ratchet_kw, parts=((1.0, 0),))),
        HingeAtom(
            label="second tier",
            of=Affine(constant=zero - 0.96 * energy_kwh, per_import_kw=np.full(grid.n_steps, STEP_H)),
        ),
    )
    return PricedTerms(
        tariff_id="benchmark",
        currency="CNY",
        horizon=grid,
        constant=1200.0,
        energy_price_per_kwh=price,
        demand=(
            DemandTerm(label="demand", price_per_kw=24.0, block_of_step=np.arange(grid.n_steps), other_peak_kw=others),
            DemandTerm(
                label="contract",
                price_per_kw=12.0,
                block_of_step=np.arange(grid.n_steps) // 2,
                other_peak_kw=np.sort(random.uniform(0.6, 0.85, N_SAMPLES)) * peak_kw,
                contract_kw=round(0.9 * peak_kw, 1),
                thresholds_kw=(round(0.945 * peak_kw, 1),),
                multipliers=(2.0,),
                jump_kw=round(0.02 * peak_kw, 1),
            ),
        ),
        atoms=atoms,
        charged=((14.0, 1), (0.05, 2)),
    )


def events_of(random: np.random.Generator, n_days: int, drawn_kw: FloatArray) -> tuple[EventTerm, ...]:
    """Give an evening event in each week begun, announced with the pay of a peak-shaving call."""
    found = []
    for week in range(-(-n_days // 7)):
        day = min(n_days - 1, 7 * week + int(random.integers(0, 7)))
        first = day * DAY_STEPS + 4 * int(random.integers(17, 20))
        stop = first + 4 * int(random.integers(1, 4))
        found.append(
            EventTerm(
                event_id=f"event-{day}",
                programme_id="evening",
                first=first,
                stop=stop,
                baseline_kw=round(float(drawn_kw[first:stop].mean()) * random.uniform(0.95, 1.15), 1),
                min_commitment_kw=50.0,
                max_commitment_kw=900.0,
                pay_per_kw=round(float(random.uniform(1.5, 3.5)), 2) * (stop - first) * STEP_H,
                penalty_per_kw=1.0 * (stop - first) * STEP_H,
                bands=TABLE,
            )
        )
    return tuple(found)
