"""What a bill bills: which metering points count, kWh by band, losses, reactive energy, demand, capacity."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from decimal import Decimal

from domain.findings import Finding, FindingKind, Severity
from domain.noun import noun
from domain.shadow.ebill import TOTAL, ZERO, BilledMeter, EBill, Register, RegisterReading
from domain.shadow.vocabulary import bare, meaning_of
from domain.tariffs import SupplyPoint
from domain.text import Text

RATIO_INSIDE = FindingKind(
    code="ebill_ratio_point_inside_parent",
    severity=Severity.INFO,
    words=Text(
        en="{place}: the fixed-ratio point {meter} ({kwh} kWh) is still inside its parent's kWh; it is not counted twice.",
        zh="{place}：定比计量点 {meter}（{kwh} 千瓦时）仍包含在上级表电量内，不重复计入。",
    ),
)
RATIO_UNCLEAR = FindingKind(
    code="ebill_ratio_point_unclear",
    severity=Severity.SERIOUS,
    words=Text(
        en="{place}: it cannot be told whether the fixed-ratio point {meter} ({kwh} kWh) is inside its parent's kWh "
        "(the parent passes on {adjustment_kwh} kWh, the overview has {overview_kwh} kWh); it is not added.",
        zh="{place}：无法判断定比计量点 {meter}（{kwh} 千瓦时）是否已包含在上级表电量内"
        "（上级表加减 {adjustment_kwh}，账单概况 {overview_kwh}）；未加入合计。",
    ),
)
SHARES_USED = FindingKind(
    code="ebill_band_shares_used",
    severity=Severity.WARNING,
    words=Text(
        en="No kWh by band stand in the meter or charge rows; the overview's shares ({shares}) were used instead.",
        zh="电量与电费明细均无分时电量，改用账单概况的峰谷比例（{shares}）。",
    ),
)
UNBANDED_SPREAD = FindingKind(
    code="ebill_unbanded_kwh_spread",
    severity=Severity.WARNING,
    words=Text(
        en="{kwh} kWh have no band on the bill; they were spread over the bands like the others.",
        zh="{kwh} 千瓦时未分时，已按其余电量的时段比例分摊。",
    ),
)


@noun
class BilledEnergy:
    """The bill's kWh by band with what made them."""

    band_kwh: dict[str, Decimal]
    """Billed, by band; ``total`` alone where the bill has no bands."""
    loss_kwh: dict[str, Decimal]
    """Transformer and line losses within it, by band of the meter rows."""
    adjustment_kwh: dict[str, Decimal]
    """加减 within it, by band of the meter rows."""
    register_kwh: dict[str, Decimal]
    """What the registers can resolve: last digit × multiplier, summed over the meters."""
    findings: tuple[Finding, ...] = ()

    @property
    def energy_kwh(self) -> Decimal:
        """All of it. [kWh]."""
        return sum(self.band_kwh.values(), ZERO)


def billed_of(reading: RegisterReading) -> Decimal | None:
    """Give what a register row bills: as printed, else from its parts."""
    if reading.billed is not None:
        return reading.billed
    if reading.metered is None:
        return None
    return reading.metered + reading.losses + (reading.adjustment or ZERO)


def meter_kwh(meter: BilledMeter) -> dict[str, Decimal]:
    """Give a metering point's billed kWh by band; what its bands do not cover stays under ``total``."""
    found: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for reading in meter.of(Register.ACTIVE):
        found[reading.band] += billed_of(reading) or ZERO
    total = found.pop(TOTAL, None)
    banded = sum(found.values(), ZERO)
    if total is not None and (not found or total - banded > len(found)):
        found[TOTAL] = total - banded
    return dict(found)


def counted_meters(ebill: EBill) -> tuple[tuple[BilledMeter, ...], tuple[Finding, ...]]:
    """Give the metering points whose kWh add up to the bill's, fixed-ratio points never twice.

    A parent whose 加减 deducts its fixed-ratio points bills the rest, and both count. Where nothing is deducted
    the point lies inside its parent. What the rows leave open is decided by the overview's kWh; what that leaves
    open too is not added, and said.
    """
    own = {meter.meter_no: sum(meter_kwh(meter).values(), ZERO) for meter in ebill.meters}
    mains = [meter for meter in ebill.meters if not meter.is_fixed_ratio]
    counted = list(mains)
    findings: list[Finding] = []
    points = [meter for meter in ebill.meters if meter.is_fixed_ratio]
    for parents, children in _families(mains, points):
        verdict = _verdict(ebill, parents, children, own)
        if verdict == "beside":
            counted += children
            continue
        for child in children:
            kind = RATIO_INSIDE if verdict == "inside" else RATIO_UNCLEAR
            said = {"place": str(child.place), "meter": child.meter_no, "kwh": own[child.meter_no]}
            if kind is RATIO_UNCLEAR:
                said |= {"adjustment_kwh": _adjusted(parents), "overview_kwh": ebill.overview.energy_kwh or "-"}
            findings.append(kind.at(**{key: str(value) for key, value in said.items()}))
    return tuple(meter for meter in ebill.meters if meter in counted), tuple(findings)


