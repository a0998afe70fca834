r"""Decisions of the tariff that are taken with the schedule: the contract demand, and by what the supply's size is billed.

The contract value needs no column of its own. The schedule touches it only through the month's peak *d*, and what the best
contract between the limits costs at that peak is the piecewise linear :math:`\varphi(d)` of ``domain.tariffs.free_contract``:
hinges and one step over the peak, stated by (A1)-(A14) like any other charge. Its optimum is the joint optimum of schedule and
contract, its bound holds for every schedule under every contract. Contracts are declared in whole steps: the value is then rounded
to the step that costs least at the peak that came out, the schedule is planned again under it, and the better of the two is given.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np

from domain import checks
from domain.noun import noun
from domain.offers import Response, ResponseProblem, SolveOptions
from domain.tariffs import AnyTariff, BillingWindow, PricedTerms
from domain.tariffs.contract_terms import OpenContract, open_contract, with_contract
from domain.tariffs.free_contract import ContractLimits, with_free_contracts
from domain.tariffs.pricing import priced_terms
from domain.tariffs.terms import PEAK_TOLERANCE_KW
from domain.text import Text
from optimizer.costs import schedule_costs
from optimizer.response import best_response, gap_share

OPEN_SHARE = 0.6
"""Share of the time that the open question may take; the rest is for planning under the declared value. [-]"""


@noun
class DeclaredContract:
    """The contract value chosen for one month."""

    charge_id: str
    month: date
    contract_kw: Decimal
    """Not below the floor, where the charge has one. [kW]"""
    peak_kw: float
    """The schedule's own peak in the charge's windows. [kW]"""
    over_share: float
    """Share of the samples in which the month's peak exceeds what the contract allows. [-]"""


@noun(eq=False)
class ContractAnswer:
    """A schedule with the contract values that go with it."""

    response: Response
    """Priced under the declared contracts."""
    terms: PricedTerms
    """The terms that it is priced by."""
    contracts: tuple[DeclaredContract, ...]
    bound: float
    """No schedule costs less under any contract values within the limits. [currency]"""

    @property
    def total_cost(self) -> float:
        """Mean bill, production and events. [currency]."""
        return self.response.costs.total_cost

    @property
    def gap_share(self) -> float:
        """How far the cost may lie above the best possible, rounding of the contract included. [-]."""
        return gap_share(self.total_cost, self.bound)


def best_contract(
    asked: ResponseProblem,
    tariff: AnyTariff,
    window: BillingWindow,
    *,
    charge_id: str,
    limits: ContractLimits,
    options: SolveOptions,
) -> ContractAnswer:
    """Choose a schedule and the contract demand of one charge together, month by month of the window.

    Parameters
    ----------
    asked : ResponseProblem
        Plant, plan, base load; its terms are not looked at.
    window : BillingWindow
        The months around the horizon; the contract is one value for all of a month's samples.

    Returns
    -------
    ContractAnswer
        ``gap_share`` counts against all contracts within the limits, whole or not.

    Raises
    ------
    ContractNotChoosableError
        If other lines rest on what the charge bills, or it bills no plain peak: compare named values by ``choose_billing``.
    InfeasiblePlanError, NoPlanInTimeError
        As ``best_response``.
    """
    opened = open_contract(tariff, asked.site.supply, window, charge_id, limits)
    lowered = with_free_contracts(opened.terms, opened.free, asked.site.import_limit_kw)
    first = replace(options, deadline_s=OPEN_SHARE * options.deadline_s)
    found = best_response(replace(asked, terms=lowered), first)
    best = _declared(asked, opened, found, limits)
    again = replace(options, deadline_s=(1 - OPEN_SHARE) * options.deadline_s)
    polished = best_response(replace(asked, terms=best.terms), again, warm_start=found.schedule)
    other = _declared(asked, opened, polished, limits)
    best = other if other.total_cost < best.total_cost else best
    bound = min(found.solve.bound, best.total_cost)
    solve = replace(
        best.response.solve,
        objective=best.total_cost,
        bound=bound,
        gap_share=gap_share(best.total_cost, bound),
        stopped_by=found.solve.stopped_by,
    )
    return replace(best, bound=bound, response=replace(best.response, solve=solve))


def _declared(asked: ResponseProblem, opened: OpenContract, found: Response, limits: ContractLimits) -> ContractAnswer:
    """Round the contracts that go with a schedule's peaks, and price it under them."""
    demand = list(opened.terms.demand)
    contracts: list[DeclaredContract] = []
    for number, free in opened.free.items():
        peak_kw = demand[number].horizon_peak_kw(found.schedule.import_kw)
        chosen_kw = free.best_declared_kw(peak_kw, limits.step_kw)
        demand[number] = free.fixed(demand[number], chosen_kw)
        peaks_kw = np.maximum(peak_kw, free.other_peak_kw)
        allowed_kw = demand[number].thresholds_kw[0]
        contracts.append(
            DeclaredContract(
                charge_id=opened.charge_id,
                month=opened.months[number],
                contract_kw=chosen_kw,
                peak_kw=peak_kw,
                over_share=float((peaks_kw - allowed_kw >= PEAK_TOLERANCE_KW).mean()),
            )
        )
    terms = replace(opened.terms, demand=tuple(demand))
    costs = schedule_costs(found.schedule, replace(asked, terms=terms))
    return ContractAnswer(
        response=replace(found, costs=costs), terms=terms, contracts=tuple(contracts), bound=costs.total_cost
    )


