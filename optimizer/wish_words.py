"""Wishes in words."""

from domain.offers import ProcessWish, ResponseProblem, RunWish
from domain.text import Text
from optimizer.words import clock, filled


def wish_words(wish: RunWish | ProcessWish, problem: ResponseProblem) -> Text:
    """Say a wish."""
    if isinstance(wish, RunWish):
        mode = "" if wish.mode_id is None else f" ({wish.mode_id})"
        return filled(
            "start task {task}{mode} at {at}",
            "任务 {task}{mode} 于{at}开始",
            task=wish.task_id,
            mode=mode,
            at=clock(wish.start, problem),
        )
    on_off = Text(en="on", zh="运行") if wish.is_on else Text(en="off", zh="停运")
    return filled(
        "keep process {process} {state} from {start} to {end}",
        "连续设备 {process} 自{start}至{end}保持{state}",
        process=wish.process_id,
        state=on_off,
        start=clock(wish.start, problem),
        end=clock(wish.end, problem),
    )
