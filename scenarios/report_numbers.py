"""How the report writes money, shares, powers and times."""

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from domain.time import zone_of

LARGE = 100


def money(amount: Decimal | float, currency: str) -> str:
    """Write an amount to the unit of account, with its currency."""
    return f"{amount:,.0f} {currency}".replace("-", "−")


def cents(amount: Decimal) -> str:
    """Write a bill's amount to the hundredth."""
    return f"{amount:,.2f}".replace("-", "−")


def plain(number: Decimal) -> str:
    """Write a quantity or a unit price without the zeros that say nothing."""
    text = f"{number:,f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "−")


def quantity(number: Decimal) -> str:
    """Write a billed quantity: large ones to the hundredth, small ones (power factors) to four decimals."""
    return plain(round(number, 2 if abs(number) >= LARGE else 4))


def share(value: float) -> str:
    """Write a share as a percentage with its sign."""
    return f"{value * 100:+.1f} %".replace("-", "−")


def unsigned_share(value: float) -> str:
    """Write a share that cannot be negative as a percentage."""
    return f"{value * 100:.2f} %"


def whole(value: float) -> str:
    """Write a power or an energy to the unit."""
    return f"{value:,.0f}".replace("-", "−")


class Clock:
    """Writes instants on one zone's wall clock."""

    def __init__(self, zone: str) -> None:
        self._zone: ZoneInfo = zone_of(zone)

    def moment(self, at: datetime | None) -> str:
        """Write day and time; nothing for none."""
        return "" if at is None else self._said(at, "%m-%d %H:%M")

    def full(self, at: datetime) -> str:
        """Write year, day and time."""
        return self._said(at, "%Y-%m-%d %H:%M")

    def _said(self, at: datetime, form: str) -> str:
        """Write an instant, with its offset where the clock shows that time twice."""
        local = at.astimezone(self._zone)
        is_twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
        return f"{local:{form}} {local.isoformat()[-6:]}" if is_twice else f"{local:{form}}"

    def day(self, at: datetime) -> str:
        """Write the calendar day."""
        return f"{at.astimezone(self._zone):%Y-%m-%d}"

    def last_day(self, end: datetime) -> str:
        """Write the last calendar day before an exclusive end."""
        return f"{end.astimezone(self._zone) - timedelta(microseconds=1):%Y-%m-%d}"

    def span(self, start: datetime, end: datetime) -> str:
        """Write a span; the day once where it is one day."""
        first, last = start.astimezone(self._zone), end.astimezone(self._zone)
        ending = f"{last:%H:%M}" if first.date() == last.date() else f"{last:%m-%d %H:%M}"
        return f"{first:%m-%d %H:%M} – {ending}"
