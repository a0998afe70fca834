"""YAML files of tariffs, packages, programmes and events, and folders of them.

A file has exactly one key at its top, which says what it holds: ``tariff``, ``tariff_versions``, ``package``,
``programme`` or ``events``.
"""

from dataclasses import field
from pathlib import Path
from typing import Any

from domain import checks
from domain.errors import WattplanError
from domain.files.documents import from_plain, read_yaml, to_plain
from domain.files.problems import DocumentError, ListedError, Problem, pointer_of
from domain.files.sources import Source, name_of
from domain.files.yaml_text import write_yaml
from domain.noun import noun
from domain.offers import Package
from domain.programmes import Event, Programme
from domain.tariffs import AnyTariff, PurchaseMode, Tariff, TariffVersions
from domain.text import Text

KEYS = ("tariff", "tariff_versions", "package", "programme", "events")
SUFFIXES = (".yaml", ".yml")


class LibraryError(ListedError):
    """A folder of tariff files has faults; ``problems`` has one refusal for each, naming file and place."""

    code = "library_refused"
    words = Text(
        en="{folder}: {n_problems} file fault(s). {problems}", zh="{folder}：共 {n_problems} 处文件错误。{problems}"
    )

    @property
    def problems(self) -> tuple[WattplanError, ...]:
        """One refusal for each faulty file or duplicate."""
        return tuple(self.data["problems"])


@noun
class PackageEntry:
    """A package as a file writes it: its tariff inline, or the id of one in the same folder."""

    package_id: str
    name: Text
    tariff: AnyTariff | None = None
    """The tariff itself, or its versions."""
    tariff_id: str | None = None
    """Instead of ``tariff``: the id of a tariff, or of a tariff's versions, in the same folder."""
    purchase_mode: PurchaseMode | None = None
    """How the customer would buy its energy under it; left out: as today."""

    def __post_init__(self) -> None:
        checks.not_empty(self, "package_id", self.package_id)
        if (self.tariff is None) == (self.tariff_id is None):
            raise checks.refuse(
                self,
                "tariff_id",
                self.tariff_id,
                Text(en="a package has either tariff or tariff_id", zh="套餐须在 tariff 与 tariff_id 中二选一"),
            )

    def with_tariff(self, tariff: AnyTariff) -> Package:
        """Give the package with its tariff found."""
        return Package(package_id=self.package_id, name=self.name, tariff=tariff, purchase_mode=self.purchase_mode)


@noun(eq=False)
class Library:
    """All that a folder of files offers, by id. Inline tariffs of packages are in ``packages`` only."""

    tariffs: dict[str, Tariff]
    """Tariffs of one validity each."""
    packages: dict[str, Package]
    programmes: dict[str, Programme]
    events: dict[str, Event]
    versions: dict[str, TariffVersions] = field(default_factory=dict)
    """Tariffs through time."""


_NOUNS: dict[str, Any] = {
    "tariff": Tariff,
    "tariff_versions": TariffVersions,
    "package": PackageEntry,
    "programme": Programme,
    "events": tuple[Event, ...],
}


def read_tariff(source: Source) -> Tariff:
    """Read one tariff file.

    Raises
    ------
    DocumentError
        With every problem and its JSON pointer.
    YamlTextError, FileUnreadableError, FileTooLargeError
    """
    where = name_of(source, "tariff")
    tariff: Tariff = _one(read_yaml(source, where=where), where, ("tariff",))[1]
    return tariff


def read_any_of_ours(source: Source) -> AnyTariff:
    """Read one file of a tariff or of a tariff's versions.

    Raises
    ------
    DocumentError
        With every problem and its JSON pointer.
    YamlTextError, FileUnreadableError, FileTooLargeError
    """
    where = name_of(source, "tariff")
    tariff: AnyTariff = _one(read_yaml(source, where=where), where, ("tariff", "tariff_versions"))[1]
    return tariff


def write_tariff(tariff: AnyTariff) -> str:
    """Give a tariff, or its versions, as the YAML text that reads back equal; defaults are left out."""
    key = "tariff" if isinstance(tariff, Tariff) else "tariff_versions"
    return write_yaml({key: to_plain(tariff, brief=True)})


