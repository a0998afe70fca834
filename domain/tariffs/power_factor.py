"""The power-factor charge's standards as data, the month's power factor, and the rate it earns.

References
----------
(83)水电财字第215号 for the standards 0.90, 0.85 and 0.80; the 0.85 standard's −1.10 % at 0.94 and above
follows from its series (one published implementation uses −1.00 %). Taipower for ``tw_0.80``.
"""

from decimal import Decimal
from itertools import pairwise

from domain.errors import WattplanError
from domain.noun import noun
from domain.tariffs.charges import ZERO, PowerFactorStandard
from domain.tariffs.decimals import half_up
from domain.tariffs.tariff import SupplyPoint
from domain.text import Text

POWER_FACTOR_DECIMALS = 2
_POINT = Decimal("0.01")


class PowerFactorUnknownError(WattplanError):
    """A tariff asks for a power factor that nobody gave."""

    code = "power_factor_unknown"
    words = Text(
        en="The month's power factor is needed: {reason}. Give the load's reactive_kvar, or its power_factor, "
        "or supply.power_factor (command line: --power-factor).",
        zh="需要当月功率因数：{reason}。请提供负荷的 reactive_kvar 或 power_factor，或 supply.power_factor"
        "（命令行：--power-factor）。",
    )


NO_ENERGY = Text(en="without energy there is none", zh="当月没有电量，无法计算")
NOT_GIVEN = Text(en="neither reactive energy nor a power factor is known", zh="既无无功电量也无功率因数")


class PowerFactorOutOfRangeError(WattplanError, ValueError):
    """A power factor that no meter can show."""

    code = "power_factor_out_of_range"
    words = Text(
        en="The power factor {power_factor} must lie between 0 and 1. Write 0.92, not 92.",
        zh="功率因数 {power_factor} 必须在 0 与 1 之间。请写 0.92，而不是 92。",
    )


@noun
class PowerFactorStep:
    """From ``from_pf`` upwards: ``rate + per_point`` for each 0.01 that the power factor lies above ``anchor_pf``."""

    from_pf: Decimal
    """[-]"""
    anchor_pf: Decimal
    """[-]"""
    rate: Decimal
    """At the anchor; negative is a reduction. [-]"""
    per_point: Decimal = ZERO
    """[- / 0.01]"""


def _steps(*rows: tuple[str, str, str, str]) -> tuple[PowerFactorStep, ...]:
    return tuple(
        PowerFactorStep(from_pf=Decimal(a), anchor_pf=Decimal(b), rate=Decimal(c), per_point=Decimal(d))
        for a, b, c, d in rows
    )


STANDARDS: dict[PowerFactorStandard, tuple[PowerFactorStep, ...]] = {
    # from, anchor, rate at the anchor, change per 0.01 above the anchor; descending
    "cn_0.90": _steps(
        ("0.95", "0.95", "-0.0075", "0"),
        ("0.90", "0.90", "0", "-0.0015"),
        ("0.70", "0.90", "0", "-0.005"),
        ("0.65", "0.70", "0.10", "-0.01"),
        ("0", "0.65", "0.15", "-0.02"),
    ),
    "cn_0.85": _steps(
        ("0.94", "0.94", "-0.0110", "0"),
        ("0.90", "0.90", "-0.005", "-0.0015"),
        ("0.85", "0.85", "0", "-0.001"),
        ("0.65", "0.85", "0", "-0.005"),
        ("0.60", "0.65", "0.10", "-0.01"),
        ("0", "0.60", "0.15", "-0.02"),
    ),
    "cn_0.80": _steps(
        ("0.92", "0.92", "-0.0130", "0"),
        ("0.90", "0.90", "-0.010", "-0.0015"),
        ("0.80", "0.80", "0", "-0.001"),
        ("0.60", "0.80", "0", "-0.005"),
        ("0.55", "0.60", "0.10", "-0.01"),
        ("0", "0.55", "0.15", "-0.02"),
    ),
    "tw_0.80": _steps(
        ("0.95", "0.95", "-0.015", "0"),
        ("0", "0.80", "0", "-0.001"),
    ),
}


