"""What is done for one customer, in whatever process: read a meter, forecast it, write its rows."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from domain.errors import WattplanError
from domain.files.meter_options import MeterReadOptions
from domain.files.meter_reader import read_meter
from domain.metering import LoadForecast
from domain.noun import noun
from domain.text import Language, Text
from domain.time import Calendar, TimeGrid, zone_of
from forecasting.forecast import forecast_load
from forecasting.options import ForecastOptions

PEAK_LEVELS = (0.1, 0.5, 0.9)
INTERNAL = "internal"
DIED = "worker_died"
DIED_WORDS = Text(
    en="The process that computed this customer died, and died again when it was asked alone.",
    zh="计算该客户的进程异常终止，单独重试时再次终止。",
)
INTERNAL_WORDS = Text(en="An internal error: {said}", zh="内部错误：{said}")


@noun
class Customer:
    """One customer of a fleet."""

    customer_id: str
    source: str
    """Where the readings are: for ``ForecastFile`` a path."""
    fingerprint: str = ""
    """Changes when the readings do, so that a run that goes on sees it."""


@noun
class CustomerAnswer:
    """A customer's forecast as it is kept."""

    customer_id: str
    rows_csv: str
    """Lines of the part's CSV, without its heading."""
    about: dict[str, Any]
    """What else is worth keeping, as JSON values."""


@noun
class CustomerFailure:
    """Why a customer has no forecast."""

    customer_id: str
    code: str
    reason: Text


CustomerResult = CustomerAnswer | CustomerFailure
Work = Callable[[Customer], CustomerAnswer]
"""Must be picklable, and give the same answer in every process."""


def run_chunk(work: Work, customers: Sequence[Customer]) -> tuple[CustomerResult, ...]:
    """Do the work for some customers; what one raises is its own failure."""
    return tuple(run_one(work, customer) for customer in customers)


def run_one(work: Work, customer: Customer) -> CustomerResult:
    """Do the work for one customer."""
    try:
        answer = work(customer)
        json.dumps(answer.about, allow_nan=False)  # what cannot be kept is found where it is one customer's trouble
    except WattplanError as refusal:
        reason = Text(en=refusal.say(Language.EN), zh=refusal.say(Language.ZH))
        return CustomerFailure(customer_id=customer.customer_id, code=refusal.code, reason=reason)
    except Exception as error:  # noqa: BLE001 -- one customer's fault must not take the fleet with it
        return internal(customer, error)
    return answer


def internal(customer: Customer, error: BaseException) -> CustomerFailure:
    """Name a fault that no refusal foresaw."""
    said = f"{type(error).__name__}: {error}"
    reason = Text(en=INTERNAL_WORDS.en.format(said=said), zh=INTERNAL_WORDS.zh.format(said=said))
    return CustomerFailure(customer_id=customer.customer_id, code=INTERNAL, reason=reason)


@noun
class ForecastFile:
    """The work of ``wattplan fleet``: forecast a meter file from the end of its readings."""

    read: MeterReadOptions
    """How the files are written; its zone is the plants' clock."""
    country: str | None = None
    """Country of the working calendar."""
    days: int = 7
    options: ForecastOptions = ForecastOptions()

    def __call__(self, customer: Customer) -> CustomerAnswer:
        """Read and forecast one customer's file."""
        zone = self.read.zone
        path = Path(customer.source)
        meter = read_meter(path, self.read, name=path.name).series
        issued_at = meter.grid.end
        forecast = forecast_load(
            meter,
            horizon=days_after(issued_at, self.days, zone, meter.grid.step_min),
            issued_at=issued_at,
            zone=zone,
            calendar=Calendar(country=self.country),
            options=self.options,
        )
        return CustomerAnswer(
            customer_id=customer.customer_id,
            rows_csv=rows_csv(customer.customer_id, forecast, zone),
            about=about(forecast, zone),
        )

    @property
    def heading(self) -> tuple[str, ...]:
        """The columns of ``rows_csv``."""
        return ("customer_id", "start", *(f"p{100 * level:g}_kw" for level in self.options.quantile_levels))


def days_after(issued_at: datetime, days: int, zone: str, step_min: int) -> TimeGrid:
    """Give whole local days from the first local midnight at or after an instant."""
    local = issued_at.astimezone(zone_of(zone))
    first: date = local.date() if local.time() == time(0) else local.date() + timedelta(days=1)
    return TimeGrid.of_local_days(first, days, zone, step_min)


def rows_csv(customer_id: str, forecast: LoadForecast, zone: str) -> str:
    """Write a forecast's quantiles, one row a step."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    for step, start in enumerate(forecast.grid.local_starts(zone)):
        rows.writerow([customer_id, start.isoformat(), *(f"{value:.3f}" for value in forecast.quantiles_kw[:, step])])
    return text.getvalue()


def about(forecast: LoadForecast, zone: str) -> dict[str, Any]:
    """Give what the quantiles of single steps cannot say: each day's energy and peak, and the doubts."""
    days = []
    for day in forecast.grid.local_days(zone):
        of_day_kw = forecast.samples_kw[:, day.first : day.stop]
        energy_kwh = of_day_kw.sum(axis=1) * forecast.grid.step_h
        peaks_kw = np.quantile(of_day_kw.max(axis=1), PEAK_LEVELS)
        days.append(
            {
                "day": day.day.isoformat(),
                "energy_kwh": round(float(np.median(energy_kwh)), 3),
                **{
                    f"peak_p{100 * level:g}_kw": round(float(kw), 3)
                    for level, kw in zip(PEAK_LEVELS, peaks_kw, strict=True)
                },
            }
        )
    return {
        "issued_at": forecast.issued_at.isoformat(),
        "data_until": forecast.data_until.isoformat(),
        "model": forecast.model,
        "seed": forecast.seed,
        "days": days,
        "degraded": [
            {"code": one.code, "en": one.say(Language.EN), "zh": one.say(Language.ZH)}
            for one in forecast.degraded_reasons
        ],
    }
