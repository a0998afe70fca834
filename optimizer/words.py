"""The plant's own words for things that can contradict each other."""

from datetime import datetime

from domain.offers import ResponseProblem
from domain.plant import Task
from domain.text import Text
from domain.time import zone_of

_DAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAYS_ZH = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


def clock(at: datetime, problem: ResponseProblem) -> Text:
    """Say a moment on the plant's clock, such as Tue 24 Nov 18:00; midnight at the end of a day is 24:00's next day."""
    local = at.astimezone(zone_of(problem.plan.zone))
    return Text(
        en=f"{_DAYS_EN[local.weekday()]} {local.day} {local:%b} {local:%H:%M}",
        zh=f"{local.month}月{local.day}日{_DAYS_ZH[local.weekday()]}{local:%H:%M}",
    )


def at_step(step: int, problem: ResponseProblem) -> Text:
    """Say the moment at which a step of the horizon begins."""
    return clock(problem.horizon.at(step), problem)


def task_words(task: Task) -> Text:
    """Name a task, with the order it works for."""
    if task.order_id is None:
        return Text(en=f"Task {task.task_id} ({task.name})", zh=f"任务 {task.task_id}（{task.name}）")
    return Text(
        en=f"Task {task.task_id} ({task.name}) of order {task.order_id}",
        zh=f"订单 {task.order_id} 的任务 {task.task_id}（{task.name}）",
    )


def machine_words(machine_id: str, problem: ResponseProblem) -> Text:
    """Name a machine."""
    name = next(one.name for one in problem.plan.machines if one.machine_id == machine_id)
    return Text(en=f"machine {machine_id} ({name})", zh=f"设备 {machine_id}（{name}）")


def store_words(store_id: str, problem: ResponseProblem) -> Text:
    """Name a store."""
    name = next(one.name for one in problem.plan.stores if one.store_id == store_id)
    return Text(en=f"store {store_id} ({name})", zh=f"料仓 {store_id}（{name}）")


def filled(en: str, zh: str, **words: object) -> Text:
    """Fill both templates; a ``Text`` among the words speaks its own language in each."""
    return Text(
        en=en.format(**{name: one.en if isinstance(one, Text) else one for name, one in words.items()}),
        zh=zh.format(**{name: one.zh if isinstance(one, Text) else one for name, one in words.items()}),
    )


def joined(texts: list[Text]) -> Text:
    """List things in both languages."""
    return Text(en=", ".join(one.en for one in texts), zh="、".join(one.zh for one in texts))
