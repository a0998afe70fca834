"""Money of a pattern: the exact bills of the metered months as they were, minus those with the pattern taken away."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise

import numpy as np

from domain.checks import FloatArray
from domain.errors import WattplanError
from domain.findings import Finding, FindingKind, Severity
from domain.metering import MeterSeries
from domain.noun import noun
from domain.tariffs import (
    NO_FACTS,
    AnyTariff,
    Bill,
    BilledLoad,
    Facts,
    PastMonthUnknownError,
    SupplyPoint,
    Tariff,
    TariffNotInForceError,
    bill,
    versions_of,
)
from domain.text import Language, Text
from domain.time import local_midnight, month_start, next_month

MONTH_NOT_PRICED = FindingKind(
    code="pattern_month_not_priced",
    severity=Severity.WARNING,
    words=Text(en="{month} carries no money: {reason_en}", zh="{month} 未计价：{reason_zh}"),
)
MONTHS_WITH_HOLES = FindingKind(
    code="pattern_months_with_holes",
    severity=Severity.WARNING,
    words=Text(
        en="No money for months that the meter does not cover completely: {months}.",
        zh="以下月份表计数据不完整，未计价：{months}。",
    ),
)
AS_IF_IN_FORCE = FindingKind(
    code="pattern_as_if_in_force",
    severity=Severity.INFO,
    words=Text(
        en="The past months are priced as if tariff {tariff_id}, valid {valid_from} … {valid_until}, had held all along.",
        zh="以往月份按电价 {tariff_id}（有效期 {valid_from} … {valid_until}）始终有效的假设计价。",
    ),
)


class ClocksDifferError(WattplanError):
    """The tariff's clock is not the plant's."""

    code = "pattern_clocks_differ"
    words = Text(
        en="Tariff {tariff_id} counts its hours in {tariff_zone}, the patterns are asked for in {zone}, and the clocks "
        "differ. Give the tariff's zone.",
        zh="电价 {tariff_id} 按 {tariff_zone} 计时，而所求时区为 {zone}，两者时钟不同。请使用电价的时区。",
    )


class NothingPricedError(WattplanError):
    """No metered month can be billed."""

    code = "pattern_nothing_priced"
    words = Text(
        en="No metered month can be billed under tariff {tariff_id}: {reason_en} Leave the tariff out for kWh alone, or ask "
        "for it as if in force (command line: --as-if-in-force).",
        zh="没有任何计量月份可按电价 {tariff_id} 计费：{reason_zh}可不给电价而只看电量，或按其始终有效计价"
        "（命令行：--as-if-in-force）。",
    )


NO_WHOLE_MONTH = Text(en="the meter covers no whole month.", zh="表计未完整覆盖任何月份。")


@noun
class Billing:
    """What the present bills rest on."""

    tariff: AnyTariff
    supply: SupplyPoint
    facts: Facts = NO_FACTS
    as_if_in_force: bool = False
    """Price months outside the tariff's validity with its latest version, and say so."""

    @property
    def latest(self) -> Tariff:
        """The tariff's latest version."""
        return versions_of(self.tariff)[-1]

    @property
    def billed_by(self) -> AnyTariff:
        """What the months are billed with."""
        if not self.as_if_in_force:
            return self.tariff
        return replace(self.latest, valid_from=date(1900, 1, 1), valid_until=None)


@noun(eq=False)
class _Run:
    """Consecutive whole months without holes, billed as they were."""

    first: int
    load: BilledLoad
    bills: tuple[Bill, ...]


