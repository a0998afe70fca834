"""``wattplan plan contract``."""

from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import CaseArgument, JsonOption, LanguageOption
from domain.text import Language


def contract(
    case: CaseArgument,
    *,
    charge: Annotated[
        str | None,
        typer.Option("--charge", help="Id of the tariff's demand charge on a contract value, to choose that value."),
    ] = None,
    replaces: Annotated[
        list[str] | None,
        typer.Option(
            "--replaces",
            help="Instead of --charge: id of a charge on the supply's size, in whose place by capacity, by contract demand "
            "and by actual demand are compared. Again for more.",
        ),
    ] = None,
    per_kva: Annotated[
        str | None, typer.Option("--per-kva", help="With --replaces: price by transformer capacity, per kVA and month.")
    ] = None,
    per_kw: Annotated[
        str | None, typer.Option("--per-kw", help="With --replaces: price by demand, per kW and month.")
    ] = None,
    measurement_min: Annotated[
        int, typer.Option("--measurement", min=1, help="With --replaces: minutes of a demand interval.")
    ] = 15,
    least: Annotated[
        str | None, typer.Option("--least", help="Least contract value that may be chosen, kW; with --most.")
    ] = None,
    most: Annotated[
        str | None,
        typer.Option(
            "--most", help="Greatest one, kW; not below what the tariff bills at least (40 % of the kVA, say)."
        ),
    ] = None,
    step: Annotated[str, typer.Option("--step", help="The value chosen is a multiple of it, kW.")] = "1",
    values: Annotated[
        str | None,
        typer.Option(
            "--values", help="Instead of --least and --most: contract values to compare one by one, kW: 400,500,600."
        ),
    ] = None,
    package: Annotated[
        str | None, typer.Option("--package", help="Id of the package; left out: today's tariff.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, help="Seed of samples and search; left out: the case's own.")
    ] = None,
    deadline: Annotated[
        float | None,
        typer.Option(
            "--deadline", min=0.1, help="Longest search of each way and value, seconds; left out: the case's own."
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for contract.json.")] = None,
    language: LanguageOption = Language.EN,
    json_wanted: JsonOption = False,
) -> None:
    """Choose the contract demand together with the schedule, or compare ways to be billed for the supply's size."""
    if (charge is None) == (not replaces):
        raise typer.BadParameter("give --charge, or --replaces with --per-kva and --per-kw")
    if bool(replaces) != (per_kva is not None) or bool(replaces) != (per_kw is not None):
        raise typer.BadParameter("--replaces, --per-kva and --per-kw go together")
    if (least is None) != (most is None) or (least is None) == (values is None):
        raise typer.BadParameter("give --least and --most, or --values")
    from api.cli import plan_contract_work as work  # noqa: PLC0415 -- help stays quick
    from api.cli.plan_dr_work import case_of  # noqa: PLC0415 -- as above
    from domain.offers import PRESENT_ID  # noqa: PLC0415 -- as above
    from domain.offers.asked import ContractAsked  # noqa: PLC0415 -- as above
    from domain.tariffs.billing_modes import SizePrices  # noqa: PLC0415 -- as above
    from domain.tariffs.free_contract import ContractLimits  # noqa: PLC0415 -- as above

    def number(option: str, text: str) -> Decimal:
        return work.number_of(option, text)

    prices = None
    if per_kva is not None and per_kw is not None:
        prices = SizePrices(
            price_per_kva_month=number("--per-kva", per_kva),
            price_per_kw_month=number("--per-kw", per_kw),
            measurement_min=measurement_min,
        )
    limits = None
    if least is not None and most is not None:
        limits = ContractLimits(
            least_kw=number("--least", least), most_kw=number("--most", most), step_kw=number("--step", step)
        )
    asked = ContractAsked(
        package_id=package or PRESENT_ID,
        charge_id=charge,
        replaces=tuple(replaces or ()),
        prices=prices,
        limits=limits,
        contracts_kw=() if values is None else tuple(number("--values", one) for one in values.split(",")),
    )
    asked_case = case_of(case, seed=seed, n_samples=None, deadline_s=deadline)
    work.contract(asked_case, asked, out=out, language=language, json_wanted=json_wanted)
