"""Which rows the quantities of a coupled cost need: the sides of each, ladders for hinges, stairs for steps."""

from itertools import pairwise

from domain.noun import noun
from domain.text import Text
from optimizer.errors import TariffNotPlannableError
from optimizer.formulation.coupled_nodes import (
    Above,
    Candidate,
    Counted,
    Coupled,
    Direction,
    Form,
    Highest,
    Node,
    On,
    Term,
    TopMean,
    Total,
)
from optimizer.formulation.load_limits import Span

LEAST, MOST = "least", "most"


class TopMeanNotConvexError(TariffNotPlannableError):
    """The bill can fall as the mean of several peaks rises."""

    code = "top_mean_not_convex"
    words = Text(
        en="Charge {label}: the bill falls as the mean of its {n_highest} highest peaks rises. Such a charge cannot be "
        "planned against; leave the package out.",
        zh="费用项 {label}：其最高 {n_highest} 个需量的均值升高时电费反而下降。无法针对此类电费做计划，请去掉该套餐。",
    )


@noun
class Rung:
    """The part of a quantity between two neighbouring edges."""

    width: float
    turns_down: bool
    """Whether the cost may turn down at its lower edge: then it is either reached or not."""


@noun(eq=False)
class CoupledRows:
    """Index sets and numbers of the rows, by number of the quantity."""

    spans: dict[tuple[int, str], float]
    """Least and greatest value."""
    directions: dict[int, Direction]
    totals: dict[int, tuple[Term, ...]]
    peaks: dict[int, Span]
    covered: dict[tuple[int, int], Candidate]
    """Candidates that a peak must not lie below."""
    choices: dict[tuple[int, int], Candidate]
    """Candidates, the floor among them, one of which a peak must not exceed."""
    hinges: dict[int, Above]
    """Hinges stated from below only, each by itself."""
    rungs: dict[tuple[int, int], Rung]
    """By quantity, from 0 upwards."""
    rungs_above: dict[int, tuple[tuple[int, int], ...]]
    """By hinge: the rungs whose parts add up to it."""
    steps: dict[int, On]
    rises: dict[tuple[int, int], float]
    """By quantity and step: what the quantity has risen by at least, once the step is on."""
    falls: dict[tuple[int, int], float]
    """By quantity and step: what it may rise by more, once the step is on."""
    first_off: dict[int, float]
    """By quantity: up to where no step is on."""
    nested: tuple[tuple[int, int], ...]
    """Pairs of steps of which the second is on only where the first is."""
    counted: dict[int, Counted]
    sides: dict[tuple[int, str], Form]
    """By counted amount and side that needs its rows: the amount."""
    tops: dict[int, TopMean]
    members: dict[tuple[int, int], Form]
    cuts: dict[int, Span]
    """By mean of the highest: where its cut lies."""
    over_cut: dict[tuple[int, int], float]
    """By member: how far it can lie above the cut."""


def coupled_rows(found: Coupled) -> CoupledRows:
    """Give the rows that a coupled cost needs.

    Raises
    ------
    TopMeanNotConvexError
        If the bill can fall as a mean of several peaks rises.
    """
    needed = {n: node for n, node in enumerate(found.nodes) if found.needed[n]}
    falls_in = {n for n in needed if found.slopes[n][0] < 0}
    rises_in = {n for n in needed if found.slopes[n][1] > 0}
    peaks = {n: node for n, node in needed.items() if isinstance(node, Highest)}
    counted = {n: node for n, node in needed.items() if isinstance(node, Counted)}
    tops = {n: node for n, node in needed.items() if isinstance(node, TopMean)}
    for n in falls_in.intersection(tops):
        raise TopMeanNotConvexError(label=tops[n].label, n_highest=tops[n].n_highest)
    hinges, rungs, rungs_above = _hinges_and_rungs(found, needed, falls_in)
    cuts = {n: _cut(node) for n, node in tops.items()}
    rises, falls, first_off, nested = _stairs(found, needed, falls_in, rises_in)
    return CoupledRows(
        spans={(n, end): found.spans[n][i] for n in needed for i, end in enumerate((LEAST, MOST))},
        directions={n: node for n, node in needed.items() if isinstance(node, Direction)},
        totals={n: node.terms for n, node in needed.items() if isinstance(node, Total)},
        peaks={n: found.spans[n] for n in peaks},
        covered={(n, c): one for n in peaks if n in rises_in for c, one in enumerate(peaks[n].candidates)},
        choices={(n, c): one for n in peaks if n in falls_in for c, one in enumerate(_choices(peaks[n]))},
        hinges=hinges,
        rungs=rungs,
        rungs_above=rungs_above,
        steps={n: node for n, node in needed.items() if isinstance(node, On)},
        rises=rises,
        falls=falls,
        first_off=first_off,
        nested=nested,
        counted=counted,
        sides={
            (n, side): node.amount
            for n, node in counted.items()
            for side, those in ((LEAST, rises_in), (MOST, falls_in))
            if n in those
        },
        tops=tops,
        members={(n, c): one for n, node in tops.items() for c, one in enumerate(node.members)},
        cuts=cuts,
        over_cut={
            (n, c): max(0.0, most - cuts[n][0]) for n, node in tops.items() for c, (_, most) in enumerate(node.spans)
        },
    )


