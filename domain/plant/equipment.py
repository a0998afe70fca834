"""What the plant has: machines, stores, modulating loads, shifts, battery, PV, and the site around them."""

from datetime import datetime, time
from itertools import pairwise

from domain import checks
from domain.noun import noun
from domain.tariffs.tariff import SupplyPoint
from domain.text import Text
from domain.time import DAY_TAGS, zone_of


@noun
class Interval:
    """A half-open span of time."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        checks.to_utc(self, "start", "end")
        checks.ordered(self, "end", self.start, self.end)


@noun
class Machine:
    """A machine, or ``count`` equal ones; each runs one task at a time."""

    machine_id: str
    name: str
    count: int = 1
    outages: tuple[Interval, ...] = ()
    """When none of them is available: maintenance, overhaul."""

    def __post_init__(self) -> None:
        checks.not_empty(self, "machine_id", self.machine_id)
        checks.positive(self, "count", self.count)


@noun
class StoreDraw:
    """A quantity taken out of a store (negative: delivered into it) at one moment."""

    at: datetime
    quantity: float
    """[store.unit]"""

    def __post_init__(self) -> None:
        checks.to_utc(self, "at")
        checks.finite(self, "quantity", self.quantity)


@noun
class Store:
    """A buffer of one material: silo, billet yard, tank, shelf.

    Its level stands at the end of each step and must stay within ``min_level … max_level``.
    """

    store_id: str
    name: str
    unit: str
    """Such as t, m3, pieces."""
    min_level: float = 0.0
    """[unit]"""
    max_level: float
    """[unit]"""
    start_level: float
    """[unit]"""
    end_min_level: float | None = None
    """Least level at the end of the horizon; None: ``start_level``, so that a plan cannot live off its stock. [unit]"""
    draws: tuple[StoreDraw, ...] = ()

    def __post_init__(self) -> None:
        checks.not_empty(self, "store_id", self.store_id)
        checks.not_negative(self, "min_level", self.min_level)
        checks.finite(self, "max_level", self.max_level)
        checks.at_most(self, "min_level", self.min_level, self.max_level, "max_level")
        if not self.min_level <= self.start_level <= self.max_level:
            raise checks.refuse(
                self,
                "start_level",
                self.start_level,
                Text(
                    en=f"must lie within {self.min_level} … {self.max_level}",
                    zh=f"必须在 {self.min_level} … {self.max_level} 之内",
                ),
            )
        if self.end_min_level is not None:
            checks.at_most(self, "end_min_level", self.end_min_level, self.max_level, "max_level")

    @property
    def least_at_end(self) -> float:
        """Least level at the end of the horizon. [unit]."""
        return self.start_level if self.end_min_level is None else self.end_min_level


@noun
class ShiftEnergy:
    """The energy a modulating load needs within one span."""

    start: datetime
    end: datetime
    energy_kwh: float
    """[kWh]"""

    def __post_init__(self) -> None:
        checks.to_utc(self, "start", "end")
        checks.ordered(self, "end", self.start, self.end)
        checks.not_negative(self, "energy_kwh", self.energy_kwh)


@noun
class ModulatingLoad:
    """A load whose power may vary while each shift gets its energy: compressors, chillers, oxygen, pumps.

    Within a shift it runs between ``min_kw`` and ``max_kw``; outside all shifts it is off. Run as planned
    today means: the shift's mean power, held level.
    """

    load_id: str
    name: str
    min_kw: float = 0.0
    """[kW]"""
    max_kw: float
    """[kW]"""
    shifts: tuple[ShiftEnergy, ...]

    def __post_init__(self) -> None:
        checks.not_empty(self, "load_id", self.load_id)
        checks.not_negative(self, "min_kw", self.min_kw)
        checks.positive(self, "max_kw", self.max_kw)
        checks.at_most(self, "min_kw", self.min_kw, self.max_kw, "max_kw")
        ordered = sorted(self.shifts, key=lambda shift: shift.start)
        for shift, later in pairwise(ordered):
            if later.start < shift.end:
                raise checks.refuse(
                    self,
                    "shifts",
                    later.start.isoformat(),
                    Text(en="begins before the shift before it ends", zh="在上一班次结束前开始"),
                )
        for shift in ordered:
            hours = (shift.end - shift.start).total_seconds() / 3600
            least, most = self.min_kw * hours, self.max_kw * hours
            if not least - 1e-6 <= shift.energy_kwh <= most + 1e-6:
                raise checks.refuse(
                    self,
                    "shifts",
                    shift.energy_kwh,
                    Text(
                        en=f"energy from {shift.start.isoformat()} must lie within {least:g} … {most:g} kWh",
                        zh=f"{shift.start.isoformat()} 起的电量必须在 {least:g} … {most:g} kWh 之内",
                    ),
                )


@noun
class Shift:
    """A crew's hours on the local clock and what an hour of one of its people costs."""

    name: str
    start: time
    """Local clock."""
    end: time
    """Local clock; at or before ``start`` means it ends the next day."""
    days: tuple[str, ...] = ("any",)
    """Day tags of the day on which it starts."""
    wage_per_h: float
    """Cost of one person-hour. [currency / h]"""

    def __post_init__(self) -> None:
        checks.not_negative(self, "wage_per_h", self.wage_per_h)
        for tag in self.days:
            checks.known(self, "days", tag, DAY_TAGS)


