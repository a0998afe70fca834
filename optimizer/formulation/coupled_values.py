"""The quantities of a coupled cost in plain numbers, and the integers that they imply."""

import numpy as np

from domain.checks import FloatArray
from domain.tariffs.atoms import known_kvar
from optimizer.formulation.coupled_nodes import (
    Above,
    Candidate,
    Counted,
    Coupled,
    Direction,
    Form,
    Highest,
    On,
    TopMean,
    Total,
)
from optimizer.formulation.coupled_rows import coupled_rows


def form_value(form: Form, values: FloatArray) -> float:
    """Evaluate a form."""
    return form.constant + sum(coefficient * float(values[number]) for number, coefficient in form.terms)


def candidate_value(
    one: Candidate, import_kw: FloatArray, values: FloatArray, reactive_kvar: FloatArray | None = None
) -> float:
    """Evaluate a candidate of a peak. [kW or kvar]."""
    power = known_kvar(reactive_kvar) if one.is_reactive else import_kw
    return float(np.array(one.shares) @ power[list(one.steps)]) + form_value(one.plus, values)


def quantity_values(
    found: Coupled, import_kw: FloatArray, export_kw: FloatArray, reactive_kvar: FloatArray | None = None
) -> FloatArray:
    """Evaluate every quantity for one load, by number."""
    values = np.zeros(len(found.nodes))
    for number, node in enumerate(found.nodes):
        match node:
            case Direction():
                fed_in = 0.0 if node.per_export_kw is None else float(node.per_export_kw @ export_kw)
                reactive = node.per_reactive_kvar
                drawn = 0.0 if reactive is None else float(reactive @ known_kvar(reactive_kvar))
                values[number] = float(node.per_import_kw @ import_kw) + fed_in + drawn
            case Total():
                values[number] = form_value(Form(constant=0.0, terms=node.terms), values)
            case Highest():
                means_kw = [candidate_value(one, import_kw, values, reactive_kvar) for one in node.candidates]
                values[number] = max(node.floor_kw, *means_kw)
            case Above():
                values[number] = max(0.0, values[node.of] - node.edge)
            case On():
                values[number] = float(values[node.of] >= node.edge)
            case Counted():
                counts = bool(values[node.on]) == node.when_on
                values[number] = form_value(node.amount, values) if counts else 0.0
            case TopMean():
                members = sorted((form_value(one, values) for one in node.members), reverse=True)
                values[number] = float(np.mean(members[: node.n_highest]))
    return values


def implied_integers(
    found: Coupled, import_kw: FloatArray, export_kw: FloatArray, reactive_kvar: FloatArray | None = None
) -> dict[tuple[str, int | tuple[int, int]], float]:
    """Give the integers of the coupled cost that a load implies, by variable and index.

    A search that was cut short may leave a step off that the load has reached; put right, the schedule costs less.
    """
    values = quantity_values(found, import_kw, export_kw, reactive_kvar)
    rows = coupled_rows(found)
    implied: dict[tuple[str, int | tuple[int, int]], float] = {("is_on", n): values[n] for n in rows.steps}
    for (q, j), rung in rows.rungs.items():
        if rung.turns_down:
            edge = found.spans[q][0] + sum(rows.rungs[q, below].width for below in range(j))
            implied["reached", (q, j)] = float(values[q] >= edge)
    means_kw = {key: candidate_value(one, import_kw, values, reactive_kvar) for key, one in rows.choices.items()}
    for n in {n for n, _ in means_kw}:
        mine = {key: mean_kw for key, mean_kw in means_kw.items() if key[0] == n}
        highest = max(mine, key=lambda key: mine[key])
        implied |= {("attains", key): float(key == highest) for key in mine}
    return implied
