"""Which clauses of a URDB rate ask for money that cannot be priced here."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from domain.files.clauses import quoted, shorten
from domain.files.urdb_fields import METADATA, Schedule, UrdbRecord
from domain.tariffs.charges import MEASUREMENT_MIN
from domain.text import Text

UNLIMITED = 1e9
"""Tier limits at or above this mean no limit."""

PRICED = frozenset(
    {
        "energyratestructure",
        "energyweekdayschedule",
        "energyweekendschedule",
        "flatdemandstructure",
        "flatdemandmonths",
        "flatdemandunit",
        "demandratestructure",
        "demandweekdayschedule",
        "demandweekendschedule",
        "demandrateunit",
        "demandunits",
        "demandwindow",
        "fixedmonthlycharge",
        "fixedchargefirstmeter",
        "fixedchargeunits",
    }
)
"""Fields, in lower case, that the tariff is made of."""

_EXTRAS = ("energyattrs", "demandattrs", "fixedattrs", "energykeyvals", "demandkeyvals", "fixedkeyvals")

_ZERO_IS_NOTHING: dict[str, Text] = {
    "lookbackpercent": Text(en="demand ratchet", zh="需量棘轮（回溯）"),
    "lookbackmonths": Text(en="demand ratchet", zh="需量棘轮（回溯）"),
    "lookbackrange": Text(en="demand ratchet", zh="需量棘轮（回溯）"),
    "demandratchetpercentage": Text(en="demand ratchet", zh="需量棘轮（回溯）"),
    "mincharge": Text(en="minimum charge", zh="最低电费"),
    "minmonthlycharge": Text(en="minimum charge", zh="最低电费"),
    "annualmincharge": Text(en="minimum charge", zh="最低电费"),
    "demandreactivepowercharge": Text(en="reactive power", zh="无功电费"),
    "fueladjustmentsmonthly": Text(en="fuel adjustment", zh="燃料调整"),
    "fixedchargeeaaddl": Text(en="charge for each further meter", zh="附加计量点固定电费"),
}
"""Fields that ask for nothing where all their numbers are zero."""


def used_periods(weekday: Schedule, weekend: Schedule) -> tuple[int, ...]:
    """Give the periods that a schedule reaches, ascending."""
    return tuple(sorted({period for rows in (weekday, weekend) for row in rows for period in row}))


def unpriced_clauses(record: UrdbRecord) -> tuple[Text, ...]:
    """Name every clause that asks for money and cannot be priced, in the file's own words."""
    found: list[Text] = []
    for check in (_tiers, _units, _amounts, _coincident, _windows, _free_clauses, _unknown_fields):
        found += check(record)
    return tuple(found)


def _clause(record: UrdbRecord, field: str, what: Text) -> Text:
    spelt, value = record.spelling.get(field, field), shorten(record.fields.get(field))
    return quoted(f"{spelt} = {value} ({what.en})", f"{spelt} = {value}（{what.zh}）")


def _numbers(value: object) -> Iterable[float]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from _numbers(part)
    else:
        try:
            yield float(str(value))
        except ValueError:
            yield float("nan")


def _amounts(record: UrdbRecord) -> list[Text]:
    return [
        _clause(record, field, what)
        for field, what in _ZERO_IS_NOTHING.items()
        if record.has(field) and any(number != 0 for number in _numbers(record.fields[field]))
    ]


def _tiers(record: UrdbRecord) -> list[Text]:
    reached: dict[str, Callable[[], tuple[int, ...]]] = {
        "energyratestructure": lambda: used_periods(
            record.schedule("energyweekdayschedule"), record.schedule("energyweekendschedule")
        ),
        "demandratestructure": lambda: used_periods(
            record.schedule("demandweekdayschedule"), record.schedule("demandweekendschedule")
        ),
        "flatdemandstructure": lambda: tuple(sorted(set(record.months("flatdemandmonths")))),
    }
    found = []
    for field, periods in reached.items():
        if not record.has(field):
            continue
        structure = record.structure(field)
        tiered = [period for period in periods() if _has_tiers(structure[period])]
        if tiered:
            numbers = ", ".join(map(str, tiered))
            found.append(_clause(record, field, Text(en=f"tiers in period {numbers}", zh=f"时段 {numbers} 含阶梯电价")))
    return found


