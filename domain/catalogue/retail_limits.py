"""Limits that a market's rules set to retail packages, as dated data, and the check of a package against them.

A package says which of its charges are the retail price by their ids: ``retail_fixed…`` (energy at a fixed price),
``retail_linked…`` (a monthly index), ``retail_spot…`` (the day-ahead price or its mean), ``retail_average…`` (wholesale
average plus fee), ``retail_share…`` and ``retail_cap…``. All other charges are the grid's.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from fnmatch import fnmatchcase

import numpy as np

from domain import checks
from domain.errors import WattplanError
from domain.findings import Finding, FindingKind, Severity
from domain.noun import noun
from domain.tariffs.bands import day_table
from domain.tariffs.charges import ONE, ZERO, EnergyCharge, SpotCharge
from domain.tariffs.decimals import plain
from domain.tariffs.lines import band_price_per_kwh
from domain.tariffs.tariff import PurchaseMode, Source, Status, Tariff
from domain.text import Text

RETAIL = "retail_"
FIXED, LINKED, SPOT = "retail_fixed", "retail_linked", "retail_spot"

LIMITS_NOT_KNOWN = FindingKind(
    code="retail_limits_not_known",
    severity=Severity.INFO,
    words=Text(
        en="{tariff_id}: no retail limits are known for this package, so none were checked. Known limits: {known}; they "
        "are checked where the id fits one of {patterns}.",
        zh="{tariff_id}：没有适用于该套餐的零售限值，未作检查。已有限值：{known}；编号符合 {patterns} 的套餐才会检查。",
    ),
)
LIMITS_NOT_IN_FORCE = FindingKind(
    code="retail_limits_not_in_force",
    severity=Severity.WARNING,
    words=Text(
        en="{tariff_id}: the limits {limits_id} hold from {valid_from} until {valid_until}, the package from {first} until "
        "{until}; outside of them nothing was checked.",
        zh="{tariff_id}：限值 {limits_id} 有效期为 {valid_from} 至 {valid_until}，套餐为 {first} 至 {until}；超出部分未作检查。",
    ),
)


class RetailLimitError(WattplanError):
    """A retail package lies outside what the market's rules allow."""

    code = "retail_limit_broken"
    words = Text(
        en="Package {tariff_id}, rule {rule}: {problem}. Document: {document} ({status}).",
        zh="套餐 {tariff_id}，规则 {rule}：{problem}。依据：{document}（{status}）。",
    )


class RetailPackageError(WattplanError):
    """A retail package cannot be held against its market's rules, or does not bill each kWh once."""

    code = "retail_package_unsound"
    words = Text(en="Package {tariff_id}: {problem}.", zh="套餐 {tariff_id}：{problem}。")


@noun
class RetailLimits:
    """What one market's rules allow a retail package in one period; None: no rule."""

    limits_id: str
    name: Text
    currency: str
    """ISO 4217 code."""
    valid_from: date
    valid_until: date
    """First day on which they no longer hold."""
    status: Status
    source: Source
    applies_to: tuple[str, ...]
    """Patterns of tariff ids, such as ``cn-gd-retail-*``."""
    fixed_price_floor_per_kwh: Decimal | None = None
    """Lowest fixed retail price. [currency / kWh]"""
    fixed_price_cap_per_kwh: Decimal | None = None
    """Highest fixed retail price. [currency / kWh]"""
    linked_least_share: Decimal | None = None
    """Of a fixed-plus-linked package: least share of the energy that is linked. [-]"""
    linked_most_share: Decimal | None = None
    """[-]"""
    spot_linked_least_share: Decimal | None = None
    """Of it the part linked to the spot market, where there is one. [-]"""
    spot_linked_most_share: Decimal | None = None
    """[-]"""
    allows_fee_on_linked: bool = True
    """Whether a fixed-plus-linked package may add a fee to its linked part."""

    def __post_init__(self) -> None:
        checks.not_empty(self, "limits_id", self.limits_id)
        checks.not_empty(self, "applies_to", self.applies_to)
        if self.valid_until <= self.valid_from:
            raise checks.refuse(self, "valid_until", str(self.valid_until), checks.ORDERED)

    def concerns(self, tariff: Tariff) -> bool:
        """Say whether a tariff is one of the packages that these limits are for."""
        return any(fnmatchcase(tariff.tariff_id, pattern) for pattern in self.applies_to)