def _one(plain: Any, where: str, allowed: tuple[str, ...]) -> tuple[str, Any]:
    """Give what kind of thing a file holds, and the thing."""
    if not isinstance(plain, dict) or len(plain) != 1 or next(iter(plain)) not in allowed:
        listed = ", ".join(f"{key}:" for key in allowed)
        seen = ", ".join(map(str, plain)) if isinstance(plain, dict) else type(plain).__name__
        message = Text(
            en=f"a file has exactly one top-level key, out of {listed}", zh=f"文件顶层只能有一个键，可选 {listed}"
        )
        raise DocumentError(where=where, problems=(Problem(pointer="", message=message, value=seen),))
    key = next(iter(plain))
    try:
        return key, from_plain(_NOUNS[key], plain[key], where=where)
    except DocumentError as error:
        raise DocumentError(where=where, problems=tuple(_below(key, one) for one in error.problems)) from error


def _below(key: str, problem: Problem) -> Problem:
    return Problem(pointer=pointer_of(key) + problem.pointer, message=problem.message, value=problem.value)


def read_library(folder: Path) -> Library:
    """Read every YAML file at or below a folder.

    Raises
    ------
    LibraryError
        With one refusal per fault: broken files, ids used twice, packages and events that name what is not there.
    """
    shelf = _Shelf(folder)
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    if not folder.is_dir():
        shelf.fault(str(folder), "", Text(en="is no folder", zh="不是文件夹"), None)
    for path in paths:
        shelf.read(path)
    shelf.join()
    if shelf.faults:
        raise LibraryError(folder=str(folder), problems=tuple(shelf.faults))
    return shelf.library


class _Shelf:
    """Gathers the files of a folder and all that is wrong with them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.faults: list[WattplanError] = []
        self.library = Library(tariffs={}, packages={}, programmes={}, events={})
        self.entries: list[tuple[str, PackageEntry]] = []
        self.called: list[tuple[str, int, Event]] = []
        self.origin: dict[tuple[str, str], tuple[str, str]] = {}

    def fault(self, where: str, pointer: str, message: Text, value: object) -> None:
        problem = Problem(pointer=pointer, message=message, value=value)
        self.faults.append(DocumentError(where=where, problems=(problem,)))

    def read(self, path: Path) -> None:
        """Read one file and put what it holds on the shelf."""
        where = path.relative_to(self.folder).as_posix()
        try:
            key, found = _one(read_yaml(path, where=where), where, KEYS)
        except WattplanError as error:
            self.faults.append(error)
            return
        if key == "tariff" and self._is_new(where, "tariff_id", found.tariff_id, "/tariff/tariff_id"):
            self.library.tariffs[found.tariff_id] = found
        if key == "tariff_versions" and self._is_new(where, "tariff_id", found.tariff_id, f"/{key}/tariff_id"):
            self.library.versions[found.tariff_id] = found
        if key == "programme" and self._is_new(where, "programme_id", found.programme_id, "/programme/programme_id"):
            self.library.programmes[found.programme_id] = found
        if key == "package" and self._is_new(where, "package_id", found.package_id, "/package/package_id"):
            self.entries.append((where, found))
            if found.tariff is not None:
                self._is_new(where, "tariff_id", found.tariff.tariff_id, "/package/tariff/tariff_id")
        for number, event in enumerate(found if key == "events" else ()):
            if self._is_new(where, "event_id", event.event_id, f"/events/{number}/event_id"):
                self.called.append((where, number, event))

    def _is_new(self, where: str, field: str, value: str, pointer: str) -> bool:
        first = self.origin.setdefault((field, value), (where, pointer))
        if first == (where, pointer):
            return True
        message = Text(
            en=f"is already used in {first[0]}{first[1]}. Give it its own id.",
            zh=f"已在 {first[0]}{first[1]} 中使用。请另取编号。",
        )
        self.fault(where, pointer, message, value)
        return False

    def join(self) -> None:
        """Give packages their tariffs, and look whether events have their programmes."""
        for where, entry in self.entries:
            known: dict[str, AnyTariff] = {**self.library.tariffs, **self.library.versions}
            tariff = entry.tariff or known.get(str(entry.tariff_id))
            if tariff is None:
                self._unknown(where, "/package/tariff_id", entry.tariff_id, known)
            else:
                self.library.packages[entry.package_id] = entry.with_tariff(tariff)
        for where, number, event in self.called:
            if event.programme_id not in self.library.programmes:
                self._unknown(where, f"/events/{number}/programme_id", event.programme_id, self.library.programmes)
            self.library.events[event.event_id] = event

    def _unknown(self, where: str, pointer: str, value: object, known: dict[str, Any]) -> None:
        listed = ", ".join(sorted(known)) or "∅"
        self.fault(where, pointer, Text(en=f"is not among {listed}", zh=f"不在 {listed} 之中"), value)
