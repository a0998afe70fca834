"""What one request may ask for: bounds that keep one client from taking the whole machine."""

from collections.abc import Sized

from api.services import ForecastRequest
from api.settings import Settings
from domain import checks
from domain.errors import InvalidFieldError
from domain.offers import Case, PlanAsked
from domain.text import Text

_SEARCHES = Text(en=" searches: tags, repairs and what-ifs together", zh=" 次搜索（限制标价、修复与假设合计）")
_ENTRIES = Text(en=" entries, each a search", zh=" 项（每项须搜索一次）")
_DAYS = Text(en=" days from its start", zh=" 天（自起点计）")


def must_fit(case: Case, settings: Settings, *, below: str = "") -> None:
    """Refuse a case that asks for more than this service computes.

    Parameters
    ----------
    below : str
        Under which key of the body the case stands; empty: it is the body.

    Raises
    ------
    InvalidFieldError
    """
    horizon_days = (case.plan.end - case.plan.start).total_seconds() / 86_400
    ahead_days = (case.plan.start - case.meter.grid.start).total_seconds() / 86_400
    asked = (
        ("options.solve.deadline_s", case.options.solve.deadline_s, settings.max_deadline_s),
        ("options.solve.n_threads", case.options.solve.n_threads, settings.max_threads),
        ("options.n_samples", case.options.n_samples, settings.max_samples),
        ("plan.end", horizon_days, settings.max_plan_days),
        ("meter.start", ahead_days, settings.max_history_days),
        ("plan.tasks", sum(task.count for task in case.plan.tasks), settings.max_runs),
        ("packages", len(case.packages), settings.max_packages),
    )
    for field, value, limit in asked:
        if value > limit:
            words = _DAYS if field in ("plan.end", "meter.start") else checks.NOTHING
            raise _too_much(f"{below}.{field}" if below else field, value, limit, words)


def plan_must_fit(asked: PlanAsked, settings: Settings) -> None:
    """Refuse a plan request whose questions ask for more searches than this service does.

    Raises
    ------
    InvalidFieldError
    """
    n_searches = asked.n_tags + asked.n_repairs + len(asked.alternatives)
    if n_searches > settings.max_plan_searches:
        raise _too_much("n_tags", n_searches, settings.max_plan_searches, _SEARCHES)


def list_must_fit(field: str, asked: Sized, settings: Settings) -> None:
    """Refuse a list whose entries are each searched for, if it is longer than this service takes.

    Raises
    ------
    InvalidFieldError
    """
    if len(asked) > settings.max_plan_searches:
        raise _too_much(field, len(asked), settings.max_plan_searches, _ENTRIES)


def forecast_must_fit(asked: ForecastRequest, settings: Settings) -> None:
    """Refuse a forecast that asks for more than this service computes.

    Raises
    ------
    InvalidFieldError
    """
    ahead_days = (asked.issued_at - asked.meter.grid.start).total_seconds() / 86_400
    for field, value, limit in (
        ("days", asked.days, settings.max_forecast_days),
        ("n_samples", asked.n_samples, settings.max_samples),
        ("issued_at", ahead_days, settings.max_history_days),
    ):
        if value > limit:
            raise _too_much(field, value, limit, _DAYS if field == "issued_at" else checks.NOTHING)


def _too_much(field: str, value: float, limit: float, unit: Text) -> InvalidFieldError:
    words = Text(en=f"this service takes at most {limit:g}{unit.en}", zh=f"本服务最多接受 {limit:g}{unit.zh}")
    return checks.refuse("request", field, round(value, 3), words)
