"""The words for everything in which a bill contradicts itself."""

from domain.findings import FindingKind, Severity
from domain.text import Text


def _kind(code: str, severity: Severity, en: str, zh: str) -> FindingKind:
    return FindingKind(code=f"ebill_{code}", severity=severity, words=Text(en=en, zh=zh))


READING_PRODUCT = _kind(
    "reading_product",
    Severity.SERIOUS,
    "{place}: ({current} − {previous}) × {multiplier} = {made}, the bill prints {printed} metered.",
    "{place}：（{current} − {previous}）× {multiplier} = {made}，账单抄见电量为 {printed}。",
)
ROLLED_OVER = _kind(
    "register_rolled_over",
    Severity.INFO,
    "{place}: the register went through zero between {previous} and {current}; the printed kWh agree with that.",
    "{place}：示数由 {previous} 过零至 {current}，所印电量与此一致。",
)
READING_SUM = _kind(
    "reading_sum",
    Severity.SERIOUS,
    "{place}: {metered} + losses {losses} ± passed on {adjustment} = {made}, the bill prints {printed} billed.",
    "{place}：抄见 {metered} + 变损线损 {losses} ± 加减 {adjustment} = {made}，账单计费电量为 {printed}。",
)
BAND_SUM = _kind(
    "band_sum",
    Severity.SERIOUS,
    "{place}: the bands of meter {meter} add up to {made} kWh, its total is {printed}.",
    "{place}：电能表 {meter} 各时段之和为 {made} 千瓦时，总电量为 {printed}。",
)
CHARGED_KWH = _kind(
    "charged_kwh",
    Severity.WARNING,
    "{place}: {what} is charged on {made} kWh, the meter rows bill {printed}.",
    "{place}：{what} 的计费电量为 {made} 千瓦时，而电量明细为 {printed}。",
)
CHARGE_PRODUCT = _kind(
    "charge_product",
    Severity.SERIOUS,
    "{place}: {quantity} × {unit_price} = {made}, the bill prints {printed}.",
    "{place}：{quantity} × {unit_price} = {made}，账单电费为 {printed}。",
)
SUBTOTAL = _kind(
    "subtotal",
    Severity.SERIOUS,
    "{place}: the rows of {what} add up to {made}, the bill prints {printed}.",
    "{place}：{what} 各行之和为 {made}，账单所印为 {printed}。",
)
BLOCK_PRODUCT = _kind(
    "block_product",
    Severity.SERIOUS,
    "{place}: {what} = {made}, the bill prints {printed}.",
    "{place}：{what} = {made}，账单所印为 {printed}。",
)
BLOCK_SUM = _kind(
    "block_sum",
    Severity.WARNING,
    "{place}: the charge rows have {printed} for {kind}, its sub-tables {made}; the charge rows count.",
    "{place}：电费明细中 {kind} 为 {printed}，子表合计为 {made}；以电费明细为准。",
)
POWER_FACTOR = _kind(
    "power_factor",
    Severity.WARNING,
    "The bill's kWh and kvarh give the power factor {made}, it prints {printed}.",
    "按账单有功、无功电量计算的功率因数为 {made}，账单所印为 {printed}。",
)
TOTAL_AMOUNT = _kind(
    "total_amount",
    Severity.SERIOUS,
    "{place}: the rows add up to {made}, the bill's amount is {printed}.",
    "{place}：各行之和为 {made}，账单总额为 {printed}。",
)
TOTAL_KWH = _kind(
    "total_kwh",
    Severity.WARNING,
    "The metering points add up to {made} kWh, the overview has {printed}.",
    "各计量点电量之和为 {made} 千瓦时，账单概况为 {printed}。",
)
ITEM_SUM = _kind(
    "item_sum",
    Severity.WARNING,
    "{place}: the overview has {printed} for {what}, its rows add up to {made}.",
    "{place}：账单概况中 {what} 为 {printed}，明细之和为 {made}。",
)
SHARES_DIFFER = _kind(
    "shares_differ",
    Severity.WARNING,
    "The overview's band shares ({printed}) disagree with the meter detail ({made}); the detail is used.",
    "账单概况的峰谷比例（{printed}）与电量明细（{made}）不一致，以明细为准。",
)
AVERAGE_PRICE = _kind(
    "average_price",
    Severity.INFO,
    "Amount ÷ kWh is {made}, the overview prints the average price {printed}.",
    "总额 ÷ 电量为 {made}，账单概况的平均电价为 {printed}。",
)
HOURS_MISSING = _kind(
    "hours_missing", Severity.WARNING, "The 24-hour table lacks hours {hours}.", "24 小时电价表缺少第 {hours} 小时。"
)
HOURS_PART = _kind(
    "hours_part",
    Severity.INFO,
    "The 24-hour table covers {listed} of {whole} kWh: only the meters that trade in the market are in it.",
    "24 小时电价表涵盖 {whole} 千瓦时中的 {listed}：仅含参与市场交易的电能表。",
)
HOURS_MORE = _kind(
    "hours_more",
    Severity.WARNING,
    "The 24-hour table has {listed} kWh, more than the bill's {whole}.",
    "24 小时电价表合计 {listed} 千瓦时，超过账单电量 {whole}。",
)
OBJECTION_UNTIL = _kind(
    "objection_until",
    Severity.WARNING,
    "Object by {day}: after that day the settlement counts as accepted.",
    "请在 {day} 前提出异议：逾期视为认可结算结果。",
)
OBJECTION_UNKNOWN = _kind(
    "objection_unknown",
    Severity.INFO,
    "The bill of {month} prints no deadline for objections; ask for it, because after it the settlement counts as "
    "accepted.",
    "{month} 账单未印异议截止日期；请向售电公司或电网企业确认，逾期视为认可结算结果。",
)
