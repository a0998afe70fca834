"""Match the rows of the real bill with the parts of ours, as finely as both allow, and put each side into figures.

A row covers cells: price components × bands for energy, its kind for all else. Rows of either bill that share a
cell belong together; the connected sets are the finest groups in which the two bills can be compared.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal

from domain.noun import noun
from domain.shadow.ebill import TOTAL, ZERO
from domain.shadow.items import Item

Cell = tuple[str, ...]
SPREAD_DECIMALS = 6


@noun(eq=False)
class Side:
    """One bill's figures of one group, by band; kinds without bands have the one band ``total``."""

    quantities: dict[str, Decimal]
    """[unit of the group]"""
    products: dict[str, Decimal]
    """Σ quantity · price of the rows of each band, unrounded. [currency]"""
    prices: dict[str, Decimal]
    """products / quantities. [currency / unit]"""
    lump: Decimal
    """Amounts without a quantity. [currency]"""
    amount: Decimal
    """[currency]"""
    rows: dict[str, int]
    """How many rows stand behind each band."""
    stacked: dict[str, int]
    """How many rows add up to the quantity of each band, such as one per meter."""
    printed_decimals: dict[str, int]
    """Decimals to which the quantities of each band are printed."""

    @property
    def is_priced(self) -> bool:
        """Whether it has quantities at all."""
        return bool(self.quantities)

    @property
    def n_rows(self) -> int:
        """Rows in all."""
        return max(1, sum(self.rows.values()))


@noun(eq=False)
class Group:
    """Rows of the two bills that are for the same thing."""

    kind: str
    components: frozenset[str]
    bands: tuple[str, ...]
    cells: frozenset[Cell]
    real: tuple[Item, ...]
    ours: tuple[Item, ...]

    @property
    def is_folding(self) -> bool:
        """Whether amounts without quantity belong into the price: a demand rebate lowers the price of the kW."""
        return self.kind != "energy"


def cells_of(item: Item, bands: tuple[str, ...]) -> frozenset[Cell]:
    """Give the cells that an item covers."""
    if item.kind != "energy":
        return frozenset({(item.kind,)})
    over = bands if item.band == TOTAL else (item.band,)
    return frozenset(("energy", component, band) for component in item.components for band in over)


def bands_in(items: Iterable[Item]) -> tuple[str, ...]:
    """Give the bands that energy rows of either bill name; ``total`` where none does."""
    named = dict.fromkeys(item.band for item in items if item.kind == "energy" and item.band != TOTAL)
    return tuple(named) or (TOTAL,)


def grouped(real: tuple[Item, ...], ours: tuple[Item, ...]) -> tuple[Group, ...]:
    """Give the groups, in the order in which the bills name them."""
    every = (*real, *ours)
    bands = bands_in(every)
    covers = [cells_of(item, bands) for item in every]
    owner: dict[Cell, int] = {}
    members: dict[int, set[int]] = {}
    for number, cells in enumerate(covers):
        joined = {owner[cell] for cell in cells if cell in owner}
        first = min(joined, default=number)
        merged = {number}.union(*(members.pop(one) for one in joined))
        members[first] = merged
        for one in merged:
            for cell in covers[one]:
                owner[cell] = first
    return tuple(_group(sorted(members[key]), every, covers, len(real)) for key in sorted(members))


def _group(numbers: list[int], every: tuple[Item, ...], covers: list[frozenset[Cell]], n_real: int) -> Group:
    cells = frozenset[Cell]().union(*(covers[number] for number in numbers))
    items = [every[number] for number in numbers]
    kind = items[0].kind
    order = list(dict.fromkeys(cell[2] for number in numbers for cell in sorted(covers[number]) if len(cell) > 1))
    return Group(
        kind=kind,
        components=frozenset(cell[1] for cell in cells if len(cell) > 1),
        bands=tuple(order) if kind == "energy" else (TOTAL,),
        cells=cells,
        real=tuple(every[number] for number in numbers if number < n_real),
        ours=tuple(every[number] for number in numbers if number >= n_real),
    )


def in_group(group: Group, items: Iterable[Item], bands: tuple[str, ...]) -> tuple[Item, ...]:
    """Give those of other items that belong to a group."""
    return tuple(item for item in items if cells_of(item, bands) & group.cells)


def spread(quantity: Decimal, weights: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Split a quantity over bands in proportion, so that the parts add up to it."""
    whole = sum(weights.values(), ZERO)
    if not whole:
        first = next(iter(weights))
        return {band: quantity if band == first else ZERO for band in weights}
    parts = {band: round(quantity * weight / whole, SPREAD_DECIMALS) for band, weight in weights.items()}
    largest = max(parts, key=lambda band: weights[band])
    parts[largest] += quantity - sum(parts.values(), ZERO)
    return parts


def side_of(group: Group, items: tuple[Item, ...], weights: Mapping[str, Decimal]) -> Side:
    """Put the items of one bill into figures.

    Parameters
    ----------
    group : Group
        The group they belong to.
    items : tuple[Item, ...]
        Rows of the real bill, or parts of one of ours.
    weights : Mapping[str, Decimal]
        kWh by band, by which a row for all hours is spread over the group's bands.
    """
    by_key: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(lambda: ZERO))
    products: dict[str, Decimal] = defaultdict(lambda: ZERO)
    unit_prices: dict[str, dict[str, Decimal]] = defaultdict(dict)
    rows: dict[str, int] = defaultdict(int)
    stacks: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    decimals: dict[str, int] = defaultdict(int)
    lump = ZERO
    for item in items:
        if not item.is_priced:
            lump += item.amount
            rows[group.bands[0]] += 1
            continue
        for band, quantity in _over_bands(group, item, weights).items():
            by_key[item.key][band] += quantity
            products[band] += quantity * (item.unit_price or ZERO)
            unit_prices[band][item.key] = item.unit_price or ZERO
            rows[band] += 1
            stacks[band][item.key] += 1
            decimals[band] = max(decimals[band], _decimals(item.quantity or ZERO))
    bands = [band for band in group.bands if band in products] + [band for band in products if band not in group.bands]
    quantities = {band: max((of[band] for of in by_key.values() if band in of), key=abs) for band in bands}
    if group.is_folding and bands:
        products[bands[0]] += lump
    prices = {
        band: products[band] / quantities[band] if quantities[band] else sum(unit_prices[band].values(), ZERO)
        for band in bands
    }
    return Side(
        quantities=quantities,
        products={band: products[band] for band in bands},
        prices=prices,
        lump=ZERO if group.is_folding and bands else lump,
        amount=sum((item.amount for item in items), ZERO),
        rows=dict(rows),
        stacked={band: max(of.values()) for band, of in stacks.items()},
        printed_decimals=dict(decimals),
    )


def _over_bands(group: Group, item: Item, weights: Mapping[str, Decimal]) -> dict[str, Decimal]:
    quantity = item.quantity or ZERO
    if item.kind != "energy":
        return {TOTAL: quantity}
    if item.band != TOTAL or group.bands == (TOTAL,):
        return {item.band: quantity}
    known = {band: weights.get(band, ZERO) for band in group.bands}
    return spread(quantity, known)


def _decimals(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
