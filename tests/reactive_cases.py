"""Small plants that count reactive power: one with everything, all numbers different; random ones with real tariffs."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from domain.offers import ResponseProblem
from domain.plant import (
    Battery,
    Compensator,
    Interval,
    Mode,
    ModulatingLoad,
    PowerPhase,
    Process,
    Quota,
    ShiftEnergy,
    Site,
)
from domain.plant.reactive import base_kvar_of
from domain.tariffs import (
    BandCalendar,
    BillingWindow,
    DemandCharge,
    EnergyCharge,
    PowerFactorCharge,
    PurchaseMode,
    ReactiveCharge,
    SupplyPoint,
    Tariff,
    priced_terms,
)
from domain.tariffs.atoms import Affine, HingeAtom
from domain.time import TimeGrid
from tests.optimizer_cases import START, grid, hour, machine, peak, plan, problem, site, task, terms
from tests.tariff_cases import month_grid, rule, tariff_of, words

DAY_NIGHT = BandCalendar(rules=(rule("day", "08:00-22:00"), rule("night", "22:00-08:00")))
MONTH = date(2026, 11, 1)


def reactive_problem() -> ResponseProblem:
    """Give a plant whose kvarh cost money by day and earn it by night, when power costs less than nothing."""
    horizon = grid()
    is_night = np.arange(24) < 6
    kvarh = Affine(constant=np.zeros(1), per_reactive_kvar=np.where(is_night, 0.0, 0.07))
    earning = Affine(constant=np.zeros(1), per_reactive_kvar=np.where(is_night, 0.03, 0.0))
    return problem(
        horizon,
        base_kw=100.0 + 3.0 * np.arange(24),
        base_kvar=80.0 + 2.0 * np.arange(24),
        site=site(
            import_limit_kw=900.0,
            base_kvar=(80.0,),
            batteries=(
                Battery(
                    battery_id="B", capacity_kwh=50.0, max_charge_kw=20.0, max_discharge_kw=25.0, soc_start_kwh=10.0
                ),
            ),
            compensators=(
                Compensator(compensator_id="K", kvar_per_step=30.0, steps_count=4, loss_kw_per_kvar=0.01),
                Compensator(
                    compensator_id="L",
                    kvar_per_step=17.0,
                    steps_count=2,
                    is_switched=False,
                    hours=(Interval(start=hour(5.5), end=hour(20)),),
                ),
                Compensator(compensator_id="V", stepless_kvar=25.0, loss_kw_per_kvar=0.04),
                Compensator(compensator_id="W", stepless_kvar=11.0),
            ),
        ),
        plan=plan(
            horizon,
            machines=(machine("M"),),
            tasks=(
                task(
                    "A",
                    60.0,
                    2,
                    "M",
                    power_factor=0.8,
                    modes=(
                        Mode(
                            mode_id="slow",
                            machine_ids=("M",),
                            phases=(PowerPhase(power_kw=40.0, duration_min=180),),
                            power_factor=0.6,
                        ),
                    ),
                ),
                task("D", 50.0, 1.5, power_factor=0.6, least_lot_share=0.5),
            ),
            modulating_loads=(
                ModulatingLoad(
                    load_id="J",
                    name="compressor",
                    min_kw=10.0,
                    max_kw=70.0,
                    shifts=(ShiftEnergy(start=hour(6), end=hour(14), energy_kwh=320.0),),
                    power_factor=0.8,
                ),
            ),
            processes=(
                Process(
                    process_id="P",
                    name="mill",
                    unit="t",
                    min_rate=1.0,
                    max_rate=4.0,
                    fixed_kw=9.0,
                    kwh_per_unit=8.0,
                    start_kwh=3.0,
                    quotas=(Quota(start=hour(0), end=hour(24), least=20.0, most=31.0),),
                    power_factor=0.6,
                ),
            ),
        ),
        terms=terms(
            horizon,
            np.where(is_night, -0.05, 0.6),
            atoms=(
                HingeAtom(label="kvarh", of=kvarh),
                HingeAtom(label="kvarh by night", of=earning),
                replace(peak(range(8, 11), 5.0), is_reactive=True),
            ),
            charged=((1.0, 0), (-1.0, 1), (0.9, 2)),
        ),
    )


def lossy_problem() -> ResponseProblem:
    """Give a static generator whose losses earn money, and could be burnt by giving and taking at once."""
    horizon = grid()
    kvarh = Affine(constant=np.zeros(1), per_reactive_kvar=np.full(24, 0.01))
    return problem(
        horizon,
        base_kvar=np.full(24, 10.0),
        site=site(
            base_kvar=(10.0,),
            compensators=(Compensator(compensator_id="V", stepless_kvar=30.0, loss_kw_per_kvar=0.5),),
        ),
        terms=terms(
            horizon,
            np.where(np.arange(24) < 6, -0.4, 0.5),
            atoms=(HingeAtom(label="kvarh", of=kvarh),),
            charged=((1.0, 0),),
        ),
    )


def power_factor_tariff(standard: str = "cn_0.90", *more: object) -> Tariff:
    """Give a tariff of energy, demand and power factor, and what else is wished."""
    return tariff_of(
        EnergyCharge(
            charge_id="energy",
            label=words("energy"),
            calendar=DAY_NIGHT,
            band_prices={"day": Decimal("0.9"), "night": Decimal("0.3")},
        ),
        DemandCharge(charge_id="demand", label=words("demand"), price_per_kw_month=Decimal(38), measurement_min=60),
        PowerFactorCharge(charge_id="pf", label=words("pf"), standard=standard),
        *more,
        zone="UTC",
    )


SUPPLY = SupplyPoint(purchase_mode=PurchaseMode.GRID_AGENCY)


def month_window(
    horizon: TimeGrid, around_kw: float, tangent: float, n_samples: int = 1, seed: int = 0
) -> BillingWindow:
    """Give November around a horizon, a steady load of about one tangent outside."""
    months = month_grid(MONTH, "UTC", horizon.step_min)
    first = (horizon.start - months.start) // timedelta(minutes=horizon.step_min)
    rng = np.random.default_rng(seed)
    around = around_kw * rng.uniform(0.8, 1.2, (n_samples, months.n_steps))
    kvar = around * tangent * rng.uniform(0.95, 1.05, around.shape)
    around[:, first : first + horizon.n_steps] = kvar[:, first : first + horizon.n_steps] = np.nan
    return BillingWindow(
        grid=months, zone="UTC", first=first, stop=first + horizon.n_steps, around_kw=around, around_kvar=kvar
    )


def random_site(rng: np.random.Generator) -> Site:
    """Give a site with a random base power factor and random compensators."""
    found = []
    if rng.random() < 0.8:
        found.append(
            Compensator(
                compensator_id="K",
                kvar_per_step=float(rng.integers(20, 60)),
                steps_count=int(rng.integers(1, 5)),
                loss_kw_per_kvar=float(rng.choice([0.0, 0.003])),
            )
        )
    if rng.random() < 0.3:
        found.append(Compensator(compensator_id="L", kvar_per_step=40.0, is_switched=False, loss_kw_per_kvar=0.002))
    if rng.random() < 0.4:
        found.append(
            Compensator(
                compensator_id="V",
                stepless_kvar=float(rng.integers(20, 90)),
                loss_kw_per_kvar=float(rng.choice([0.0, 0.02])),
            )
        )
    return site(base_power_factor=float(rng.choice([0.75, 0.82, 0.88])), compensators=tuple(found))


def random_reactive(seed: int) -> tuple[ResponseProblem, Tariff, BillingWindow]:
    """Give a random plant, its tariff and the month around its day."""
    rng = np.random.default_rng(seed)
    horizon = grid()
    where = random_site(rng)
    base_kw = rng.uniform(80, 160, 24).round(1)
    tasks = tuple(
        task(
            name,
            float(rng.integers(30, 90)),
            int(rng.integers(1, 4)),
            "M",
            power_factor=float(rng.choice([0.7, 0.8, 0.95])),
        )
        for name in "ABC"[: rng.integers(1, 4)]
    )
    kvarh = ReactiveCharge(
        charge_id="kvarh",
        label=words("kvarh"),
        price_per_kvarh=Decimal("0.06"),
        free_kvarh_per_kwh=Decimal(str(rng.choice([0.0, 0.4]))),
        price_per_kvar_month=Decimal("2.5") if rng.random() < 0.5 else None,
        measurement_min=60,
    )
    more = (kvarh,) if rng.random() < 0.4 else ()
    tariff = power_factor_tariff(str(rng.choice(["cn_0.90", "cn_0.85", "cn_0.80", "tw_0.80"])), *more)
    # what lies around is small, so that the day decides the month's power factor over many points
    window = month_window(horizon, float(rng.choice([2.0, 12.0])), float(rng.uniform(0.2, 0.6)), seed=seed)
    asked = problem(
        horizon,
        base_kw=base_kw,
        base_kvar=base_kvar_of(where, base_kw, horizon),
        site=where,
        plan=plan(horizon, machines=(machine("M"),), tasks=tasks),
        terms=priced_terms(tariff, SUPPLY, window),
    )
    return asked, tariff, window


__all__ = ["START", "lossy_problem", "month_window", "power_factor_tariff", "random_reactive", "reactive_problem"]
