"""Families of records: which tariffs of the catalogue are one tariff through time, and what breaks at a change."""

from collections.abc import Mapping
from datetime import date

from domain import checks
from domain.noun import noun
from domain.tariffs.tariff import Tariff
from domain.tariffs.versions import TariffVersions
from domain.text import Text


@noun
class TariffBreak:
    """A day on which customers' habits change with the tariff."""

    on: date
    words: Text
    """What changed, for whoever forecasts a load over it."""


@noun
class TariffFamily:
    """Dated records of the catalogue that are one tariff through time, oldest first."""

    tariff_id: str
    name: Text
    version_ids: tuple[str, ...]
    breaks: tuple[TariffBreak, ...] = ()

    def __post_init__(self) -> None:
        checks.not_empty(self, "tariff_id", self.tariff_id)
        checks.not_empty(self, "version_ids", self.version_ids)
        checks.unique(self, "version_ids", self.version_ids)

    def joined(self, tariffs: Mapping[str, Tariff]) -> TariffVersions:
        """Give the versions as one tariff.

        Raises
        ------
        UnknownReferenceError
            If a version is none of ``tariffs``.
        """
        for one in self.version_ids:
            checks.known(self, "version_ids", one, tariffs)
        return TariffVersions(tariff_id=self.tariff_id, versions=tuple(tariffs[one] for one in self.version_ids))

    def follower_of(self, tariff_id: str) -> str | None:
        """Give the version that follows one of the family's, if any."""
        if tariff_id not in self.version_ids:
            return None
        later = self.version_ids[self.version_ids.index(tariff_id) + 1 :]
        return later[0] if later else None
