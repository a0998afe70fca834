"""Samples of equipment: plant files that ship with the package, each one kind of equipment with its day."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING

from domain.errors import UnknownReferenceError

if TYPE_CHECKING:
    from domain.files.plant import PlantFile

SUFFIX = ".yaml"


def _folder() -> Traversable:
    return files("domain").joinpath("catalogue", "equipment")


def equipment_names() -> tuple[str, ...]:
    """Give the names of the samples, in order."""
    return tuple(sorted(file.name.removesuffix(SUFFIX) for file in _folder().iterdir() if file.name.endswith(SUFFIX)))


def equipment_plant(name: str) -> "PlantFile":
    """Read one sample: a small plant of one day in which that equipment stands.

    Parameters
    ----------
    name : str
        One of ``equipment_names()``.

    Raises
    ------
    UnknownReferenceError
        Naming the samples there are.
    """
    from domain.files.plant_file import read_plant  # noqa: PLC0415 -- asking for names stays quick

    if name not in equipment_names():
        raise UnknownReferenceError(noun="catalogue", field="equipment", value=name, known=", ".join(equipment_names()))
    file = _folder().joinpath(name + SUFFIX)
    return read_plant(file.read_bytes(), file.name)
