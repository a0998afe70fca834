"""The records of the catalogue, read once from the files that ship with the package.

A record is one YAML file with one top-level key (``tariff``, ``family``, ``package``, ``programme`` or ``limits``) whose
fields are the noun's. A new province is a file; nothing here knows one.
"""

from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import TypeVar

from domain.catalogue.family import TariffFamily
from domain.catalogue.retail_limits import RetailLimits
from domain.errors import DuplicateIdError, UnknownReferenceError, WattplanError
from domain.files.documents import from_plain, read_yaml
from domain.offers.case import Package
from domain.programmes import Programme
from domain.tariffs import AnyTariff, Tariff
from domain.text import Text

_Noun = TypeVar("_Noun")


class RecordShapeError(WattplanError, ValueError):
    """A file of the catalogue is not one record of its folder's kind."""

    code = "catalogue_record_shape"
    words = Text(
        en="{file} must hold one top-level key {key!r}, it holds {found}. Put each record into its own file.",
        zh="{file} 须只有一个顶层键 {key!r}，实际为 {found}。请将每条记录放入单独的文件。",
    )


def read_record(file: Traversable, key: str, noun: type[_Noun]) -> _Noun:
    """Read one record file as a noun.

    Raises
    ------
    RecordShapeError
        If the file holds anything but the one key.
    DocumentError
        If the fields are not the noun's.
    """
    plain = read_yaml(file.read_bytes(), where=file.name)
    found = ", ".join(map(str, plain)) if isinstance(plain, dict) else type(plain).__name__
    if not isinstance(plain, dict) or set(plain) != {key}:
        raise RecordShapeError(file=file.name, key=key, found=found)
    return from_plain(noun, plain[key], where=file.name)


def _records(folder: str, key: str, noun: type[_Noun], id_field: str) -> tuple[_Noun, ...]:
    place = files("domain.catalogue").joinpath(folder)
    found = [read_record(file, key, noun) for file in place.iterdir() if file.name.endswith(".yaml")]
    found.sort(key=lambda record: str(getattr(record, id_field)))
    ids = [getattr(record, id_field) for record in found]
    twice = next((one for one in ids if ids.count(one) > 1), None)
    if twice is not None:
        raise DuplicateIdError(noun=noun.__name__, field=id_field, value=twice)
    return tuple(found)


@lru_cache(maxsize=1)
def tariffs() -> tuple[Tariff, ...]:
    """Give every tariff of the catalogue, by id. Sample packages are not among them."""
    return _records("tariffs", "tariff", Tariff, "tariff_id")


@lru_cache(maxsize=1)
def families() -> tuple[TariffFamily, ...]:
    """Give the families, by id: which of ``tariffs`` are one tariff through time."""
    return _records("families", "family", TariffFamily, "tariff_id")


def tariff_ids() -> tuple[str, ...]:
    """Give the ids of ``tariffs``."""
    return tuple(record.tariff_id for record in tariffs())


def tariff(tariff_id: str) -> Tariff:
    """Give one tariff by its id.

    Raises
    ------
    UnknownReferenceError
        Naming the ids there are.
    """
    found = next((record for record in tariffs() if record.tariff_id == tariff_id), None)
    if found is None:
        raise UnknownReferenceError(noun="catalogue", field="tariff_id", value=tariff_id, known=", ".join(tariff_ids()))
    return found


def family_of(tariff_id: str) -> TariffFamily | None:
    """Give the family that a tariff is a version of, if it is one."""
    return next((one for one in families() if tariff_id in one.version_ids), None)


def any_tariff(tariff_id: str) -> AnyTariff:
    """Give a tariff, a family's versions as one, or the tariff of a sample package, by its id.

    Raises
    ------
    UnknownReferenceError
        Naming the ids there are.
    """
    family = next((one for one in families() if one.tariff_id == tariff_id), None)
    if family is not None:
        return family.joined({one.tariff_id: one for one in tariffs()})
    offered = next((one for one in all_packages() if one.tariff.tariff_id == tariff_id), None)
    return tariff(tariff_id) if offered is None else offered.tariff


@lru_cache(maxsize=1)
def packages() -> tuple[Package, ...]:
    """Give the sample packages, by id: what a retailer might offer, and nobody does."""
    return _records("packages", "package", Package, "package_id")


@lru_cache(maxsize=1)
def retail_packages() -> tuple[Package, ...]:
    """Give the sample packages that keep one market's retail limits, by id; they are for that market's customers."""
    return _records("retail", "package", Package, "package_id")


def all_packages() -> tuple[Package, ...]:
    """Give every sample package."""
    return (*packages(), *retail_packages())


@lru_cache(maxsize=1)
def retail_limits() -> tuple[RetailLimits, ...]:
    """Give the limits of retail packages, by id."""
    return _records("limits", "limits", RetailLimits, "limits_id")


@lru_cache(maxsize=1)
def programmes() -> tuple[Programme, ...]:
    """Give the demand-response programmes, by id."""
    return _records("programmes", "programme", Programme, "programme_id")
