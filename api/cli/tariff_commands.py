"""``wattplan tariffs list|show|check|bill|compare|import``."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from api.cli import bill_command
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

app = typer.Typer(help="Tariffs of the catalogue and of your own files.", no_args_is_help=True)

OnOption = Annotated[
    datetime | None,
    typer.Option(
        "--on", formats=["%Y-%m-%d"], help="The day whose standing is shown, such as 2026-11-24; today if not."
    ),
]
TariffArgument = Annotated[str, typer.Argument(help="Id of the catalogue, or a tariff file.")]


@app.command("list")
def list_all(
    on: OnOption = None,
    in_force: Annotated[bool, typer.Option("--in-force", help="Only what is in force on that day.")] = False,
    language: LanguageOption = Language.EN,
    json_wanted: JsonOption = False,
) -> None:
    """List the catalogue: tariffs, tariffs through time, sample packages."""
    from api.cli import tariff_work  # noqa: PLC0415 -- help stays quick

    tariff_work.list_all(_day(on), language, in_force=in_force, json_wanted=json_wanted)


@app.command()
def show(
    tariff_id: TariffArgument,
    *,
    year: Annotated[int | None, typer.Option("--year", min=2000, max=2100, help="Year of the picture.")] = None,
    picture: Annotated[
        Path | None, typer.Option("--picture", help="Draw the year into this file, too: .svg or .png.")
    ] = None,
    on: OnOption = None,
    language: LanguageOption = Language.EN,
    json_wanted: JsonOption = False,
) -> None:
    """Show a tariff's charges in words and its year as months × hours."""
    from api.cli import tariff_work  # noqa: PLC0415 -- help stays quick

    tariff_work.show(tariff_id, year=year, on=_day(on), picture=picture, language=language, json_wanted=json_wanted)


@app.command()
def check(
    path: Annotated[Path, typer.Argument(help="A tariff file, or a folder of tariffs, packages and programmes.")],
    on: OnOption = None,
    language: LanguageOption = Language.EN,
    json_wanted: JsonOption = False,
) -> None:
    """Say what stands in tariff files, everything wrong with them, and what to look at before relying on them."""
    from api.cli import tariff_check  # noqa: PLC0415 -- help stays quick

    tariff_check.check(path, _day(on), language, json_wanted=json_wanted)


app.command("bill")(bill_command.bill_of)


@app.command()
def compare(
    tariff_ids: Annotated[
        list[str] | None,
        typer.Argument(help="Ids, files or folders to compare; none: all of the catalogue."),
    ] = None,
    *,
    meter: MeterOption,
    present: Annotated[str | None, typer.Option("--present", help="Today's tariff: an id, or a file.")] = None,
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
    as_if_in_force: Annotated[
        bool, typer.Option("--as-if-in-force", help="Ask what tariffs of other years would have cost.")
    ] = False,
    zone: ZoneOption = None,
    labels: LabelsOption = None,
    unit: UnitOption = None,
    multiplier: MultiplierOption = None,
    language: LanguageOption = Language.EN,
    json_wanted: JsonOption = False,
) -> None:
    """Bill one meter under many tariffs: months, totals, differences by kind of line, cheapest first."""
    from api.cli import case_work, tariff_compare  # noqa: PLC0415 -- help stays quick

    tariff_compare.compare_meter(
        meter,
        case_work.MeterAsked(zone=zone, labels=labels, unit=unit, multiplier=multiplier),
        tariff_compare.CompareAsked(
            names=tuple(tariff_ids or ()),
            present=present,
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
            as_if=as_if_in_force,
        ),
        language,
        json_wanted=json_wanted,
    )


@app.command("import")
def import_tariff(
    path: Annotated[
        Path, typer.Argument(help="A tariff file of another format; what it is, is told by what it holds.")
    ],
    *,
    out: Annotated[Path | None, typer.Option("--out", help="Write the tariff here; if not given, print it.")] = None,
    parts: Annotated[bool, typer.Option("--parts", help="Only list what --part may name.")] = False,
    part: Annotated[str | None, typer.Option("--part", help="A plan, a sheet, a row such as two_part/1_20kv.")] = None,
    zone: ZoneOption = None,
    country: Annotated[str | None, typer.Option("--country", help="Whose holidays, such as US.")] = None,
    valid_from: Annotated[str | None, typer.Option("--valid-from", help="First day, such as 2026-01-01.")] = None,
    valid_until: Annotated[str | None, typer.Option("--valid-until", help="First day on which it ends.")] = None,
    absent: Annotated[
        list[str] | None, typer.Option("--absent", help="A clause that the contract does not have; may be repeated.")
    ] = None,
    tiers_count: Annotated[str | None, typer.Option("--tiers-count", help="URDB: month_total or period.")] = None,
    ratchet_by: Annotated[str | None, typer.Option("--ratchet-by", help="URDB: billed_month or peak_month.")] = None,
    export: Annotated[str | None, typer.Option("--export", help="URDB: ignore or sell.")] = None,
    uncovered: Annotated[str | None, typer.Option("--uncovered", help="US workbook: refuse or free.")] = None,
    measurement_min: Annotated[int | None, typer.Option("--measurement-min", help="US workbook: minutes.")] = None,
    contract_kw: Annotated[
        list[str] | None, typer.Option("--contract-kw", help="Taipower: LABEL=KW; may be repeated.")
    ] = None,
    household: Annotated[str | None, typer.Option("--household", help="Taipower: which fee per customer.")] = None,
    band_rule: Annotated[
        str | None, typer.Option("--band-rule", help="Agency sheet: a rule file, or an id whose bands it has.")
    ] = None,
    bill_by: Annotated[
        str | None, typer.Option("--bill-by", help="Agency sheet: capacity, actual_demand or contract_demand.")
    ] = None,
    over_rule: Annotated[str | None, typer.Option("--over-rule", help="Agency sheet: reading of 105 %.")] = None,
    power_factor: Annotated[str | None, typer.Option("--power-factor", help="Agency sheet: cn_0.90 …")] = None,
    purchase_factor: Annotated[str | None, typer.Option("--purchase-factor", help="Agency sheet: such as 1.5.")] = None,
    split_price: Annotated[
        list[str] | None, typer.Option("--split-price", help="Agency sheet: PART=PRICE; may be repeated.")
    ] = None,
    sheet: Annotated[str | None, typer.Option("--sheet", help="Agency sheet: which sheet of the workbook.")] = None,
    language: LanguageOption = Language.EN,
    json_wanted: JsonOption = False,
) -> None:
    """Read a tariff of another format; say what was read, ignored and assumed; refuse by name what cannot be priced."""
    from api.cli import tariff_import  # noqa: PLC0415 -- help stays quick

    if parts:
        tariff_import.say_parts(path, language, sheet=sheet, json_wanted=json_wanted)
        return
    tariff_import.import_file(
        path,
        plain_options={
            "part": part,
            "zone": zone,
            "country": country,
            "valid_from": valid_from,
            "valid_until": valid_until,
            "absent": absent,
            "tiers_count": tiers_count,
            "ratchet_by": ratchet_by,
            "export": export,
            "uncovered": uncovered,
            "measurement_min": measurement_min,
            "household": household,
            "bill_by": bill_by,
            "over_rule": over_rule,
            "power_factor": power_factor,
            "purchase_factor": purchase_factor,
            "sheet": sheet,
        },
        contract_kw=contract_kw or (),
        split_prices=split_price or (),
        band_rule=band_rule,
        to=out,
        language=language,
        json_wanted=json_wanted,
    )


def _day(on: datetime | None) -> date:
    return (on or datetime.now().astimezone()).date()