def power_factor_of(active_kwh: Decimal, reactive_kvarh: Decimal) -> Decimal:
    """Give a month's power factor, half up to two decimals. [-].

    Parameters
    ----------
    active_kwh : Decimal
        Active energy of the month. [kWh]
    reactive_kvarh : Decimal
        Reactive energy of the month, |forward| + |reverse|. [kvarh]

    Raises
    ------
    PowerFactorUnknownError
        If there is neither active nor reactive energy.
    """
    apparent_kvah = (active_kwh * active_kwh + reactive_kvarh * reactive_kvarh).sqrt()
    if apparent_kvah == 0:
        raise PowerFactorUnknownError(reason=NO_ENERGY)
    return half_up(abs(active_kwh) / apparent_kvah, POWER_FACTOR_DECIMALS)


def given_power_factor(given: Decimal | None, supply: SupplyPoint) -> Decimal:
    """Give the power factor of a month without reactive energy: the month's own, else the supply point's. [-].

    Raises
    ------
    PowerFactorUnknownError
        If there is neither.
    """
    known = supply.power_factor if given is None else given
    if known is None:
        raise PowerFactorUnknownError(reason=NOT_GIVEN)
    return known


def tangent(power_factor: Decimal) -> float:
    """Give reactive per active power at a power factor. [kvar / kW].

    Raises
    ------
    PowerFactorOutOfRangeError
    """
    if not 0 < power_factor <= 1:
        raise PowerFactorOutOfRangeError(power_factor=power_factor)
    return float((1 - power_factor * power_factor).sqrt() / power_factor)


def adjustment_rate(standard: PowerFactorStandard, power_factor: Decimal) -> Decimal:
    """Give the share by which a power factor raises (+) or lowers (−) the amounts it applies to. [-].

    Raises
    ------
    PowerFactorOutOfRangeError
    """
    if not 0 <= power_factor <= 1:
        raise PowerFactorOutOfRangeError(power_factor=power_factor)
    rounded = half_up(power_factor, POWER_FACTOR_DECIMALS)
    return _rate_at(standard, rounded)


def _rate_at(standard: PowerFactorStandard, rounded: Decimal) -> Decimal:
    step = next(one for one in STANDARDS[standard] if rounded >= one.from_pf)
    return step.rate + step.per_point * ((rounded - step.anchor_pf) / _POINT)


@noun
class RateEdge:
    """Where the rate changes: with less reactive energy than ``most_kvarh_per_kwh``, ``change`` is added to the rate."""

    from_pf: Decimal
    """Least power factor, as rounded, that has the change. [-]"""
    most_kvarh_per_kwh: float
    """Greatest reactive per active energy whose power factor still rounds up to ``from_pf``. [kvarh / kWh]"""
    change: Decimal
    """[-]"""


def rate_edges(standard: PowerFactorStandard) -> tuple[Decimal, tuple[RateEdge, ...]]:
    r"""Give the rate at a power factor of 0, and all edges at which it changes, the power factor rising. [-].

    A month has power factor *k* or more, half up to two decimals, where
    :math:`P / \sqrt{P^2 + Q^2} \ge k - 0.005`, that is :math:`Q \le P \tan \arccos (k - 0.005)`.
    """
    found: list[RateEdge] = []
    points = [_POINT * number for number in range(int(1 / _POINT) + 1)]
    for before, point in pairwise(points):
        change = _rate_at(standard, point) - _rate_at(standard, before)
        if change:
            found.append(RateEdge(from_pf=point, most_kvarh_per_kwh=tangent(point - _POINT / 2), change=change))
    return _rate_at(standard, points[0]), tuple(found)
