"""What a reader of URDB rates must be told where a rate does not say it."""

from typing import Literal

from domain.noun import noun

TiersCount = Literal["month_total", "period"]
RatchetBy = Literal["billed_month", "peak_month"]
ExportAs = Literal["ignore", "sell"]


@noun
class UrdbOptions:
    """How a rate's silence is read. The defaults refuse where readings differ."""

    absent: tuple[str, ...] = ()
    """Clauses that the contract does not have, by the name under which the refusal gives them."""
    tiers_count: TiersCount = "month_total"
    """Whether energy tiers count all of the month's kWh together or each period's by themselves."""
    ratchet_by: RatchetBy | None = None
    """Whether a demandratchetpercentage that differs by month belongs to the month that is billed or to the
    month whose peak is looked at; None: such a rate is refused."""
    export: ExportAs = "ignore"
    """Whether the tiers' ``sell`` prices become pay for energy fed in."""
