"""A tariff through time: its dated versions, one of which holds on each day."""

from datetime import date, timedelta
from itertools import pairwise
from typing import Annotated

from domain import checks
from domain.noun import noun, one_of, shape
from domain.tariffs.tariff import Source, Status, SupplyPoint, Tariff, TariffNotInForceError, weakest
from domain.text import Text
from domain.time import next_month


@noun
class TariffVersions:
    """The versions of one tariff, ascending, none overlapping; a month over a change is billed in parts."""

    tariff_id: str
    versions: tuple[Tariff, ...]

    def __post_init__(self) -> None:
        checks.not_empty(self, "tariff_id", self.tariff_id)
        checks.not_empty(self, "versions", self.versions)
        checks.unique(self, "versions", (one.tariff_id for one in self.versions))
        for field in ("currency", "zone", "rounding"):
            if len({getattr(one, field) for one in self.versions}) > 1:
                problem = Text(en=f"differ in {field}", zh=f"的 {field} 不一致")
                mend = Text(en="Versions of one tariff share it.", zh="同一电价的各版本须一致。")
                raise checks.refuse(self, "versions", [one.tariff_id for one in self.versions], problem, mend)
        for earlier, later in pairwise(self.versions):
            if earlier.valid_until is None or earlier.valid_until > later.valid_from:
                problem = Text(
                    en=f"{earlier.tariff_id} holds until {earlier.valid_until or '…'}, {later.tariff_id} from "
                    f"{later.valid_from}: they overlap",
                    zh=f"{earlier.tariff_id} 有效至 {earlier.valid_until or '…'}，{later.tariff_id} 自 "
                    f"{later.valid_from} 起：有效期重叠",
                )
                raise checks.refuse(self, "versions", later.tariff_id, problem)

    @property
    def currency(self) -> str:
        """ISO 4217 code of all versions."""
        return self.versions[0].currency

    @property
    def zone(self) -> str:
        """IANA zone of all versions."""
        return self.versions[0].zone

    @property
    def name(self) -> Text:
        """Name of the latest version."""
        return self.versions[-1].name

    @property
    def source(self) -> Source:
        """Where the latest version's numbers come from."""
        return self.versions[-1].source

    @property
    def status(self) -> Status:
        """The weakest status of the versions: money rests on all of them."""
        return weakest([one.status for one in self.versions])

    def on(self, day: date) -> Tariff:
        """Give the version that holds on a day.

        Raises
        ------
        TariffNotInForceError
        """
        for one in self.versions:
            if one.valid_from <= day and (one.valid_until is None or day < one.valid_until):
                return one
        spans = ", ".join(f"{one.valid_from} … {one.valid_until or ''}".rstrip() for one in self.versions)
        first, _, rest = spans.partition(" … ")
        raise TariffNotInForceError(tariff_id=self.tariff_id, day=day, valid_from=first, valid_until=rest)

    def must_fit(self, supply: SupplyPoint) -> None:
        """Refuse a customer for whom one of the versions is not made."""
        for one in self.versions:
            one.must_fit(supply)


def _shape_of(plain: object) -> str:
    has_versions = "versions" in plain if isinstance(plain, dict) else hasattr(plain, "versions")
    return "<versions>" if has_versions else "<tariff>"


AnyTariff = Annotated[
    Annotated[Tariff, shape("<tariff>")] | Annotated[TariffVersions, shape("<versions>")], one_of(_shape_of)
]
"""One tariff, or one through time."""


def versions_of(tariff: AnyTariff) -> tuple[Tariff, ...]:
    """Give a tariff's versions; of a plain tariff itself."""
    return (tariff,) if isinstance(tariff, Tariff) else tariff.versions


def version_on(tariff: AnyTariff, day: date) -> Tariff:
    """Give the version that holds on a day; raises ``TariffNotInForceError`` where none does."""
    if isinstance(tariff, Tariff):
        tariff.must_hold(day, day)
        return tariff
    return tariff.on(day)


@noun
class HeldDays:
    """A version and the local days of one month on which it holds: ``first`` … ``stop`` (exclusive)."""

    tariff: Tariff
    first_day: date
    stop_day: date


def held_days(tariff: AnyTariff, month: date) -> tuple[HeldDays, ...]:
    """Split a month by the versions that hold in it; one part for nearly every month.

    Raises
    ------
    TariffNotInForceError
        Naming the first day of the month on which none holds.
    """
    first, stop = month.replace(day=1), next_month(month)
    if isinstance(tariff, Tariff):
        tariff.must_hold(first, stop - timedelta(days=1))
        return (HeldDays(tariff=tariff, first_day=first, stop_day=stop),)
    found: list[HeldDays] = []
    day = first
    while day < stop:
        here = tariff.on(day)
        end = stop if here.valid_until is None else min(stop, here.valid_until)
        found.append(HeldDays(tariff=here, first_day=day, stop_day=end))
        day = end
    return tuple(found)
