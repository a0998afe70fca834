"""The sets of a plant under other prices: only what rests on prices and events is found anew."""

from dataclasses import replace

from domain.programmes.terms import EventTerm
from domain.tariffs import PricedTerms
from optimizer.formulation.coupled_slopes import coupled
from optimizer.formulation.free_burning import refuse_free_burning
from optimizer.formulation.sets import PlanSets, where_waste_pays


def repriced(sets: PlanSets, terms: PricedTerms, events: tuple[EventTerm, ...]) -> PlanSets:
    """Give the sets of the same plant, plan and horizon under other prices and events."""
    problem = replace(sets.problem, terms=terms, events=events)
    refuse_free_burning(problem, sets.processes)
    found = coupled(terms, sets.limits)
    waste, passing = where_waste_pays(problem, found, sets.limits)
    return replace(sets, problem=problem, coupled=found, waste_pays=waste, passing_pays=passing)
