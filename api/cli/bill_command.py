"""``wattplan bill``."""

from typing import Annotated

import typer

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


def bill(
    *,
    meter: MeterOption,
    tariff: Annotated[str, typer.Option("--tariff", help="Id of the catalogue, or a tariff file.")],
    month: Annotated[str, typer.Option("--month", help="The month, such as 2026-10.")],
    capacity_kva: Annotated[float | None, typer.Option("--capacity-kva", min=0, help="Contract capacity, kVA.")] = None,
    contract_kw: Annotated[float | None, typer.Option("--contract-kw", min=0, help="Contract demand, kW.")] = None,
    power_factor: Annotated[
        float | None, typer.Option("--power-factor", min=0, max=1, help="Month's power factor, 0…1.")
    ] = None,
    purchase_mode: Annotated[
        str, typer.Option("--purchase-mode", help="market_wholesale, market_retail, grid_agency or regulated.")
    ] = "grid_agency",
    zone: ZoneOption = None,
    labels: LabelsOption = None,
    unit: UnitOption = None,
    multiplier: MultiplierOption = None,
    language: LanguageOption = Language.EN,
    json_wanted: JsonOption = False,
) -> None:
    """Bill one month of a meter, line by line."""
    from api.cli import bill_work, case_work  # noqa: PLC0415 -- help stays quick

    bill_work.answer(
        meter,
        case_work.MeterAsked(zone=zone, labels=labels, unit=unit, multiplier=multiplier),
        tariff=tariff,
        month=month,
        supply=bill_work.supply_of(
            capacity_kva=capacity_kva, contract_kw=contract_kw, power_factor=power_factor, purchase_mode=purchase_mode
        ),
        language=language,
        json_wanted=json_wanted,
    )
