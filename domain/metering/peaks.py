"""How high the load of a day, a week or the rest of a month may go."""

from typing import Literal

import numpy as np

from domain import checks
from domain.checks import FloatArray
from domain.noun import noun
from domain.text import Text

PeakPeriod = Literal["day", "week", "rest_of_month"]


@noun(eq=False)
class PeakForecast:
    """Quantiles of the highest load within a stretch of a forecast's horizon.

    They are not the highest of the steps' quantiles: a peak is the highest of many steps, each uncertain.
    """

    period: PeakPeriod
    """A local day, the first seven of them, or all from the horizon's start to the end of its month."""
    first: int
    """First step on the forecast's grid. [-]"""
    stop: int
    """Step after the last. [-]"""
    quantile_levels: tuple[float, ...]
    """Ascending, each within 0…1. [-]"""
    quantiles_kw: FloatArray
    """Shape ``(n_levels,)``, not falling. [kW]"""
    origin_count: int
    """Past peaks that the quantiles rest on; those of overlapping weeks and months all counted. [-]"""

    def __post_init__(self) -> None:
        levels = self.quantile_levels
        if self.stop <= self.first or self.first < 0:
            raise checks.refuse(self, "stop", self.stop, Text(en="must lie after first", zh="须在 first 之后"))
        quantiles_kw = checks.frozen_array(self, "quantiles_kw", self.quantiles_kw, (len(levels),))
        if (np.diff(quantiles_kw) < 0).any():
            raise checks.refuse(self, "quantiles_kw", "…", Text(en="must not cross", zh="分位数不得交叉"))
        object.__setattr__(self, "quantiles_kw", quantiles_kw)

    def quantile_kw(self, level: float) -> float:
        """Give one of the quantiles. [kW]."""
        if level not in self.quantile_levels:
            words = Text(en=f"must be one of {self.quantile_levels}", zh=f"必须是 {self.quantile_levels} 之一")
            raise checks.refuse(self, "level", level, words)
        return float(self.quantiles_kw[self.quantile_levels.index(level)])