def check_retail(
    tariff: Tariff, limits: Sequence[RetailLimits], *, sold_as: PurchaseMode | None = None
) -> tuple[tuple[WattplanError, ...], tuple[Finding, ...]]:
    """Check a retail package against every limits record that concerns it.

    Parameters
    ----------
    sold_as : PurchaseMode, optional
        How the customer buys under the package, where the tariff itself does not say it.

    Returns
    -------
    tuple
        What breaks a rule (``RetailLimitError``) or cannot be held against any (``RetailPackageError``), and what was
        not checked. Tariffs for other ways of buying give neither.
    """
    concerned = [one for one in limits if one.concerns(tariff)]
    is_retail = PurchaseMode.MARKET_RETAIL in (*tariff.purchase_modes, sold_as)
    if not concerned and not is_retail:
        return (), ()
    if not concerned:
        return (), (
            LIMITS_NOT_KNOWN.at(
                tariff_id=tariff.tariff_id,
                known=", ".join(one.limits_id for one in limits) or "∅",
                patterns=", ".join(pattern for one in limits for pattern in one.applies_to) or "∅",
            ),
        )
    errors: list[WattplanError] = []
    findings: list[Finding] = []
    for one in concerned:
        if _overlaps(one, tariff):
            errors += _broken(tariff, one)
        if one.valid_from > tariff.valid_from or tariff.valid_until is None or tariff.valid_until > one.valid_until:
            findings.append(
                LIMITS_NOT_IN_FORCE.at(
                    tariff_id=tariff.tariff_id,
                    limits_id=one.limits_id,
                    valid_from=str(one.valid_from),
                    valid_until=str(one.valid_until),
                    first=str(tariff.valid_from),
                    until=str(tariff.valid_until or "…"),
                )
            )
    return tuple(errors), tuple(findings)


def _overlaps(limits: RetailLimits, tariff: Tariff) -> bool:
    ends_before = tariff.valid_until is not None and tariff.valid_until <= limits.valid_from
    return tariff.valid_from < limits.valid_until and not ends_before


def _broken(tariff: Tariff, limits: RetailLimits) -> Iterator[WattplanError]:
    unsound = list(_unsound(tariff, limits))
    yield from (RetailPackageError(tariff_id=tariff.tariff_id, problem=problem) for problem in unsound)
    for rule, problem in () if unsound else _problems(tariff, limits):
        yield RetailLimitError(
            tariff_id=tariff.tariff_id,
            rule=rule,
            problem=problem,
            document=limits.source.document,
            status=limits.status.value,
        )


def _retail(tariff: Tariff) -> list[EnergyCharge | SpotCharge]:
    retail = [charge for charge in tariff.charges if charge.charge_id.startswith(RETAIL)]
    return [one for one in retail if isinstance(one, EnergyCharge | SpotCharge)]


def _unsound(tariff: Tariff, limits: RetailLimits) -> Iterator[Text]:
    billed = _retail(tariff)
    total = sum((one.energy_share for one in billed), ZERO)
    if not billed:
        yield Text(
            en=f"no charge on energy is named {RETAIL}…, so its retail price is not known; name the retail charges so",
            zh=f"没有名称以 {RETAIL} 开头的电量费用项，无法识别零售电价；请如此命名零售费用项",
        )
    elif total != ONE:
        yield Text(
            en=f"its retail charges bill {plain(total * 100)} % of the energy, not each kWh once",
            zh=f"零售费用项合计覆盖 {plain(total * 100)} % 的电量，而非每千瓦时计费一次",
        )
    if tariff.currency != limits.currency:
        yield Text(
            en=f"its prices are in {tariff.currency}, the limits {limits.limits_id} in {limits.currency}",
            zh=f"套餐货币为 {tariff.currency}，限值 {limits.limits_id} 的货币为 {limits.currency}",
        )


