"""The columns that today's habits decide."""

from optimizer.formulation import Matrix, PlanSets
from optimizer.today import idle_or_charged_at_once, level_modulating_kw


def today_columns(sets: PlanSets, matrix: Matrix) -> dict[int, float]:
    """Give the columns that today's habits decide, with their values."""
    held: dict[int, float] = {}
    level = level_modulating_kw(sets)
    for (load_id, t), column in matrix.columns_of("modulating_kw").items():
        held[column] = float(level[load_id][t])
    uses = idle_or_charged_at_once(sets)
    for (battery_id, t), column in matrix.columns_of("charge_kw").items():
        held[column] = float(uses[battery_id].charge_kw[t])
    held |= dict.fromkeys(matrix.columns_of("discharge_kw").values(), 0.0)
    return held | dict.fromkeys(matrix.columns_of("settled").values(), 0.0)
