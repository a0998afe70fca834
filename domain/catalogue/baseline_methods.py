"""The baseline methods of the catalogue, one file each, by key."""

from functools import lru_cache
from importlib.resources import files

from domain.catalogue.library import read_record
from domain.errors import DuplicateIdError, UnknownReferenceError
from domain.programmes.methods import BaselineMethod


@lru_cache(maxsize=1)
def baseline_methods() -> tuple[BaselineMethod, ...]:
    """Give every baseline method of the catalogue, by key."""
    place = files("domain.catalogue").joinpath("baselines")
    found = [read_record(file, "baseline", BaselineMethod) for file in place.iterdir() if file.name.endswith(".yaml")]
    found.sort(key=lambda method: method.key)
    keys = [method.key for method in found]
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice is not None:
        raise DuplicateIdError(noun="BaselineMethod", field="key", value=twice)
    return tuple(found)


def baseline_method(key: str) -> BaselineMethod:
    """Give one baseline method by its key.

    Raises
    ------
    UnknownReferenceError
        Naming the keys there are.
    """
    found = next((method for method in baseline_methods() if method.key == key), None)
    if found is None:
        known = ", ".join(method.key for method in baseline_methods())
        raise UnknownReferenceError(noun="catalogue", field="baseline", value=key, known=known)
    return found
