"""Stores of material, heat or cold: what may wait, how long, and what waiting costs."""

from datetime import datetime

from domain import checks
from domain.noun import noun
from domain.text import Text


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
    """A buffer: silo, billet yard, tank, shelf; of heat or cold too.

    Its level stands at the end of each step and must stay within ``min_level … max_level``. A level may stand for a
    temperature: then runs and processes bring degrees, ``rest_level`` is the temperature of the surroundings and
    ``decay_share_per_h`` how fast the store tends to it.
    """

    store_id: str
    name: str
    unit: str
    """Such as t, m3, pieces, kWh, °C."""
    min_level: float = 0.0
    """[unit]"""
    max_level: float
    """[unit]"""
    start_level: float
    """[unit]"""
    end_min_level: float | None = None
    """Least level at the end of the horizon; None: ``start_level``, so that a plan cannot live off its stock. [unit]"""
    end_max_level: float | None = None
    """Greatest level at the end of the horizon, such as the temperature of a cold store; None: ``max_level``. [unit]"""
    decay_share_per_h: float = 0.0
    """Share of the distance to ``rest_level`` that is lost within an hour: spoilage, leakage, warming up. [1 / h]"""
    rest_level: float = 0.0
    """The level that the store tends to when nothing is done. [unit]"""
    max_hold_min: int | None = None
    """What comes in must have gone out after so long, first in, first out; None: it keeps. [min]"""
    disposal_cost_per_unit: float | None = None
    """What throwing away a unit costs; None: nothing may be thrown away. [currency / unit]"""
    draws: tuple[StoreDraw, ...] = ()

    def __post_init__(self) -> None:
        checks.not_empty(self, "store_id", self.store_id)
        for field in ("min_level", "max_level", "start_level", "rest_level"):
            checks.finite(self, field, getattr(self, field))
        checks.at_most(self, "min_level", self.min_level, self.max_level, "max_level")
        self._within("start_level", self.start_level)
        if self.end_min_level is not None:
            checks.at_most(self, "end_min_level", self.end_min_level, self.max_level, "max_level")
        if self.end_max_level is not None:
            self._within("end_max_level", self.end_max_level)
            checks.at_most(self, "end_min_level", self.least_at_end, self.end_max_level, "end_max_level")
        checks.share(self, "decay_share_per_h", self.decay_share_per_h)
        if self.max_hold_min is not None:
            checks.positive(self, "max_hold_min", self.max_hold_min)
            self._holds_goods()
        if self.disposal_cost_per_unit is not None:
            checks.not_negative(self, "disposal_cost_per_unit", self.disposal_cost_per_unit)

    def _within(self, field: str, value: float) -> None:
        if not self.min_level <= value <= self.max_level:
            raise checks.refuse(
                self,
                field,
                value,
                Text(
                    en=f"must lie within {self.min_level} … {self.max_level}",
                    zh=f"必须在 {self.min_level} … {self.max_level} 之内",
                ),
            )

    def _holds_goods(self) -> None:
        """Refuse a greatest age for what fades or may be negative."""
        if self.decay_share_per_h or self.min_level < 0:
            raise checks.refuse(
                self,
                "max_hold_min",
                self.max_hold_min,
                Text(
                    en="goes neither with decay_share_per_h nor with a negative min_level",
                    zh="不能与 decay_share_per_h 或负的 min_level 同时使用",
                ),
                Text(en="Say how it spoils in one way only.", zh="请只用一种方式说明其变质。"),
            )

    @property
    def least_at_end(self) -> float:
        """Least level at the end of the horizon. [unit]."""
        return self.start_level if self.end_min_level is None else self.end_min_level

    @property
    def most_at_end(self) -> float:
        """Greatest level at the end of the horizon. [unit]."""
        return self.max_level if self.end_max_level is None else self.end_max_level

    def kept_share(self, hours: float) -> float:
        """Give the share of the distance to ``rest_level`` that is left after some hours. [-]."""
        return float((1.0 - self.decay_share_per_h) ** hours)
