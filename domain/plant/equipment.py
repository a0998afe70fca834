"""What the plant has: machines, stores, modulating loads, shifts, battery, PV, and the site around them."""

from datetime import datetime, time
from itertools import pairwise

from domain import checks
from domain.noun import noun
from domain.plant.compensators import Compensator
from domain.plant.intervals import Interval
from domain.tariffs.tariff import SupplyPoint
from domain.text import Text
from domain.time import DAY_TAGS, zone_of


@noun
class Machine:
    """A machine, or ``count`` equal ones; each runs one task at a time."""

    machine_id: str
    name: str
    count: int = 1
    outages: tuple[Interval, ...] = ()
    """When none of them is available: maintenance, overhaul."""
    family_at_start: str | None = None
    """What it is set to when the horizon begins; needed where changeovers name it."""

    def __post_init__(self) -> None:
        checks.not_empty(self, "machine_id", self.machine_id)
        checks.positive(self, "count", self.count)


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
    power_factor: float | None = None
    """Lagging; None: that of the site's base load. [-]"""

    def __post_init__(self) -> None:
        checks.not_empty(self, "load_id", self.load_id)
        checks.not_negative(self, "min_kw", self.min_kw)
        checks.power_factor(self, "power_factor", self.power_factor)
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
    people_count: float | None = None
    """People there; what runs and processes attend at once may not need more. None: enough. [-]"""

    def __post_init__(self) -> None:
        checks.not_negative(self, "wage_per_h", self.wage_per_h)
        if self.people_count is not None:
            checks.not_negative(self, "people_count", self.people_count)
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
    safety_load_kw: float = 0.0
    """Least that must be running at any time (保安负荷): ventilation, furnace cooling, dewatering. Base load, runs,
    processes and modulating loads together may not draw less. [kW]"""
    co2_price_per_t: float = 0.0
    """What a tonne of CO2 costs the site. [currency / t]"""
    grid_co2_kg_per_kwh: tuple[float, ...] = (0.0,)
    """What a kWh drawn from the grid emits: one value, or a local day of 24, 48 or 96 equal parts. [kg / kWh]"""
    batteries: tuple[Battery, ...] = ()
    pv: tuple[Pv, ...] = ()
    base_power_factor: float | None = None
    """Power factor of the base load without the compensators, lagging. With it, or with ``base_kvar``, plans decide
    compensation and count the month's power factor; None: that is as the supply point gives it. [-]"""
    base_kvar: tuple[float, ...] = ()
    """Reactive power of the base load without the compensators, where that is better known than its power factor: one
    value, or a local day of 24, 48 or 96 equal parts. [kvar]"""
    compensators: tuple[Compensator, ...] = ()

    def __post_init__(self) -> None:
        checks.not_empty(self, "site_id", self.site_id)
        checks.not_empty(self, "customer_id", self.customer_id)
        zone_of(self.zone)
        checks.positive(self, "import_limit_kw", self.import_limit_kw)
        for field in ("export_limit_kw", "safety_load_kw", "co2_price_per_t"):
            checks.not_negative(self, field, getattr(self, field))
        self._is_local_day("grid_co2_kg_per_kwh", self.grid_co2_kg_per_kwh)
        checks.unique(self, "batteries", (one.battery_id for one in self.batteries))
        checks.unique(self, "pv", (one.pv_id for one in self.pv))
        self._check_reactive()

    @property
    def knows_reactive(self) -> bool:
        """Whether the reactive power of its base load is known."""
        return self.base_power_factor is not None or bool(self.base_kvar)

    def _is_local_day(self, field: str, values: tuple[float, ...]) -> None:
        if len(values) not in (1, 24, 48, 96):
            problem = Text(en="must have 1, 24, 48 or 96 values", zh="必须有 1、24、48 或 96 个值")
            raise checks.refuse(self, field, len(values), problem)
        for value in values:
            checks.not_negative(self, field, value)

    def _check_reactive(self) -> None:
        checks.power_factor(self, "base_power_factor", self.base_power_factor)
        checks.unique(self, "compensators", (one.compensator_id for one in self.compensators))
        if self.base_kvar:
            self._is_local_day("base_kvar", self.base_kvar)
        if self.base_kvar and self.base_power_factor is not None:
            problem = Text(en="and base_power_factor: give one of the two", zh="与 base_power_factor 只能填写其一")
            raise checks.refuse(self, "base_kvar", self.base_kvar[0], problem)
        if self.compensators and not self.knows_reactive:
            raise checks.refuse(
                self,
                "compensators",
                len(self.compensators),
                Text(en="compensate a reactive load that nobody gave", zh="所补偿的无功负荷未给出"),
                Text(
                    en="Give base_power_factor or base_kvar of the load without them.",
                    zh="请给出未补偿时基础负荷的 base_power_factor 或 base_kvar。",
                ),
            )
