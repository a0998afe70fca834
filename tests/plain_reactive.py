"""The least bill of a small plant with compensators, found without any product of rate and amount.

The rate of a power factor can only be one of a standard's few. For each of them this states a mixed-integer program of its
own: the month's kvarh may be at most what earns that rate, all that the rate adjusts is priced with it, and the least of
all programs is the least there is (who compensates more than he must owes no more). Hours' steps, machine M for all tasks.
"""

import math
from datetime import timedelta

from domain.offers import ResponseProblem
from domain.tariffs import BillingWindow, Tariff, adjustment_rate
from tests.plain_program import Program, Terms

NIGHT = {22, 23, 0, 1, 2, 3, 4, 5, 6, 7}


def least_bill(asked: ResponseProblem, tariff: Tariff, window: BillingWindow) -> float:
    """Give the least of the bills over every rate that the month's power factor may earn. [currency]."""
    standard = next(one for one in tariff.charges if one.kind == "power_factor").standard
    found = []
    for percent in range(101):
        rate = float(adjustment_rate(standard, percent_of(percent)))
        cosine = max(percent / 100 - 0.005, 1e-9)
        solved = _program(asked, tariff, window, rate, math.tan(math.acos(cosine)))
        if solved is not None:
            found.append(solved)
    return min(found)


def percent_of(number: int):
    from decimal import Decimal  # noqa: PLC0415

    return Decimal(number) / 100


def _program(
    asked: ResponseProblem, tariff: Tariff, window: BillingWindow, rate: float, most_tangent: float
) -> float | None:
    n, site = asked.horizon.n_steps, asked.site
    charge = {one.kind: one for one in tariff.charges}
    prices = {band: float(price) for band, price in charge["energy"].band_prices.items()}
    lp = Program()
    net: list[Terms] = []
    kvar: list[Terms] = []
    held: list[Terms] = [[] for _ in range(n)]
    for t in range(n):
        imported, forward, reverse = lp.column(site.import_limit_kw), lp.column(), lp.column()
        net.append([(imported, 1.0)])
        kvar.append([(forward, 1.0), (reverse, -1.0)])
        clock = (asked.horizon.start + timedelta(hours=t)).hour
        lp.cost[imported] = (1 + rate) * (prices["night"] if clock in NIGHT else prices["day"])
    metered = [[(kvar[t][0][0], 1.0), (kvar[t][1][0], 1.0)] for t in range(n)]
    imports = [net[t][0][0] for t in range(n)]
    for task in asked.plan.tasks:
        hours = task.phases[0].duration_min // 60
        power = task.phases[0].power_kw
        tangent = math.tan(math.acos(task.power_factor))
        starts = [(lp.binary(), s) for s in range(n - hours + 1)]
        lp.same([(one, 1.0) for one, _ in starts], float(task.count))
        for one, s in starts:
            for t in range(s, s + hours):
                held[t].append((one, 1.0))
                net[t].append((one, -power))
                kvar[t].append((one, -power * tangent))
    _compensators(lp, site.compensators, net, kvar)
    for t in range(n):
        lp.same(net[t], float(asked.base_kw[t]))
        lp.same(kvar[t], float(asked.base_kvar[t]))
        lp.row(held[t], most=1.0)
    outside = [t for t in range(window.grid.n_steps) if not window.first <= t < window.stop]
    kwh = float(window.around_kw[0, outside].sum())
    kvarh = float(window.around_kvar[0, outside].sum())
    allowed = [(column, 1.0) for row in metered for column, _ in row] + [(one, -most_tangent) for one in imports]
    lp.row(allowed, most=most_tangent * kwh - kvarh)
    peak = lp.column(cost=(1 + rate) * float(charge["demand"].price_per_kw_month))
    lp.least[peak] = float(window.around_kw[0, outside].max())
    for one in imports:
        lp.row([(peak, 1.0), (one, -1.0)], least=0.0)
    fixed = 0.0
    for t in outside:
        clock = (window.grid.start + timedelta(hours=t)).hour
        fixed += (1 + rate) * (prices["night"] if clock in NIGHT else prices["day"]) * float(window.around_kw[0, t])
    if "reactive" in charge:
        _reactive(lp, charge["reactive"], metered, imports, kwh, kvarh)
        if charge["reactive"].price_per_kvar_month is not None:
            _reactive_peak(lp, charge["reactive"], metered, float(window.around_kvar[0, outside].max()))
    solved = lp.solve()
    return None if solved is None else solved[0] + fixed


def _reactive(lp, charge, metered, imports, kwh, kvarh) -> None:  # noqa: PLR0917
    free = float(charge.free_kvarh_per_kwh)
    above = lp.column(cost=float(charge.price_per_kvarh))
    terms = [(column, -1.0) for row in metered for column, _ in row] + [(one, free) for one in imports]
    lp.row([(above, 1.0), *terms], least=kvarh - free * kwh)


def _reactive_peak(lp, charge, metered, outside_kvar) -> None:
    highest = lp.column(least=outside_kvar, cost=float(charge.price_per_kvar_month))
    for row in metered:
        lp.row([(highest, 1.0), *((column, -1.0) for column, _ in row)], least=0.0)


def _compensators(lp, compensators, net, kvar) -> None:
    for one in compensators:
        for t in range(len(net)):
            if one.stepless_kvar is None:
                least = 0.0 if one.is_switched else float(one.steps_count)
                on = lp.column(float(one.steps_count), least=least, whole=True)
                kvar[t].append((on, one.kvar_per_step))
                net[t].append((on, -one.loss_kw_per_kvar * one.kvar_per_step))
            else:
                for sign in (1.0, -1.0):
                    given = lp.column(one.stepless_kvar)
                    kvar[t].append((given, sign))
                    net[t].append((given, -one.loss_kw_per_kvar))
