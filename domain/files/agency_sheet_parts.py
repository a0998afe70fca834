"""From a row of an agency sheet to the parts of a price, and whether they give the prices that are printed."""

from collections.abc import Mapping
from decimal import Decimal

from domain.files.agency_sheet_rule import BandRuleRecord
from domain.files.agency_sheet_table import AgencyRow
from domain.files.agency_sheet_words import FUNDS, PART_OF, PARTS, PURCHASE, TOTAL
from domain.files.clauses import ClauseBook
from domain.findings import FindingKind, Severity
from domain.tariffs.charges import ZERO, PriceComponent
from domain.tariffs.decimals import half_up, plain
from domain.text import Text

AGENCY_PRICE_DIFFERS = FindingKind(
    code="agency_price_differs",
    severity=Severity.WARNING,
    words=Text(
        en="{part}, {what}: the sheet prints {printed} yuan/kWh, its parts give {computed} "
        "({factor} × {floating} floating + {fixed} fixed). The tariff follows the parts.",
        zh="{part}，{what}：表中公布 {printed} 元/千瓦时，按组成项计算为 {computed}"
        "（{factor} × 浮动部分 {floating} + 固定部分 {fixed}）。电价以组成项为准。",
    ),
)
OTHERS = Text(en=", other", zh="（其他）")


def components_of(
    row: AgencyRow,
    rule: BandRuleRecord,
    split: Mapping[str, Decimal],
    purchase_factor: Decimal,
    book: ClauseBook,
) -> tuple[PriceComponent, ...]:
    """Give the parts of a row's price.

    Parameters
    ----------
    row : AgencyRow
    rule : BandRuleRecord
        Says which of them float.
    split : mapping
        Prices of narrower parts that the sheet gives elsewhere, taken out of the wider ones. [yuan / kWh]
    purchase_factor : Decimal
        What the purchase price is multiplied by: 1.5 for users who must pay so. [-]
    book : ClauseBook
        Gets a clause where the rule floats a narrower part that nobody priced.
    """
    priced = {key: price for key, price in row.prices.items() if key in PART_OF} | dict(split)
    found: list[PriceComponent] = []
    for main in (part for part in PARTS if not part.parent):
        narrower = [part for part in PARTS if part.parent == main.key and part.key in priced]
        amounts = [(part.key, part.name, priced[part.key]) for part in narrower]
        if main.key in priced:
            rest = priced[main.key] - sum((price for _, _, price in amounts), ZERO)
            name = main.name if not narrower else Text(en=main.name.en + OTHERS.en, zh=main.name.zh + OTHERS.zh)
            if rest or not narrower:
                amounts.append((main.key, name, rest))
        times = purchase_factor if main.key == PURCHASE else Decimal(1)
        found += [
            PriceComponent(name=name, price_per_kwh=price * times, floats=rule.floats(key), is_fund=main.key == FUNDS)
            for key, name, price in amounts
        ]
    _check_floating(rule, priced, book)
    if not found:
        book.refuse(
            "components", Text(en="the row prints no parts of the price", zh="该行未公布电价组成"), essential=True
        )
    return tuple(found)


def _check_floating(rule: BandRuleRecord, priced: Mapping[str, Decimal], book: ClauseBook) -> None:
    for key in rule.floating:
        part = PART_OF[key]
        within = [one.key for one in PARTS if one.parent == key]
        if key not in priced and not any(one in priced for one in within):
            why = Text(
                en=f"rule {rule.rule_id} floats {part.name.en}, which neither the sheet nor split_prices_per_kwh gives",
                zh=f"规则 {rule.rule_id} 使 {part.name.zh} 浮动，但表中与 split_prices_per_kwh 均未给出",
            )
            book.refuse(key, why, essential=True)


def check_prices(
    row: AgencyRow, components: tuple[PriceComponent, ...], rule: BandRuleRecord, decimals: int, book: ClauseBook
) -> None:
    """Note printed prices that the parts do not give, and refuse bands that the rule does not have.

    Parts printed to a few decimals may miss the printed price by half a unit of each; only more is a difference.
    """
    floating = [one.price_per_kwh for one in components if one.floats]
    fixed = [one.price_per_kwh for one in components if not one.floats]
    factors = rule.factors_for(row.structure)
    slack = Decimal(1).scaleb(-decimals) / 2
    for key, printed in row.prices.items():
        band = key.removeprefix("band:")
        if key != TOTAL and band == key:
            continue
        if key != TOTAL and band not in rule.calendar.bands:
            why = Text(
                en=f"a price for {band} is printed, and rule {rule.rule_id} has no such band",
                zh=f"表中公布了 {band} 电价，但规则 {rule.rule_id} 没有该时段",
            )
            book.refuse(f"{row.part}, {band}", why, essential=True)
            continue
        factor = Decimal(1) if key == TOTAL else factors.get(band, Decimal(1))
        exact = factor * sum(floating, ZERO) + sum(fixed, ZERO)
        allowed = slack * (1 + factor * len(floating) + len(fixed))
        if abs(exact - printed) > allowed:
            book.find(
                AGENCY_PRICE_DIFFERS.at(
                    part=row.part,
                    what=TOTAL if key == TOTAL else band,
                    printed=plain(printed),
                    computed=plain(half_up(exact, decimals)),
                    factor=plain(factor),
                    floating=plain(sum(floating, ZERO)),
                    fixed=plain(sum(fixed, ZERO)),
                )
            )
