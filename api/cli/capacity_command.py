"""``wattplan capacity``."""

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
from api.cli.outlook_command import CountryOption, ExpansionOption
from domain.text import Language


def capacity(
    *,
    meter: MeterOption,
    kva: Annotated[float, typer.Option("--kva", help="Rating of the transformers, kVA.")],
    power_factor: Annotated[
        float, typer.Option("--power-factor", help="Power factor at the peak, such as 0.95.")
    ] = 0.95,
    contract_kw: Annotated[float | None, typer.Option("--contract-kw", help="Contract demand, kW.")] = None,
    years: Annotated[int, typer.Option("--years", min=1, max=5, help="Years ahead.")] = 5,
    alarm: Annotated[float, typer.Option("--alarm", help="Probability from which an excess is named, 0…1.")] = 0.10,
    tariff: Annotated[
        str | None, typer.Option("--tariff", help="Tariff whose demand interval and clock are used.")
    ] = None,
    expansion: ExpansionOption = None,
    country: CountryOption = None,
    zone: ZoneOption = None,
    labels: LabelsOption = None,
    unit: UnitOption = None,
    multiplier: MultiplierOption = None,
    language: LanguageOption = Language.EN,
    json_wanted: JsonOption = False,
) -> None:
    """Look years ahead: peaks, use of the transformer, and how likely it is too small."""
    from api.cli import capacity_work, case_work  # noqa: PLC0415 -- help stays quick
    from forecasting.growth import Connection  # noqa: PLC0415 -- as above

    capacity_work.answer(
        meter,
        case_work.MeterAsked(zone=zone, labels=labels, unit=unit, multiplier=multiplier),
        connection=Connection(
            transformer_kva=kva, power_factor=power_factor, contract_kw=contract_kw, alarm_probability=alarm
        ),
        n_years=years,
        tariff=tariff,
        expansions=tuple(expansion or ()),
        country=country,
        language=language,
        json_wanted=json_wanted,
    )
