"""What may be asked besides a case: a forecast of a meter, a bill of a load.

The documents are what stands in a file or a body; the requests are what the use cases take.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np

from domain import checks
from domain.checks import FloatArray
from domain.files.documents import to_plain
from domain.files.facts_file import FactsEntry, facts_of
from domain.metering import LoadForecast, MeterSeries
from domain.noun import noun
from domain.tariffs import NO_FACTS, AnyTariff, BilledLoad, SupplyPoint, Tariff, TariffVersions
from domain.text import Text
from domain.time import TimeGrid, zone_of

Holed = tuple[float | None, ...]
APART = Text(
    en="Import, feed-in and reactive power are each given as positive numbers; feed-in as export_kw.",
    zh="受电、上网与无功功率均以正数给出；上网请填写 export_kw。",
)
HOLE = Text(en="is missing; only a complete month is billed", zh="缺失；仅对完整月份计费")


@noun(eq=False)
class ForecastRequest:
    """The question what a meter will show."""

    meter: MeterSeries
    zone: str
    country: str | None = None
    issued_at: datetime
    days: int
    n_samples: int
    seed: int


@noun(eq=False)
class BillRequest:
    """The question what a tariff asks for one month of a load."""

    load: BilledLoad
    tariff: AnyTariff | None
    tariff_id: str | None
    supply: SupplyPoint
    month: date


@noun
class LoadDocument:
    """A load as it stands in a document."""

    meter_id: str = "meter"
    start: datetime
    """Start of the first step, with its UTC offset."""
    step_min: int
    """Length of a step: 1, 5, 10, 15, 30 or 60. [min]"""
    import_kw: Holed
    """Mean import over each step; null where it is missing, never 0. [kW]"""
    reactive_kvar: Holed | None = None
    """Mean reactive power over each step, |forward| + |reverse|. [kvar]"""
    export_kw: Holed | None = None
    """Mean feed-in over each step, positive. [kW]"""

    def __post_init__(self) -> None:
        checks.not_empty(self, "import_kw", self.import_kw)
        for name in ("reactive_kvar", "export_kw"):
            values = getattr(self, name)
            if values is not None and len(values) != len(self.import_kw):
                problem = Text(en=f"must have {len(self.import_kw)} values", zh=f"须有 {len(self.import_kw)} 个值")
                raise checks.refuse(self, name, len(values), problem)
        _ = self.grid

    @property
    def grid(self) -> TimeGrid:
        """The steps it stands on."""
        return TimeGrid(start=self.start, step_min=self.step_min, n_steps=len(self.import_kw))

    def series(self) -> MeterSeries:
        """Give it as a meter's series."""
        reactive, fed_in = (None if one is None else _array(one) for one in (self.reactive_kvar, self.export_kw))
        return MeterSeries(
            meter_id=self.meter_id,
            grid=self.grid,
            import_kw=_array(self.import_kw),
            reactive_kvar=reactive,
            export_kw=fed_in,
        )


def _array(values: Holed) -> FloatArray:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


@noun
class ForecastDocument:
    """The question what a meter will show."""

    meter: LoadDocument
    zone: str
    """IANA zone of the meter's days, such as Asia/Shanghai."""
    country: str | None = None
    """Country of the working calendar, ISO 3166; left out: weekdays and weekends only."""
    issued_at: datetime | None = None
    """Nothing later is known; left out: the end of the meter's series."""
    days: int = 7
    """Whole local days to forecast, from the first local midnight at or after ``issued_at``. [d]"""
    n_samples: int = 50
    """Samples drawn for the quantiles."""
    seed: int = 1

    def __post_init__(self) -> None:
        zone_of(self.zone)
        checks.positive(self, "days", self.days)
        checks.positive(self, "n_samples", self.n_samples)
        checks.not_negative(self, "seed", self.seed)
        if self.issued_at is not None:
            checks.aware(self, "issued_at", self.issued_at)

    def request(self) -> ForecastRequest:
        """Give it as the use case takes it."""
        meter = self.meter.series()
        return ForecastRequest(
            meter=meter,
            zone=self.zone,
            country=self.country,
            issued_at=self.issued_at or meter.grid.end,
            days=self.days,
            n_samples=self.n_samples,
            seed=self.seed,
        )


