"""The shape of a Taipower plan in ``plans.json``, checked before it is read."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from domain.files.clauses import TariffFileError, read_json, shorten
from domain.files.sources import name_of
from domain.noun import noun
from domain.text import Text

REGULAR = "經常契約"
KW_UNIT, HOUSEHOLD_UNIT = "per_kw_month", "per_household_month"
CATEGORIES = ("high_voltage", "extra_high_voltage")
DAY_TYPES = ("weekday", "saturday", "sunday_holiday")
SEASONS_ZH = {"summer": "夏月", "non_summer": "非夏月"}

_KNOWN = frozenset(
    "id name type category season_strategy basic_fees rates schedules billing_rules".split()  # noqa: SIM905 -- a list of words
)
_KNOWN_RULES = frozenset(
    ("over_contract_penalty", "zero_usage_basic_fee_ratio", "power_factor_adjustment", "basic_fee_formula")
)
_PENALTY = frozenset(("threshold_ratio", "rate_low", "rate_high", "base_fee_label", "tier"))
_POWER_FACTOR = {"base_percent": 80, "max_discount_percent": 95, "step_percent": 0.1, "apply_to": "total"}
_EDGE = re.compile(r"^\d{2}-\d{2}$")
_MEND = Text(en="Compare it with the format of plans.json.", zh="请对照 plans.json 的格式检查。")

Row = Mapping[str, Any]


@noun
class Season:
    """A season by its first and last day, both included, as MM-DD; it may run over New Year."""

    name: str
    zh: str
    start: str
    end: str


@noun(eq=False)
class TaipowerPlan:
    """One plan with its seasons, its rows checked for shape."""

    file: str
    valid_from: date
    seasons: tuple[Season, ...]
    fields: Row

    @property
    def fees(self) -> Sequence[Row]:
        """Basic fees by kind of contract."""
        return self.fields["basic_fees"]  # type: ignore[no-any-return]

    @property
    def rates(self) -> Sequence[Row]:
        """Energy prices by season, day type and period."""
        return self.fields["rates"]  # type: ignore[no-any-return]

    @property
    def schedules(self) -> Sequence[Row]:
        """Clock windows by season, day type and period."""
        return self.fields["schedules"]  # type: ignore[no-any-return]

    @property
    def rules(self) -> Row:
        """Billing rules besides prices."""
        return self.fields["billing_rules"]  # type: ignore[no-any-return]

    @property
    def penalty(self) -> Row:
        """The rule for demand above the contract."""
        return self.rules["over_contract_penalty"]  # type: ignore[no-any-return]

    @property
    def power_factor(self) -> bool:
        """Whether the plan has a power-factor rule."""
        return "power_factor_adjustment" in self.rules


def read_plan(source: Path | bytes, plan_id: str) -> TaipowerPlan:
    """Read one plan and check its shape.

    Raises
    ------
    TariffFileError
        Naming what is missing or malformed.
    """
    file = name_of(source, "plans.json")
    book = _load(source, file)
    plans = [one for one in _rows(book.get("plans"), file, "plans") if one.get("id") == plan_id]
    if len(plans) != 1:
        names = ", ".join(str(one.get("id")) for one in book["plans"])
        raise _wrong(
            file,
            "plans",
            Text(en=f"{plan_id!r} is not there once; there are {names}", zh=f"未找到唯一的 {plan_id!r}，现有 {names}"),
        )
    plan = plans[0]
    if plan.get("type") != "TOU" or plan.get("category") not in CATEGORIES:
        problem = Text(en="is not a high-voltage time-of-use plan", zh="不是高压时间电价方案")
        raise _wrong(
            file, plan_id, problem, Text(en=f"Choose one of {CATEGORIES}.", zh=f"请选择 {CATEGORIES} 类方案。")
        )
    missing = sorted(_KNOWN - set(plan))
    if missing:
        raise _wrong(file, plan_id, Text(en=f"lacks {', '.join(missing)}", zh=f"缺少 {', '.join(missing)}"))
    _check_rows(plan, file)
    try:
        valid_from = datetime.strptime(str(book.get("version")), "%Y%m%d").date()  # noqa: DTZ007 -- a day, no instant
    except ValueError as error:
        raise _wrong(file, "version", Text(en="is no date like 20251001", zh="不是 20251001 这样的日期")) from error
    return TaipowerPlan(file=file, valid_from=valid_from, seasons=_seasons(book, plan, file), fields=plan)


def _load(source: Path | bytes, file: str) -> dict[str, Any]:
    book = read_json(source, file)
    if not isinstance(book, dict):
        raise _wrong(file, "JSON", Text(en="must be an object with plans", zh="须为含 plans 的对象"))
    return book


def _wrong(file: str, field: str, problem: Text, mend: Text = _MEND) -> TariffFileError:
    return TariffFileError(file=file, field=field, problem=problem, mend=mend)


def _rows(value: object, file: str, field: str) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not value or not all(isinstance(row, dict) for row in value):
        raise _wrong(file, field, Text(en="must be a list of objects", zh="须为对象列表"))
    return value


def _seasons(book: Row, plan: Row, file: str) -> tuple[Season, ...]:
    definitions = book.get("definitions")
    strategy = str(plan["season_strategy"])
    rows = _rows(definitions.get(strategy) if isinstance(definitions, dict) else None, file, f"definitions.{strategy}")
    names = [row.get("name") for row in rows]
    edges = [str(row.get(edge)) for row in rows for edge in ("start", "end")]
    if sorted(map(str, names)) != sorted(SEASONS_ZH) or not all(_EDGE.match(edge) for edge in edges):
        problem = Text(en="must give summer and non_summer as MM-DD", zh="须以 MM-DD 给出 summer 与 non_summer")
        raise _wrong(file, f"definitions.{strategy}", problem)
    return tuple(
        Season(name=row["name"], zh=SEASONS_ZH[row["name"]], start=row["start"], end=row["end"]) for row in rows
    )


def _check_rows(plan: Row, file: str) -> None:
    needs = {
        "rates": ("season", "day_type", "period", "cost"),
        "schedules": ("season", "day_type", "period", "start", "end"),
        "basic_fees": ("label", "unit"),
    }
    for field, columns in needs.items():
        for row in _rows(plan[field], file, field):
            texts = [row.get(column) for column in columns if column != "cost"]
            good = all(isinstance(text, str) for text in texts) and ("cost" in row or "cost" not in columns)
            if (
                not good
                or row.get("day_type", "weekday") not in DAY_TYPES
                or row.get("season", "summer") not in SEASONS_ZH
            ):
                problem = Text(en=f"a row is malformed: {shorten(row)}", zh=f"有一行格式不正确：{shorten(row)}")
                raise _wrong(file, field, problem)
    for number in (*(rate["cost"] for rate in plan["rates"]), *_fee_numbers(plan)):
        if not _is_number(number):
            raise _wrong(file, str(plan["id"]), Text(en=f"{number!r} is no price", zh=f"{number!r} 不是价格"))
    _check_prices(plan, file)
    regular = [fee for fee in plan["basic_fees"] if fee["label"] == REGULAR and fee["unit"] == KW_UNIT]
    if len(regular) != 1 or not set(SEASONS_ZH) <= set(regular[0]):
        problem = Text(en=f"must give {REGULAR} once, for both seasons", zh=f"须给出一次 {REGULAR} 的两季价格")
        raise _wrong(file, "basic_fees", problem)
    if not isinstance(plan["billing_rules"], dict) or not isinstance(
        plan["billing_rules"].get("over_contract_penalty"), dict
    ):
        problem = Text(en="must give over_contract_penalty", zh="须给出 over_contract_penalty")
        raise _wrong(file, "billing_rules", problem)


def _fee_numbers(plan: Row) -> list[object]:
    return [value for fee in plan["basic_fees"] for name, value in fee.items() if name not in ("label", "unit")]


def _is_number(value: object) -> bool:
    try:
        return type(value) is not bool and Decimal(str(value)).is_finite()
    except InvalidOperation:
        return False


def _check_prices(plan: Row, file: str) -> None:
    keys = [(rate["season"], rate["day_type"], rate["period"]) for rate in plan["rates"]]
    for row in plan["schedules"]:
        if keys.count((row["season"], row["day_type"], row["period"])) != 1:
            problem = Text(en=f"has not one price for {shorten(row)}", zh=f"未能唯一定价：{shorten(row)}")
            raise _wrong(file, "rates", problem)


def unpriced_clauses(plan: TaipowerPlan) -> tuple[Text, ...]:
    """Name every clause of the plan that asks for money and cannot be priced."""
    found = [_named(field, plan.fields[field]) for field in sorted(set(plan.fields) - _KNOWN)]
    rules = plan.rules
    found += [_named(f"billing_rules.{field}", rules[field]) for field in sorted(set(rules) - _KNOWN_RULES)]
    penalty = plan.penalty
    numbers = [penalty.get(name) for name in ("threshold_ratio", "rate_low", "rate_high")]
    if set(penalty) != _PENALTY or penalty["base_fee_label"] != REGULAR or not all(map(_is_number, numbers)):
        found.append(_named("billing_rules.over_contract_penalty", penalty))
    power_factor = rules.get("power_factor_adjustment")
    if power_factor is not None and power_factor != _POWER_FACTOR:
        found.append(_named("billing_rules.power_factor_adjustment", power_factor))
    found += [
        _named(f"basic_fees.{fee['label']}", fee)
        for fee in plan.fees
        if fee["unit"] not in (KW_UNIT, HOUSEHOLD_UNIT) or (fee["unit"] == HOUSEHOLD_UNIT and "cost" not in fee)
    ]
    return tuple(found)


def _named(field: str, value: object) -> Text:
    return Text(en=f"{field} = {shorten(value)}", zh=f"{field} = {shorten(value)}")
