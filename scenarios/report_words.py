"""The report's words, in English and simplified Chinese. Every key has both; a test walks them."""

from domain.text import Language, Text

WORDS: dict[str, Text] = {
    "title": Text(en="Electricity offer", zh="用电套餐报价书"),
    "for_site": Text(en="for {site}", zh="{site}"),
    "case": Text(en="Case", zh="询价编号"),
    "issued": Text(en="Issued", zh="询价时间"),
    "horizon": Text(en="Plan", zh="计划期"),
    "valid_until": Text(en="Stands until", zh="有效期至"),
    "currency": Text(en="Currency", zh="货币"),
    "times_in": Text(en="All times are {zone} wall-clock times.", zh="所有时间均为 {zone} 当地时间。"),
    "headline_best": Text(
        en="{package} is expected to save {saving} ({share}) against today.",
        zh="{package}预计较现状节省 {saving}（{share}）。",
    ),
    "headline_dearer": Text(
        en="{package} ranks first, but is expected to cost {saving} more than today ({share}).",
        zh="{package}排名第一，但预计较现状多支出 {saving}（{share}）。",
    ),
    "headline_range": Text(
        en="In eight of ten outcomes the saving lies between {p10} and {p90}.",
        zh="十种可能中有八种，节省额在 {p10} 至 {p90} 之间。",
    ),
    "headline_none": Text(
        en="None of the packages beats today's tariff and plan. Nothing is offered.",
        zh="没有套餐优于现行电价与现行计划，本次不作报价。",
    ),
    "today": Text(en="Today", zh="现状"),
    "offer": Text(en="Offer", zh="套餐"),
    "offers": Text(en="Offers, best first", zh="套餐排名"),
    "rank": Text(en="Rank", zh="名次"),
    "package": Text(en="Package", zh="套餐"),
    "dr": Text(en="Demand response", zh="需求响应"),
    "with_dr": Text(en="with demand response", zh="含需求响应"),
    "without_dr": Text(en="without demand response", zh="不含需求响应"),
    "bill": Text(en="Bill", zh="电费"),
    "bill_mean": Text(en="Expected bill", zh="预期电费"),
    "saving": Text(en="Net saving", zh="净节省"),
    "saving_share": Text(en="of today's bill", zh="占现行电费"),
    "range": Text(en="P10 – P50 – P90", zh="P10 – P50 – P90"),
    "status": Text(en="Rule status", zh="规则状态"),
    "status_official": Text(en="official", zh="官方文件"),
    "status_compiled": Text(en="compiled", zh="资料汇编"),
    "status_to_verify": Text(en="to verify", zh="待核实"),
    "status_note_official": Text(
        en="The numbers were compared with the issuing body's notice.", zh="数值已与发布机构的文件核对。"
    ),
    "status_note_compiled": Text(
        en="The numbers were compiled from published sources; compare them with the notice before signing.",
        zh="数值汇编自公开资料，签约前请与原文件核对。",
    ),
    "status_note_to_verify": Text(
        en="The numbers have not been compared with a notice. Do not sign on them.",
        zh="数值尚未与文件核对，请勿据此签约。",
    ),
    "source": Text(en="Source", zh="来源"),
    "chart_ranges": Text(en="Bills over the same forecast samples", zh="同一组预测样本下的电费"),
    "chart_ranges_note": Text(
        en="Each bar runs from the 10th to the 90th percentile of the months' bill; the tick is the median. "
        "Event pay and production costs are not in the bill; they are in the net saving.",
        zh="横条为当期电费的 10%–90% 分位，竖线为中位数。需求响应收入与生产成本不在电费内，已计入净节省。",
    ),
    "chart_split": Text(en="Where the saving comes from", zh="节省来自何处"),
    "chart_split_note": Text(
        en="Expected values. The parts add up to the net saving exactly.", zh="均为期望值，各部分之和即净节省。"
    ),
    "split_tariff": Text(en="Tariff", zh="电价"),
    "split_shifting": Text(en="Shifting", zh="移峰"),
    "split_demand": Text(en="Demand", zh="需量"),
    "split_dr": Text(en="Response pay", zh="响应收益"),
    "split_production": Text(en="Production", zh="生产成本"),
    "split_total": Text(en="Net saving", zh="净节省"),
    "split_tariff_note": Text(en="today's load under the new prices", zh="现行负荷按新电价计费"),
    "split_shifting_note": Text(en="energy moved to cheaper hours", zh="电量移至较便宜时段"),
    "split_demand_note": Text(en="lower or differently billed peaks", zh="最大需量降低或计费方式改变"),
    "split_dr_note": Text(en="event pay less penalties", zh="事件收入减去违约金"),
    "split_production_note": Text(
        en="labour, lateness, starts and wear; negative costs more", zh="人工、延误、启动与损耗；负值为增加成本"
    ),
    "part": Text(en="Part", zh="项目"),
    "amount": Text(en="Amount", zh="金额"),
    "meaning": Text(en="What it is", zh="说明"),
    "chart_load": Text(en="Site import: today's plan and the offer's", zh="全厂用电：现行计划与套餐计划"),
    "chart_load_note": Text(
        en="Mean over the forecast samples. Background: price of energy under this package; outlined: events.",
        zh="预测样本均值。背景为该套餐的电度电价，框线为需求响应事件。",
    ),
    "load_kw": Text(en="Import, kW", zh="受电功率，kW"),
    "event": Text(en="Event", zh="事件"),
    "chart_runs": Text(en="When each machine runs", zh="设备运行时间"),
    "chart_runs_note": Text(
        en="Grey, upper: today's plan. Coloured, lower: the offer's schedule; what moved is dark.",
        zh="上行灰色为现行计划，下行彩色为套餐排程，深色为移动的运行。",
    ),
    "runs_same": Text(en="Unmoved", zh="未移动"),
    "runs_moved": Text(en="Moved", zh="已移动"),
    "set_up": Text(en="Set-up", zh="换型"),
    "chart_stores": Text(en="Stores and batteries", zh="库存与电池"),
    "chart_stores_note": Text(en="Level at the end of each step; dotted: limits.", zh="每时段末的水平；点线为上下限。"),
    "level": Text(en="level", zh="水平"),
    "chart_modulating": Text(en="Modulating loads and processes", zh="可调负荷与连续设备"),
    "chart_modulating_note": Text(
        en="Power in each step, or the rate of a process that has none. Each shift gets the energy it needs, each process "
        "does what its quotas and stores ask.",
        zh="每时段功率（不用电的连续设备为其速率）；各班次所需电量不变，连续设备完成其产量与库存要求。",
    ),
    "bills": Text(en="Bill, line by line", zh="电费明细"),
    "bills_note": Text(
        en="Of the forecast sample whose bill lies in the middle of the range; each line rounded as the tariff says.",
        zh="取电费位于区间中位的预测样本，逐行按电价规则取整。",
    ),
    "line": Text(en="Line", zh="项目"),
    "quantity": Text(en="Quantity", zh="数量"),
    "unit_price": Text(en="Unit price", zh="单价"),
    "rule": Text(en="Rule", zh="规则"),
    "month": Text(en="Month", zh="月份"),
    "total": Text(en="Total", zh="合计"),
    "difference": Text(en="Difference to today", zh="与现状之差"),
    "moves": Text(en="What moves, and why", zh="调整内容与原因"),
    "moves_none": Text(en="Nothing moves: today's plan stays as it is.", zh="无需调整，维持现行计划。"),
    "moves_more": Text(
        en="… and {n} smaller moves, all in the schedule file.", zh="……另有 {n} 项较小调整，见排程文件。"
    ),
    "subject": Text(en="What", zh="对象"),
    "from": Text(en="From", zh="原时间"),
    "to": Text(en="To", zh="新时间"),
    "moved_kwh": Text(en="Energy, kWh", zh="电量，kWh"),
    "move_saving": Text(en="Energy cost saved", zh="节省电度电费"),
    "reason": Text(en="Why", zh="原因"),
    "commitments": Text(en="What is promised for each event", zh="各事件的承诺"),
    "commitments_none": Text(en="This offer promises no demand response.", zh="本套餐不含需求响应承诺。"),
    "baseline_kw": Text(en="Baseline, kW", zh="基线，kW"),
    "commitment_kw": Text(en="Promised, kW", zh="承诺，kW"),
    "expected_kw": Text(en="Expected, kW", zh="预期响应，kW"),
    "pay": Text(en="Pay", zh="收益"),
    "penalty": Text(en="Penalty", zh="违约金"),
    "baseline_days": Text(en="Baseline days", zh="基线日"),
    "playbook": Text(en="What to do when the event is called", zh="事件执行手册"),
    "at": Text(en="At", zh="时间"),
    "action": Text(en="Action", zh="动作"),
    "findings": Text(en="Look at these", zh="请注意"),
    "findings_none": Text(en="Nothing to report.", zh="无。"),
    "severity_info": Text(en="note", zh="提示"),
    "severity_warning": Text(en="warning", zh="警告"),
    "severity_serious": Text(en="serious", zh="严重"),
    "limits": Text(en="What this report does not say", zh="本报告的局限"),
    "limit_samples": Text(
        en="Ranges come from {n} forecast samples of the load. Prices, orders and breakdowns are taken as given.",
        zh="区间来自 {n} 个负荷预测样本；电价、订单与设备故障按给定条件处理。",
    ),
    "limit_months": Text(
        en="Bills cover the whole months that the plan touches. Outside the plan's days the load is as measured or "
        "forecast, the same for today and for every offer.",
        zh="电费覆盖计划期涉及的整月；计划期之外的负荷按实测或预测，对现状与各套餐均相同。",
    ),
    "limit_control": Text(
        en="Nothing is switched by this system. People and their own systems carry the schedule out.",
        zh="本系统不控制任何设备，排程由人员及其自有系统执行。",
    ),
    "certificate": Text(en="How surely this is the best schedule", zh="排程的最优程度"),
    "certificate_optimal": Text(
        en="Proven best to within {gap}: no schedule can cost less than {bound}; this one costs {objective}.",
        zh="已证明与最优相差不超过 {gap}：任何排程的成本不低于 {bound}，本排程为 {objective}。",
    ),
    "certificate_deadline": Text(
        en="The search stopped at its deadline with {gap} unproven: no schedule can cost less than {bound}; "
        "this one costs {objective}.",
        zh="搜索因时限停止，尚有 {gap} 未证明：任何排程的成本不低于 {bound}，本排程为 {objective}。",
    ),
    "certificate_recorded": Text(
        en="Replayed from a manifest and audited again; its recorded gap is {gap}. It costs {objective}.",
        zh="由清单重放并重新审核，记录的差距为 {gap}，成本为 {objective}。",
    ),
    "details": Text(en="Offer {rank}: {package}", zh="第 {rank} 名：{package}"),
    "manifest": Text(en="Record", zh="存证"),
    "manifest_note": Text(
        en="From the case file and this record the same quote comes out again.",
        zh="凭询价文件与本存证可重算出相同报价。",
    ),
    "case_sha256": Text(en="Case SHA-256", zh="询价文件 SHA-256"),
    "answer_sha256": Text(en="Answer SHA-256", zh="答复 SHA-256"),
    "version": Text(en="Version", zh="版本"),
    "seed": Text(en="Seed", zh="随机种子"),
    "time_taken": Text(en="Computed in", zh="计算用时"),
    "seconds": Text(en="{s} s", zh="{s} 秒"),
}


def word(key: str, language: Language, **values: object) -> str:
    """Give one of the report's words in one language, its placeholders filled."""
    return WORDS[key].say(language, **values)
