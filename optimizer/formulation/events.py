r"""Demand-response events: equations (E1)-(E9) of docs/formulation.md.

==============================  ==============================  ======  =======================================
symbol                          code                            unit    meaning
==============================  ==============================  ======  =======================================
:math:`y_{en}`                  ``m.settled[e, n]``             -       1: event e committed, settled by row n
:math:`c_{en}`                  ``m.committed_kw[e, n]``        kW      commitment, 0 under every other row
:math:`r_{en}`                  ``m.delivered_kw[e, n]``        kW      mean response, 0 under every other row
:math:`r_{e}^0`                 ``m.idle_response_kw[e]``       kW      mean response when not committed
:math:`w_{en}`                  ``m.shortfall_kw[e, n]``        kW      committed and not delivered
:math:`b_e, \sigma_e`           ``m.baseline_kw`` ...           kW, -   mean baseline; +1 shaving, -1 filling
:math:`\underline C, \bar C`    ``m.least_commitment_kw`` ...   kW      limits of the commitment; also big-M
:math:`\underline\rho,\bar\rho` ``m.least_rate`` ...            -       rates of settlement row n
:math:`\underline R, \bar R`    ``m.least_response_kw`` ...     kW      limits of the response; also big-M
==============================  ==============================  ======  =======================================

Each settlement row that can pay becomes one row n: paid kW are :math:`\delta_n r_{en} + \gamma_n c_{en}`. Rows
that pay nothing are left out: not to commit costs no more. They are stated only where the commitment is made already or
is settled by other terms too, so that it may stand and fail here (``every_row``). The row that starts at rate 0 stands for
responses of 0 and more, and for negative ones (which count as none) in a row of its own where that can pay.
Rates are half-open in the table; the model stays ``EDGE_SHARE`` inside of each edge, so that a response
evaluated afterwards falls into the row the model chose. :math:`\underline R, \bar R` follow from the baseline
and an import within 0 … limit; a row's greatest commitment is :math:`\min(\bar C, \bar R / \underline\rho)`.
"""

import math
from collections.abc import Iterator

from pyomo.environ import Binary, ConcreteModel, Constraint, NonNegativeReals, Param, Set, Var

from domain.errors import WattplanError
from domain.noun import noun
from domain.programmes.terms import EventTerm
from domain.text import Text
from optimizer.formulation.sets import PlanSets
from optimizer.formulation.sums import weighted

EDGE_SHARE = 1e-6
"""How far inside of a rate edge a response must stay. [-]"""


class EventUnboundedError(WattplanError, ValueError):
    """An event's commitment has no upper limit."""

    code = "event_unbounded"
    words = Text(
        en="Event {event_id} pays for commitments without an upper limit. Give its programme max_commitment_kw.",
        zh="事件 {event_id} 的申报容量没有上限。请为其项目填写 max_commitment_kw。",
    )


class CommitmentOutOfReachError(WattplanError, ValueError):
    """A commitment that is made already lies outside of what any load of the site could be settled for."""

    code = "commitment_out_of_reach"
    words = Text(
        en="Event {event_id}: no row of its settlement table can be reached with the commitment that is made "
        "({min_kw:g} … {max_kw:g} kW; the site can respond with at most {most_kw:g} kW). Lower the commitment.",
        zh="事件 {event_id}：已申报的 {min_kw:g} … {max_kw:g} kW 无法达到结算表的任何一档（厂区最多可响应 {most_kw:g} kW）。"
        "请降低申报容量。",
    )


@noun
class SettlementRow:
    """One way in which an event can be settled."""

    event: EventTerm
    least_rate: float | None
    """None: no lower edge. [-]"""
    most_rate: float | None
    """None: no upper edge. [-]"""
    per_delivered: float
    per_committed: float
    counts_delivery: bool
    """False: the response is negative and counts as none."""
    most_commitment_kw: float
    least_response_kw: float
    most_response_kw: float


def response_limits_kw(event: EventTerm, import_limit_kw: float) -> tuple[float, float]:
    """Give the least and the greatest mean response that an import within 0 … limit allows. [kW]."""
    ends = (event.delivered_kw(0.0), event.delivered_kw(import_limit_kw))
    return min(ends), max(ends)


def every_row(event: EventTerm) -> bool:
    """Say whether rows that pay nothing count too: the commitment can stand without being worth it here."""
    return event.is_committed or event.promise_id is not None


