"""Why a plan cannot be: the contradiction in the plant's words."""

from domain.errors import WattplanError
from domain.text import Text


class InfeasiblePlanError(WattplanError):
    """No schedule keeps all of the plan's orders and limits."""

    code = "infeasible_plan"
    words = Text(
        en="No schedule keeps all orders and limits. They contradict each other: {conflicts}.",
        zh="没有排程能同时满足所有订单与限制。相互矛盾之处：{conflicts}。",
    )
