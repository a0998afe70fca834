"""Which of given packages and programmes fit a load, with the number that says so."""

from collections.abc import Sequence
from decimal import Decimal
from functools import partial

import numpy as np

from domain.errors import WattplanError
from domain.noun import noun
from domain.offers import Package
from domain.programmes.programme import Programme
from domain.tariffs import SupplyPoint
from domain.text import Language, Text
from forecasting.design import DayType
from forecasting.patterns.history import History
from forecasting.patterns.repricing import Billing, Repricing
from forecasting.patterns.shiftable import TENTH, above_kw
from forecasting.patterns.typical import Habit

PACKAGE_SAVES = Text(
    en="as the load stands, {n} months would have cost {saving:+,.2f} {currency} less (before any shifting)",
    zh="按现有负荷（不作任何转移），{n} 个月可少付 {saving:+,.2f} {currency}",
)
NO_COMMON_MONTH = Text(en="no month could be billed under both tariffs", zh="没有可同时按两种电价计费的月份")
OTHER_CURRENCY = Text(en="is in {currency}", zh="货币为 {currency}")
PROGRAMME_KW = Text(
    en="on half of the working days {capable_kw:,.0f} kW above the lowest tenth of days in the busiest hours, at least "
    "{least_kw:,.0f} kW asked for",
    zh="半数工作日的最忙时段比最低十分之一日高出 {capable_kw:,.0f} kW，而最低要求为 {least_kw:,.0f} kW",
)
ONLY_SHAVING = Text(en="only peak shaving is judged here", zh="此处仅评估削峰类项目")


@noun
class Candidate:
    """One package or programme with the number behind its verdict."""

    candidate_id: str
    kind: str
    """package or programme."""
    fits: bool | None
    """None: cannot be said."""
    why: Text
    saving: Decimal | None = None
    """Present bills minus the package's over the same months. [currency]"""
    capable_kw: float | None = None
    """What could be given up in the busiest hours. [kW]"""


def package_fits(history: History, packages: Sequence[Package], present: Repricing) -> tuple[Candidate, ...]:
    """Bill the metered months under each package as if it had been in force."""
    return tuple(_package(history, one, present, present.billing.supply) for one in packages)


def _package(history: History, package: Package, present: Repricing, supply: SupplyPoint) -> Candidate:
    said = partial(Candidate, candidate_id=package.package_id, kind="package")
    currency = present.billing.tariff.currency
    if package.tariff.currency != currency:
        return said(fits=None, why=_filled(OTHER_CURRENCY, currency=package.tariff.currency))
    billing = Billing(
        tariff=package.tariff,
        supply=package.supply_of(supply),
        facts=present.billing.facts,
        as_if_in_force=True,
    )
    try:
        other = Repricing.of(history.meter, billing, history.zone)
    except WattplanError as refused:
        return said(fits=None, why=Text(en=refused.say(Language.EN), zh=refused.say(Language.ZH)))
    before = {one.month: one.total for one in present.bills}
    after = {one.month: one.total for one in other.bills}
    common = before.keys() & after.keys()
    if not common:
        return said(fits=None, why=NO_COMMON_MONTH)
    saving = sum((before[month] - after[month] for month in common), Decimal(0))
    why = _filled(PACKAGE_SAVES, n=len(common), saving=saving, currency=currency)
    return said(fits=saving > 0, why=why, saving=saving)


def programme_fits(history: History, programmes: Sequence[Programme], busiest: Habit | None) -> tuple[Candidate, ...]:
    """Compare what working days give up in their busiest hours with each programme's least commitment."""
    capable_kw = capable_in_busy_hours_kw(history, busiest)
    return tuple(_programme(one, capable_kw) for one in programmes)


def _programme(programme: Programme, capable_kw: float | None) -> Candidate:
    said = partial(Candidate, candidate_id=programme.programme_id, kind="programme")
    if programme.direction != "peak_shaving" or capable_kw is None:
        return said(fits=None, why=ONLY_SHAVING)
    least_kw = float(programme.min_commitment_kw)
    why = _filled(PROGRAMME_KW, capable_kw=capable_kw, least_kw=least_kw)
    return said(fits=capable_kw >= least_kw, why=why, capable_kw=capable_kw)


def capable_in_busy_hours_kw(history: History, busiest: Habit | None) -> float | None:
    """Give the median over working days of what lies above the lowest tenth in the busiest hours. [kW]."""
    if busiest is None:
        return None
    per_min = history.clock.day_slots / 1440
    width = round(busiest.length_min * per_min)
    slots = (round(busiest.from_min * per_min) + np.arange(width)) % history.clock.day_slots
    part = np.isin(history.slot_of, slots) & np.isfinite(history.load_kw)
    above = above_kw(history, TENTH)
    sums = np.bincount(history.day_of[part], weights=above[part], minlength=history.n_days)
    counts = np.bincount(history.day_of[part], minlength=history.n_days)
    worked = history.whole_days & (history.types == DayType.WORKDAY) & (counts > 0)
    return float(np.median(sums[worked] / counts[worked])) if worked.any() else None


def _filled(words: Text, **values: object) -> Text:
    return Text(en=words.say(Language.EN, **values), zh=words.say(Language.ZH, **values))
