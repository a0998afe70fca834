"""Schedules as JSON documents: what a plan was, to be planned from again, replayed or audited."""

from collections.abc import Iterator, Sequence
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
OFF_SHARE = 1e-4
"""Less than this part of a process' greatest rate is no rate. [-]"""
NOT_OFF = Text(en="the process has a rate where is_on says that it is off", zh="is_on 为停运处，该连续设备却有速率")
SAY_WHICH = Text(
    en="Put 0 here, or true at the same place of is_on.", zh="请在此处填 0，或将 is_on 的同一位置改为 true。"
)


@noun
class GridDocument:
    """The steps of a schedule."""

    start: datetime
    step_min: int
    """[min]"""
    n_steps: int

    def __post_init__(self) -> None:
        _ = self.grid

    @property
    def grid(self) -> TimeGrid:
        """The steps."""
        return TimeGrid(start=self.start, step_min=self.step_min, n_steps=self.n_steps)


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

    def __post_init__(self) -> None:
        least = OFF_SHARE * max(self.rate, default=0.0)
        for step, (rate, is_on) in enumerate(zip(self.rate, self.is_on, strict=False)):
            if not is_on and abs(rate) > max(least, OFF_SHARE**2):
                raise checks.refuse(self, f"rate.{step}", rate, NOT_OFF, SAY_WHICH)


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
    forward_kvar: Series | None = None
    """[kvar]; null: the plan counts no reactive power, like ``reverse_kvar``."""
    reverse_kvar: Series | None = None
    """[kvar]"""
    compensation_kvar: dict[str, Series] = field(default_factory=dict)
    """By compensator id. [kvar]"""
    site_id: str | None = None
    """Of the site that it was made for; left out: it does not say."""

    def __post_init__(self) -> None:
        for place, values in self._series():
            if len(values) != self.grid.n_steps:
                words = Text(en=f"must have {self.grid.n_steps} values", zh=f"必须有 {self.grid.n_steps} 个值")
                raise checks.refuse(self, place, len(values), words)
        grid = self.grid.grid
        for name in ("runs", "changeovers"):
            for number, one in enumerate(getattr(self, name)):
                if not grid.start <= one.start < grid.end:
                    words = Text(
                        en=f"must lie within the schedule, {grid.start.isoformat()} … {grid.end.isoformat()}",
                        zh=f"必须在该排程 {grid.start.isoformat()} … {grid.end.isoformat()} 之内",
                    )
                    raise checks.refuse(self, f"{name}.{number}.start", one.start.isoformat(), words)

    def _series(self) -> Iterator[tuple[str, Sequence[float]]]:
        """Give every list of the schedule with its place."""
        for name in ("base_kw", "import_kw", "export_kw"):
            yield name, getattr(self, name)
        for name in ("forward_kvar", "reverse_kvar"):
            if getattr(self, name) is not None:
                yield name, getattr(self, name)
        for name in ("modulating_kw", "pv_used_kw", "disposed", "compensation_kvar"):
            yield from ((f"{name}.{key}", values) for key, values in getattr(self, name).items())
        for key, moved in self.batteries.items():
            for name in ("charge_kw", "discharge_kw", "soc_kwh"):
                yield f"batteries.{key}.{name}", getattr(moved, name)
        for key, use in self.processes.items():
            yield f"processes.{key}.rate", use.rate
            yield f"processes.{key}.is_on", use.is_on

    def schedule(self) -> Schedule:
        """Give it as the schedule it is."""
        return Schedule(
            grid=self.grid.grid,
            runs=self.runs,
            base_kw=_array(self.base_kw),
            modulating_kw=_arrays(self.modulating_kw),
            batteries={
                name: BatteryUse(
                    charge_kw=_array(use.charge_kw),
                    discharge_kw=_array(use.discharge_kw),
                    soc_kwh=_array(use.soc_kwh),
                )
                for name, use in self.batteries.items()
            },
            pv_used_kw=_arrays(self.pv_used_kw),
            import_kw=_array(self.import_kw),
            export_kw=_array(self.export_kw),
            commitments_kw=dict(self.commitments_kw),
            processes={
                name: ProcessUse(rate=_array(use.rate), is_on=np.array(use.is_on, dtype=np.bool_))
                for name, use in self.processes.items()
            },
            changeovers=self.changeovers,
            disposed=_arrays(self.disposed),
            forward_kvar=None if self.forward_kvar is None else _array(self.forward_kvar),
            reverse_kvar=None if self.reverse_kvar is None else _array(self.reverse_kvar),
            compensation_kvar=_arrays(self.compensation_kvar),
        )


def _array(values: Series) -> FloatArray:
    return np.array(values, dtype=np.float64)


def _arrays(series: dict[str, Series]) -> dict[str, FloatArray]:
    return {name: _array(values) for name, values in series.items()}


def schedule_to_plain(schedule: Schedule) -> dict[str, Any]:
    """Give a schedule as JSON values."""
    plain: dict[str, Any] = to_plain(schedule)
    return plain


def schedule_document(plain: Any, *, where: str) -> ScheduleDocument:
    """Read a schedule's document from JSON values.

    Raises
    ------
    DocumentError
        Naming each field that is wrong.
    """
    return from_plain(ScheduleDocument, plain, where=where)


def schedule_from_plain(plain: Any, *, where: str) -> Schedule:
    """Read a schedule from JSON values, as ``schedule_document`` does."""
    return schedule_document(plain, where=where).schedule()