@noun(eq=False)
class Repricing:
    """The present bills of the metered months, ready to be compared with changed ones."""

    billing: Billing
    n_steps: int
    runs: tuple[_Run, ...]
    findings: tuple[Finding, ...]

    @classmethod
    def of(cls, meter: MeterSeries, billing: Billing, zone: str) -> "Repricing":
        """Bill every whole metered month.

        Raises
        ------
        ClocksDifferError, NothingPricedError
            See each; further as ``bill`` where the supply point lacks what a charge bills.
        """
        latest = billing.latest
        if not (meter.grid.local_starts(zone).hour == meter.grid.local_starts(latest.zone).hour).all():
            raise ClocksDifferError(tariff_id=latest.tariff_id, tariff_zone=latest.zone, zone=zone)
        runs: list[_Run] = []
        said: list[Finding] = []
        whole, holes = _whole_months(meter, latest.zone)
        for months in _in_a_row(whole):
            run, left_out = _run(meter, months, billing)
            said += left_out
            if run.bills:
                runs.append(run)
        if not runs:
            last = said[-1].data if said else {"reason_en": NO_WHOLE_MONTH.en, "reason_zh": NO_WHOLE_MONTH.zh}
            reasons = {key: last[key] for key in ("reason_en", "reason_zh")}
            raise NothingPricedError(tariff_id=billing.tariff.tariff_id, **reasons)
        if billing.as_if_in_force:
            until = "" if latest.valid_until is None else f"{latest.valid_until}"
            said.append(
                AS_IF_IN_FORCE.at(tariff_id=latest.tariff_id, valid_from=f"{latest.valid_from}", valid_until=until)
            )
        if holes:
            said.append(MONTHS_WITH_HOLES.at(months=", ".join(f"{one:%Y-%m}" for one in holes)))
        return cls(billing=billing, n_steps=meter.grid.n_steps, runs=tuple(runs), findings=tuple(said))

    @property
    def bills(self) -> tuple[Bill, ...]:
        """The bills as they were."""
        return tuple(one for run in self.runs for one in run.bills)

    @property
    def total(self) -> Decimal:
        """What was owed for all billed months. [currency]."""
        return sum((one.total for one in self.bills), Decimal(0))

    def billed_kwh(self, part_kw: FloatArray) -> float:
        """Add up a part of the load over the billed months. [kWh]."""
        return sum(
            float(np.nansum(part_kw[first:stop])) * run.load.grid.step_h
            for run in self.runs
            for first, stop in self._billed_steps(run)
        )

    def touches(self, part_kw: FloatArray) -> bool:
        """Say whether a part of the load lies in a billed month."""
        return any(part_kw[first:stop].any() for run in self.runs for first, stop in self._billed_steps(run))

    def saving(self, reduction_kw: FloatArray) -> Decimal:
        """Bill the months with a load taken away; reactive power keeps its ratio to active power. [currency].

        Parameters
        ----------
        reduction_kw : FloatArray
            Shape (n_steps,), negative where load is added. [kW]
        """
        return sum(
            (
                before.total - self._bill(after, before.month).total
                for run in self.runs
                for after in (_changed(run, reduction_kw),)
                if after is not None
                for before in run.bills
            ),
            Decimal(0),
        )

    def saving_with_power_factor(self, month: date, kvar_share: float) -> Decimal:
        """Bill one month with its reactive power cut to a share. [currency]."""
        for run in self.runs:
            for before in run.bills:
                if before.month == month and run.load.reactive_kvar is not None:
                    zone = self.billing.latest.zone
                    first = run.load.grid.edge_of(local_midnight(month, zone))
                    stop = run.load.grid.edge_of(local_midnight(next_month(month), zone))
                    kvar = run.load.reactive_kvar.copy()
                    kvar[:, first:stop] *= kvar_share
                    return before.total - self._bill(replace(run.load, reactive_kvar=kvar), month).total
        return Decimal(0)

    def _bill(self, load: BilledLoad, month: date) -> Bill:
        return bill(load, self.billing.billed_by, self.billing.supply, month)

    def _billed_steps(self, run: _Run) -> Iterator[tuple[int, int]]:
        zone, grid = self.billing.latest.zone, run.load.grid
        for one in run.bills:
            yield (
                run.first + grid.edge_of(local_midnight(one.month, zone)),
                run.first + grid.edge_of(local_midnight(next_month(one.month), zone)),
            )


def _changed(run: _Run, reduction_kw: FloatArray) -> BilledLoad | None:
    part_kw = reduction_kw[run.first : run.first + run.load.grid.n_steps]
    if not part_kw.any():
        return None
    before_kw = run.load.import_kw[0]
    after_kw = before_kw - part_kw
    kvar = run.load.reactive_kvar
    if kvar is not None:
        ratio = np.divide(after_kw, before_kw, out=np.ones_like(after_kw), where=before_kw > 0)
        kvar = kvar * np.maximum(ratio, 0.0)
    return replace(run.load, import_kw=after_kw, reactive_kvar=kvar)


def _whole_months(meter: MeterSeries, zone: str) -> tuple[list[date], list[date]]:
    """Give the months without holes, and the others."""
    whole: list[date] = []
    holes: list[date] = []
    for month in dict.fromkeys(month_start(day.day) for day in meter.grid.local_days(zone)):
        begin, end = local_midnight(month, zone), local_midnight(next_month(month), zone)
        inside = begin >= meter.grid.start and end <= meter.grid.end
        steps = slice(meter.grid.edge_of(begin), meter.grid.edge_of(end)) if inside else slice(0, 0)
        (whole if inside and not np.isnan(meter.import_kw[steps]).any() else holes).append(month)
    return whole, holes


def _in_a_row(months: list[date]) -> list[list[date]]:
    rows = [[one] for one in months[:1]]
    for before, one in pairwise(months):
        if next_month(before) == one:
            rows[-1].append(one)
        else:
            rows.append([one])
    return rows


def _run(meter: MeterSeries, months: list[date], billing: Billing) -> tuple[_Run, list[Finding]]:
    zone = billing.latest.zone
    first = meter.grid.edge_of(local_midnight(months[0], zone))
    part = meter.part(first, meter.grid.edge_of(local_midnight(next_month(months[-1]), zone)))
    load = BilledLoad(
        grid=part.grid,
        import_kw=part.import_kw,
        reactive_kvar=_without_holes(part.reactive_kvar),
        export_kw=_without_holes(part.export_kw),
        power_factor=billing.supply.power_factor,
        facts=billing.facts,
    )
    made: list[Bill] = []
    said: list[Finding] = []
    for month in months:
        try:
            made.append(bill(load, billing.billed_by, billing.supply, month))
        except (TariffNotInForceError, PastMonthUnknownError) as refused:
            words = Text(en=refused.say(Language.EN), zh=refused.say(Language.ZH))
            said.append(MONTH_NOT_PRICED.at(month=f"{month:%Y-%m}", reason_en=words.en, reason_zh=words.zh))
    return _Run(first=first, load=load, bills=tuple(made)), said


def _without_holes(values: FloatArray | None) -> FloatArray | None:
    return None if values is None or bool(np.isnan(values).any()) else values