def _families(mains: list[BilledMeter], points: list[BilledMeter]) -> list[tuple[list[BilledMeter], list[BilledMeter]]]:
    """Group fixed-ratio points by the meters above them; a point that names none belongs to all mains."""
    families: dict[tuple[str, ...], list[BilledMeter]] = defaultdict(list)
    by_no = {number: meter for meter in mains for number in meter.meter_no.split("、")}
    for point in points:
        above = tuple(dict.fromkeys(by_no[number].meter_no for number in point.parent_nos if number in by_no))
        families[above or tuple(meter.meter_no for meter in mains)].append(point)
    return [([meter for meter in mains if meter.meter_no in above], under) for above, under in families.items()]


def _adjusted(meters: Iterable[BilledMeter]) -> Decimal:
    """Give the 加减 of some meters' active registers: of the total row where there is one. [kWh]."""
    found = ZERO
    for meter in meters:
        rows = meter.of(Register.ACTIVE, TOTAL) or meter.of(Register.ACTIVE)
        found += sum((row.adjustment or ZERO for row in rows), ZERO)
    return found


def _verdict(ebill: EBill, parents: list[BilledMeter], children: list[BilledMeter], own: dict[str, Decimal]) -> str:
    passed_on = sum((own[child.meter_no] for child in children), ZERO)
    slack_kwh = len(children) + 1
    adjusted = _adjusted(parents)
    if passed_on and abs(abs(adjusted) - passed_on) <= slack_kwh:
        return "beside"
    total = ebill.overview.energy_kwh
    mains = sum((own[meter.meter_no] for meter in ebill.meters if not meter.is_fixed_ratio), ZERO)
    points = sum((own[meter.meter_no] for meter in ebill.meters if meter.is_fixed_ratio), ZERO)
    if total is not None and passed_on > slack_kwh:
        if abs(total - mains - points) <= slack_kwh:
            return "beside"
        if abs(total - mains) <= slack_kwh:
            return "inside"
    return "inside" if adjusted == 0 else "unclear"


def charged_kwh(ebill: EBill) -> dict[str, Decimal]:
    """Give the kWh by band that the charge rows price: of the component that names most bands, then most kWh."""
    sets: dict[tuple[frozenset[str], str], dict[str, Decimal]] = defaultdict(lambda: defaultdict(lambda: ZERO))
    for row in ebill.charges:
        meaning = meaning_of(row.category, row.component)
        if meaning.kind == "energy" and row.quantity is not None:
            sets[meaning.components, bare(row.component)][row.band] += row.quantity
    if not sets:
        return {}
    best = max(sets.values(), key=lambda bands: (len(set(bands) - {TOTAL}), sum(bands.values(), ZERO)))
    return dict(best)


def billed_energy(ebill: EBill, *, needs_bands: bool = True) -> BilledEnergy:
    """Give the bill's kWh by band: from its charge rows, else its meter rows, else the overview's shares.

    Parameters
    ----------
    ebill : EBill
        As read.
    needs_bands : bool
        Whether the kWh are to be priced by band; else a total is enough.
    """
    meters, findings = counted_meters(ebill)
    metered: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for meter in meters:
        for band, kwh in meter_kwh(meter).items():
            metered[band] += kwh
    charged = charged_kwh(ebill)
    bands = charged if set(charged) - {TOTAL} or not set(metered) - {TOTAL} else dict(metered)
    bands = bands or dict(metered)
    if not bands and ebill.overview.energy_kwh is not None:
        bands = {TOTAL: ebill.overview.energy_kwh}
    if needs_bands:
        bands, more = _banded(ebill, bands)
        findings += more
    readings = [reading for meter in meters for reading in meter.of(Register.ACTIVE)]
    return BilledEnergy(
        band_kwh=bands,
        loss_kwh=_by_band(readings, lambda one: one.losses),
        adjustment_kwh=_by_band(readings, lambda one: one.adjustment or ZERO),
        register_kwh=_resolutions(ebill, readings),
        findings=findings,
    )