def _choices(peak: Highest) -> tuple[Candidate, ...]:
    floor = Candidate(plus=Form(constant=peak.floor_kw), least_kw=peak.floor_kw, most_kw=peak.floor_kw)
    return (*peak.candidates, floor)


def _cut(node: TopMean) -> Span:
    """Give where the N-th highest member lies."""
    least, most = (sorted((span[end] for span in node.spans), reverse=True)[node.n_highest - 1] for end in (0, 1))
    return least, most


def _hinges_and_rungs(
    found: Coupled, needed: dict[int, Node], falls_in: set[int]
) -> tuple[dict[int, Above], dict[tuple[int, int], Rung], dict[int, tuple[tuple[int, int], ...]]]:
    """Tell the quantities all of whose hinges raise the cost from those that need a ladder."""
    over: dict[int, list[tuple[float, int]]] = {}
    hinges = {n: node for n, node in needed.items() if isinstance(node, Above)}
    for n, node in hinges.items():
        over.setdefault(node.of, []).append((node.edge, n))
    rungs: dict[tuple[int, int], Rung] = {}
    rungs_above: dict[int, tuple[tuple[int, int], ...]] = {}
    for q, on_it in over.items():
        if falls_in.isdisjoint(n for _, n in on_it):
            continue
        on_it.sort()
        edges = [found.spans[q][0], *(edge for edge, _ in on_it), found.spans[q][1]]
        down = [False, *(n in falls_in for _, n in on_it)]
        for j, turns_down in enumerate(down):
            rungs[q, j] = Rung(width=edges[j + 1] - edges[j], turns_down=turns_down)
        for j, (_, n) in enumerate(on_it, start=1):
            rungs_above[n] = tuple((q, higher) for higher in range(j, len(down)))
    return {n: node for n, node in hinges.items() if n not in rungs_above}, rungs, rungs_above


def _stairs(
    found: Coupled, needed: dict[int, Node], falls_in: set[int], rises_in: set[int]
) -> tuple[dict[tuple[int, int], float], dict[tuple[int, int], float], dict[int, float], tuple[tuple[int, int], ...]]:
    """Put the steps over each quantity in order."""
    over: dict[int, list[tuple[float, float, int]]] = {}
    steps = {n: node for n, node in needed.items() if isinstance(node, On)}
    for n, node in steps.items():
        over.setdefault(node.of, []).append((node.edge, node.on_from, n))
    rises: dict[tuple[int, int], float] = {}
    falls: dict[tuple[int, int], float] = {}
    first_off: dict[int, float] = {}
    nested: list[tuple[int, int]] = []
    for q, on_it in over.items():
        order = [n for _, _, n in sorted(on_it)]
        nested += pairwise(order)
        reached = found.spans[q][0]
        for n in order:
            if n in falls_in:
                rises[q, n] = max(0.0, steps[n].on_from - reached)
                reached += rises[q, n]
        left = [n for n in order if n in rises_in]
        ends = [*(steps[n].off_to for n in left), found.spans[q][1]]
        if left:
            first_off[q] = ends[0]
        for n, (low, high) in zip(left, pairwise(ends), strict=True):
            falls[q, n] = high - low
    return rises, falls, first_off, tuple(nested)
