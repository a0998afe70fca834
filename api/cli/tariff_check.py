"""``wattplan tariffs check``: every fault of a file or a folder, and what there is to say of what is sound."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import typer

from api.cli.output import out, print_json, say_findings, say_refusal
from api.errors import EXIT_REFUSED
from domain import catalogue
from domain.catalogue.retail_limits import check_retail
from domain.errors import WattplanError
from domain.files.documents import from_plain, read_yaml, to_plain
from domain.files.problems import DocumentError
from domain.files.tariff_files import SUFFIXES, LibraryError, PackageEntry, read_any_of_ours, read_library
from domain.findings import Finding
from domain.programmes import Event, Programme
from domain.tariffs import AnyTariff, PurchaseMode, versions_of
from domain.text import Language, Text
from scenarios.tariff_checks import look_at, one_currency, to_verify

SOUND = Text(
    en="{n} tariffs, {packages} packages, {programmes} programmes, {events} events: sound",
    zh="电价 {n}，套餐 {packages}，项目 {programmes}，事件 {events}：均有效",
)
BROKEN = Text(en="{n} fault(s) in {path}", zh="{path}：共 {n} 处错误")


@dataclass(slots=True)
class Checked:
    """What a check found."""

    sizes: dict[str, int] = field(default_factory=lambda: {"n": 0, "packages": 0, "programmes": 0, "events": 0})
    faults: list[WattplanError] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def check(path: Path, on: date, language: Language, *, json_wanted: bool) -> None:
    """Read a file or a folder; say everything wrong, warn of what will go wrong, refuse in the end."""
    checked = look(path, on)
    if json_wanted:
        print_json(_plain(checked))
        if checked.faults:
            raise typer.Exit(EXIT_REFUSED)
        return
    if checked.faults:
        say_refusal(LibraryError(folder=path.name, problems=tuple(checked.faults)))
    say_findings(checked.findings, language)
    if checked.faults:
        n = sum(len(fault.problems) if isinstance(fault, DocumentError) else 1 for fault in checked.faults)
        out().print(BROKEN.say(language, n=n, path=path.name), markup=False)
        raise typer.Exit(EXIT_REFUSED)
    out().print(SOUND.say(language, **checked.sizes), markup=False)


def look(path: Path, on: date) -> Checked:
    """Check a file or a folder without saying anything."""
    checked = Checked()
    sold: _Sold = []
    try:
        sold = _folder(path, checked) if path.is_dir() else _file(path, checked)
    except LibraryError as error:
        checked.faults += error.problems
        sold = _readable(path)
    except WattplanError as error:
        checked.faults.append(error)
    for tariff, mode in sold:
        checked.findings += look_at(tariff, on)
        for version in versions_of(tariff):
            errors, findings = check_retail(version, catalogue.retail_limits(), sold_as=mode)
            checked.faults += errors
            checked.findings += findings
    checked.findings += one_currency([tariff for tariff, _ in sold])
    checked.findings += to_verify([tariff for tariff, _ in sold])
    return checked


_Sold = Sequence[tuple[AnyTariff, PurchaseMode | None]]


def _folder(path: Path, checked: Checked) -> _Sold:
    library = read_library(path)
    checked.sizes = {
        "n": len(library.tariffs) + len(library.versions),
        "packages": len(library.packages),
        "programmes": len(library.programmes),
        "events": len(library.events),
    }
    offered = [(one.tariff, one.purchase_mode) for one in library.packages.values()]
    taken = {tariff.tariff_id for tariff, _ in offered}
    alone: list[AnyTariff] = [*library.tariffs.values(), *library.versions.values()]
    return [*((one, None) for one in alone if one.tariff_id not in taken), *offered]


def _readable(path: Path) -> _Sold:
    """Give what can be read of a folder that has faults, so that its other faults are named, too."""
    found: list[tuple[AnyTariff, PurchaseMode | None]] = []
    for file in sorted(path.rglob("*")):
        if file.suffix.lower() in SUFFIXES:
            with suppress(WattplanError):
                found += _file(file, Checked())
    return found


def _file(path: Path, checked: Checked) -> _Sold:
    plain = read_yaml(path, where=path.name)
    key = next(iter(plain)) if isinstance(plain, dict) and len(plain) == 1 else None
    match key:
        case "package":
            entry: PackageEntry = from_plain(PackageEntry, plain[key], where=path.name)
            checked.sizes["packages"] = 1
            return [] if entry.tariff is None else [(entry.tariff, entry.purchase_mode)]
        case "programme":
            from_plain(Programme, plain[key], where=path.name)
            checked.sizes["programmes"] = 1
            return []
        case "events":
            checked.sizes["events"] = len(from_plain(tuple[Event, ...], plain[key], where=path.name))
            return []
    checked.sizes["n"] = 1
    return [(read_any_of_ours(path), None)]


def _plain(checked: Checked) -> dict[str, Any]:
    return {
        "sound": not checked.faults,
        **({} if checked.faults else {"counts": {"tariffs": checked.sizes["n"], **_others(checked.sizes)}}),
        "faults": [_plain_fault(fault) for fault in checked.faults],
        "findings": [
            {
                "code": one.code,
                "severity": one.severity.value,
                "words": {"en": one.say(Language.EN), "zh": one.say(Language.ZH)},
            }
            for one in checked.findings
        ],
    }


def _others(sizes: dict[str, int]) -> dict[str, int]:
    return {name: size for name, size in sizes.items() if name != "n"}


def _plain_fault(fault: WattplanError) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "code": fault.code,
        "words": {"en": fault.say(Language.EN), "zh": fault.say(Language.ZH)},
    }
    if isinstance(fault, DocumentError):
        plain["file"] = str(fault.data["where"])
        plain["places"] = [{"pointer": one.pointer or "/", "words": to_plain(one.message)} for one in fault.problems]
    return plain