def _banded(ebill: EBill, bands: dict[str, Decimal]) -> tuple[dict[str, Decimal], tuple[Finding, ...]]:
    named = {band: kwh for band, kwh in bands.items() if band != TOTAL}
    rest = bands.get(TOTAL, ZERO)
    if not rest:
        return named or bands, ()
    shares = ebill.overview.band_share or {}
    if named and sum(named.values(), ZERO):
        weights, finding = named, UNBANDED_SPREAD.at(kwh=str(rest))
    elif shares and abs(sum(shares.values(), ZERO) - 1) <= Decimal("0.02"):
        spoken = ", ".join(f"{band} {share:%}" for band, share in shares.items())
        weights, finding = shares, SHARES_USED.at(shares=spoken)
    else:
        return bands, ()
    spread = _spread(rest, weights)
    return {band: named.get(band, ZERO) + spread.get(band, ZERO) for band in weights}, (finding,)


def _spread(kwh: Decimal, weights: dict[str, Decimal]) -> dict[str, Decimal]:
    """Split kWh in proportion, to the thousandth, so that the parts add up."""
    whole = sum(weights.values(), ZERO)
    parts = {band: round(kwh * weight / whole, 3) for band, weight in weights.items()}
    largest = max(parts, key=lambda band: parts[band])
    parts[largest] += kwh - sum(parts.values(), ZERO)
    return parts


def _by_band(readings: list[RegisterReading], of: Callable[[RegisterReading], Decimal]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for reading in readings:
        found[reading.band] += of(reading)
    return dict(found)


def _resolutions(ebill: EBill, readings: list[RegisterReading]) -> dict[str, Decimal]:
    """Give what one unit of the registers' last digit is worth, by band; nothing where no digit after a point is seen.

    Workbooks drop trailing zeros, so the finest reading of the bill tells how many digits its registers have.
    """
    every = [one for meter in ebill.meters for one in meter.of(Register.ACTIVE)]
    finest = min((_exponent(value) for one in every for value in (one.previous, one.current) if value), default=0)
    if not finest:
        return {}
    return _by_band(readings, lambda one: Decimal(1).scaleb(finest) * (one.multiplier or Decimal(1)))


def _exponent(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    return min(0, exponent) if isinstance(exponent, int) else 0


def reactive_kvarh(ebill: EBill) -> Decimal | None:
    """Give the month's reactive energy, |forward| + |reverse|; None where the bill has none. [kvarh]."""
    printed = [block.reactive_kvarh for block in ebill.blocks if block.reactive_kvarh is not None]
    if printed:
        return sum(printed, ZERO)
    rows = [
        billed_of(reading)
        for meter in counted_meters(ebill)[0]
        for register in (Register.REACTIVE, Register.REACTIVE_EXPORT)
        for reading in meter.of(register, TOTAL)
    ]
    known = [abs(one) for one in rows if one is not None]
    return sum(known, ZERO) if known else None


def printed_power_factor(ebill: EBill) -> Decimal | None:
    """Give the power factor that the bill prints."""
    blocks = [block for block in ebill.blocks if block.power_factor is not None]
    weighty = max(blocks, key=lambda block: abs(block.adjusted_amount or ZERO), default=None)
    return weighty.power_factor if weighty is not None else ebill.overview.power_factor


def measured_demand_kw(ebill: EBill) -> Decimal | None:
    """Give the month's maximum demand as the bill has it: of its power blocks together, else of the registers. [kW]."""
    blocks = [block.measured_demand_kw for block in ebill.blocks if block.measured_demand_kw]
    if not blocks:
        blocks = [
            block.billed_demand_kw for block in ebill.blocks if block.billed_demand_kw and not block.contract_demand_kw
        ]
    if blocks:
        return sum(blocks, ZERO)
    rows = [billed_of(reading) for meter in ebill.meters for reading in meter.of(Register.DEMAND)]
    known = [one for one in rows if one]
    return sum(known, ZERO) if known else None


def supply_as_billed(ebill: EBill, supply: SupplyPoint) -> SupplyPoint:
    """Fill in what the supply point lacks and the bill prints: capacity, contract demand, power factor."""
    capacity = [block.capacity_kva for block in ebill.blocks if block.capacity_kva]
    contract = [block.contract_demand_kw for block in ebill.blocks if block.contract_demand_kw]
    on_bill = sum(capacity, ZERO) if capacity else ebill.overview.capacity_kva
    return replace(
        supply,
        capacity_kva=supply.capacity_kva or on_bill or None,
        contract_demand_kw=supply.contract_demand_kw or (sum(contract, ZERO) if contract else None),
        power_factor=supply.power_factor or printed_power_factor(ebill) or None,
    )
