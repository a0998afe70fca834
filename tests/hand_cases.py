"""One March and its lines: what the tests of charges worked by hand share."""

from datetime import date

from domain.tariffs import BandCalendar, BilledLoad, bill
from tests.tariff_cases import load_at, month_grid, rule, supply_of, tariff_of, words

MARCH = date(2026, 3, 1)  # 31 days, 744 h
APRIL = date(2026, 4, 1)
SUPPLY = supply_of(capacity_kva="500", contract_demand_kw="400")
DAY_NIGHT = BandCalendar(rules=(rule("day", "08:00-20:00"), rule("night", "20:00-08:00")))


def named(kind: str, **fields) -> dict:
    return {"charge_id": kind, "label": words(kind), **fields}


def march(kw: float, **peaks: float) -> BilledLoad:
    return load_at(month_grid(MARCH), kw, **peaks)


def lines_of(load: BilledLoad, *charges, supply=SUPPLY, month=MARCH, **fields):
    billed = bill(load, tariff_of(*charges, **fields), supply, month)
    return [(str(line.quantity), str(line.unit_price), str(line.amount)) for line in billed.lines], billed