def settlement_rows(event: EventTerm, import_limit_kw: float) -> Iterator[SettlementRow]:
    """Give the rows by which an event can pay, or can be settled at all (``every_row``).

    Raises
    ------
    EventUnboundedError
        If a row that can pay, or be settled, leaves the commitment without an upper limit.
    """
    least_kw, most_kw = response_limits_kw(event, import_limit_kw)
    for band in event.bands:
        if band.per_delivered == 0 and band.per_committed == 0 and not every_row(event):
            continue
        least_rate = band.from_rate * (1 + EDGE_SHARE)
        most_rate = None if math.isinf(band.to_rate) else band.to_rate * (1 - EDGE_SHARE)
        commitment_kw = event.max_commitment_kw
        if least_rate > 0:
            commitment_kw = min(commitment_kw, max(0.0, most_kw) / least_rate)
        if math.isinf(commitment_kw):
            raise EventUnboundedError(event_id=event.event_id)
        if commitment_kw < event.min_commitment_kw:
            continue
        row = SettlementRow(
            event=event,
            least_rate=least_rate,
            most_rate=most_rate,
            per_delivered=band.per_delivered,
            per_committed=band.per_committed,
            counts_delivery=True,
            most_commitment_kw=commitment_kw,
            least_response_kw=0.0,
            most_response_kw=max(0.0, most_kw),
        )
        yield row
        pays_for_less = event.pay_per_kw * band.per_committed > event.penalty_per_kw
        if band.from_rate == 0 and least_kw < 0 and (pays_for_less or every_row(event)):
            yield SettlementRow(
                event=event,
                least_rate=None,
                most_rate=None,
                per_delivered=0.0,
                per_committed=band.per_committed,
                counts_delivery=False,
                most_commitment_kw=commitment_kw,
                least_response_kw=least_kw,
                most_response_kw=0.0,
            )


def one_settlement(m: ConcreteModel, e: str) -> object:
    r"""(E1) :math:`\sum_n y_{en} \le 1`; none: not committed; :math:`= 1` where the commitment is made already."""
    settled = weighted((m.settled[e, n], 1.0) for n in m.ROWS_OF[e])
    return settled == 1 if e in m.COMMITTED else settled <= 1


def least_commitment(m: ConcreteModel, e: str, n: int) -> object:
    r"""(E2) :math:`c_{en} \ge \underline C_e y_{en}`."""
    return m.committed_kw[e, n] >= m.least_commitment_kw[e] * m.settled[e, n]


def most_commitment(m: ConcreteModel, e: str, n: int) -> object:
    r"""(E3) :math:`c_{en} \le \bar C_{en} y_{en}`."""
    return m.committed_kw[e, n] <= m.most_commitment_kw[e, n] * m.settled[e, n]


def rate_from(m: ConcreteModel, e: str, n: int) -> object:
    r"""(E4) :math:`r_{en} \ge \underline\rho_n c_{en}`."""
    return m.delivered_kw[e, n] >= m.least_rate[e, n] * m.committed_kw[e, n]


def rate_to(m: ConcreteModel, e: str, n: int) -> object:
    r"""(E5) :math:`r_{en} \le \bar\rho_n c_{en}`."""
    return m.delivered_kw[e, n] <= m.most_rate[e, n] * m.committed_kw[e, n]


def response_within(m: ConcreteModel, e: str, n: int, end: str) -> object:
    r"""(E6) :math:`\underline R_{en} y_{en} \le r_{en} \le \bar R_{en} y_{en}`, one row for each end."""
    limit = m.response_limit_kw[e, n, end] * m.settled[e, n]
    return m.delivered_kw[e, n] >= limit if end == "least" else m.delivered_kw[e, n] <= limit


def idle_within(m: ConcreteModel, e: str, end: str) -> object:
    r"""(E7) :math:`\underline R_e (1 - \sum_n y_{en}) \le r^0_e \le \bar R_e (1 - \sum_n y_{en})`."""
    limit = m.idle_limit_kw[e, end]
    settled = weighted((m.settled[e, n], limit) for n in m.ROWS_OF[e])
    return m.idle_response_kw[e] + settled >= limit if end == "least" else m.idle_response_kw[e] + settled <= limit


def response_split(m: ConcreteModel, e: str) -> object:
    r"""(E8) :math:`\sum_n r_{en} + r^0_e = \sigma_e (b_e - \frac{1}{|T_e|} \sum_{t \in T_e} i_t)`."""
    steps = m.EVENT_STEPS[e]
    parts = [(m.delivered_kw[e, n], 1.0) for n in m.ROWS_OF[e]]
    mean_import = [(m.import_kw[t], m.sign[e] / len(steps)) for t in steps]
    return weighted([*parts, (m.idle_response_kw[e], 1.0), *mean_import]) == m.sign[e] * m.baseline_kw[e]


def shortfall(m: ConcreteModel, e: str, n: int) -> object:
    r"""(E9) :math:`w_{en} \ge c_{en} - \kappa_n r_{en}`; a negative response counts as none, :math:`\kappa_n = 0`."""
    return m.shortfall_kw[e, n] >= m.committed_kw[e, n] - m.counts_delivery[e, n] * m.delivered_kw[e, n]


