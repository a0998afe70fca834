"""What the forecaster refuses, each with its reason and its mend."""

from domain.errors import WattplanError
from domain.text import Text


class ForecastRefusedError(WattplanError):
    """The base of the refusals that the customer's data or question bring about."""

    code = "forecast_refused"


class NoUsableDataError(ForecastRefusedError):
    """Nothing was measured before the time of issue."""

    code = "no_usable_data"
    words = Text(
        en="Meter {meter_id}: no measured value before {issued_at}. Give measured load, or a later time of issue.",
        zh="电表 {meter_id}：{issued_at} 之前没有任何实测值。请提供实测负荷，或改用更晚的发布时间。",
    )


class HistoryTooShortError(ForecastRefusedError):
    """Too few measured days to know a working week."""

    code = "history_too_short"
    words = Text(
        en="Meter {meter_id}: only {measured_days:.1f} days are measured before {issued_at}; at least {least_days} are "
        "needed. Give more history.",
        zh="电表 {meter_id}：{issued_at} 之前仅有 {measured_days:.1f} 天实测数据，至少需要 {least_days} 天。"
        "请补充历史数据。",
    )


class ConstantLoadError(ForecastRefusedError):
    """The load never moved, so there is nothing to learn."""

    code = "constant_load"
    words = Text(
        en="Meter {meter_id}: every value since {first} is {value_kw} kW; a load that never moves is a fault or an "
        "empty meter. Check the meter.",
        zh="电表 {meter_id}：自 {first} 起所有数值均为 {value_kw} kW；从不变化的负荷意味着故障或空表。请检查电表。",
    )


class StepMismatchError(ForecastRefusedError):
    """History and horizon count time in different steps."""

    code = "step_mismatch"
    words = Text(
        en="The history has {history_min}-minute steps, the grid asked for {asked_min}-minute steps. "
        "Ask in the history's steps.",
        zh="历史数据步长为 {history_min} 分钟，所求时段步长为 {asked_min} 分钟。请使用与历史数据相同的步长。",
    )


class HorizonInPastError(ForecastRefusedError):
    """The horizon begins before the time of issue."""

    code = "horizon_in_past"
    words = Text(
        en="The horizon starts at {start}, before the time of issue {issued_at}. Start it at or after the issue.",
        zh="预测时段始于 {start}，早于发布时间 {issued_at}。请将起点设在发布时间或之后。",
    )


class PlanTooShortError(ForecastRefusedError):
    """The plan's load is not known at every step where it is needed."""

    code = "plan_too_short"
    words = Text(
        en="The plan's load, {field}, must have a value at each of {needed} steps; it has {given}. Extend the plan.",
        zh="计划负荷 {field} 须在全部 {needed} 个时段上有值，现有 {given} 个。请补全计划。",
    )


class ForecastFailedError(WattplanError):
    """The solver gave up; no other forecast takes its place."""

    code = "forecast_failed"
    words = Text(
        en="The load model of meter {meter_id} could not be fitted. The solver says: {solver}. "
        "Look for absurd values in the history.",
        zh="电表 {meter_id} 的负荷模型拟合失败。求解器信息：{solver}。请检查历史数据中是否有异常值。",
    )