@noun
class Battery:
    """A battery behind the meter; its state stands at the end of each step."""

    battery_id: str
    capacity_kwh: float
    """Usable energy between empty and full. [kWh]"""
    max_charge_kw: float
    """[kW]"""
    max_discharge_kw: float
    """[kW]"""
    charge_eff: float = 0.96
    """[-]"""
    discharge_eff: float = 0.96
    """[-]"""
    soc_start_kwh: float
    """[kWh]"""
    soc_min_kwh: float = 0.0
    """[kWh]"""
    soc_end_min_kwh: float | None = None
    """None: ``soc_start_kwh``. [kWh]"""
    wear_cost_per_kwh: float = 0.0
    """Per kWh discharged. [currency / kWh]"""

    def __post_init__(self) -> None:
        checks.not_empty(self, "battery_id", self.battery_id)
        for field in ("capacity_kwh", "max_charge_kw", "max_discharge_kw", "charge_eff", "discharge_eff"):
            checks.positive(self, field, getattr(self, field))
        for field in ("charge_eff", "discharge_eff"):
            checks.share(self, field, getattr(self, field))
        for field in ("soc_start_kwh", "soc_min_kwh", "wear_cost_per_kwh"):
            checks.not_negative(self, field, getattr(self, field))
        checks.at_most(self, "soc_start_kwh", self.soc_start_kwh, self.capacity_kwh, "capacity_kwh")
        checks.at_most(self, "soc_min_kwh", self.soc_min_kwh, self.soc_start_kwh, "soc_start_kwh")
        if self.soc_end_min_kwh is not None:
            checks.at_most(self, "soc_end_min_kwh", self.soc_end_min_kwh, self.capacity_kwh, "capacity_kwh")

    @property
    def least_at_end_kwh(self) -> float:
        """Least state at the end of the horizon. [kWh]."""
        return self.soc_start_kwh if self.soc_end_min_kwh is None else self.soc_end_min_kwh


@noun
class Pv:
    """A PV array behind the meter, by its expected local day; what is not used is curtailed."""

    pv_id: str
    daily_kw: tuple[float, ...]
    """Expected power over a local day in 24, 48 or 96 equal parts. [kW]"""
    in_meter_history: bool = True
    """Whether it already stood when the history was metered; False: it is new."""

    def __post_init__(self) -> None:
        checks.not_empty(self, "pv_id", self.pv_id)
        if len(self.daily_kw) not in (24, 48, 96):
            raise checks.refuse(
                self,
                "daily_kw",
                len(self.daily_kw),
                Text(en="must have 24, 48 or 96 values", zh="必须有 24、48 或 96 个值"),
            )
        for value in self.daily_kw:
            checks.not_negative(self, "daily_kw", value)


@noun
class Site:
    """One site of a customer: where it stands, how it is supplied, what stands behind the meter."""

    site_id: str
    customer_id: str
    name: str
    zone: str
    """IANA zone of its people and plans."""
    country: str | None = None
    """Country of its working calendar, ISO 3166."""
    supply: SupplyPoint
    import_limit_kw: float
    """Most it may draw in any step. [kW]"""
    export_limit_kw: float = 0.0
    """Most it may feed in, in any step. [kW]"""
    batteries: tuple[Battery, ...] = ()
    pv: tuple[Pv, ...] = ()

    def __post_init__(self) -> None:
        checks.not_empty(self, "site_id", self.site_id)
        checks.not_empty(self, "customer_id", self.customer_id)
        zone_of(self.zone)
        checks.positive(self, "import_limit_kw", self.import_limit_kw)
        checks.not_negative(self, "export_limit_kw", self.export_limit_kw)
        checks.unique(self, "batteries", (one.battery_id for one in self.batteries))
        checks.unique(self, "pv", (one.pv_id for one in self.pv))
