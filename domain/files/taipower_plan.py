"""The shape of a Taipower plan in ``plans.json``, checked before it is read."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from domain.files.clauses import TariffFileError, read_json, shorten
from domain.files.sources import Source, name_of
from domain.noun import noun
from domain.text import Text

KW_UNIT, HOUSEHOLD_UNIT = "per_kw_month", "per_household_month"
DAY_TYPES = ("weekday", "saturday", "sunday_holiday")
SEASONS_ZH = {"summer": "夏月", "non_summer": "非夏月"}
TIERED = "TIERED"
MOST_DIGITS = 20

_EDGE = re.compile(r"^\d{2}-\d{2}$")
_CLOCK = re.compile(r"^\d{2}:\d{2}$")
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
    plan_id: str
    valid_from: date
    seasons: tuple[Season, ...]
    fields: Row

    def rows(self, field: str) -> Sequence[Row]:
        """Give a list of rows, empty where the plan has none."""
        return self.fields.get(field, ())  # type: ignore[no-any-return]

    @property
    def rules(self) -> Row:
        """Billing rules besides prices."""
        return self.fields.get("billing_rules", {})  # type: ignore[no-any-return]

    def wrong(self, field: str, problem: Text, mend: Text = _MEND) -> TariffFileError:
        """Make (not raise) the error for a part of the plan."""
        return TariffFileError(file=self.file, field=f"{self.plan_id}.{field}", problem=problem, mend=mend)


def is_book(plain: object) -> bool:
    """Say whether parsed JSON looks like a book of plans."""
    return isinstance(plain, dict) and isinstance(plain.get("plans"), list) and "definitions" in plain


def taipower_plans(source: Source) -> tuple[str, ...]:
    """Name the plans of a ``plans.json``.

    Raises
    ------
    TariffFileError, FileUnreadableError, FileTooLargeError
    """
    file = name_of(source, "plans.json")
    return tuple(str(one.get("id")) for one in _rows(_load(source, file).get("plans"), file, "plans"))


def read_plan(source: Source, plan_id: str) -> TaipowerPlan:
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
        problem = Text(
            en=f"{plan_id!r} is not there once; there are {names}", zh=f"未找到唯一的 {plan_id!r}，现有 {names}"
        )
        raise _wrong(file, "plans", problem)
    try:
        valid_from = datetime.strptime(str(book.get("version")), "%Y%m%d").date()  # noqa: DTZ007 -- a day, no instant
    except ValueError as error:
        raise _wrong(file, "version", Text(en="is no date like 20251001", zh="不是 20251001 这样的日期")) from error
    fields = plans[0]
    if not all(isinstance(fields.get(name), str) for name in ("name", "type", "season_strategy")):
        problem = Text(en="lacks name, type or season_strategy", zh="缺少 name、type 或 season_strategy")
        raise _wrong(file, plan_id, problem)
    plan = TaipowerPlan(
        file=file, plan_id=plan_id, valid_from=valid_from, seasons=_seasons(book, fields, file), fields=fields
    )
    _check(plan)
    return plan


def _load(source: Source, file: str) -> dict[str, Any]:
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


def amount(value: object) -> Decimal | None:
    """Give a JSON value as a finite price of sane length; None where it is none."""
    if type(value) is bool or not isinstance(value, int | float | str):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    fits = number.is_finite() and len(number.as_tuple().digits) <= MOST_DIGITS and abs(number.adjusted()) <= MOST_DIGITS
    return number if fits else None


def _check(plan: TaipowerPlan) -> None:
    needs: dict[str, tuple[dict[str, Any], dict[str, Any], tuple[str, ...]]] = {
        "rates": ({"season": SEASONS_ZH, "period": None}, {"day_type": DAY_TYPES}, ("cost",)),
        "schedules": (
            {"season": SEASONS_ZH, "day_type": DAY_TYPES, "period": None, "start": _CLOCK, "end": _CLOCK},
            {},
            (),
        ),
        "basic_fees": ({"label": None, "unit": (KW_UNIT, HOUSEHOLD_UNIT)}, {}, ()),
        "tiers": ({}, {}, tuple(SEASONS_ZH)),
    }
    for field, (texts, options, prices) in needs.items():
        if field not in plan.fields:
            continue
        for row in _rows(plan.fields[field], plan.file, f"{plan.plan_id}.{field}"):
            good = all(_fits(row.get(name), allowed) for name, allowed in texts.items())
            good &= all(name not in row or _fits(row[name], allowed) for name, allowed in options.items())
            if not good or any(amount(row.get(name)) is None for name in prices):
                problem = Text(en=f"a row is malformed: {shorten(row)}", zh=f"有一行格式不正确：{shorten(row)}")
                raise plan.wrong(field, problem)
    _check_fees(plan)
    if not isinstance(plan.fields.get("billing_rules", {}), dict):
        raise plan.wrong("billing_rules", Text(en="must be an object", zh="须为对象"))
    if plan.fields["type"] != TIERED:
        _check_prices(plan)


def _fits(value: object, allowed: Any) -> bool:
    if not isinstance(value, str):
        return False
    if isinstance(allowed, re.Pattern):
        return allowed.match(value) is not None
    return allowed is None or value in allowed


def _check_fees(plan: TaipowerPlan) -> None:
    labels = [fee["label"] for fee in plan.rows("basic_fees")]
    if len(set(labels)) != len(labels):
        raise plan.wrong("basic_fees", Text(en="names a fee twice", zh="费用名称重复"))
    for fee in plan.rows("basic_fees"):
        prices = {name: value for name, value in fee.items() if name not in ("label", "unit")}
        bad = next((value for value in prices.values() if amount(value) is None), None)
        if bad is not None or not prices or set(prices) - {"cost", *SEASONS_ZH}:
            problem = Text(en=f"has no price that can be read: {shorten(fee)}", zh=f"价格无法读取：{shorten(fee)}")
            raise plan.wrong("basic_fees", problem)


def price_key(row: Row) -> tuple[str, str, str]:
    """Give season, day type (empty where the plan's prices do not differ by it) and period of a row."""
    return row["season"], row.get("day_type", ""), row["period"]


def _check_prices(plan: TaipowerPlan) -> None:
    rates = [price_key(rate) for rate in plan.rows("rates")]
    by_day = any(day_type for _, day_type, _ in rates)
    if not rates:
        raise plan.wrong("rates", Text(en="must be a list of objects", zh="须为对象列表"))
    for row in plan.rows("schedules"):
        season, day_type, period = price_key(row)
        if rates.count((season, day_type if by_day else "", period)) != 1:
            raise plan.wrong(
                "rates", Text(en=f"has not one price for {shorten(row)}", zh=f"未能唯一定价：{shorten(row)}")
            )
