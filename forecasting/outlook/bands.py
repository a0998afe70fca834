"""Which band each step of a long horizon belongs to, by a tariff or by a band calendar alone."""

from datetime import date

import numpy as np

from domain.findings import Finding
from domain.noun import noun
from domain.tariffs import AnyTariff, BandCalendar, DemandCharge, EnergyCharge, versions_of
from domain.time import Calendar, TimeGrid
from forecasting.clock import IntArray
from forecasting.outlook.words import FLAGS_UNKNOWN, LATE_TARIFF, PEAK_NOT_AS_BILLED

DEFAULT_INTERVAL_MIN = 15


@noun
class TariffBands:
    """What an outlook needs of a tariff: its bands and the interval of its maximum demand."""

    tariff_id: str
    bands: BandCalendar
    zone: str
    calendar: Calendar
    """The working calendar that the bands follow."""
    interval_min: int = DEFAULT_INTERVAL_MIN
    """Interval over which the billed peak is averaged. [min]"""
    valid_from: date | None = None
    valid_until: date | None = None
    flagged: frozenset[tuple[str, date]] = frozenset()
    """Days on which a flag of the tariff is known to be up: (flag, local day)."""
    unknown_flags: tuple[str, ...] = ()
    """Flags that the weather or the utility raises, so that nobody knows their days."""
    how: tuple[str, str] | None = None
    """Why the billed peak is another than that of all hours on the clock's blocks: English and Chinese words."""

    def on(self, grid: TimeGrid) -> IntArray:
        """Give each step's band as an index into ``bands.bands``; raises ``BandEdgeError`` on too coarse steps."""
        return np.asarray(self.bands.bands_on(grid, self.zone, self.calendar, self.flagged), dtype=np.int64)

    def findings(self, first: date, last: date) -> tuple[Finding, ...]:
        """Find what of the tariff does not fit the months asked for."""
        found = []
        starts_late = self.valid_from is not None and self.valid_from > first
        ends_early = self.valid_until is not None and self.valid_until <= last
        if starts_late or ends_early:
            found.append(LATE_TARIFF.at(tariff_id=self.tariff_id, first=f"{first:%Y-%m}", last=f"{last:%Y-%m}"))
        if self.unknown_flags:
            found.append(FLAGS_UNKNOWN.at(tariff_id=self.tariff_id, flags=", ".join(self.unknown_flags)))
        if self.how is not None:
            found.append(PEAK_NOT_AS_BILLED.at(tariff_id=self.tariff_id, how=self.how[0], how_zh=self.how[1]))
        return tuple(found)


def bands_of(tariff: AnyTariff) -> TariffBands | None:
    """Take the bands of a tariff's latest version: those of the energy charge that tells most bands apart.

    None where the version prices no energy by bands at all.
    """
    latest = versions_of(tariff)[-1]
    energy = [one.calendar for one in latest.charges if isinstance(one, EnergyCharge)]
    if not energy:
        return None
    bands = max(energy, key=lambda one: len(one.bands))
    raised = [one for one in latest.day_flags if one.flag in bands.flags]
    demand = [one for one in latest.charges if isinstance(one, DemandCharge)]
    return TariffBands(
        tariff_id=latest.tariff_id,
        bands=bands,
        zone=latest.zone,
        calendar=latest.calendar,
        interval_min=demand[0].measurement_min if demand else DEFAULT_INTERVAL_MIN,
        valid_from=versions_of(tariff)[0].valid_from,
        valid_until=latest.valid_until,
        flagged=frozenset((one.flag, day) for one in raised for day in one.days),
        unknown_flags=tuple(one.flag for one in raised if one.decided != "listed"),
        how=_how(demand),
    )


def _how(demand: list[DemandCharge]) -> tuple[str, str] | None:
    said = []
    if any(one.calendar is not None for one in demand):
        said.append(("the bands of its demand charge", "需量时段"))
    if any(one.sliding for one in demand):
        said.append(("sliding intervals", "滑差"))
    if any(one.measured_as == "kva" for one in demand):
        said.append(("apparent power", "视在功率"))
    if any(one.peaks_count > 1 for one in demand):
        said.append(("the mean of several peaks", "多个峰值的平均"))
    return (", ".join(en for en, _ in said), "、".join(zh for _, zh in said)) if said else None
