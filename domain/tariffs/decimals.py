"""From measured floats to exact money: the two conversions every bill and settlement goes through."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

from domain.errors import WattplanError
from domain.text import Text


class AmountOutOfRangeError(WattplanError, ValueError):
    """A number has more digits than exact money is counted with."""

    code = "amount_out_of_range"
    words = Text(
        en="{value} cannot be rounded to {decimals} decimals: it has too many digits. Look at the prices and the load.",
        zh="{value} 位数过多，无法保留 {decimals} 位小数。请检查价格与负荷。",
    )


@lru_cache(maxsize=32)
def _unit(decimals: int) -> Decimal:
    return Decimal(1).scaleb(-decimals)


def half_up(value: Decimal, decimals: int) -> Decimal:
    """Round half up (ties away from zero) to some decimals; never gives a negative zero.

    Raises
    ------
    AmountOutOfRangeError
    """
    try:
        return value.quantize(_unit(decimals), ROUND_HALF_UP) + 0
    except InvalidOperation as error:
        raise AmountOutOfRangeError(value=f"{value:.6e}", decimals=decimals) from error


def as_decimal(value: float) -> Decimal:
    """Give a float's shortest decimal reading: 0.1 is 0.1, not 0.1000000000000000055."""
    return Decimal(repr(float(value)))


def plain(value: Decimal) -> str:
    """Write a decimal for people: no exponent, no trailing zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
