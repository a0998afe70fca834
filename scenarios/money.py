"""Amounts over forecast samples: exact bills, ranges, and where a saving comes from."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

import numpy as np

from domain.checks import FloatArray
from domain.noun import noun
from domain.offers import CostParts, MoneyRange, Response, SavingSplit
from domain.programmes.terms import EventTerm
from domain.tariffs import AnyTariff, Bill, BillingWindow, SupplyPoint
from domain.tariffs.billing import bill, sample_amounts

CENT = Decimal("0.01")
DEMAND_KINDS = ("demand", "capacity", "usage_rebate", "excess_capacity", "coincident", "network")


def cents(amount: Decimal | float) -> Decimal:
    """Round half up to cents."""
    exact = amount if isinstance(amount, Decimal) else Decimal(repr(float(amount)))
    return exact.quantize(CENT, rounding=ROUND_HALF_UP)


def mean(amounts: Sequence[Decimal]) -> Decimal:
    """Give the mean before rounding."""
    return sum(amounts, Decimal(0)) / len(amounts)


def order_of(amounts: Sequence[Decimal], level: float) -> int:
    """Give which sample is the quantile: the least value that ``level`` of the samples do not exceed."""
    ranked = sorted(range(len(amounts)), key=lambda number: (amounts[number], number))
    return ranked[max(0, -(-round(level * 1000) * len(ranked) // 1000) - 1)]


def money_range(amounts: Sequence[Decimal]) -> MoneyRange:
    """Give P10, P50, P90 (each the amount of a real sample) and the mean."""
    p10, p50, p90 = (cents(amounts[order_of(amounts, level)]) for level in (0.1, 0.5, 0.9))
    return MoneyRange(p10=p10, p50=p50, p90=p90, mean=cents(mean(amounts)))


@noun(eq=False)
class SampledBill:
    """Exact bills of the billing months, on every sample."""

    by_kind: dict[str, tuple[Decimal, ...]]
    """Rounded amounts per kind of charge, one per sample. [currency]"""
    totals: tuple[Decimal, ...]
    """One per sample. [currency]"""

    def mean_of(self, kinds: Sequence[str]) -> Decimal:
        """Give the mean over the samples of some kinds of charges. [currency]."""
        return sum((mean(self.by_kind[kind]) for kind in kinds if kind in self.by_kind), Decimal(0))


def import_samples(response: Response, base_kw: FloatArray) -> FloatArray:
    """Give the site's import when the schedule meets each sample of the base load, same shape. [kW].

    What the schedule does besides the base load is the same in every sample.
    """
    return np.maximum(_net_samples(response, base_kw), 0.0)


def export_samples(response: Response, base_kw: FloatArray) -> FloatArray | None:
    """Give what the site feeds in on each sample, same shape; None where that is nothing at all. [kW]."""
    fed_in_kw = np.maximum(-_net_samples(response, base_kw), 0.0)
    return fed_in_kw if fed_in_kw.any() else None


def _net_samples(response: Response, base_kw: FloatArray) -> FloatArray:
    schedule = response.schedule
    return np.asarray(base_kw + schedule.import_kw - schedule.export_kw - schedule.base_kw, dtype=np.float64)


def sampled_bill(
    window: BillingWindow,
    import_kw: FloatArray,
    tariff: AnyTariff,
    supply: SupplyPoint,
    *,
    export_kw: FloatArray | None = None,
) -> SampledBill:
    """Bill every sample of a horizon's load, shape (n_samples, n_steps), over all the window's months."""
    load = window.fill(import_kw, export_kw)
    by_kind: dict[str, list[Decimal]] = {}
    for month in window.months:
        for kind, amounts in sample_amounts(load, tariff, supply, month).items():
            before = by_kind.setdefault(kind, [Decimal(0)] * len(amounts))
            by_kind[kind] = [a + b for a, b in zip(before, amounts, strict=True)]
    nothing = (Decimal(0),) * load.import_kw.shape[0]  # a tariff may charge nothing in these months
    totals = tuple(sum(parts, Decimal(0)) for parts in zip(nothing, *by_kind.values(), strict=True))
    return SampledBill(by_kind={kind: tuple(amounts) for kind, amounts in by_kind.items()}, totals=totals)


def bills_of_sample(
    window: BillingWindow,
    import_kw: FloatArray,
    sample: int,
    tariff: AnyTariff,
    supply: SupplyPoint,
    *,
    export_kw: FloatArray | None = None,
) -> tuple[Bill, ...]:
    """Give one sample's bills, month by month, line by line."""
    fed_in = window.around_export_kw
    alone = replace(
        window,
        around_kw=window.around_kw[sample],
        around_export_kw=None if fed_in is None else fed_in[sample],
    )
    load = alone.fill(import_kw[sample], None if export_kw is None else export_kw[sample])
    return tuple(bill(load, tariff, supply, month) for month in window.months)