def _problems(tariff: Tariff, limits: RetailLimits) -> Iterator[tuple[str, Text]]:
    billed = _retail(tariff)
    energy = [one for one in billed if isinstance(one, EnergyCharge) and one.charge_id.startswith(FIXED)]
    linked = [one for one in billed if isinstance(one, SpotCharge) and one.charge_id.startswith((LINKED, SPOT))]
    for charge in energy:
        yield from _fixed_price(charge, tariff, limits)
    if energy and linked:
        yield from _linked(linked, limits)


def _fixed_price(charge: EnergyCharge, tariff: Tariff, limits: RetailLimits) -> Iterator[tuple[str, Text]]:
    price = retail_price_per_kwh(charge, tariff)
    floor, cap = limits.fixed_price_floor_per_kwh, limits.fixed_price_cap_per_kwh
    said, currency = plain(price), tariff.currency
    if cap is not None and price > cap:
        words = Text(
            en=f"the fixed price {said} lies above the cap of {plain(cap)} {currency}/kWh",
            zh=f"固定价格 {said} 高于上限 {plain(cap)} {currency}/kWh",
        )
        yield "fixed_price", words
    if floor is not None and price < floor:
        words = Text(
            en=f"the fixed price {said} lies below the floor of {plain(floor)} {currency}/kWh",
            zh=f"固定价格 {said} 低于下限 {plain(floor)} {currency}/kWh",
        )
        yield "fixed_price", words


def retail_price_per_kwh(charge: EnergyCharge, tariff: Tariff) -> Decimal:
    """Give the price of a fixed-price package that limits are held against. [tariff.currency / kWh].

    The sum of its components before the bands' factors; where every band's price is printed, their plain mean over the
    hours of the year in which the package begins. Which of them the rules mean is to be verified.
    """
    if not charge.band_prices:
        return sum((one.price_per_kwh for one in charge.components), ZERO)
    bands = charge.calendar.bands
    minutes = np.zeros(len(bands), dtype=np.int64)
    first = date(tariff.valid_from.year, 1, 1).toordinal()
    for number in range(date(tariff.valid_from.year + 1, 1, 1).toordinal() - first):
        day = date.fromordinal(first + number)
        table = day_table(charge.calendar, day, tariff.calendar.tags(day))
        minutes += np.bincount(table, minlength=len(bands))
    shares = [Decimal(int(one)) / Decimal(int(minutes.sum())) for one in minutes]
    priced = zip(shares, bands, strict=True)
    return sum((share * band_price_per_kwh(charge, band) for share, band in priced), ZERO)


def _linked(linked: Sequence[SpotCharge], limits: RetailLimits) -> Iterator[tuple[str, Text]]:
    total = sum((one.energy_share for one in linked), ZERO)
    of_spot = sum((one.energy_share for one in linked if one.charge_id.startswith(SPOT)), ZERO)
    yield from _share("linked_share", total, (limits.linked_least_share, limits.linked_most_share))
    if of_spot:
        yield from _share("spot_linked_share", of_spot, (limits.spot_linked_least_share, limits.spot_linked_most_share))
    if not limits.allows_fee_on_linked:
        for one in linked:
            if one.fee_per_kwh:
                words = Text(
                    en=f"charge {one.charge_id} adds a fee of {plain(one.fee_per_kwh)}, which is not allowed",
                    zh=f"费用项 {one.charge_id} 另收浮动费用 {plain(one.fee_per_kwh)}，不予允许",
                )
                yield "fee_on_linked", words


def _share(rule: str, share: Decimal, between: tuple[Decimal | None, Decimal | None]) -> Iterator[tuple[str, Text]]:
    least, most = between
    if (least is not None and share < least) or (most is not None and share > most):
        low = "0" if least is None else plain(least * 100)
        high = "100" if most is None else plain(most * 100)
        said = plain(share * 100)
        words = Text(
            en=f"{said} % of the energy, {low} to {high} % are allowed",
            zh=f"电量占比 {said} %，允许范围 {low} % 至 {high} %",
        )
        yield rule, words
