"""Refusals of the optimiser that need no solver to be known."""

from domain.errors import WattplanError
from domain.text import Text


class UnsoundScheduleError(WattplanError):
    """The replay found that a schedule breaks rules of the plant, the site or the programme."""

    code = "unsound_schedule"
    words = Text(
        en="The schedule breaks {n_violations} rules and is not shown to anyone: {violations}",
        zh="该排程违反 {n_violations} 条规则，不予展示：{violations}",
    )


class ObjectiveMismatchError(WattplanError):
    """The solver's objective is not what the schedule costs."""

    code = "objective_mismatch"
    words = Text(
        en="The solver says {objective:.6f}, the replay of its schedule {total_cost:.6f} "
        "({difference:+.6f}). The model and the audit disagree; the schedule is not shown to anyone.",
        zh="求解器给出 {objective:.6f}，而重放其排程得 {total_cost:.6f}（相差 {difference:+.6f}）。"
        "模型与审计不一致，该排程不予展示。",
    )


class TariffNotPlannableError(WattplanError, ValueError):
    """A tariff that can be billed and that no exact model is stated for; its subclasses say why."""

    code = "tariff_not_plannable"
