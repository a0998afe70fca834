"""A case: all that is asked. A quote is a question with one answer."""

from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Literal

from domain import checks
from domain.metering import MeterSeries
from domain.noun import noun
from domain.offers.response import SolveOptions
from domain.plant import ProductionPlan, Site
from domain.programmes import Event, Programme
from domain.tariffs import NO_FACTS, AnyTariff, Facts, PurchaseMode, SupplyPoint
from domain.text import Text

PRESENT_ID = "present"
"""The candidate that stays with today's tariff."""


@noun
class Package:
    """A tariff on offer."""

    package_id: str
    name: Text
    tariff: AnyTariff
    purchase_mode: PurchaseMode | None = None
    """How the customer would buy its energy under it; None: as today."""

    def supply_of(self, supply: SupplyPoint) -> SupplyPoint:
        """Give the customer's supply point as it would be under this package."""
        return supply if self.purchase_mode is None else replace(supply, purchase_mode=self.purchase_mode)

    def __post_init__(self) -> None:
        checks.not_empty(self, "package_id", self.package_id)


@noun
class Preferences:
    """What the customer wants of an offer."""

    accept_dr: bool = True
    """Whether demand-response commitments may be offered."""
    risk_weight: float = 0.0
    """0 ranks by the expected benefit, 1 by the benefit in the bad tenth of outcomes. [-]"""
    min_saving_share: float = 0.0
    """Offers that save less than this share of today's bill are not made. [-]"""

    def __post_init__(self) -> None:
        checks.share(self, "risk_weight", self.risk_weight)
        checks.share(self, "min_saving_share", self.min_saving_share)


@noun
class QuoteOptions:
    """Parameters of the computation; part of the case, so that its file alone replays the answer."""

    n_samples: int = 50
    """Forecast samples on which bills are compared."""
    seed: int = 1
    history_days: int = 91
    """How much of the meter history the forecast learns from. [d]"""
    forecast_backend: Literal["exact", "stan"] = "exact"
    """Who finds the load model's optimum: the exact solver, or stock Stan, the slow reference."""
    solve: SolveOptions = SolveOptions()
    validity_days: int = 14
    """How long an offer stands, at most; it ends when its plan begins. [d]"""

    def __post_init__(self) -> None:
        checks.positive(self, "n_samples", self.n_samples)
        checks.not_negative(self, "seed", self.seed)
        checks.positive(self, "history_days", self.history_days)
        checks.positive(self, "validity_days", self.validity_days)


BaseLoadSource = Literal["not_in_meter", "site_less_history", "site_less_plan"]


@noun(eq=False)
class Case:
    """One customer's question.

    ``base_load_source`` says how the load that the plan does not move is known:

    - ``not_in_meter``: the planned equipment is not in ``meter``'s history (it is new); the meter is the base load;
    - ``site_less_history``: ``meter`` is the site, ``process_history`` what the planned equipment drew in
      the same time; the difference is forecast;
    - ``site_less_plan``: only the site is metered; its forecast less the plan as it stands today is
      taken for the base load, and a finding says so.
    """

    case_id: str
    issued_at: datetime
    """When the question is asked; nothing later is known."""
    site: Site
    meter: MeterSeries
    process_history: MeterSeries | None = None
    base_load_source: BaseLoadSource = "site_less_plan"
    plan: ProductionPlan
    present_tariff: AnyTariff
    packages: tuple[Package, ...] = ()
    """Candidates besides staying with today's tariff, which is always looked at."""
    programmes: tuple[Programme, ...] = ()
    events: tuple[Event, ...] = ()
    facts: Facts = NO_FACTS
    """Prices, flagged days, the grid's peaks and past months, where a tariff asks for them."""
    preferences: Preferences = Preferences()
    options: QuoteOptions = QuoteOptions()

    def __post_init__(self) -> None:
        checks.not_empty(self, "case_id", self.case_id)
        checks.to_utc(self, "issued_at")
        if self.plan.zone != self.site.zone:
            raise checks.refuse(
                self,
                "plan.zone",
                self.plan.zone,
                Text(en=f"differs from the site's {self.site.zone}", zh=f"与厂区时区 {self.site.zone} 不同"),
            )
        checks.unique(self, "packages", (one.package_id for one in self.packages))
        checks.unique(self, "programmes", (one.programme_id for one in self.programmes))
        checks.unique(self, "events", (one.event_id for one in self.events))
        for event in self.events:
            checks.known(event, "programme_id", event.programme_id, (one.programme_id for one in self.programmes))
        for package in self.packages:
            if package.package_id == PRESENT_ID and package.tariff != self.present_tariff:
                raise checks.refuse(
                    self,
                    "packages",
                    PRESENT_ID,
                    Text(en="is the id of staying with today's tariff", zh="是沿用现行电价的编号"),
                    Text(en="Give this package another id.", zh="请为该套餐另取编号。"),
                )
        self._events_apart()
        self._one_currency()
        if self.plan.start < self.issued_at:
            raise checks.refuse(
                self,
                "plan.start",
                self.plan.start.isoformat(),
                Text(en="lies before the case is issued", zh="早于询价时间"),
                Text(en="Plan from the next local midnight.", zh="请从下一个当地零点开始计划。"),
            )
        if (self.base_load_source == "site_less_history") != (self.process_history is not None):
            raise checks.refuse(
                self,
                "process_history",
                self.base_load_source,
                Text(
                    en="goes with base_load_source site_less_history, and only with it",
                    zh="仅且必须与 base_load_source=site_less_history 同时给出",
                ),
            )

    def _events_apart(self) -> None:
        """Refuse events that overlap: one response at one meter may be sold once."""
        in_time = sorted(self.events, key=lambda event: (event.start, event.event_id))
        for before, after in pairwise(in_time):
            if after.start < before.end:
                raise checks.refuse(
                    self,
                    "events",
                    after.event_id,
                    Text(
                        en=f"overlaps event {before.event_id}, and one response is not paid twice",
                        zh=f"与事件 {before.event_id} 时间重叠，同一响应不能重复获得补偿",
                    ),
                    Text(en="Ask once with each of them.", zh="请分别就每个事件询价。"),
                )

    def _one_currency(self) -> None:
        currency = self.present_tariff.currency
        for package in self.packages:
            if package.tariff.currency != currency:
                raise checks.refuse(
                    self,
                    f"packages.{package.package_id}.currency",
                    package.tariff.currency,
                    Text(en=f"differs from the present tariff's {currency}", zh=f"与现行电价的货币 {currency} 不同"),
                )
        for programme in self.programmes:
            if programme.currency != currency:
                raise checks.refuse(
                    self,
                    f"programmes.{programme.programme_id}.currency",
                    programme.currency,
                    Text(en=f"differs from the present tariff's {currency}", zh=f"与现行电价的货币 {currency} 不同"),
                )

    def programme(self, programme_id: str) -> Programme:
        """Give a programme by its id."""
        return next(one for one in self.programmes if one.programme_id == programme_id)
