"""Schedules as JSON documents: what a plan was, to be planned from again, replayed or audited."""

from dataclasses import field
from datetime import datetime
from typing import Any

import numpy as np

from domain import checks
from domain.checks import FloatArray
from domain.files.documents import from_plain, to_plain
from domain.noun import noun
from domain.plant import BatteryUse, ChangeoverRun, ProcessUse, Run, Schedule
from domain.text import Text
from domain.time import TimeGrid

Series = tuple[float, ...]


@noun
class GridDocument:
    """The steps of a schedule."""

    start: datetime
    step_min: int
    """[min]"""
    n_steps: int


@noun
class BatteryDocument:
    """What a battery does."""

    charge_kw: Series
    discharge_kw: Series
    soc_kwh: Series


@noun
class ProcessDocument:
    """What a process does."""

    rate: Series
    """[unit / h]"""
    is_on: tuple[bool, ...]


@noun
class ScheduleDocument:
    """A schedule as it is written: each list has one value per step."""

    grid: GridDocument
    runs: tuple[Run, ...] = ()
    base_kw: Series
    """[kW]"""
    modulating_kw: dict[str, Series] = field(default_factory=dict)
    """By load id. [kW]"""
    batteries: dict[str, BatteryDocument] = field(default_factory=dict)
    """By battery id."""
    pv_used_kw: dict[str, Series] = field(default_factory=dict)
    """By PV id. [kW]"""
    import_kw: Series
    """[kW]"""
    export_kw: Series
    """[kW]"""
    commitments_kw: dict[str, float] = field(default_factory=dict)
    """By event id. [kW]"""
    processes: dict[str, ProcessDocument] = field(default_factory=dict)
    """By process id."""
    changeovers: tuple[ChangeoverRun, ...] = ()
    disposed: dict[str, Series] = field(default_factory=dict)
    """By store id. [store.unit]"""

    def schedule(self) -> Schedule:
        """Give it as the schedule it is."""
        grid = TimeGrid(start=self.grid.start, step_min=self.grid.step_min, n_steps=self.grid.n_steps)
        return Schedule(
            grid=grid,
            runs=self.runs,
            base_kw=self._array("base_kw", self.base_kw),
            modulating_kw=self._arrays("modulating_kw", self.modulating_kw),
            batteries={
                name: BatteryUse(
                    charge_kw=self._array(f"batteries.{name}.charge_kw", use.charge_kw),
                    discharge_kw=self._array(f"batteries.{name}.discharge_kw", use.discharge_kw),
                    soc_kwh=self._array(f"batteries.{name}.soc_kwh", use.soc_kwh),
                )
                for name, use in self.batteries.items()
            },
            pv_used_kw=self._arrays("pv_used_kw", self.pv_used_kw),
            import_kw=self._array("import_kw", self.import_kw),
            export_kw=self._array("export_kw", self.export_kw),
            commitments_kw=dict(self.commitments_kw),
            processes={
                name: ProcessUse(
                    rate=self._array(f"processes.{name}.rate", use.rate),
                    is_on=self._array(f"processes.{name}.is_on", tuple(map(float, use.is_on))).astype(np.bool_),
                )
                for name, use in self.processes.items()
            },
            changeovers=self.changeovers,
            disposed=self._arrays("disposed", self.disposed),
        )

    def _arrays(self, name_of: str, series: dict[str, Series]) -> dict[str, FloatArray]:
        return {name: self._array(f"{name_of}.{name}", values) for name, values in series.items()}

    def _array(self, place: str, values: Series) -> FloatArray:
        if len(values) != self.grid.n_steps:
            raise checks.refuse(
                "Schedule",
                place,
                len(values),
                Text(en=f"must have {self.grid.n_steps} values", zh=f"必须有 {self.grid.n_steps} 个值"),
            )
        return np.array(values, dtype=np.float64)


def schedule_to_plain(schedule: Schedule) -> dict[str, Any]:
    """Give a schedule as JSON values."""
    plain: dict[str, Any] = to_plain(schedule)
    return plain


def schedule_from_plain(plain: Any, *, where: str) -> Schedule:
    """Read a schedule from JSON values.

    Raises
    ------
    DocumentError
        Naming each field that is wrong.
    """
    document = from_plain(ScheduleDocument, plain, where=where)
    return document.schedule()