def _has_tiers(tiers: tuple[Mapping[str, Any], ...]) -> bool:
    """Say whether a period's price depends on how much is used."""
    first = tiers[0]
    limit = first.get("max")
    if limit is not None and float(limit) >= UNLIMITED:
        return False
    prices = {(Decimal(str(tier.get("rate") or 0)), Decimal(str(tier.get("adj") or 0))) for tier in tiers}
    return len(prices) > 1 or (len(tiers) == 1 and limit is not None)


def _units(record: UrdbRecord) -> list[Text]:
    not_kw = Text(en="demand not in kW of the month", zh="需量单位不是当月 kW")
    found = [
        _clause(record, field, not_kw)
        for field in ("flatdemandunit", "demandrateunit", "demandunits")
        if record.has(field) and record.text(field) != "kW"
    ]
    if record.has("fixedchargeunits") and record.text("fixedchargeunits") not in ("$/month", "$/day"):
        found.append(_clause(record, "fixedchargeunits", Text(en="unit of the fixed charge", zh="固定电费单位")))
    if record.has("fixedmonthlycharge") and record.has("fixedchargefirstmeter"):
        both = Text(en="besides fixedchargefirstmeter", zh="与 fixedchargefirstmeter 并存")
        found.append(_clause(record, "fixedmonthlycharge", both))
    for field, unit in (("energyratestructure", "kWh"), ("demandratestructure", "kW"), ("flatdemandstructure", "kW")):
        units = {str(tier.get("unit", unit)) for tiers in record.structure(field) for tier in tiers} - {unit}
        if units:
            names = ", ".join(sorted(units))
            found.append(_clause(record, field, Text(en=f"billed per {names}", zh=f"按 {names} 计费")))
    return found


def _coincident(record: UrdbRecord) -> list[Text]:
    what = Text(en="coincident peak", zh="系统同时最大负荷")
    field = "coincidentratestructure"
    asks = any(tier.get("rate") or tier.get("adj") for tiers in record.structure(field) for tier in tiers)
    return [_clause(record, field, what)] if asks else []


def _windows(record: UrdbRecord) -> list[Text]:
    window_min = record.number("demandwindow")
    if window_min is None or window_min in MEASUREMENT_MIN:
        return []
    return [_clause(record, "demandwindow", Text(en=f"not one of {MEASUREMENT_MIN}", zh=f"不属于 {MEASUREMENT_MIN}"))]


def _free_clauses(record: UrdbRecord) -> list[Text]:
    """Find named extras (discounts, credits, adjustments); mere labels of periods are none."""
    found = []
    for field in _EXTRAS:
        given = record.fields.get(field, [])
        for extra in given if isinstance(given, list) else [given]:
            found += [
                quoted(
                    f"{record.spelling[field]}: {shorten(f'{key.strip()}: {value}')}",
                    f"{record.spelling[field]}：{shorten(f'{key.strip()}: {value}')}",
                )
                for key, value in _pairs(extra)
                if not _is_label(value)
            ]
    return found


def _pairs(extra: object) -> list[tuple[str, object]]:
    if isinstance(extra, Mapping) and set(extra) == {"key", "val"}:
        return [(str(extra["key"]), extra["val"])]
    return [(str(key), value) for key, value in extra.items()] if isinstance(extra, Mapping) else [("?", extra)]


def _is_label(value: object) -> bool:
    """Say whether an extra only numbers a period, as in ``{"TOU-summer: peak": "4"}``."""
    return str(value).strip().isdigit()


def _unknown_fields(record: UrdbRecord) -> list[Text]:
    harmless = {
        "coincidentratestructure",
        "coincidentschedule",
        "coincidentrateunit",
        "minchargeunits",
    }
    known = PRICED | set(_EXTRAS) | set(METADATA) | set(_ZERO_IS_NOTHING) | harmless
    what = Text(en="a field this reader does not know", zh="无法识别的字段")
    return [_clause(record, field, what) for field in record.fields if field not in known]