@noun
class BillDocument:
    """The question what a tariff asks for one month of a load."""

    load: LoadDocument
    """Must cover the whole local month without holes; earlier months too where the tariff looks back at them."""
    tariff: Tariff | None = None
    """The tariff itself; or leave it out and name one of the catalogue."""
    tariff_versions: TariffVersions | None = None
    """Or its versions through time: a month over a change is billed in parts."""
    tariff_id: str | None = None
    """Id of a tariff of the catalogue."""
    supply: SupplyPoint
    power_factor: Decimal | None = None
    """The month's power factor where no reactive power is given. [-]"""
    facts: FactsEntry | None = None
    """Index prices, flagged days, the grid's peaks, past months, where the tariff asks for them."""
    month: date
    """Any day of the local month."""

    def __post_init__(self) -> None:
        if sum(one is not None for one in (self.tariff, self.tariff_versions, self.tariff_id)) != 1:
            raise checks.refuse(
                self,
                "tariff_id",
                self.tariff_id,
                Text(
                    en="give one of tariff, tariff_versions and tariff_id",
                    zh="tariff、tariff_versions 与 tariff_id 须且仅须给出一项",
                ),
            )
        if not checks.FIRST_YEAR <= self.month.year <= checks.LAST_YEAR:
            raise checks.refuse(self, "month", self.month.isoformat(), checks.LIVED)
        if self.power_factor is not None:
            checks.share(self, "power_factor", float(self.power_factor))

    def request(self) -> BillRequest:
        """Give it as the use case takes it.

        Raises
        ------
        InvalidFieldError
            If the load has holes.
        """
        for name in ("import_kw", "reactive_kvar", "export_kw"):
            values = getattr(self.load, name)
            if values is not None and None in values:
                raise checks.refuse("body", f"load.{name}.{values.index(None)}", None, HOLE)
            below = next((number for number, one in enumerate(values or ()) if one is not None and one < 0), None)
            if below is not None:
                raise checks.refuse("body", f"load.{name}.{below}", (values or ())[below], checks.NOT_NEGATIVE, APART)
        series = self.load.series()
        return BillRequest(
            load=BilledLoad(
                grid=series.grid,
                import_kw=series.import_kw,
                reactive_kvar=series.reactive_kvar,
                power_factor=self.power_factor,
                export_kw=series.export_kw,
                facts=NO_FACTS if self.facts is None else facts_of(self.facts, where="body"),
            ),
            tariff=self.tariff or self.tariff_versions,
            tariff_id=self.tariff_id,
            supply=self.supply,
            month=self.month,
        )


def forecast_to_plain(forecast: LoadForecast) -> dict[str, Any]:
    """Give a forecast as plain data: quantiles, the mean of its samples, and peaks."""
    quantiles = {
        f"p{level * 100:g}_kw": forecast.quantile_kw(level).round(3).tolist() for level in forecast.quantile_levels
    }
    return {
        "start": forecast.grid.start.isoformat(),
        "step_min": forecast.grid.step_min,
        "n_steps": forecast.grid.n_steps,
        "mean_kw": forecast.samples_kw.mean(axis=0).round(3).tolist(),
        "quantiles": quantiles,
        "peaks": [
            {
                "period": peak.period,
                "start": forecast.grid.at(peak.first).isoformat(),
                "end": forecast.grid.at(peak.stop).isoformat(),
                "origin_count": peak.origin_count,
            }
            | {f"p{level * 100:g}_kw": round(peak.quantile_kw(level), 3) for level in peak.quantile_levels}
            for peak in forecast.peaks
        ],
        "issued_at": forecast.issued_at.isoformat(),
        "data_until": forecast.data_until.isoformat(),
        "model": forecast.model,
        "versions": forecast.versions,
        "seed": forecast.seed,
        "degraded_reasons": [to_plain(one) for one in forecast.degraded_reasons],
    }
