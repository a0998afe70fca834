"""What is measured and what is owed: determinants, bill lines, bills, and the months around a horizon."""

from datetime import date
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from domain import checks
from domain.checks import FloatArray
from domain.findings import Finding
from domain.noun import noun
from domain.tariffs.atoms import known_kvar
from domain.tariffs.facts import NO_FACTS, Facts
from domain.tariffs.tariff import Status
from domain.text import Text
from domain.time import TimeGrid


@noun(eq=False)
class BilledLoad:
    """A load fit to be billed: complete, on a grid; samples share one grid.

    ``import_kw`` has shape (n_samples, n_steps); a single load is one row. Holes are refused.
    """

    grid: TimeGrid
    import_kw: FloatArray
    """Mean import over each step. [kW]"""
    reactive_kvar: FloatArray | None = None
    """Mean reactive power over each step, same shape. [kvar]"""
    power_factor: Decimal | None = None
    """The month's power factor where no reactive energy is given. [-]"""
    export_kw: FloatArray | None = None
    """Mean feed-in over each step, same shape, positive; None: not metered. [kW]"""
    facts: Facts = NO_FACTS
    """Prices, flagged days, the grid's peaks and past months, where the tariff asks for them."""

    def __post_init__(self) -> None:
        for field in ("import_kw", "reactive_kvar", "export_kw"):
            values = getattr(self, field)
            if values is not None:
                rows = np.atleast_2d(np.asarray(values, dtype=np.float64))
                shape = (rows.shape[0] if field == "import_kw" else self.import_kw.shape[0], self.grid.n_steps)
                object.__setattr__(self, field, checks.frozen_array(self, field, rows, shape))
        for field in ("reactive_kvar", "export_kw"):
            values = getattr(self, field)
            if values is not None and (values < 0).any():
                raise checks.refuse(self, field, float(values.min()), checks.NOT_NEGATIVE)


@noun(eq=False)
class BillingDeterminants:
    """What one charge bills in one month, for every sample of a load.

    ``quantities`` maps a name with its unit (``energy_kwh.peak``, ``max_demand_kw``, ``billed_demand_kw``,
    ``power_factor``) to an array of shape (n_samples,).
    """

    charge_id: str
    month: date
    quantities: dict[str, npt.NDArray[np.float64]]


@noun
class BillLine:
    """One line of a bill."""

    charge_id: str
    kind: str
    """The kind of its charge: energy, demand, capacity, power_factor …"""
    label: Text
    quantity: Decimal
    unit: str
    unit_price: Decimal
    """[currency / unit]"""
    amount: Decimal
    """Rounded as the tariff says. [currency]"""
    exact_amount: Decimal
    """Before rounding. [currency]"""
    rule: Text
    """The rule that made it, with its numbers."""


@noun
class Bill:
    """What one tariff asks for one month."""

    tariff_id: str
    currency: str
    month: date
    """First day of the local month."""
    status: Status
    lines: tuple[BillLine, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def total(self) -> Decimal:
        """Sum of the rounded lines. [currency]."""
        return sum((line.amount for line in self.lines), Decimal(0))

    @property
    def exact_total(self) -> Decimal:
        """Sum of the lines before rounding. [currency]."""
        return sum((line.exact_amount for line in self.lines), Decimal(0))

    def amount_of(self, *kinds: str) -> Decimal:
        """Sum of the rounded lines of some kinds. [currency]."""
        return sum((line.amount for line in self.lines if line.kind in kinds), Decimal(0))


@noun(eq=False)
class BillingWindow:
    """The whole local months that a planning horizon touches, and the load around the horizon.

    A bill looks at months, a plan at days. ``around_kw`` holds, per equally likely sample, what was
    measured before the horizon and what is forecast after it; it is NaN inside the horizon.
    """

    grid: TimeGrid
    """Whole months of ``zone``."""
    zone: str
    first: int
    """First step of the horizon within ``grid``."""
    stop: int
    """First step after the horizon within ``grid``."""
    around_kw: FloatArray
    """Shape (n_samples, n_steps). [kW]"""
    power_factor: Decimal | None = None
    """The months' power factor where no reactive power is given, not depending on the schedule. [-]"""
    around_export_kw: FloatArray | None = None
    """Feed-in outside the horizon, same shape as ``around_kw``; None: nothing is fed in there. [kW]"""
    facts: Facts = NO_FACTS
    """Prices, flagged days, the grid's peaks and past months, where the tariff asks for them."""
    around_kvar: FloatArray | None = None
    """Reactive power outside the horizon, |forward| + |reverse|, same shape as ``around_kw``. Where it is given, the
    months' power factor is counted from it and from what the schedule draws; None: it is as given. [kvar]"""

    def __post_init__(self) -> None:
        rows = np.atleast_2d(np.asarray(self.around_kw, dtype=np.float64))
        shape = (rows.shape[0], self.grid.n_steps)
        object.__setattr__(self, "around_kw", checks.frozen_array(self, "around_kw", rows, shape, holes=True))
        for field in ("around_export_kw", "around_kvar"):
            values = getattr(self, field)
            if values is not None:
                beside = np.atleast_2d(np.asarray(values, dtype=np.float64))
                object.__setattr__(self, field, checks.frozen_array(self, field, beside, shape, holes=True))
        outside = np.ones(self.grid.n_steps, dtype=bool)
        outside[self.first : self.stop] = False
        for field in ("around_kw", "around_kvar"):
            values = getattr(self, field)
            if values is not None and np.isnan(values[:, outside]).any():
                problem = Text(en="must be complete outside the horizon", zh="计划期之外的数据必须完整")
                raise checks.refuse(self, field, "NaN", problem)

    @property
    def horizon(self) -> TimeGrid:
        """The horizon's own grid."""
        return self.grid.part(self.first, self.stop)

    @property
    def n_samples(self) -> int:
        """How many samples."""
        return int(self.around_kw.shape[0])

    @property
    def months(self) -> tuple[date, ...]:
        """First day of each local month covered."""
        return tuple(dict.fromkeys(day.day.replace(day=1) for day in self.grid.local_days(self.zone)))

    def fill(
        self,
        horizon_kw: FloatArray,
        export_kw: FloatArray | None = None,
        reactive_kvar: FloatArray | None = None,
    ) -> BilledLoad:
        """Put one load (n_steps,) or one per sample (n_samples, n_steps) into the horizon. [kW].

        ``export_kw`` is the horizon's feed-in; left out where nothing is fed in at all. ``reactive_kvar`` is needed where
        ``around_kvar`` is given, and only there.

        Raises
        ------
        ReactivePowerMissingError
        """
        full = np.array(self.around_kw)
        full[:, self.first : self.stop] = horizon_kw
        fed_in = None
        if export_kw is not None or self.around_export_kw is not None:
            fed_in = np.zeros_like(full) if self.around_export_kw is None else np.array(self.around_export_kw)
            fed_in[:, self.first : self.stop] = 0.0 if export_kw is None else export_kw
        reactive = None
        if self.around_kvar is not None:
            reactive = np.array(self.around_kvar)
            reactive[:, self.first : self.stop] = known_kvar(reactive_kvar)
        return BilledLoad(
            grid=self.grid,
            import_kw=full,
            reactive_kvar=reactive,
            power_factor=self.power_factor,
            export_kw=fed_in,
            facts=self.facts,
        )
