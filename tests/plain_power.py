"""Plain bills of what power costs: peaks, past peaks, the grid's peaks, capacity, and Germany's network fee."""

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta

from tests.plain_month import Bands, Part, before, days_between, following, steps_of


def contract_kva(part: Part) -> float:
    return float(part.supply.capacity_kva)


def month_part(part: Part, month: date) -> Part | None:
    """Give another whole month of the load, as this version would measure it; None if the load does not cover it."""
    if month == part.month:
        return part
    steps = steps_of(part.load, part.tariff.zone, month)
    days = days_between(month, following(month))
    return None if steps is None else replace(part, month=month, days=days, share=1.0, steps=steps)


def told(part: Part, month: date, key: str) -> float | None:
    """Give what the facts say of a past month; None if they do not."""
    facts = part.load.facts
    if facts.supplied_from is not None and month < facts.supplied_from.replace(day=1):
        return 0.0
    for one in facts.past:
        if one.month == month and key in one.quantities:
            return float(one.quantities[key])
    return None


# --- peaks ----------------------------------------------------------------------------------------------------------


def block_means(values, minutes: int) -> list[tuple[date, float]]:
    """Average (step, value) over the clock's blocks. [as given]."""
    blocks: dict = defaultdict(list)
    for step, value in values:
        blocks[step.start.timestamp() // (minutes * 60)].append((step.day, value))
    return [(block[0][0], sum(value for _, value in block) / len(block)) for block in blocks.values()]


def sliding_means(values, minutes: int) -> list[tuple[date, float]]:
    """Average (step, value) over every unbroken run of steps as long as the interval. [as given]."""
    if not values:
        return []
    width = round(minutes / 60 / values[0][0].h)
    found = []
    for first in range(len(values) - width + 1):
        run = values[first : first + width]
        if run[-1][0].start - run[0][0].start == timedelta(minutes=minutes) - timedelta(hours=run[0][0].h):
            found.append((run[0][0].day, sum(value for _, value in run) / width))
    return found


def highest_mean(values, minutes: int) -> float:
    return max((mean for _, mean in block_means(values, minutes)), default=0.0)


def apparent(step, part: Part) -> complex:
    """Give active and reactive power as one number: the size of its mean over an interval is that interval's kVA."""
    if step.kvar is None:
        return complex(step.kw / part.power_factor)
    return complex(step.kw, step.kvar)


def highest_kva(part: Part, minutes: int) -> float:
    means = block_means([(step, apparent(step, part)) for step in part.steps], minutes)
    return max(abs(mean) for _, mean in means)


def _means(charge, part: Part, steps) -> list[tuple[date, float]]:
    if charge.calendar is not None:
        bands = Bands(charge.calendar, part)
        steps = [step for step in steps if bands.at(step) in charge.bands]
    values = [(step, apparent(step, part) if charge.measured_as == "kva" else step.kw) for step in steps]
    means = (sliding_means if charge.sliding else block_means)(values, charge.measurement_min)
    return [(day, abs(mean) if charge.measured_as == "kva" else mean) for day, mean in means]


def measured_kw(charge, part: Part) -> float:
    """Give the month's maximum demand, or the mean of its highest ones. [kW]."""
    means = _means(charge, part, part.steps)
    if charge.peaks_on == "days":
        of_day: dict[date, float] = {}
        for day, mean in means:
            of_day[day] = max(mean, of_day.get(day, mean))
        means = list(of_day.items())
    highest = sorted((mean for _, mean in means), reverse=True)[: charge.peaks_count]
    return sum(highest) / len(highest) if highest else 0.0


def past_kw(charge, part: Part, month: date) -> float:
    known = told(part, month, f"{charge.charge_id}.max_demand_kw")
    return measured_kw(charge, month_part(part, month)) if known is None else known


def ratcheted_kw(charge, part: Part) -> float:
    """Give the month's demand, raised to what past months and the tariff ask for at least. [kW]."""
    found = [measured_kw(charge, part), float(charge.least_kw)]
    back = charge.look_back
    if back is not None:
        months = [before(part.month, n) for n in range(1, back.months_count + 1)]
        looked = [one for one in months if not back.peak_months or one.month in back.peak_months]
        found += [float(back.peak_share) * past_kw(charge, part, one) for one in looked]
    return max(found)


def demand_amount(charge, part: Part) -> float:
    if charge.months and part.month.month not in charge.months:
        return 0.0
    price, least = float(charge.price_per_kw), float(charge.least_kw)
    if charge.levied == "day":
        amount = 0.0
        for day in part.days:  # an interval over midnight is none of either day
            means = _means(charge, part, [step for step in part.own if step.day == day])
            amount += price * max([least, *(mean for _, mean in means)])
        return amount
    if charge.levied == "year":
        assert not charge.months, "docs/tariffs.md does not say how a yearly price is spread over a few months"
        here = measured_kw(charge, part)
        months = [date(part.month.year, number, 1) for number in range(1, part.month.month)]
        past = max((past_kw(charge, part, month) for month in months), default=0.0)
        return part.share * to_date(part.month, price * max(here, past, least), price * max(past, least))
    billed = ratcheted_kw(charge, part)
    if charge.basis == "contract":
        billed = contract_kw(charge, part, billed)
    return part.share * (billed * price + _demand_tiers(charge, billed))


def to_date(month: date, yearly: float, yearly_before: float) -> float:
    """Owed after this month of the year, less what was owed after the one before."""
    return month.month / 12 * yearly - (month.month - 1) / 12 * yearly_before


def _demand_tiers(charge, kw: float) -> float:
    amount, below = 0.0, 0.0
    for tier in charge.tiers:
        limit = float("inf") if tier.up_to_kw is None else float(tier.up_to_kw)
        amount += max(0.0, min(kw, limit) - below) * float(tier.price_per_kw_month)
        below = limit
    return amount


def contract_kw(charge, part: Part, actual: float) -> float:
    """Give the kW billed against the contract value, double kW counted twice. [kW]."""
    supply = part.supply
    declared = charge.contract_demand_kw if charge.contract_demand_kw is not None else supply.contract_demand_kw
    contract = float(declared)
    if charge.floor_share:
        contract = max(
            contract, float(charge.floor_share) * (contract_kva(part) + float(supply.high_voltage_motor_kva))
        )
    if charge.over_rule == "stepped":
        billed = contract if charge.charged_contract_kw is None else float(charge.charged_contract_kw)
        edges = [float(step.from_share) * contract for step in charge.over_steps] + [float("inf")]
        for step, low, high in zip(charge.over_steps, edges, edges[1:], strict=False):
            billed += float(step.multiplier) * max(0.0, min(actual, high) - low)
        return billed
    allowed = 1.05 * contract
    if actual <= allowed:
        return contract
    over = 2 * (actual - allowed)
    return (allowed if charge.over_rule == "actual_plus_double" else contract) + over


# --- the grid's peaks -----------------------------------------------------------------------------------------------


def _at_peaks(charge, part: Part) -> list[float]:
    peaks = next(one for one in part.load.facts.system_peaks if one.system_peak_id == charge.system_peak_id)
    found = []
    for start in peaks.starts:
        end = start + timedelta(minutes=peaks.step_min)
        kwh = h = 0.0
        for step in part.steps:
            step_end = step.start + timedelta(hours=step.h)
            both = (min(end, step_end) - max(start, step.start)).total_seconds() / 3600
            if both > 0:
                kwh, h = kwh + step.kw * both, h + both
        if h:
            found.append(kwh / h)
    return found


def coincident_amount(charge, part: Part) -> float:
    at_peaks, price = _at_peaks(charge, part), float(charge.price_per_kw)
    if charge.is_yearly and charge.counts == "mean":
        return part.share * price * sum(at_peaks) / charge.yearly_peaks_count
    if not charge.is_yearly and charge.counts == "mean":
        return part.share * price * (sum(at_peaks) / len(at_peaks) if at_peaks else 0.0)
    here = max(at_peaks, default=0.0)
    if not charge.is_yearly:
        return part.share * price * here
    past = 0.0
    for number in range(1, part.month.month):
        month = date(part.month.year, number, 1)
        known = told(part, month, f"{charge.charge_id}.coincident_kw")
        past = max(past, max(_at_peaks(charge, month_part(part, month)), default=0.0) if known is None else known)
    return part.share * to_date(part.month, price * max(here, past), price * past)


# --- capacity -------------------------------------------------------------------------------------------------------


def capacity_amount(charge, part: Part) -> float:
    monthly, daily = float(charge.price_per_kva_month or 0), float(charge.price_per_kva_day or 0)
    return contract_kva(part) * (monthly * part.share + daily * len(part.days))


def excess_amount(charge, part: Part) -> float:
    highest = highest_kva(part, charge.measurement_min)
    monthly, daily = float(charge.price_per_kva_month or 0), float(charge.price_per_kva_day or 0)
    return max(0.0, highest - contract_kva(part)) * (monthly * part.share + daily * len(part.days))


# --- Germany's network fee ------------------------------------------------------------------------------------------


def network_amount(charge, part: Part) -> float:
    kwh = peak = window = 0.0
    owed = [0.0]
    for number in range(1, part.month.month + 1):
        month_kwh, month_peak, month_window = _network_month(charge, part, date(part.month.year, number, 1))
        kwh, peak, window = kwh + month_kwh, max(peak, month_peak), max(window, month_window)
        owed.append(number / 12 * yearly_fee(charge, kwh * 12 / number, peak, window))
    return part.share * (owed[-1] - owed[-2])


def _network_month(charge, part: Part, month: date) -> tuple[float, float, float]:
    names = ["energy_kwh", "max_demand_kw"] + (["window_demand_kw"] if charge.atypical else [])
    known = [told(part, month, f"{charge.charge_id}.{name}") for name in names]
    if month != part.month and None not in known:
        return (*known, 0.0)[:3]
    here = month_part(part, month)
    kwh = sum(step.kw * step.h for step in here.steps)
    peak = highest_mean([(step, step.kw) for step in here.steps], charge.measurement_min)
    if charge.atypical is None:
        return kwh, peak, 0.0
    bands = Bands(charge.atypical.calendar, here)
    inside = [(step, step.kw) for step in here.steps if bands.at(step) in charge.atypical.bands]
    return kwh, peak, highest_mean(inside, charge.measurement_min)


def yearly_fee(charge, kwh: float, peak: float, window: float) -> float:
    """Give a whole year's fee. [tariff.currency]."""
    use_h = kwh / peak if peak > 0 else 0.0
    pair = charge.above if use_h >= float(charge.switch_h) else charge.below
    kw_price, kwh_price = float(pair.price_per_kw_year), float(pair.price_per_kwh)
    published = kw_price * peak + kwh_price * kwh
    rule = charge.atypical
    if rule is not None:
        lower = peak - window
        if lower < float(rule.least_reduction_kw) or lower < float(rule.least_reduction_share) * peak:
            return published
        individual = max(kw_price * window + kwh_price * kwh, float(rule.least_fee_share) * published)
        return individual if published - individual >= float(rule.least_saving) else published
    if kwh > float(charge.band_load_from_kwh):
        reached = [step for step in charge.band_load if use_h >= float(step.from_h)]
        if reached:
            return float(reached[-1].fee_share) * published
    return published
