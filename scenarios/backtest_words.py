"""The words of a backtest's page and table, in English and simplified Chinese."""

from domain.text import Language, Text

WORDS: dict[str, Text] = {
    "title": Text(en="Backtest of the load forecast", zh="负荷预测回测"),
    "intro": Text(
        en="Each forecast was made again with nothing but the readings that had arrived by its time of issue, and is "
        "compared with what the meter showed later. All times are {zone} wall-clock times.",
        zh="每次预测仅使用发布时刻之前已到达的读数重新计算，并与电表后来的实测值比较。所有时间均为 {zone} 当地时间。",
    ),
    "meter": Text(en="Meter", zh="电表"),
    "origins": Text(en="Forecasts", zh="预测次数"),
    "issue": Text(en="Issued at", zh="发布时刻"),
    "horizon": Text(en="Horizon", zh="预测时段"),
    "horizon_days": Text(en="{days} local day(s)", zh="{days} 个当地日"),
    "span": Text(en="Days judged", zh="评估日期"),
    "delay": Text(en="Readings arrive after", zh="读数到达延迟"),
    "minutes": Text(en="{minutes} min", zh="{minutes} 分钟"),
    "headline": Text(
        en="Our forecast is off by {wape} of the load; the same time last week by {naive}.",
        zh="本预测的误差为负荷的 {wape}；“上周同时刻”为 {naive}。",
    ),
    "better": Text(en="The error is {share} smaller.", zh="误差减小 {share}。"),
    "worse": Text(
        en="The error is {share} larger: for this meter the same time last week is the better forecast.",
        zh="误差增大 {share}：对该电表而言，“上周同时刻”是更好的预测。",
    ),
    "equal": Text(en="Both are equally good.", zh="两者相当。"),
    "scores": Text(en="Scores", zh="评分"),
    "forecaster": Text(en="Forecaster", zh="预测方法"),
    "own": Text(en="our forecast", zh="本预测"),
    "last_week": Text(en="same time last week", zh="上周同时刻"),
    "four_weeks": Text(en="mean of four same weekdays", zh="前四个同星期日均值"),
    "mae": Text(en="MAE kW", zh="平均绝对误差 kW"),
    "wape": Text(en="WAPE", zh="加权百分比误差"),
    "mase": Text(en="MASE", zh="标度误差 MASE"),
    "pinball": Text(en="pinball kW", zh="分位损失 kW"),
    "cover80": Text(en="within 80 % band", zh="80% 区间覆盖率"),
    "cover90": Text(en="within 90 % band", zh="90% 区间覆盖率"),
    "peak_mae": Text(en="daily peak off by", zh="日峰值误差"),
    "peak_bias": Text(en="peak bias kW", zh="峰值偏差 kW"),
    "peak_cover": Text(en="peaks within 80 %", zh="峰值 80% 覆盖率"),
    "refused": Text(en="refused", zh="拒绝次数"),
    "scores_note": Text(
        en="All are judged on the {count} forecasts that every one of them answered. WAPE: summed error over summed load. "
        "MASE: error over the error of the same time last week in the history known at the issue. Pinball: mean over "
        "the quantiles. A good 80 % band holds 80 % of the values. Peaks of forecasts without samples have no band.",
        zh="所有方法均在其共同作答的 {count} 次预测上评分。WAPE：误差之和除以负荷之和。MASE：误差除以发布时刻已知历史中"
        "“上周同时刻”的误差。分位损失为各分位的平均。良好的 80% 区间应包含 80% 的数值。无样本的预测没有峰值区间。",
    ),
    "refusals": Text(en="What was refused", zh="拒绝原因"),
    "refusal_line": Text(en="{name}, {count} times: {reason}", zh="{name}，{count} 次：{reason}"),
    "doubts": Text(en="What the forecasts themselves doubted", zh="预测自身给出的提示"),
    "doubt_line": Text(en="{count} of {total}: {reason}", zh="{total} 次中有 {count} 次：{reason}"),
    "chart_hours": Text(en="Error by hour of the day", zh="分小时误差"),
    "chart_hours_note": Text(
        en="Mean absolute error of the median forecast in each hour of the local day, over all days of the horizon.",
        zh="当地日每小时中位预测的平均绝对误差（涵盖预测时段的所有日）。",
    ),
    "chart_leads": Text(en="Error by day ahead", zh="按提前天数的误差"),
    "chart_leads_note": Text(
        en="Error as a share of the load, by local day of the horizon.", zh="误差占负荷的比例，按预测时段内的当地日。"
    ),
    "chart_days": Text(en="Error day by day", zh="逐日误差"),
    "chart_days_note": Text(
        en="Error as a share of the load on the first day of each horizon.", zh="每次预测首日的误差占负荷的比例。"
    ),
    "chart_cover": Text(en="Are the quantiles right?", zh="分位数是否准确？"),
    "chart_cover_note": Text(
        en="For each quantile, how many values lay below it. On the line it says what it promises; above the line in the "
        "upper half, and below it in the lower half, bands are wider than need be.",
        zh="每个分位数之下的实测值比例。落在直线上即名副其实；上半部高于直线、下半部低于直线，说明区间偏宽。",
    ),
    "chart_best": Text(en="The best day: {day}, off by {wape}", zh="最准的一天：{day}，误差 {wape}"),
    "chart_worst": Text(en="The worst day: {day}, off by {wape}", zh="最差的一天：{day}，误差 {wape}"),
    "chart_day_note": Text(
        en="Line: what was measured. Band: P10 to P90 as forecast, with the median in it.",
        zh="折线：实测值。色带：预测的 P10 至 P90，其中为中位数。",
    ),
    "actual": Text(en="measured", zh="实测"),
    "median": Text(en="median forecast", zh="中位预测"),
    "band": Text(en="P10–P90", zh="P10–P90 区间"),
    "ideal": Text(en="as promised", zh="理想"),
    "hour_axis": Text(en="hour of the local day", zh="当地小时"),
    "lead_axis": Text(en="day of the horizon", zh="提前天数"),
    "day_axis": Text(en="day", zh="日期"),
    "kw_axis": Text(en="kW", zh="千瓦"),
    "share_axis": Text(en="share of the load, %", zh="占负荷比例，%"),
    "nominal_axis": Text(en="quantile, %", zh="分位，%"),
    "below_axis": Text(en="values below it, %", zh="低于该分位的比例，%"),
}


def word(key: str, language: Language, **values: object) -> str:
    """Give one word or sentence."""
    return WORDS[key].say(language, **values)


def name_of(forecaster: str, language: Language) -> str:
    """Give a forecaster's name; one that has no words goes by its own."""
    return word(forecaster, language) if forecaster in WORDS else forecaster
