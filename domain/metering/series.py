"""What the meter said, and what the forecast says it will say."""

from datetime import UTC, datetime
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from domain import checks
from domain.checks import FloatArray
from domain.findings import Finding
from domain.metering.peaks import PeakForecast
from domain.noun import noun
from domain.text import Text
from domain.time import TimeGrid


class Quality(IntEnum):
    """Where a value comes from."""

    MEASURED = 0
    MISSING = 1
    SUSPECT = 2
    FILLED = 3


@noun(eq=False)
class MeterSeries:
    """Metered load of one point on a regular grid.

    Invariants: arrays are read-only, shape ``(n_steps,)``; a missing value is NaN, never 0, and its
    quality is ``MISSING``.
    """

    meter_id: str
    grid: TimeGrid
    import_kw: FloatArray
    """Mean import over each step. [kW]"""
    export_kw: FloatArray | None = None
    """Mean export over each step, as a positive number. [kW]"""
    reactive_kvar: FloatArray | None = None
    """Mean reactive power over each step, |forward| + |reverse|. [kvar]"""
    quality: npt.NDArray[np.uint8] | None = None
    """``Quality`` of each step; made from the holes where not given."""

    def __post_init__(self) -> None:
        checks.not_empty(self, "meter_id", self.meter_id)
        shape = (self.grid.n_steps,)
        for field in ("import_kw", "export_kw", "reactive_kvar"):
            values = getattr(self, field)
            if values is not None:
                object.__setattr__(self, field, checks.frozen_array(self, field, values, shape, holes=True))
        missing = np.isnan(self.import_kw)
        quality = (
            np.where(missing, Quality.MISSING, Quality.MEASURED) if self.quality is None else np.array(self.quality)
        )
        if quality.shape != shape:
            raise checks.refuse(
                self, "quality", quality.shape, Text(en=f"must have shape {shape}", zh=f"形状必须为 {shape}")
            )
        quality = np.where(missing, Quality.MISSING, quality).astype(np.uint8)
        quality.setflags(write=False)
        object.__setattr__(self, "quality", quality)

    @property
    def energy_kwh(self) -> FloatArray:
        """Energy of each step. [kWh]."""
        return np.asarray(self.import_kw * self.grid.step_h, dtype=np.float64)

    @property
    def missing_share(self) -> float:
        """Share of steps without a value. [-]."""
        return float(np.isnan(self.import_kw).mean())

    def part(self, first: int, stop: int) -> "MeterSeries":
        """Give the series of the steps ``first`` … ``stop`` (exclusive)."""

        def cut(values: FloatArray | None) -> FloatArray | None:
            return None if values is None else values[first:stop]

        assert self.quality is not None  # noqa: S101 -- __post_init__ always sets it
        return MeterSeries(
            meter_id=self.meter_id,
            grid=self.grid.part(first, stop),
            import_kw=self.import_kw[first:stop],
            export_kw=cut(self.export_kw),
            reactive_kvar=cut(self.reactive_kvar),
            quality=self.quality[first:stop],
        )

    def before(self, instant: datetime) -> "MeterSeries | None":
        """Give what was measured before an instant; None where that is nothing."""
        stop = min(self.grid.step_of(instant), self.grid.n_steps)
        return None if stop <= 0 else self.part(0, stop)


@noun(eq=False)
class LoadForecast:
    """Quantiles and samples of a load nobody has seen yet.

    Invariants: quantiles do not cross; ``samples_kw`` rows keep the shape of whole days; every value
    rests only on what was known at ``issued_at``.
    """

    grid: TimeGrid
    quantile_levels: tuple[float, ...]
    """Ascending, each within 0…1. [-]"""
    quantiles_kw: FloatArray
    """Shape ``(n_levels, n_steps)``. [kW]"""
    samples_kw: FloatArray
    """Shape ``(n_samples, n_steps)``, equally likely. [kW]"""
    issued_at: datetime
    data_until: datetime
    """End of the last measured step used."""
    model: str
    versions: dict[str, str]
    seed: int
    degraded_reasons: tuple[Finding, ...] = ()
    peaks: tuple[PeakForecast, ...] = ()
    """Highest load of each local day, and of the week and the rest of the month where past ones tell."""

    def __post_init__(self) -> None:
        checks.aware(self, "issued_at", self.issued_at)
        checks.aware(self, "data_until", self.data_until)
        levels = np.array(self.quantile_levels)
        if levels.size == 0 or (levels <= 0).any() or (levels >= 1).any() or (np.diff(levels) <= 0).any():
            raise checks.refuse(
                self,
                "quantile_levels",
                self.quantile_levels,
                Text(en="must ascend strictly within 0…1", zh="必须在 0…1 之间严格递增"),
            )
        object.__setattr__(self, "issued_at", self.issued_at.astimezone(UTC))
        object.__setattr__(self, "data_until", self.data_until.astimezone(UTC))
        n_steps = self.grid.n_steps
        object.__setattr__(
            self, "quantiles_kw", checks.frozen_array(self, "quantiles_kw", self.quantiles_kw, (levels.size, n_steps))
        )
        n_samples = np.asarray(self.samples_kw).shape[0]
        object.__setattr__(
            self, "samples_kw", checks.frozen_array(self, "samples_kw", self.samples_kw, (n_samples, n_steps))
        )
        if (np.diff(self.quantiles_kw, axis=0) < -1e-9).any():  # noqa: PLR2004 -- rounding of equal quantiles
            raise checks.refuse(self, "quantiles_kw", "…", Text(en="must not cross", zh="分位数不得交叉"))

    def quantile_kw(self, level: float) -> FloatArray:
        """Give one of the forecast's quantiles, shape ``(n_steps,)``. [kW]."""
        if level not in self.quantile_levels:
            raise checks.refuse(
                self,
                "level",
                level,
                Text(en=f"must be one of {self.quantile_levels}", zh=f"必须是 {self.quantile_levels} 之一"),
            )
        found: FloatArray = self.quantiles_kw[self.quantile_levels.index(level)]
        return found
