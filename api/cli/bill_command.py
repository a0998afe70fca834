"""``wattplan bill``, and ``wattplan tariffs bill`` with the tariff in front."""

from typing import Annotated

import typer

from api.cli.bill_options import (
    CapacityOption,
    ContractOption,
    FactsOption,
    FillOption,
    FollowsOption,
    MonthOption,
    MotorOption,
    PowerFactorOption,
    PurchaseModeOption,
    YearOption,
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


def bill(
    *,
    meter: MeterOption,
    tariff: Annotated[str, typer.Option("--tariff", help="Id of the catalogue, or a tariff file.")],
    month: MonthOption = None,
    year: YearOption = None,
    capacity_kva: CapacityOption = None,
    contract_kw: ContractOption = None,
    motor_kva: MotorOption = 0.0,
    power_factor: PowerFactorOption = None,
    purchase_mode: PurchaseModeOption = None,
    follows_government_tou: FollowsOption = False,
    facts: FactsOption = None,
    fill: FillOption = None,
    zone: ZoneOption = None,
    labels: LabelsOption = None,
    unit: UnitOption = None,
    multiplier: MultiplierOption = None,
    language: LanguageOption = Language.EN,
    json_wanted: JsonOption = False,
) -> None:
    """Bill a month, or a year month by month, of a meter, line by line with the rule behind each line."""
    from api.cli import bill_work, case_work  # noqa: PLC0415 -- help stays quick

    bill_work.answer(
        meter,
        case_work.MeterAsked(zone=zone, labels=labels, unit=unit, multiplier=multiplier),
        tariff=tariff,
        month=month,
        year=year,
        purchase_mode=purchase_mode,
        supply_options={
            "capacity_kva": capacity_kva,
            "contract_kw": contract_kw,
            "motor_kva": motor_kva,
            "power_factor": power_factor,
            "follows_government_tou": follows_government_tou,
        },
        facts=facts,
        fill=fill,
        language=language,
        json_wanted=json_wanted,
    )


def bill_of(
    tariff_id: Annotated[str, typer.Argument(help="Id of the catalogue, or a tariff file.")],
    *,
    meter: MeterOption,
    month: MonthOption = None,
    year: YearOption = None,
    capacity_kva: CapacityOption = None,
    contract_kw: ContractOption = None,
    motor_kva: MotorOption = 0.0,
    power_factor: PowerFactorOption = None,
    purchase_mode: PurchaseModeOption = None,
    follows_government_tou: FollowsOption = False,
    facts: FactsOption = None,
    fill: FillOption = None,
    zone: ZoneOption = None,
    labels: LabelsOption = None,
    unit: UnitOption = None,
    multiplier: MultiplierOption = None,
    language: LanguageOption = Language.EN,
    json_wanted: JsonOption = False,
) -> None:
    """Bill a month, or a year month by month, of a meter under a tariff."""
    bill(
        meter=meter,
        tariff=tariff_id,
        month=month,
        year=year,
        capacity_kva=capacity_kva,
        contract_kw=contract_kw,
        motor_kva=motor_kva,
        power_factor=power_factor,
        purchase_mode=purchase_mode,
        follows_government_tou=follows_government_tou,
        facts=facts,
        fill=fill,
        zone=zone,
        labels=labels,
        unit=unit,
        multiplier=multiplier,
        language=language,
        json_wanted=json_wanted,
    )
