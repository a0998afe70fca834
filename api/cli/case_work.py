"""Make a case of files: a meter's readings, a plant file, tariffs of a folder or of the catalogue."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import typer

from api.cli.output import err, say_findings
from api.errors import NotFoundError
from api.services.use_cases import SEE_LIST, TARIFF
from domain import catalogue
from domain.errors import WattplanError
from domain.files.documents import from_plain, to_plain
from domain.files.facts_file import read_facts
from domain.files.meter_reader import MeterReading, MeterReadOptions, read_meter
from domain.files.plant_file import PlantFile, process_history, read_plant
from domain.files.tariff_files import Library, read_library
from domain.offers import Case, Package
from domain.tariffs import NO_FACTS, AnyTariff
from domain.text import Language, Text
from domain.time import zone_of


class PresentTariffMissingError(WattplanError):
    """Nobody said which tariff the customer is on."""

    code = "present_tariff_missing"
    words = Text(
        en="Neither the plant file nor --present names today's tariff. Known ids: {known}.",
        zh="厂区文件与 --present 均未给出现行电价。已知编号：{known}。",
    )


OTHER_CURRENCY = Text(
    en="left out, because today's tariff is in {currency} and they are not: {ids}",
    zh="以下套餐与现行电价的货币（{currency}）不同，未计入：{ids}",
)


@dataclass(frozen=True, slots=True)
class MeterAsked:
    """What the command line said of the meter's file; None: let the reader find out, or refuse."""

    zone: str | None
    labels: str | None
    unit: str | None
    multiplier: float | None


def read_series(path: Path, asked: MeterAsked, language: Language, *, zone: str | None = None) -> MeterReading:
    """Read a meter file; say what was found and what was assumed."""
    clock = asked.zone or zone
    if clock is None:
        raise typer.BadParameter("--zone is needed: the IANA zone of the meter's clock, such as Asia/Shanghai")
    known: dict[str, Any] = {"zone": clock, "labels": asked.labels, "unit": asked.unit}
    if asked.multiplier is not None:
        known["multiplier"] = Decimal(repr(asked.multiplier))
    options = from_plain(MeterReadOptions, to_plain(known), where="command line")
    reading = read_meter(path, options, name=path.name)
    title = {Language.EN: f"{path.name}: found and assumed", Language.ZH: f"{path.name}：发现与假定"}[language]
    say_findings((*reading.findings, *reading.assumptions), language, title=title)
    return reading


def case_of_parts(
    *,
    meter: Path,
    plan: Path,
    tariffs: Path | None,
    present: str | None,
    options: MeterAsked,
    issued_at: datetime | None,
    facts: Path | None = None,
    language: Language,
) -> Case:
    """Put a case together."""
    plant = read_plant(plan)
    say_findings(plant.findings, language, title=plan.name)
    library = read_library(tariffs) if tariffs is not None else _catalogue()
    present_tariff = _present(plant, library, present)
    reading = read_series(meter, options, language, zone=plant.site.zone)
    asked_at = issued_at or min(reading.series.grid.end, plant.plan.start)
    if issued_at is None:
        say = Text(en="question asked at {at} (end of the readings)", zh="询价时间取 {at}（读数末尾）")
        err().print(say.say(language, at=asked_at.astimezone(zone_of(plant.site.zone)).isoformat()), markup=False)
    past = process_history(plant.past_runs, reading.series.grid) if plant.past_runs else None
    return Case(
        case_id=plant.plan.plan_id,
        issued_at=asked_at,
        site=plant.site,
        meter=reading.series,
        process_history=past,
        base_load_source=plant.base_load_source,
        plan=plant.plan,
        present_tariff=present_tariff,
        packages=_packages(library, present_tariff, language),
        programmes=tuple(library.programmes.values()),
        events=tuple(library.events.values()),
        facts=NO_FACTS if facts is None else read_facts(facts, zone=plant.site.zone),
        preferences=plant.preferences,
    )


def _catalogue() -> Library:
    return Library(
        tariffs={one.tariff_id: one for one in catalogue.tariffs()},
        packages={one.package_id: one for one in catalogue.packages()},
        programmes={one.programme_id: one for one in catalogue.programmes()},
        events={},
    )


def _present(plant: PlantFile, library: Library, asked: str | None) -> AnyTariff:
    """Find today's tariff: in the folder first, then in the catalogue; tariffs through time among them."""
    ours: dict[str, AnyTariff] = {**library.tariffs, **library.versions}
    catalogued = [*catalogue.tariff_ids(), *(one.tariff_id for one in catalogue.families())]
    tariff_id = asked or plant.present_tariff_id
    if tariff_id is None:
        raise PresentTariffMissingError(known=", ".join(sorted({*ours, *catalogued})))
    if tariff_id in ours:
        return ours[tariff_id]
    if tariff_id not in catalogued:
        raise NotFoundError(kind=TARIFF, name=tariff_id, mend=SEE_LIST)
    return catalogue.any_tariff(tariff_id)


def _packages(library: Library, present: AnyTariff, language: Language) -> tuple[Package, ...]:
    """Give the folder's packages in the present currency; a folder of bare tariffs offers each of them."""
    bare: list[AnyTariff] = [*library.tariffs.values(), *library.versions.values()]
    found = tuple(library.packages.values()) or tuple(
        Package(package_id=one.tariff_id, name=one.name, tariff=one)
        for one in bare
        if one.tariff_id != present.tariff_id
    )
    foreign = [one.package_id for one in found if one.tariff.currency != present.currency]
    if foreign:
        words = OTHER_CURRENCY.say(language, ids=", ".join(foreign), currency=present.currency)
        err().print(words, markup=False)
    return tuple(one for one in found if one.tariff.currency == present.currency)