@noun(eq=False)
class BillingOption:
    """One way to be billed: a tariff, and what may be chosen under it."""

    option_id: str
    name: Text
    tariff: AnyTariff
    charge_id: str | None = None
    """The charge whose contract value may be chosen; None: nothing may."""
    limits: ContractLimits | None = None
    """Between which the contract value is chosen with the schedule."""
    contracts_kw: tuple[Decimal, ...] = ()
    """Contract values that are compared one by one instead. [kW]"""

    def __post_init__(self) -> None:
        checks.not_empty(self, "option_id", self.option_id)
        if (self.charge_id is not None) != ((self.limits is not None) != bool(self.contracts_kw)):
            problem = Text(en="goes with either limits or contracts_kw", zh="须与 limits 或 contracts_kw 之一同时给出")
            raise checks.refuse(self, "charge_id", self.charge_id, problem)


@noun(eq=False)
class BillingOutcome:
    """What the plant costs under one way to be billed, run as is best under it."""

    option: BillingOption
    answer: ContractAnswer

    @property
    def total_cost(self) -> float:
        """[currency]."""
        return self.answer.total_cost


@noun(eq=False)
class BillingChoice:
    """All ways compared, cheapest first."""

    outcomes: tuple[BillingOutcome, ...]

    @property
    def best(self) -> BillingOutcome:
        """The cheapest."""
        return self.outcomes[0]

    def difference_cost(self, option_id: str) -> float:
        """Give what one way costs more than the best. [currency].

        Raises
        ------
        InvalidFieldError
            If no such way was compared.
        """
        for one in self.outcomes:
            if one.option.option_id == option_id:
                return one.total_cost - self.best.total_cost
        problem = Text(en="was not compared", zh="未参与比较")
        raise checks.refuse("BillingChoice", "option_id", option_id, problem)

    @property
    def is_proven(self) -> bool:
        """Whether no other way can be cheaper, whatever their searches have left open."""
        return all(self.best.total_cost <= one.answer.bound for one in self.outcomes[1:])


def choose_billing(
    asked: ResponseProblem, window: BillingWindow, billing: Sequence[BillingOption], options: SolveOptions
) -> BillingChoice:
    """Plan the plant under each way to be billed, each with its own best schedule and contract, and compare the exact costs.

    Parameters
    ----------
    options : SolveOptions
        For each way, and for each contract value that is named.

    Raises
    ------
    DuplicateIdError
        If two ways have one id; else as ``best_contract`` and ``priced_terms``.
    """
    checks.not_empty("choose_billing", "billing", billing)
    checks.unique("choose_billing", "billing", (one.option_id for one in billing))
    found = [BillingOutcome(option=one, answer=_answer(asked, window, one, options)) for one in billing]
    return BillingChoice(outcomes=tuple(sorted(found, key=lambda one: one.total_cost)))


def _answer(
    asked: ResponseProblem, window: BillingWindow, option: BillingOption, options: SolveOptions
) -> ContractAnswer:
    if option.limits is not None and option.charge_id is not None:
        return best_contract(
            asked, option.tariff, window, charge_id=option.charge_id, limits=option.limits, options=options
        )
    if option.charge_id is None:
        return _planned(asked, window, option.tariff, options)
    answers = []
    for contract_kw in option.contracts_kw:
        declared = with_contract(option.tariff, option.charge_id, contract_kw)
        answers.append(_named(_planned(asked, window, declared, options), option.charge_id, contract_kw, window))
    best = min(answers, key=lambda one: one.total_cost)
    return replace(best, bound=min(one.bound for one in answers))


def _planned(asked: ResponseProblem, window: BillingWindow, tariff: AnyTariff, options: SolveOptions) -> ContractAnswer:
    terms = priced_terms(tariff, asked.site.supply, window)
    response = best_response(replace(asked, terms=terms), options)
    return ContractAnswer(response=response, terms=terms, contracts=(), bound=response.solve.bound)


def _named(answer: ContractAnswer, charge_id: str, contract_kw: Decimal, window: BillingWindow) -> ContractAnswer:
    """Say which contract value was planned under, and how often it is exceeded where that is a plain peak."""
    contracts = []
    for month in window.months:
        label = f"{charge_id} {month:%Y-%m}"
        term = next((one for one in answer.terms.demand if one.label == label and one.thresholds_kw), None)
        peak_kw = over_share = 0.0
        if term is not None:
            peak_kw = term.horizon_peak_kw(answer.response.schedule.import_kw)
            peaks_kw = np.maximum(peak_kw, term.other_peak_kw)
            over_share = float((peaks_kw - term.thresholds_kw[0] >= PEAK_TOLERANCE_KW).mean())
        contracts.append(
            DeclaredContract(
                charge_id=charge_id,
                month=month,
                contract_kw=contract_kw,
                peak_kw=peak_kw,
                over_share=over_share,
            )
        )
    return replace(answer, contracts=tuple(contracts))
