"""The shifts of modulating loads as spans of steps."""

from datetime import datetime

from domain.errors import WattplanError
from domain.noun import noun
from domain.offers import ResponseProblem
from domain.text import Text


class ShiftOffGridError(WattplanError, ValueError):
    """A modulating load's shift does not cover whole steps of the horizon."""

    code = "shift_off_grid"
    words = Text(
        en="The shift of {load_id} from {start} to {end} does not cover whole {step_min}-minute steps of the horizon. "
        "Move its edges onto the steps.",
        zh="{load_id} 自 {start} 至 {end} 的班次未覆盖计划期内完整的 {step_min} 分钟步长。请将其起止对齐到步长刻度。",
    )


@noun(eq=False)
class LoadShift:
    """A modulating load's shift in steps ``first`` … ``stop`` (exclusive)."""

    load_id: str
    first: int
    stop: int
    energy_kwh: float
    """[kWh]"""


def load_shifts(problem: ResponseProblem) -> dict[tuple[str, int], LoadShift]:
    """Give the shifts of the modulating loads in steps; a shift wholly outside the horizon is not its matter.

    Raises
    ------
    ShiftOffGridError
        If a shift begins or ends within a step or sticks out of the horizon.
    """
    grid = problem.horizon
    found: dict[tuple[str, int], LoadShift] = {}
    for load in problem.plan.modulating_loads:
        for number, shift in enumerate(load.shifts):
            if shift.end <= grid.start or shift.start >= grid.end:
                continue
            edges = [_edge(shift.start, problem), _edge(shift.end, problem)]
            if None in edges:
                raise ShiftOffGridError(
                    load_id=load.load_id,
                    start=shift.start.isoformat(),
                    end=shift.end.isoformat(),
                    step_min=grid.step_min,
                )
            first, stop = (edge for edge in edges if edge is not None)
            found[load.load_id, number] = LoadShift(
                load_id=load.load_id, first=first, stop=stop, energy_kwh=shift.energy_kwh
            )
    return found


def _edge(instant: datetime, problem: ResponseProblem) -> int | None:
    grid = problem.horizon
    step, rest = divmod(instant - grid.start, grid.step)
    return None if rest or not 0 <= step <= grid.n_steps else step
