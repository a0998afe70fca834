"""Small programmes, events and meters for the tests of baselines, event terms and settlement."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np

from domain.metering import MeterSeries
from domain.programmes import Event, Programme
from domain.programmes.baseline import Baseline
from domain.programmes.programme import BaselineRule
from domain.tariffs import Source, Status
from domain.text import Text
from domain.time import TimeGrid

SHANGHAI = "Asia/Shanghai"


def local(text: str, zone: str = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def event_of(start: str, end: str, notice: str, zone: str = SHANGHAI, **fields) -> Event:
    plain = {"event_id": "e1", "programme_id": "p1"}
    return Event(start=local(start, zone), end=local(end, zone), notice_at=local(notice, zone), **(plain | fields))


def programme_of(**fields) -> Programme:
    plain = {
        "programme_id": "p1",
        "name": Text(en="programme", zh="项目"),
        "currency": "CNY",
        "price": Decimal("3.5"),
        "min_commitment_kw": Decimal(50),
        "notice_min": 60,
        "valid_from": date(2020, 1, 1),
        "status": Status.COMPILED,
        "source": Source(document="test document", issuer="test"),
    }
    return Programme(**(plain | fields))


def meter_of(first: date, by_day: list[float], zone: str = SHANGHAI, step_min: int = 15) -> MeterSeries:
    """Give a meter whose load is flat within each day."""
    grid = TimeGrid.of_local_days(first, len(by_day), zone, step_min)
    values = np.empty(grid.n_steps)
    for day, kw in zip(grid.local_days(zone), by_day, strict=True):
        values[day.first : day.stop] = kw
    return MeterSeries(meter_id="m", grid=grid, import_kw=values)


def dated_meter(first: date, n_days: int, zone: str = SHANGHAI, step_min: int = 15) -> MeterSeries:
    """Give a meter whose load on a day of the year is 100 kW + the day of the year."""
    days = [100.0 + (first + timedelta(days=n)).timetuple().tm_yday for n in range(n_days)]
    return meter_of(first, days, zone, step_min)


def baseline_at(
    event: Event,
    kw: float,
    step_min: int = 15,
    days: tuple[date, ...] = (date(2026, 3, 2),),
    zone: str = SHANGHAI,
) -> Baseline:
    grid = TimeGrid.between(event.start, event.end, step_min)
    return Baseline(
        event_id=event.event_id,
        rule=BaselineRule(),
        zone=zone,
        grid=grid,
        values_kw=np.full(grid.n_steps, kw),
        days=days,
    )


def clock_meter(first: date, n_days: int, load_kw, zone: str = SHANGHAI, step_min: int = 15) -> MeterSeries:
    """Give a meter whose load is ``load_kw(day, hour)`` of the local clock; the hour may be a fraction."""
    grid = TimeGrid.of_local_days(first, n_days, zone, step_min)
    starts = grid.local_starts(zone)
    values = [load_kw(at.date(), at.hour + at.minute / 60) for at in starts]
    return MeterSeries(meter_id="m", grid=grid, import_kw=np.array(values, dtype=float))
