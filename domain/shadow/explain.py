"""Find the alternatives under which our bill says what the real one says, kind of charge by kind of charge.

Greedy and strict: a step is taken only if the set of disagreeing (group, dimension) pairs becomes a proper subset of
what it was; pairs of alternatives are tried where no single one does it.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from itertools import combinations

from domain.errors import WattplanError
from domain.noun import noun
from domain.shadow.alternatives import Alternative, Asked
from domain.shadow.ebill import ZERO
from domain.shadow.groups import Group, Side, in_group, side_of
from domain.shadow.items import parts_of
from domain.tariffs import bill, half_up

CENT = Decimal("0.01")
MOST_STEPS = 4
MOST_PAIRS = 200
Gap = tuple[int, str]
"""Number of a group, and quantity, price or amount."""
Sides = dict[int, Side]


@noun(eq=False)
class TrailStep:
    """An alternative that was taken, and the figures before and after it."""

    alternative: Alternative
    before: Sides
    after: Sides
    rivals: tuple[Alternative, ...] = ()
    """Others, of another cause, that would have done as well."""


@noun(eq=False)
class Trail:
    """The steps taken for one kind of charge, from the tariff as given to the figures that agree best."""

    asked: Asked
    start: Sides
    steps: tuple[TrailStep, ...]

    @property
    def end(self) -> Sides:
        """The figures after the last step."""
        return self.steps[-1].after if self.steps else self.start


def same_quantity(real: Side, ours: Side, band: str) -> bool:
    """Say whether a quantity is ours as the bill rounds it: half up or cut to its decimals, per meter."""
    printed = real.quantities[band]
    exact = ours.quantities.get(band, ZERO)
    decimals = min(real.printed_decimals[band], 12)
    if printed == exact or printed == half_up(exact, decimals):
        return True
    grain = Decimal(1).scaleb(-decimals)
    meters = real.stacked[band]
    if meters > 1 and abs(printed - exact) < meters * grain:
        return True
    return ZERO <= exact - printed < grain


def gaps_of(number: int, group: Group, real: Side, ours: Side, prices: Mapping[str, Decimal]) -> frozenset[Gap]:
    """Give the dimensions in which the two bills disagree by more than a cent per row.

    ``prices`` values quantities: those of our bill before any step.
    """
    if not group.real or not group.ours:
        return frozenset()
    if not real.is_priced or not ours.is_priced:
        slack = CENT * (real.n_rows + ours.n_rows)
        return frozenset({(number, "amount")}) if abs(real.amount - ours.amount) > slack else frozenset()
    found: set[Gap] = set()
    for band, quantity in real.quantities.items():
        off = quantity - ours.quantities.get(band, ZERO)
        is_off = group.kind != "power_factor" and abs(off * prices.get(band, ZERO)) > CENT
        if is_off and not same_quantity(real, ours, band):
            found.add((number, "quantity"))
        if abs(real.products[band] - quantity * ours.prices.get(band, ZERO)) > CENT * real.rows[band]:
            found.add((number, "price"))
    if any(quantity for band, quantity in ours.quantities.items() if band not in real.quantities):
        found.add((number, "quantity"))
    return frozenset(found)


class Search:
    """Bills alternatives and compares them with the real bill, group by group."""

    def __init__(
        self,
        groups: tuple[Group, ...],
        real: Sides,
        month: date,
        bands: tuple[str, ...],
        weights: Mapping[str, Decimal],
    ) -> None:
        self.groups = groups
        self.real = real
        self.month = month
        self.bands = bands
        self.weights = weights

    def sides(self, asked: Asked) -> Sides:
        """Bill a question and put it into figures by group."""
        made = bill(asked.load, asked.tariff, asked.supply, self.month)
        parts = parts_of(made, asked.tariff)
        return {
            number: side_of(group, in_group(group, parts, self.bands), self.weights)
            for number, group in enumerate(self.groups)
        }

    def gaps(self, kind: str, sides: Sides, start: Sides) -> frozenset[Gap]:
        """Give what disagrees among the groups of one kind."""
        return frozenset[Gap]().union(
            *(
                gaps_of(number, group, self.real[number], sides[number], start[number].prices)
                for number, group in enumerate(self.groups)
                if group.kind == kind
            )
        )

    def trail(
        self, kind: str, asked: Asked, start: Sides, offers: Callable[[Asked, Sides], Iterable[Alternative]]
    ) -> Trail:
        """Take alternatives as long as each makes the disagreement strictly smaller."""
        steps: list[TrailStep] = []
        now, sides = asked, start
        gaps = self.gaps(kind, sides, start)
        while gaps and len(steps) < MOST_STEPS:
            found, rivals = self._next(kind, now, start, gaps, list(offers(now, sides)))
            if not found:
                break
            for alternative in found:
                now = alternative.apply(now)
                after = self.sides(now)
                steps.append(TrailStep(alternative=alternative, before=sides, after=after, rivals=rivals))
                sides = after
            gaps = self.gaps(kind, sides, start)
        return Trail(asked=now, start=start, steps=tuple(steps))

    def _next(
        self, kind: str, now: Asked, start: Sides, gaps: frozenset[Gap], offered: list[Alternative]
    ) -> tuple[tuple[Alternative, ...], tuple[Alternative, ...]]:
        """Give the alternatives that leave least, and single ones of other causes that leave no more."""
        for tried in ([(one,) for one in offered], list(combinations(offered, 2))[:MOST_PAIRS]):
            fitting = [
                (alternatives, left)
                for alternatives in tried
                if (left := self._left(kind, now, start, alternatives)) is not None and left < gaps
            ]
            if fitting:
                best, fewest = min(fitting, key=lambda one: len(one[1]))
                equal = [one[0] for one, left in fitting if len(one) == 1 and len(left) == len(fewest)]
                causes = {one.cause for one in best}
                rivals = {one.cause: one for one in equal if one.is_explained and one.cause not in causes}
                return best, tuple(rivals.values()) if len(best) == 1 else ()
        return (), ()

    def _left(
        self, kind: str, now: Asked, start: Sides, alternatives: tuple[Alternative, ...]
    ) -> frozenset[Gap] | None:
        """Give what would still disagree; None where the alternatives cannot be billed."""
        try:
            for alternative in alternatives:
                now = alternative.apply(now)
            return self.gaps(kind, self.sides(now), start)
        except WattplanError:
            return None
