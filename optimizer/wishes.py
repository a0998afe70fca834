"""What somebody wants of a schedule, in steps of the horizon."""

from collections import Counter
from collections.abc import Iterator

from domain.errors import WattplanError
from domain.offers import ProcessWish, ResponseProblem, RunWish
from domain.plant import way_id
from domain.text import Text
from optimizer.standing import local_minute


class WishNotPossibleError(WattplanError, ValueError):
    """A wish asks for what the plan's own limits forbid."""

    code = "wish_not_possible"
    words = Text(
        en="The wish {wish} cannot be kept: the task or process is not in the plan, the time is off its steps, or its "
        "window, outages, hours or crew, another wish, or what has begun forbids it. Change the wish or the limit; of wishes "
        "that contradict each other keep one.",
        zh="愿望 {wish} 无法满足：计划中没有该任务或设备、时间不在其时刻上，或与时间窗、停机、运行时段、班组、另一愿望或已开始的内容相抵触。"
        "请修改愿望或相应限制；相互矛盾的愿望只保留其一。",
    )


def named(subject: str, step: int, problem: ResponseProblem) -> str:
    """Name what is wished, and for when on the plant's clock."""
    return f"{subject} @ {local_minute(problem.horizon.at(step), problem)}"


def wished_starts(problem: ResponseProblem) -> Counter[tuple[str, int]]:
    """Count the runs wished by way and start step.

    Raises
    ------
    WishNotPossibleError
        If a wish names no task or mode of the plan, or no step of the horizon.
    """
    known = {way.task_id for task in problem.plan.tasks for way in task.ways()}
    found: Counter[tuple[str, int]] = Counter()
    for wish in problem.wishes:
        if not isinstance(wish, RunWish):
            continue
        way = way_id(wish.task_id, wish.mode_id)
        step, rest = divmod(wish.start - problem.horizon.start, problem.horizon.step)
        if way not in known or rest or not 0 <= step < problem.horizon.n_steps:
            raise WishNotPossibleError(wish=f"{way} @ {local_minute(wish.start, problem)}")
        found[way, step] += 1
    return found


def wished_steps(problem: ResponseProblem) -> Iterator[tuple[str, int, bool]]:
    """Give the wished states of processes: id, step, on or off.

    Raises
    ------
    WishNotPossibleError
        If a wish names no process of the plan, or does not cover whole steps of the horizon.
    """
    grid = problem.horizon
    known = {one.process_id for one in problem.plan.processes}
    for wish in problem.wishes:
        if not isinstance(wish, ProcessWish):
            continue
        (first, rest), (stop, more) = (divmod(at - grid.start, grid.step) for at in (wish.start, wish.end))
        if wish.process_id not in known or rest or more or first < 0 or stop > grid.n_steps:
            span = f"{local_minute(wish.start, problem)} … {local_minute(wish.end, problem)}"
            raise WishNotPossibleError(wish=f"{wish.process_id} @ {span}")
        for t in range(first, stop):
            yield wish.process_id, t, wish.is_on
