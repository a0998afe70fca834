"""The oracle's question and answer: how would this plant run its plan if these were its prices?"""

from typing import Literal

from domain import checks
from domain.checks import FloatArray
from domain.findings import Finding
from domain.noun import noun
from domain.offers.standing import StandingPlan
from domain.offers.wishes import ProcessWish, RunWish
from domain.plant import ProductionPlan, Schedule, Site
from domain.programmes.terms import EventTerm
from domain.tariffs import PricedTerms
from domain.text import Text
from domain.time import Calendar, TimeGrid


@noun(eq=False)
class ResponseProblem:
    """Everything the best response depends on; the model and the audit both read only this."""

    site: Site
    plan: ProductionPlan
    horizon: TimeGrid
    base_kw: FloatArray
    """Load that the plan does not move, shape (n_steps,). [kW]"""
    terms: PricedTerms
    events: tuple[EventTerm, ...] = ()
    """Events offered; the response chooses its commitments."""
    import_reserve_kw: FloatArray | None = None
    """What a new schedule keeps free below the import limit in each step, because the base load may exceed its
    expectation; shape (n_steps,). It is a wish of planning: the limit itself is what an audit checks. [kW]"""

    standing: StandingPlan | None = None
    """The plan that people already act on; None: nothing has been planned before."""
    wishes: tuple[RunWish | ProcessWish, ...] = ()
    """What the schedule must do whatever it costs."""
    base_kvar: FloatArray | None = None
    """Reactive power of the base load before compensation, shape (n_steps,). Where it is given, the schedule decides
    compensation and the prices may count its reactive power; None: they do not. [kvar]"""

    def __post_init__(self) -> None:
        if self.base_kvar is None and self.terms.counts_reactive:
            raise checks.refuse(
                self,
                "base_kvar",
                None,
                Text(en="is missing, and the prices count reactive power", zh="缺失，而电价条款计入无功功率"),
                Text(
                    en="Give it, or price with a given power factor (no around_kvar in the billing window).",
                    zh="请给出该值，或按给定功率因数计价（计费窗口不含 around_kvar）。",
                ),
            )
        for field in ("base_kw", "import_reserve_kw", "base_kvar"):
            values = getattr(self, field)
            if values is not None:
                object.__setattr__(self, field, checks.frozen_array(self, field, values, (self.horizon.n_steps,)))

    @property
    def calendar(self) -> Calendar:
        """The working calendar of the site's people."""
        return Calendar(country=self.site.country)


@noun
class CostParts:
    """What a schedule costs, part by part. [currency]"""

    constant_cost: float
    """What the schedule cannot change."""
    energy_cost: float
    """Energy drawn, less the pay for what is fed in."""
    demand_cost: float
    """Plain demand charges."""
    labour_cost: float
    lateness_cost: float
    start_cost: float
    wear_cost: float
    event_pay: float
    """Income, positive."""
    event_penalty: float
    change_cost: float = 0.0
    """Leaving the plan that people already act on."""
    coupled_cost: float = 0.0
    """What rests on several quantities of the bill: tiers, ratchets, rebates, minimum bills; negative: a credit."""
    co2_cost: float = 0.0
    """Emissions of what is drawn from the grid, of processes and of utilities."""
    fuel_cost: float = 0.0
    """What processes cost for each unit and for each hour on."""
    utility_cost: float = 0.0
    """What is drawn of utilities from outside."""
    changeover_cost: float = 0.0
    disposal_cost: float = 0.0
    """What is thrown away out of stores."""
    shortfall_cost: float = 0.0
    """What quotas that processes miss cost."""

    @property
    def total_cost(self) -> float:
        """Everything; this is what the optimiser minimises."""
        return self.bill_cost + self.production_cost - self.event_pay + self.event_penalty

    @property
    def bill_cost(self) -> float:
        """What the tariff asks."""
        return self.constant_cost + self.energy_cost + self.demand_cost + self.coupled_cost

    @property
    def production_cost(self) -> float:
        """What running the plan this way costs besides the bill."""
        work = self.labour_cost + self.lateness_cost + self.start_cost + self.changeover_cost + self.change_cost
        inputs = self.fuel_cost + self.utility_cost + self.co2_cost + self.wear_cost
        return work + inputs + self.disposal_cost + self.shortfall_cost


@noun
class SolveOptions:
    """How long and how exactly to search. A deadline and a gap are always set."""

    deadline_s: float = 20.0
    """[s]"""
    gap_share: float = 0.005
    """Relative gap at which to stop. [-]"""
    seed: int = 1
    n_threads: int = 1

    def __post_init__(self) -> None:
        checks.positive(self, "deadline_s", self.deadline_s)
        checks.share(self, "gap_share", self.gap_share)
        checks.positive(self, "n_threads", self.n_threads)
        checks.not_negative(self, "seed", self.seed)


@noun
class SolveRecord:
    """How an answer was found: enough to judge it and to replay it."""

    stopped_by: Literal["optimal", "gap", "deadline", "recorded"]
    """``recorded``: taken from a manifest and audited again, not searched."""
    objective: float
    """[currency]"""
    bound: float
    """No schedule within the problem's limits, its reserve included, can cost less. [currency]"""
    gap_share: float
    """(objective - bound) / |objective - what no schedule changes|: the rest of the month apart. [-]"""
    build_s: float
    """Stating the model in Pyomo. [s]"""
    compile_s: float
    """Handing it to the solver. [s]"""
    solve_s: float
    """[s]"""
    n_columns: int
    n_rows: int
    n_integers: int
    n_nodes: int
    versions: dict[str, str]
    options: dict[str, str]


@noun(eq=False)
class Response:
    """One way the plant would run, what it costs, and how surely it is the best."""

    schedule: Schedule
    costs: CostParts
    solve: SolveRecord


@noun(eq=False)
class Audit:
    """What replaying a schedule in plain numbers gave."""

    costs: CostParts
    violations: tuple[Finding, ...]
    """Empty for a schedule that may be shown to anyone."""
