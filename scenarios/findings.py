"""What a quote finds worth a look: assumptions it made and things that could go wrong."""

from domain.findings import FindingKind, Severity
from domain.text import Text

BASE_CLIPPED = FindingKind(
    code="base_load_clipped",
    severity=Severity.WARNING,
    words=Text(
        en="In {share:.1%} of the past steps the planned equipment drew more than the whole site; "
        "the base load was taken as 0 there. Check the past runs or the meter's multiplier.",
        zh="历史中有 {share:.1%} 的时段，计划设备用电高于全厂用电；该处基础负荷按 0 计。请核对历史运行记录或电表倍率。",
    ),
)
BASE_FROM_PLAN = FindingKind(
    code="base_load_from_plan",
    severity=Severity.WARNING,
    words=Text(
        en="The base load is the site's forecast less today's plan ({clipped:.1%} of it cut off at 0), because no past "
        "runs were given. Give past runs of the planned equipment for a better split.",
        zh="未提供历史运行记录，基础负荷取全厂预测减去当前计划（其中 {clipped:.1%} 截断为 0）。"
        "提供计划设备的历史运行记录可更准确地拆分。",
    ),
)
MONTH_FILLED = FindingKind(
    code="month_to_date_filled",
    severity=Severity.WARNING,
    words=Text(
        en="{count} steps of the billing months before the issue time have no meter value ({first} … {last}); "
        "they were filled with the forecast model's expectation for every bill shown.",
        zh="计费月内、询价时间之前有 {count} 个时段没有电表数据（{first} … {last}）；"
        "所示账单均以预测模型的期望值补足。",
    ),
)
MONTH_SUSPECT = FindingKind(
    code="month_to_date_suspect",
    severity=Severity.WARNING,
    words=Text(
        en="{count} metered steps of the billing months look like meter faults, the highest {highest_kw:.0f} kW at "
        "{at}; they stand in every bill shown, its maximum demand included. Check the meter.",
        zh="计费月内有 {count} 个计量值疑似电表异常，最高为 {at} 的 {highest_kw:.0f} kW；"
        "所示账单（含最大需量）均包含这些值。请核对电表。",
    ),
)
POWER_FACTOR_FROM_METER = FindingKind(
    code="power_factor_from_meter",
    severity=Severity.INFO,
    words=Text(
        en="The power factor {power_factor} of the last {days} metered days is used for every bill.",
        zh="所有账单采用最近 {days} 个计量日的功率因数 {power_factor}。",
    ),
)
POWER_FACTOR_OF_BASE = FindingKind(
    code="power_factor_of_base",
    severity=Severity.WARNING,
    words=Text(
        en="Neither the months' power factor nor metered reactive energy is known: wherever the plan does not count reactive "
        "power, the base load's {power_factor} is used, as if nothing were compensated.",
        zh="月功率因数与无功计量均未知：凡计划未计入无功之处，按未补偿的基础负荷功率因数 {power_factor} 计算。",
    ),
)
REACTIVE_AROUND = FindingKind(
    code="reactive_around",
    severity=Severity.INFO,
    words=Text(
        en="Outside of the plan, on {days} days of the billing months, reactive energy is taken at a power factor of "
        "{power_factor}, for no meter knows it.",
        zh="计费月内计划期之外的 {days} 天没有无功计量，按功率因数 {power_factor} 计入无功电量。",
    ),
)
COMPENSATION_AS_GIVEN = FindingKind(
    code="compensation_as_given",
    severity=Severity.INFO,
    words=Text(
        en="This answer takes the power factor as given; `wattplan plan best` decides the compensators and counts reactive power.",
        zh="本结果按给定功率因数计算；`wattplan plan best` 可优化补偿装置并计入无功。",
    ),
)
GAP_LEFT = FindingKind(
    code="schedule_gap_left",
    severity=Severity.INFO,
    words=Text(
        en="The search stopped by {stopped_by}: no schedule within the same limits can be cheaper by more than {amount:.2f} {currency} "
        "({gap:.2%}).",
        zh="搜索因 {stopped_by} 停止：在同样约束下，任何排程最多只能再便宜 {amount:.2f} {currency}（{gap:.2%}）。",
    ),
)
NUMBERS_NOT_OFFICIAL = FindingKind(
    code="tariff_not_official",
    severity=Severity.WARNING,
    words=Text(
        en="The numbers of {record} are '{status}': not compared with the issuing body's notice. "
        "Use them for advice, not for settlement.",
        zh="{record} 的数值状态为 '{status}'：尚未与发布机构的原文核对。仅供参考，不用于结算。",
    ),
)
PURCHASE_MODE_CHANGES = FindingKind(
    code="purchase_mode_changes",
    severity=Severity.WARNING,
    words=Text(
        en="This package changes the way of buying energy from {today} to {then}.",
        zh="该套餐将购电方式由 {today} 变更为 {then}。",
    ),
)
COMMITMENT_AT_RISK = FindingKind(
    code="commitment_at_risk",
    severity=Severity.WARNING,
    words=Text(
        en="Event {event_id}: in {share:.0%} of the forecast samples the response stays below the "
        "{commitment_kw:.0f} kW committed; in the worst it is {worst_kw:.0f} kW.",
        zh="事件 {event_id}：{share:.0%} 的预测样本中响应低于承诺的 {commitment_kw:.0f} kW；最差为 {worst_kw:.0f} kW。",
    ),
)
IMPORT_LIMIT_AT_RISK = FindingKind(
    code="import_limit_at_risk",
    severity=Severity.WARNING,
    words=Text(
        en="In {share:.0%} of the forecast samples the site would draw more than its import limit of {limit_kw:.0f} kW "
        "under this schedule; in the worst {worst_kw:.0f} kW.",
        zh="按此排程，{share:.0%} 的预测样本中厂区受电功率将超过上限 {limit_kw:.0f} kW；最高达 {worst_kw:.0f} kW。",
    ),
)
SAVING_CAN_TURN = FindingKind(
    code="saving_can_turn",
    severity=Severity.WARNING,
    words=Text(
        en="In {share:.0%} of the forecast samples this offer costs more than today; "
        "in the worst by {worst} {currency}.",
        zh="{share:.0%} 的预测样本中该方案比现状更贵；最差多付 {worst} {currency}。",
    ),
)
NOT_OFFERED = FindingKind(
    code="package_not_offered",
    severity=Severity.INFO,
    words=Text(
        en="Package {package_id} ({dr}) is not offered: its expected net benefit is {benefit} {currency}.",
        zh="套餐 {package_id}（{dr}）未列入方案：其预期净收益为 {benefit} {currency}。",
    ),
)
NO_COMMITMENT = FindingKind(
    code="no_commitment_worthwhile",
    severity=Severity.INFO,
    words=Text(
        en="Package {package_id}: no commitment for {events} is worth its cost, so no demand-response offer is made.",
        zh="套餐 {package_id}：对 {events} 作任何承诺都不划算，因此不提供需求响应方案。",
    ),
)
TODAY_FROM_RULE = FindingKind(
    code="today_plan_completed",
    severity=Severity.INFO,
    words=Text(
        en="{count} of {total} runs have no planned start; for today's bill they start as early as the limits allow.",
        zh="{total} 次运行中有 {count} 次没有计划开始时间；计算现状账单时按约束允许的最早时间开始。",
    ),
)
TODAY_NOT_POSSIBLE = FindingKind(
    code="today_not_possible",
    severity=Severity.WARNING,
    words=Text(
        en="The plan cannot be run as people do today, so nothing is compared with it. {reason_en}",
        zh="无法按现行方式执行该计划，因此不与现状比较。{reason_zh}",
    ),
)
BASE_LOAD_LEVELLED = FindingKind(
    code="base_load_levelled",
    severity=Severity.WARNING,
    words=Text(
        en="Only the site is metered, and the plan cannot be run as people do today; the load that it does not move is taken "
        "as the site's forecast less the plan's energy spread evenly. Costs are rough until the plan fits.",
        zh="只有全厂计量，而该计划无法按现行方式执行；计划外负荷按全厂预测减去均匀分摊的计划电量估算。"
        "在计划可行之前，成本仅供参考。",
    ),
)
RESERVE_NOT_KEPT = FindingKind(
    code="reserve_not_kept",
    severity=Severity.WARNING,
    words=Text(
        en="No schedule leaves room below the connection's limit for every forecast sample; planned is for the expected "
        "load, and some samples may exceed the limit.",
        zh="没有排程能在受电上限之下为全部预测样本留出裕量；现按期望负荷做计划，部分样本可能超过上限。",
    ),
)
STOCK_DIFFERS = FindingKind(
    code="stock_differs_from_today",
    severity=Severity.WARNING,
    words=Text(
        en="{name} ends with {now:.1f} {unit} where today's plan leaves {today:.1f}: part of the difference in cost is work "
        "that one of them has done in advance. Give planned rates and starts, or a level at the end, to compare alike.",
        zh="{name} 期末为 {now:.1f} {unit}，而现行计划为 {today:.1f}：成本差异中有一部分是提前完成的工作。"
        "请填写计划速率与开始时间，或期末库位，以便同等比较。",
    ),
)
PACKAGE_UNFIT = FindingKind(
    code="package_does_not_fit",
    severity=Severity.WARNING,
    words=Text(
        en="Package {package_id} cannot be offered to this customer: {reason_en}",
        zh="套餐 {package_id} 无法提供给该用户：{reason_zh}",
    ),
)
NO_BASELINE = FindingKind(
    code="event_without_baseline",
    severity=Severity.WARNING,
    words=Text(
        en="Event {event_id} is left out: {reason_en}",
        zh="事件 {event_id} 未计入：{reason_zh}",
    ),
)
EVENT_NOT_PLANNED = FindingKind(
    code="event_not_planned",
    severity=Severity.WARNING,
    words=Text(
        en="Event {event_id} is left out: {reason_en}",
        zh="事件 {event_id} 未计入：{reason_zh}",
    ),
)
EVENT_OUTSIDE_PLAN = FindingKind(
    code="event_outside_plan",
    severity=Severity.INFO,
    words=Text(
        en="Event {event_id} ({start} – {end}) lies outside the plan's days and is not considered.",
        zh="事件 {event_id}（{start} – {end}）不在计划期内，不予考虑。",
    ),
)
NOTICE_SHORT = FindingKind(
    code="event_notice_short",
    severity=Severity.WARNING,
    words=Text(
        en="Event {event_id} was called {given} min ahead; its programme promises at least {needed} min. "
        "Check the call before committing.",
        zh="事件 {event_id} 仅提前 {given} 分钟通知，而项目规定至少提前 {needed} 分钟。承诺之前请核对该通知。",
    ),
)
EMPTY_PLAN = FindingKind(
    code="plan_is_empty",
    severity=Severity.INFO,
    words=Text(
        en="The plan has nothing that can move: offers differ by prices only.",
        zh="计划中没有可移动的负荷：各方案仅价格不同。",
    ),
)
