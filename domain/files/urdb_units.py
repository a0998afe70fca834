"""Units of a URDB rate's demand: kW, kVA or hp, of the month's peak or of each day's."""

from decimal import Decimal
from typing import Literal

from domain.files.clauses import ClauseBook
from domain.files.urdb_fields import UrdbRecord
from domain.noun import noun
from domain.tariffs.charges import MOST_DECIMALS
from domain.tariffs.decimals import half_up
from domain.text import Text

KW_PER_HP = Decimal("0.7457")
DAILY = " daily"


@noun
class DemandUnit:
    """What a price per unit of demand is a price of."""

    measured_as: Literal["kw", "kva"] = "kw"
    unit_kw: Decimal = Decimal(1)
    """0.7457 for hp. [kW]"""
    is_daily: bool = False

    def price(self, per_unit: Decimal) -> Decimal:
        """Give a price per unit as a price per kW or kVA."""
        return per_unit if self.unit_kw == 1 else half_up(per_unit / self.unit_kw, MOST_DECIMALS)

    @property
    def levied(self) -> Literal["month", "day"]:
        """How often the peak is taken anew."""
        return "day" if self.is_daily else "month"


def demand_unit(record: UrdbRecord, structure: str, fields: tuple[str, ...], book: ClauseBook) -> DemandUnit | None:
    """Read the unit of one demand structure; None, with a clause in the book, where it is none we know.

    Parameters
    ----------
    record : UrdbRecord
    structure : str
        Whose unit it is; its tiers may name the unit, too.
    fields : tuple[str, ...]
        Fields that may give the unit.
    book : ClauseBook
    """
    given = {record.spelt(field): record.text(field) for field in fields if record.has(field)}
    tiers = {str(tier["unit"]).strip() for tiers in record.structure(structure) for tier in tiers if tier.get("unit")}
    said = set(given.values()) | tiers
    if len(said) > 1:
        listed = ", ".join(sorted(said))
        names = ", ".join(given) or structure
        book.refuse(
            structure,
            Text(en=f"{names}: its units disagree: {listed}", zh=f"{names}：单位不一致：{listed}"),
            essential=True,
        )
        return None
    book.read(*given)
    unit = said.pop() if said else "kW"
    name = unit.removesuffix(DAILY)
    if name not in ("kW", "kVA", "hp"):
        what = Text(en=f"demand billed per {unit}", zh=f"需量按 {unit} 计费")
        book.refuse(next(iter(given), structure), what, essential=True)
        return None
    if name == "hp":
        why = Text(
            en=f"the demand in hp is the measured kW divided by {KW_PER_HP}",
            zh=f"以马力计的需量等于实测千瓦数除以 {KW_PER_HP}",
        )
        book.assume(next(iter(given), structure), why)
    return DemandUnit(
        measured_as="kva" if name == "kVA" else "kw",
        unit_kw=KW_PER_HP if name == "hp" else Decimal(1),
        is_daily=unit.endswith(DAILY),
    )
