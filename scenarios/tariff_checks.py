"""What there is to say of a sound tariff before anybody relies on it: its standing, its windows, what its bills ask."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise

from domain.findings import Finding, FindingKind, Severity
from domain.noun import noun
from domain.tariffs import AnyTariff, Status, Tariff, versions_of
from domain.tariffs.bands import DAY_MIN, BandCalendar, band_zh, parse_window
from domain.tariffs.charges import (
    CapacityCharge,
    CoincidentCharge,
    DemandCharge,
    EnergyCharge,
    ExcessCapacityCharge,
    ExportCredit,
    NetworkCharge,
    PowerFactorCharge,
    ProfitShareCharge,
    ReactiveCharge,
    SpotCharge,
    UsageRebateCharge,
)
from domain.text import Text

TARIFF_ENDED = FindingKind(
    code="tariff_ended",
    severity=Severity.WARNING,
    words=Text(
        en="{tariff_id} ended: it bills no day from {valid_until} on (looked at on {on}). What follows it is not known here.",
        zh="{tariff_id} 已失效：自 {valid_until} 起不再适用（查看日期 {on}），后续版本未知。",
    ),
)
TARIFF_SUPERSEDED = FindingKind(
    code="tariff_superseded",
    severity=Severity.WARNING,
    words=Text(
        en="{tariff_id} is superseded by {follower}: it bills no day from {valid_until} on (looked at on {on}).",
        zh="{tariff_id} 已被 {follower} 取代：自 {valid_until} 起不再适用（查看日期 {on}）。",
    ),
)
TARIFF_NOT_YET = FindingKind(
    code="tariff_not_yet_in_force",
    severity=Severity.INFO,
    words=Text(en="{tariff_id} is in force from {valid_from} only.", zh="{tariff_id} 自 {valid_from} 起才生效。"),
)
TARIFF_TO_VERIFY = FindingKind(
    code="tariff_to_verify",
    severity=Severity.WARNING,
    words=Text(
        en="To be verified against their documents before money depends on them: {tariffs}.",
        zh="以下电价的数值尚待与文件核对，核对前请勿用于结算：{tariffs}。",
    ),
)
WINDOW_OVER_MIDNIGHT = FindingKind(
    code="window_over_midnight",
    severity=Severity.INFO,
    words=Text(
        en="{tariff_id}, charge {charge_id}: the window {window} of band {band} means {late} and {early} of the same "
        "calendar day, not of the night between two days.",
        zh="{tariff_id} 费用项 {charge_id}：时段 {band_zh} 的 {window} 指同一自然日的 {late} 与 {early}，而非跨两日的夜间。",
    ),
)
VERSIONS_GAP = FindingKind(
    code="versions_gap",
    severity=Severity.WARNING,
    words=Text(
        en="{tariff_id}: no version holds from {first} until {until}; bills of those days are refused.",
        zh="{tariff_id}：{first} 至 {until} 没有生效版本，这些日期的账单将被拒绝。",
    ),
)
CHANGE_INSIDE_MONTH = FindingKind(
    code="change_inside_month",
    severity=Severity.INFO,
    words=Text(
        en="{tariff_id} changes on {day}, inside a month: energy is billed by day, monthly prices by their share of the "
        "month's days.",
        zh="{tariff_id} 于 {day} 月中变更：电量按日计费，月度价格按天数占比分摊。",
    ),
)
BILLS_NEED = FindingKind(
    code="bills_need",
    severity=Severity.INFO,
    words=Text(en="{tariff_id}: a bill asks for {needs}.", zh="{tariff_id}：出账需要 {needs_zh}。"),
)
CURRENCIES_DIFFER = FindingKind(
    code="currencies_differ",
    severity=Severity.WARNING,
    words=Text(
        en="Tariffs in {currencies} lie side by side ({examples}). Offers and comparisons stay within one currency; nothing "
        "is converted.",
        zh="同一目录中含有 {currencies} 多种货币的电价（{examples}）。报价与比较仅限同一货币，不作换算。",
    ),
)


@noun
class Need:
    """Something a bill asks for beside the load."""

    key: str
    """Such as ``supply.capacity_kva`` or ``facts.prices: de-lu-day-ahead``."""
    words: Text


def look_at(tariff: AnyTariff, on: date, follower: str | None = None) -> tuple[Finding, ...]:
    """Say all there is to say of a tariff on a day.

    Parameters
    ----------
    follower : str, optional
        Id of what follows it, where a family knows.
    """
    versions = versions_of(tariff)
    found = [*_standing(tariff, on, follower)]
    for one in versions:
        found += _midnight_windows(one)
    found += _changes(tariff)
    needs = needs_of(tariff)
    if needs:
        found.append(
            BILLS_NEED.at(
                tariff_id=tariff.tariff_id,
                needs=", ".join(one.words.en for one in needs),
                needs_zh="、".join(one.words.zh for one in needs),
            )
        )
    return tuple(found)


def valid_until(tariff: AnyTariff) -> date | None:
    """Give the first day on which a tariff no longer holds; None: open."""
    return versions_of(tariff)[-1].valid_until


def valid_from(tariff: AnyTariff) -> date:
    """Give the first day on which a tariff holds."""
    return versions_of(tariff)[0].valid_from


def _standing(tariff: AnyTariff, on: date, follower: str | None) -> Iterator[Finding]:
    last, first = valid_until(tariff), valid_from(tariff)
    if last is not None and last <= on:
        words = {"tariff_id": tariff.tariff_id, "valid_until": str(last), "on": str(on)}
        yield TARIFF_ENDED.at(**words) if follower is None else TARIFF_SUPERSEDED.at(follower=follower, **words)
    elif first > on:
        yield TARIFF_NOT_YET.at(tariff_id=tariff.tariff_id, valid_from=str(first))


def _calendars(tariff: Tariff) -> Iterator[tuple[str, BandCalendar]]:
    for charge in tariff.charges:
        if isinstance(charge, EnergyCharge | DemandCharge | ExportCredit) and charge.calendar is not None:
            yield charge.charge_id, charge.calendar
        if isinstance(charge, NetworkCharge) and charge.atypical is not None:
            yield charge.charge_id, charge.atypical.calendar


def _midnight_windows(tariff: Tariff) -> Iterator[Finding]:
    seen: set[tuple[str, str, str]] = set()
    for charge_id, calendar in _calendars(tariff):
        for rule in calendar.rules:
            for window in rule.windows:
                start, end = parse_window(rule, window)
                if start < end or (charge_id, rule.band, window) in seen:
                    continue
                seen.add((charge_id, rule.band, window))
                begin, stop = window.split("-")
                yield WINDOW_OVER_MIDNIGHT.at(
                    tariff_id=tariff.tariff_id,
                    charge_id=charge_id,
                    window=window,
                    band=rule.band,
                    band_zh=band_zh(rule.band),
                    late=f"{begin}-{DAY_MIN // 60}:00",
                    early=f"00:00-{stop}",
                )


def _changes(tariff: AnyTariff) -> Iterator[Finding]:
    for earlier, later in pairwise(versions_of(tariff)):
        if earlier.valid_until is not None and earlier.valid_until < later.valid_from:
            last = later.valid_from - timedelta(days=1)
            yield VERSIONS_GAP.at(tariff_id=tariff.tariff_id, first=str(earlier.valid_until), until=str(last))
        if later.valid_from.day != 1:
            yield CHANGE_INSIDE_MONTH.at(tariff_id=tariff.tariff_id, day=str(later.valid_from))


def to_verify(tariffs: Sequence[AnyTariff]) -> tuple[Finding, ...]:
    """Warn once of all tariffs whose numbers nobody has compared with their documents."""
    unsure = [one for tariff in tariffs for one in versions_of(tariff) if one.status is Status.TO_VERIFY]
    if not unsure:
        return ()
    return (TARIFF_TO_VERIFY.at(tariffs=", ".join(f"{one.tariff_id} ({one.source.document})" for one in unsure)),)


def one_currency(tariffs: Sequence[AnyTariff]) -> tuple[Finding, ...]:
    """Warn of tariffs in several currencies that lie side by side."""
    examples = {one.currency: one.tariff_id for one in reversed(tariffs)}
    if len(examples) < 2:  # noqa: PLR2004 -- several means two
        return ()
    names = ", ".join(f"{examples[currency]}: {currency}" for currency in sorted(examples))
    return (CURRENCIES_DIFFER.at(currencies=", ".join(sorted(examples)), examples=names),)


def needs_of(tariff: AnyTariff) -> tuple[Need, ...]:
    """Give what a bill asks for beside the metered load, each once."""
    found: dict[str, Need] = {}
    for version in versions_of(tariff):
        for key, words in _needs(version):
            found.setdefault(key, Need(key=key, words=words))
    return tuple(found.values())


def _needs(tariff: Tariff) -> Iterator[tuple[str, Text]]:
    for charge in tariff.charges:
        if isinstance(charge, CapacityCharge | ExcessCapacityCharge | UsageRebateCharge):
            yield "supply.capacity_kva", Text(en="the contract capacity (kVA)", zh="合同容量（千伏安）")
        if isinstance(charge, DemandCharge):
            yield from _demand_needs(charge)
        if isinstance(charge, PowerFactorCharge | ReactiveCharge | ExcessCapacityCharge):
            words = Text(en="reactive energy or the power factor", zh="无功电量或功率因数")
            yield "supply.power_factor", words
        if isinstance(charge, SpotCharge | ProfitShareCharge | ExportCredit) and charge.index_id is not None:
            words = Text(en=f"the prices of index {charge.index_id}", zh=f"指数 {charge.index_id} 的价格")
            yield f"facts.prices: {charge.index_id}", words
        if isinstance(charge, CoincidentCharge):
            words = Text(en=f"the grid's peaks {charge.system_peak_id}", zh=f"系统高峰 {charge.system_peak_id}")
            yield f"facts.system_peaks: {charge.system_peak_id}", words
        if isinstance(charge, NetworkCharge):
            yield "facts.past: network", Text(en="the year's earlier months", zh="当年此前各月")
    for flag in tariff.day_flags:
        if flag.decided != "listed":
            words = Text(en=f"the days of flag {flag.flag}", zh=f"标记 {flag.flag} 的日期")
            yield f"facts.flags: {flag.flag}", words


def _demand_needs(charge: DemandCharge) -> Iterator[tuple[str, Text]]:
    if charge.basis == "contract" and charge.contract_demand_kw is None:
        yield "supply.contract_demand_kw", Text(en="the contract demand (kW)", zh="合同最大需量（千瓦）")
    if charge.measured_as == "kva":
        yield "supply.power_factor", Text(en="reactive energy or the power factor", zh="无功电量或功率因数")
    if charge.look_back is not None:
        n = charge.look_back.months_count
        yield f"facts.past: {n}", Text(en=f"the {n} months before", zh=f"此前 {n} 个月")
    if charge.levied == "year":
        yield "facts.past: network", Text(en="the year's earlier months", zh="当年此前各月")
