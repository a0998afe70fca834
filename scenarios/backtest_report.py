"""A backtest as one HTML file that needs no network and no script, with its pictures in it."""

from collections import Counter
from datetime import time
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from domain.findings import Finding
from domain.noun import noun
from domain.text import Language
from forecasting.backtest.runner import Backtest
from forecasting.backtest.scores import Score, forecasts_of, join, score
from scenarios import backtest_charts as charts
from scenarios import report_numbers
from scenarios.backtest_charts import JudgedDay
from scenarios.backtest_words import name_of, word

TEMPLATE = "backtest.html.j2"
OWN, LAST_WEEK, FOUR_WEEKS = "own", "last_week", "four_weeks"
"""Names by which the product's forecaster and its rivals go."""
EVEN_SHARE = 0.0005
"""Difference below which two errors are called equal: it would be printed as 0.0 %. [-]"""


@noun
class BacktestAsked:
    """How a backtest was asked for, as its page says it."""

    issue: time
    horizon_days: int
    """Local days of each horizon. [d]"""
    delay_min: int = 0
    """Minutes after a step's end until its reading arrives. [min]"""


@noun(eq=False)
class Picture:
    """A drawing with its caption and note."""

    caption: str
    note: str
    svg: str


def scores_of(backtest: Backtest) -> dict[str, Score]:
    """Score every forecaster, in the order they were asked."""
    return {name: score(backtest, name) for name in backtest.answers}


def render_backtest(backtest: Backtest, asked: BacktestAsked, language: Language = Language.EN) -> str:
    """Give a backtest's report as one self-contained HTML page.

    Parameters
    ----------
    backtest : Backtest
        With ``own`` and ``last_week`` among its forecasters.
    asked : BacktestAsked
        How it was asked for.
    language : Language
        The page's language.

    Raises
    ------
    NothingScoredError
        If no origin could be scored.
    """

    def say(key: str, **values: object) -> str:
        return word(key, language, **values)

    def share(value: float | None) -> str:
        return "–" if value is None else f"{100 * value:.1f} %"

    environment = Environment(
        loader=FunctionLoader(_template),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    scores = scores_of(backtest)
    return environment.get_template(TEMPLATE).render(
        w=say,
        n=report_numbers,
        share=share,
        html_language="en" if language is Language.EN else "zh-Hans",
        backtest=backtest,
        asked=asked,
        scores=tuple(scores.values()),
        name_of=lambda name: name_of(name, language),
        verdict=verdict(scores[OWN], scores[LAST_WEEK], language),
        clock=report_numbers.Clock(backtest.zone),
        pictures=pictures_of(backtest, scores, language),
        refusals=_refusals(backtest, language),
        doubts=_doubts(backtest, language),
    )


def verdict(own: Score, naive: Score, language: Language) -> tuple[str, str]:
    """Say in two sentences how our forecast compares with the same time last week."""
    first = word("headline", language, wape=f"{100 * own.wape_share:.1f} %", naive=f"{100 * naive.wape_share:.1f} %")
    if naive.mae_kw == 0:
        return first, word("equal" if own.mae_kw == 0 else "worse", language, share="∞")
    change = own.mae_kw / naive.mae_kw - 1
    key = "equal" if abs(change) < EVEN_SHARE else "better" if change < 0 else "worse"
    return first, word(key, language, share=f"{100 * abs(change):.1f} %")


def pictures_of(backtest: Backtest, scores: dict[str, Score], language: Language) -> tuple[Picture, ...]:
    """Draw all pictures."""
    joined = {name: join(backtest, name) for name in backtest.answers}
    days = {name: judged_days(backtest, name) for name in backtest.answers}
    by_lead = {name: one.wape_by_lead_share for name, one in scores.items()}
    found = [_picture("chart_hours", charts.hours_chart(joined, language), language)]
    if len(by_lead[OWN]) > 1:
        found.append(_picture("chart_leads", charts.leads_chart(by_lead, language), language))
    found += [
        _picture("chart_days", charts.days_chart(days, language), language),
        _picture("chart_cover", charts.coverage_chart(joined, language), language),
    ]
    best, worst = (pick(days[OWN], key=lambda one: one.off_share) for pick in (min, max))
    for key, judged in (("chart_best", best), ("chart_worst", worst)):
        title = word(key, language, day=f"{judged.day.day:%Y-%m-%d}", wape=f"{100 * judged.off_share:.1f} %")
        svg = charts.day_chart(judged, title, language)
        found.append(Picture(caption=title, note=word("chart_day_note", language), svg=Markup(svg)))  # noqa: S704 -- our own drawing, its words escaped
    return tuple(found)


def judged_days(backtest: Backtest, name: str) -> list[JudgedDay]:
    """Give the first day of each scored horizon on which something was measured."""
    found = []
    for place, forecast in zip(backtest.scored, forecasts_of(backtest, name), strict=True):
        day = forecast.grid.local_days(backtest.zone)[0]
        actual_kw = backtest.actual_kw[place][day.first : day.stop]
        if (actual_kw == actual_kw).any():  # noqa: PLR0124 -- NaN is not itself
            found.append(JudgedDay(forecast=forecast, day=day, actual_kw=actual_kw))
    return found


def _picture(key: str, svg: str, language: Language) -> Picture:
    drawn = Markup(svg)  # noqa: S704 -- our own drawing, its words escaped
    return Picture(caption=word(key, language), note=word(f"{key}_note", language), svg=drawn)


def _refusals(backtest: Backtest, language: Language) -> list[str]:
    counted = Counter(
        (name_of(name, language), one.say(language)) for name in backtest.answers for one in backtest.refusals(name)
    )
    return [
        word("refusal_line", language, name=name, count=count, reason=reason)
        for (name, reason), count in counted.items()
    ]


def _doubts(backtest: Backtest, language: Language) -> list[str]:
    """Give what our forecasts doubted of themselves, by kind; the newest words of each."""
    forecasts = forecasts_of(backtest, OWN)
    newest: dict[str, Finding] = {}
    counted: Counter[str] = Counter()
    for forecast in forecasts:
        by_code = {one.code: one for one in forecast.degraded_reasons}
        newest |= by_code
        counted.update(by_code.keys())
    total = len(forecasts)
    return [
        word("doubt_line", language, count=count, total=total, reason=newest[code].say(language))
        for code, count in counted.most_common()
    ]


def _template(name: str) -> str:
    return (files("scenarios") / "templates" / name).read_text(encoding="utf-8")
