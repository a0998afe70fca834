"""What a backtest refuses, each with its reason and its mend."""

from domain.errors import WattplanError
from domain.text import Text


class NoOriginError(WattplanError):
    """No day of the meter can be asked for."""

    code = "backtest_without_origins"
    words = Text(
        en="Meter {meter_id}: {have_days} whole local days are not enough for one origin with {history_days} days before "
        "it and {horizon_days} after it. Give more history, or a shorter horizon.",
        zh="电表 {meter_id}：{have_days} 个完整日不足以构成一次回测（之前需 {history_days} 天，之后需 {horizon_days} 天）。"
        "请提供更多历史数据，或缩短预测时段。",
    )


class NothingScoredError(WattplanError):
    """Not one origin has been answered by all forecasters on a day that was measured."""

    code = "backtest_nothing_scored"
    words = Text(
        en="Meter {meter_id}: none of the {n_origins} origins could be scored. The first reason: {reason}",
        zh="电表 {meter_id}：{n_origins} 次回测均无法评分。首个原因：{reason}",
    )


class UnfitAnswerError(WattplanError):
    """A forecaster's answer does not fit its question."""

    code = "backtest_answer_unfit"
    words = Text(
        en="The forecaster {name} was asked at {issued_at} and answers with {field} = {value}. Mend the forecaster.",
        zh="预测方法 {name} 在 {issued_at} 被询问，却给出 {field} = {value}。请修正该预测方法。",
    )
