"""Find a tariff by the name that the command line gave: an id of the catalogue, or a file."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from api.errors import NotFoundError
from api.services.use_cases import SEE_LIST, TARIFF
from domain import catalogue
from domain.files.tariff_files import read_any_of_ours
from domain.tariffs import AnyTariff, PurchaseMode, Status, Tariff, versions_of
from domain.text import Text
from scenarios.tariff_checks import valid_from, valid_until

STANDINGS = {
    "in_force": Text(en="in force", zh="生效中"),
    "not_yet": Text(en="not yet", zh="未生效"),
    "superseded": Text(en="superseded", zh="已被取代"),
    "ended": Text(en="ended", zh="已失效"),
}


@dataclass(frozen=True, slots=True)
class Found:
    """A tariff with what the catalogue knows around it."""

    tariff: AnyTariff
    name: Text
    kind: str = "tariff"
    """tariff, family or package."""
    purchase_mode: PurchaseMode | None = None
    """How a package's customer buys."""
    follower: str | None = None
    """Id of the version that follows."""
    notes: tuple[Text, ...] = ()
    """What breaks at a change."""

    @property
    def tariff_id(self) -> str:
        """Give the tariff's id."""
        return self.tariff.tariff_id

    @property
    def latest(self) -> Tariff:
        """Give the latest version."""
        return versions_of(self.tariff)[-1]

    @property
    def status(self) -> Status:
        """Give the weakest status of all versions."""
        return self.tariff.status

    def standing(self, on: date) -> str:
        """Say how the tariff stands on a day: in_force, not_yet, superseded, ended."""
        until = valid_until(self.tariff)
        if until is not None and until <= on:
            return "superseded" if self.follower else "ended"
        return "not_yet" if valid_from(self.tariff) > on else "in_force"

    def validity(self) -> str:
        """Give first and last day."""
        return f"{valid_from(self.tariff)} … {valid_until(self.tariff) or ''}".rstrip()


def catalogued() -> Iterator[Found]:
    """Give all that the catalogue holds: tariffs, families, sample packages."""
    known = {one.tariff_id: one for one in catalogue.tariffs()}
    for one in catalogue.tariffs():
        family = catalogue.family_of(one.tariff_id)
        follower = None if family is None else family.follower_of(one.tariff_id)
        notes = () if family is None else tuple(each.words for each in family.breaks if each.on == one.valid_from)
        yield Found(tariff=one, name=one.name, follower=follower, notes=notes)
    for family in catalogue.families():
        notes = tuple(Text(en=f"{one.on}: {one.words.en}", zh=f"{one.on}：{one.words.zh}") for one in family.breaks)
        yield Found(tariff=family.joined(known), name=family.name, kind="family", notes=notes)
    for package in catalogue.all_packages():
        yield Found(tariff=package.tariff, name=package.name, kind="package", purchase_mode=package.purchase_mode)


def find(name: str) -> Found:
    """Give a tariff by the catalogue's id, or read it from a file of that name.

    Raises
    ------
    NotFoundError
        If it is neither.
    """
    path = Path(name)
    if path.suffix.lower() in {".yaml", ".yml"} or path.is_file():
        tariff = read_any_of_ours(path)
        return Found(tariff=tariff, name=tariff.name)
    found = next((one for one in catalogued() if one.tariff_id == name), None)
    if found is None:
        raise NotFoundError(kind=TARIFF, name=name, mend=SEE_LIST)
    return found