def declare(m: ConcreteModel, sets: PlanSets) -> None:
    """Add the events' data, variables and equations to a model that has m.import_kw."""
    limit_kw = sets.problem.site.import_limit_kw
    rows = {
        (event.event_id, n): row
        for event in sets.problem.events
        for n, row in enumerate(settlement_rows(event, limit_kw))
    }
    events = {e: row.event for (e, _), row in rows.items()}
    m.COMMITTED = {event.event_id for event in sets.problem.events if event.is_committed}
    _must_be_in_reach(sets, events)
    m.EVENTS = Set(initialize=list(events))
    m.SETTLEMENTS = Set(initialize=list(rows), dimen=2)
    m.ROWS_OF = {e: [n for (other, n) in rows if other == e] for e in events}
    m.EVENT_STEPS = {e: range(one.first, one.stop) for e, one in events.items()}
    m.FROM_RATE = Set(initialize=[key for key, row in rows.items() if row.least_rate is not None], dimen=2)
    m.TO_RATE = Set(initialize=[key for key, row in rows.items() if row.most_rate is not None], dimen=2)
    m.ENDS = Set(initialize=["least", "most"])
    m.sign = Param(m.EVENTS, initialize={e: one.sign for e, one in events.items()})
    m.baseline_kw = Param(m.EVENTS, initialize={e: one.baseline_kw for e, one in events.items()})
    m.least_commitment_kw = Param(m.EVENTS, initialize={e: one.min_commitment_kw for e, one in events.items()})
    m.most_commitment_kw = Param(m.SETTLEMENTS, initialize={key: row.most_commitment_kw for key, row in rows.items()})
    m.least_rate = Param(m.FROM_RATE, initialize={key: rows[key].least_rate for key in m.FROM_RATE})
    m.most_rate = Param(m.TO_RATE, initialize={key: rows[key].most_rate for key in m.TO_RATE})
    m.response_limit_kw = Param(
        m.SETTLEMENTS,
        m.ENDS,
        initialize={(*key, "least"): row.least_response_kw for key, row in rows.items()}
        | {(*key, "most"): row.most_response_kw for key, row in rows.items()},
    )
    idle = {e: response_limits_kw(one, limit_kw) for e, one in events.items()}
    m.idle_limit_kw = Param(
        m.EVENTS,
        m.ENDS,
        initialize={(e, "least"): ends[0] for e, ends in idle.items()}
        | {(e, "most"): ends[1] for e, ends in idle.items()},
    )
    m.counts_delivery = Param(m.SETTLEMENTS, initialize={key: int(row.counts_delivery) for key, row in rows.items()})
    m.pay_per_delivered_kw = Param(
        m.SETTLEMENTS, initialize={key: row.event.pay_per_kw * row.per_delivered for key, row in rows.items()}
    )
    m.pay_per_committed_kw = Param(
        m.SETTLEMENTS, initialize={key: row.event.pay_per_kw * row.per_committed for key, row in rows.items()}
    )
    m.penalty_per_kw = Param(m.EVENTS, initialize={e: one.penalty_per_kw for e, one in events.items()})
    m.settled = Var(m.SETTLEMENTS, domain=Binary)
    m.committed_kw = Var(m.SETTLEMENTS, bounds={key: (0, row.most_commitment_kw) for key, row in rows.items()})
    m.delivered_kw = Var(
        m.SETTLEMENTS, bounds={key: (row.least_response_kw, row.most_response_kw) for key, row in rows.items()}
    )
    m.idle_response_kw = Var(m.EVENTS, bounds={e: (min(0.0, ends[0]), max(0.0, ends[1])) for e, ends in idle.items()})
    m.shortfall_kw = Var(m.SETTLEMENTS, domain=NonNegativeReals)

    m.one_settlement = Constraint(m.EVENTS, rule=one_settlement, doc="E1")
    m.least_commitment = Constraint(m.SETTLEMENTS, rule=least_commitment, doc="E2")
    m.most_commitment = Constraint(m.SETTLEMENTS, rule=most_commitment, doc="E3")
    m.rate_from = Constraint(m.FROM_RATE, rule=rate_from, doc="E4")
    m.rate_to = Constraint(m.TO_RATE, rule=rate_to, doc="E5")
    m.response_within = Constraint(m.SETTLEMENTS, m.ENDS, rule=response_within, doc="E6")
    m.idle_within = Constraint(m.EVENTS, m.ENDS, rule=idle_within, doc="E7")
    m.response_split = Constraint(m.EVENTS, rule=response_split, doc="E8")
    m.shortfall = Constraint(m.SETTLEMENTS, rule=shortfall, doc="E9")


def _must_be_in_reach(sets: PlanSets, settled: dict[str, EventTerm]) -> None:
    for event in sets.problem.events:
        if event.is_committed and event.event_id not in settled:
            raise CommitmentOutOfReachError(
                event_id=event.event_id,
                min_kw=event.min_commitment_kw,
                max_kw=event.max_commitment_kw,
                most_kw=response_limits_kw(event, sets.problem.site.import_limit_kw)[1],
            )