@noun(eq=False)
class EventOutcome:
    """What an event brings on every sample."""

    term: EventTerm
    commitment_kw: float
    delivered_kw: FloatArray
    """Shape (n_samples,). [kW]"""
    pay: tuple[Decimal, ...]
    """[currency]"""
    penalty: tuple[Decimal, ...]
    """[currency]"""


def event_outcome(term: EventTerm, commitment_kw: float, import_kw: FloatArray) -> EventOutcome:
    """Settle one event on every sample of the horizon's load."""
    means = import_kw[:, term.first : term.stop].mean(axis=1)
    return EventOutcome(
        term=term,
        commitment_kw=commitment_kw,
        delivered_kw=np.array([term.delivered_kw(float(one)) for one in means]),
        pay=tuple(cents(term.pay(commitment_kw, float(one))) for one in means),
        penalty=tuple(cents(term.penalty(commitment_kw, float(one))) for one in means),
    )


def savings(
    today: SampledBill, bill_then: SampledBill, outcomes: Sequence[EventOutcome], extra_production: Decimal
) -> tuple[Decimal, ...]:
    """Give the net benefit per sample. [currency]."""
    n_samples = len(today.totals)
    return tuple(
        today.totals[number]
        - bill_then.totals[number]
        + sum((one.pay[number] - one.penalty[number] for one in outcomes), Decimal(0))
        - extra_production
        for number in range(n_samples)
    )


def extra_production_cost(then: CostParts, today: CostParts) -> Decimal:
    """Give what running the plan the new way costs more, besides the bill. [currency]."""
    return cents(then.production_cost - today.production_cost)


def split_of(
    *,
    today: SampledBill,
    today_repriced: SampledBill,
    bill_then: SampledBill,
    outcomes: Sequence[EventOutcome],
    extra_production: Decimal,
) -> SavingSplit:
    """Split the expected saving into its causes; the parts add up to the rounded total.

    ``today_repriced`` is today's load under the new prices. What the demand and capacity lines do is
    ``demand``, what all other lines do (power factor included) is ``shifting``.
    """
    other = [kind for kind in bill_then.by_kind if kind not in DEMAND_KINDS]
    exact = {
        "tariff": mean(today.totals) - mean(today_repriced.totals),
        "shifting": today_repriced.mean_of(other) - bill_then.mean_of(other),
        "demand": today_repriced.mean_of(DEMAND_KINDS) - bill_then.mean_of(DEMAND_KINDS),
        "dr": sum((mean(one.pay) - mean(one.penalty) for one in outcomes), Decimal(0)),
        "production": -extra_production,
    }
    parts = {name: cents(amount) for name, amount in exact.items()}
    # the cents lost in rounding go to the largest part, where they matter least; a part that is 0 stays 0
    largest = max(("tariff", "shifting", "demand"), key=lambda name: (abs(exact[name]), name))
    total = cents(mean(savings(today, bill_then, outcomes, extra_production)))
    parts[largest] += total - sum(parts.values(), Decimal(0))
    return SavingSplit(**parts)
