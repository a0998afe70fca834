"""``wattplan patterns``."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.bill_options import (
    CapacityOption,
    ContractOption,
    FactsOption,
    FollowsOption,
    MotorOption,
    PowerFactorOption,
    PurchaseModeOption,
)
from api.cli.options import (
    JsonOption,
    LabelsOption,
    LanguageOption,
    MeterOption,
    MultiplierOption,
    UnitOption,
    ZoneOption,
)
from domain.text import Language


def patterns(
    *,
    meter: MeterOption,
    tariff: Annotated[
        str | None,
        typer.Option("--tariff", help="Present tariff: id of the catalogue, or a file; without it, kWh alone."),
    ] = None,
    as_if_in_force: Annotated[
        bool, typer.Option("--as-if-in-force", help="Price past months as if the tariff had held all along.")
    ] = False,
    candidates: Annotated[
        bool, typer.Option("--candidates", help="Say which packages and programmes of the catalogue fit the load.")
    ] = False,
    country: Annotated[
        str | None, typer.Option("--country", help="Country of the working calendar, such as CN.")
    ] = None,
    capacity_kva: CapacityOption = None,
    contract_kw: ContractOption = None,
    motor_kva: MotorOption = 0.0,
    power_factor: PowerFactorOption = None,
    purchase_mode: PurchaseModeOption = None,
    follows_government_tou: FollowsOption = False,
    facts: FactsOption = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="HTML file for the findings with pictures of days and year.")
    ] = None,
    zone: ZoneOption = None,
    labels: LabelsOption = None,
    unit: UnitOption = None,
    multiplier: MultiplierOption = None,
    language: LanguageOption = Language.EN,
    json_wanted: JsonOption = False,
) -> None:
    """Find base load, idle hours, start-ups, peaks and changes in a meter's past, in kWh and money."""
    from api.cli import case_work, patterns_work  # noqa: PLC0415 -- help stays quick

    patterns_work.answer(
        meter,
        case_work.MeterAsked(zone=zone, labels=labels, unit=unit, multiplier=multiplier),
        tariff=tariff,
        as_if_in_force=as_if_in_force,
        candidates=candidates,
        country=country,
        purchase_mode=purchase_mode,
        supply_options={
            "capacity_kva": capacity_kva,
            "contract_kw": contract_kw,
            "motor_kva": motor_kva,
            "power_factor": power_factor,
            "follows_government_tou": follows_government_tou,
        },
        facts=facts,
        out=out,
        language=language,
        json_wanted=json_wanted,
    )
