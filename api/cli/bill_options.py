"""Options about the point of supply and the facts around a bill, shared by the commands that bill."""

from pathlib import Path
from typing import Annotated

import typer

CapacityOption = Annotated[float | None, typer.Option("--capacity-kva", min=0, help="Contract capacity, kVA.")]
ContractOption = Annotated[float | None, typer.Option("--contract-kw", min=0, help="Contract demand, kW.")]
PowerFactorOption = Annotated[
    float | None, typer.Option("--power-factor", min=0, max=1, help="Month's power factor, 0…1, where none is metered.")
]
MotorOption = Annotated[
    float, typer.Option("--motor-kva", min=0, help="High-voltage motors without own transformer, kVA.")
]
PurchaseModeOption = Annotated[
    str | None,
    typer.Option(
        "--purchase-mode",
        help="market_wholesale, market_retail, grid_agency or regulated; if not given, as the tariff is made for.",
    ),
]
FollowsOption = Annotated[
    bool,
    typer.Option("--follows-government-tou", help="A trading customer's contract says that government bands apply."),
]
FactsOption = Annotated[
    Path | None, typer.Option("--facts", help="YAML of index prices, flagged days, the grid's peaks, past months.")
]
FillOption = Annotated[
    str | None,
    typer.Option(
        "--fill",
        help="How holes of the billed months are filled: interval_mean (at most 2 steps) or like_days; if not given, "
        "nothing is filled and months with holes are refused.",
    ),
]
MonthOption = Annotated[str | None, typer.Option("--month", help="The month, such as 2026-10.")]
YearOption = Annotated[
    int | None, typer.Option("--year", min=1900, max=2200, help="Instead of a month: all of the year that is metered.")
]
