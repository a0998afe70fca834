r"""Where quantities of a coupled cost are made: shared, bounded, and folded where the plan leaves no choice.

Three rules keep the model small, all exact:

- a hinge or step whose argument cannot change sign within its span is no hinge: it is 0, its amount, or its argument;
- :math:`\max(0, f)` of a form *f* that consists of hinges over one quantity *x* is again hinges over *x*
  (``broken_line.positive_part``), a step where such a form passes its edge once is a step of *x*;
- equal quantities are one quantity, whatever sample or atom asks for them.
"""

from collections.abc import Hashable, Iterable

import numpy as np

from domain.checks import FloatArray
from domain.tariffs.atoms import STEP_TOLERANCE
from optimizer.formulation.broken_line import BrokenLine, crossing, positive_part
from optimizer.formulation.coupled_nodes import (
    NOTHING,
    Above,
    Candidate,
    Counted,
    Direction,
    Form,
    Highest,
    Node,
    On,
    Term,
    TopMean,
    Total,
)
from optimizer.formulation.load_limits import LoadLimits, Span

EDGE_SHARE = 1e-6
"""How far inside of an edge a quantity must stay, measured in its span: clear of the solver's tolerance. [-]"""
EDGE_LEAST = 1e-6
"""The same for narrow spans, in the quantity's own unit."""
SAME_SHARE = 1e-9
"""Edges nearer than this, measured in the span, are one edge. [-]"""
SAME_DIGITS = 12
"""Numbers that agree to so many digits are one number."""
NOTHING_SHARE = 1e-12
"""A coefficient this small beside the others is the rest of a subtraction. [-]"""


def add_up(parts: Iterable[tuple[float, Form]], constant: float = 0.0) -> Form:
    """Give the weighted sum of forms."""
    found: dict[int, float] = {}
    scale: dict[int, float] = {}
    for weight, form in parts:
        constant += weight * form.constant
        for number, coefficient in form.terms:
            found[number] = found.get(number, 0.0) + weight * coefficient
            scale[number] = max(scale.get(number, 0.0), abs(weight * coefficient))
    kept = {number: one for number, one in found.items() if abs(one) > NOTHING_SHARE * scale[number]}
    return Form(constant=constant, terms=tuple(sorted(kept.items())))


def rounded(value: float) -> float:
    """Give a number as it is compared."""
    return float(f"{value + 0.0:.{SAME_DIGITS}g}")


class Workbench:
    """Makes quantities and forms for one plan."""

    def __init__(self, limits: LoadLimits) -> None:
        self.limits = limits
        self.nodes: list[Node] = []
        self.spans: list[Span] = []
        self._known: dict[Hashable, int] = {}
        self._span_of: dict[tuple[Term, ...], Span] = {}

    def add(self, key: Hashable, node: Node, span: Span) -> int:
        """Keep a quantity; the number of the one that has the same key, if there is one."""
        if key not in self._known:
            self._known[key] = len(self.nodes)
            self.nodes.append(node)
            self.spans.append(span)
        return self._known[key]

    def direction(
        self,
        per_import_kw: FloatArray,
        per_export_kw: FloatArray | None,
        per_reactive_kvar: FloatArray | None = None,
    ) -> Form:
        """Give Σ a·import + Σ e·export + Σ q·|reactive power| as a form."""
        fed_in = None if per_export_kw is None or not per_export_kw.any() else per_export_kw
        reactive = None if per_reactive_kvar is None or not per_reactive_kvar.any() else per_reactive_kvar
        all_steps = np.concatenate([one for one in (per_import_kw, fed_in, reactive) if one is not None])
        scale = float(all_steps[int(np.argmax(np.abs(all_steps)))]) if all_steps.size else 0.0
        if scale == 0:
            return NOTHING
        node = Direction(
            per_import_kw=per_import_kw / scale,
            per_export_kw=None if fed_in is None else fed_in / scale,
            per_reactive_kvar=None if reactive is None else reactive / scale,
        )
        named = (fed_in is None, reactive is None)
        key = ("direction", named, (np.round(all_steps / scale, SAME_DIGITS) + 0.0).tobytes())
        span = (0.0, 0.0)
        if self._known.get(key) is None:
            span = self.limits.span(node.per_import_kw, node.per_export_kw, node.per_reactive_kvar)
        return Form(constant=0.0, terms=((self.add(key, node, span), scale),))

    def span(self, form: Form) -> Span:
        """Bound a form."""
        if form.terms not in self._span_of:
            self._span_of[form.terms] = self._bounded(form.terms)
        least, most = self._span_of[form.terms]
        return form.constant + least, form.constant + most

    def _bounded(self, terms: tuple[Term, ...]) -> Span:
        """Take the tightest of several bounds: term by term, hinges with what they rest on, all as one line."""
        found = [self._term_by_term(terms)]
        found += [self._by_quantity(terms, n_taken=n_taken) for n_taken in (0.0, -1.0)]
        line = self.line_of(Form(constant=0.0, terms=terms))
        if line is not None:
            found.append(line[1].span())
        least, most = max(one[0] for one in found), min(one[1] for one in found)
        return min(least, most), max(least, most)

    def _term_by_term(self, terms: Iterable[Term]) -> Span:
        least = most = 0.0
        directions: list[tuple[Direction, float]] = []
        alone = (0.0, 0.0)
        for number, coefficient in terms:
            node = self.nodes[number]
            ends = (coefficient * self.spans[number][0], coefficient * self.spans[number][1])
            if isinstance(node, Direction):
                directions.append((node, coefficient))
                alone = (min(ends), max(ends))
            else:
                least, most = least + min(ends), most + max(ends)
        if len(directions) > 1:
            alone = self._together(directions)
        return least + alone[0], most + alone[1]

    def _together(self, directions: list[tuple[Direction, float]]) -> Span:
        """Bound a weighted sum of directions as the one direction that it is."""
        per_import_kw = np.zeros(self.limits.least_import_kw.size)
        per_export_kw, per_reactive_kvar = np.zeros(per_import_kw.size), np.zeros(per_import_kw.size)
        for node, coefficient in directions:
            per_import_kw += coefficient * node.per_import_kw
            per_export_kw += 0.0 if node.per_export_kw is None else coefficient * node.per_export_kw
            per_reactive_kvar += 0.0 if node.per_reactive_kvar is None else coefficient * node.per_reactive_kvar
        return self.limits.span(per_import_kw, per_export_kw, per_reactive_kvar)

    def _by_quantity(self, terms: tuple[Term, ...], *, n_taken: float) -> Span:
        """Bound the hinges over each quantity together with a multiple of it, which they often cancel."""
        of = {number: node.of for number, _ in terms if isinstance(node := self.nodes[number], Above)}
        plain = dict(terms)
        least = most = 0.0
        for axis in dict.fromkeys(of.values()):
            hinges = [(number, coefficient) for number, coefficient in terms if of.get(number) == axis]
            taken = plain.get(axis, n_taken * sum(coefficient for _, coefficient in hinges))
            ends = self._line(axis, 0.0, taken, hinges).span()
            least, most = least + ends[0], most + ends[1]
            for number, _ in hinges:
                del plain[number]
            for number, coefficient in self.definition(axis):
                plain[number] = plain.get(number, 0.0) - taken * coefficient
        rest = self._term_by_term(plain.items())
        return least + rest[0], most + rest[1]

    def definition(self, number: int) -> tuple[Term, ...]:
        """Give a total as what it sums up, anything else as itself."""
        node = self.nodes[number]
        return node.terms if isinstance(node, Total) else ((number, 1.0),)

    def axis(self, form: Form) -> tuple[int, float]:
        """Give the one quantity that a form is a multiple of, constant apart, and the multiple."""
        key, scale = _axis_key(form.terms)
        if key is None:
            return form.terms[0]
        total = Total(terms=tuple((number, coefficient / scale) for number, coefficient in form.terms))
        return self.add(key, total, self.span(Form(constant=0.0, terms=total.terms))), scale

    def known_axis(self, terms: tuple[Term, ...]) -> tuple[int, float] | None:
        """Give the same without making it; None where there is none yet."""
        key, scale = _axis_key(terms)
        if key is None:
            return terms[0]
        return (self._known[key], scale) if key in self._known else None

    def line_of(self, form: Form) -> tuple[int, BrokenLine] | None:
        """Give a form as a broken line over one quantity; None where it is none, or has no hinge."""
        axes = {number: node.of for number, _ in form.terms if isinstance(node := self.nodes[number], Above)}
        for axis in dict.fromkeys(axes.values()):
            hinges = [term for term in form.terms if axes.get(term[0]) == axis]
            rest = tuple(term for term in form.terms if axes.get(term[0]) != axis)
            known = self.known_axis(rest) if rest else (axis, 0.0)
            if known is not None and known[0] == axis:
                return axis, self._line(axis, form.constant, known[1], hinges)
        return None

    def _line(self, axis: int, constant: float, slope: float, hinges: list[Term]) -> BrokenLine:
        least, most = self.spans[axis]
        nodes = [(self.nodes[number], coefficient) for number, coefficient in hinges]
        turns = sorted((node.edge, coefficient) for node, coefficient in nodes if isinstance(node, Above))
        return BrokenLine(least=least, most=most, at_least=constant + slope * least, slope=slope, turns=tuple(turns))

    def above(self, axis: int, edge: float) -> Form:
        """Give ``max(0, quantity - edge)``."""
        least, most = self.spans[axis]
        if edge >= most:
            return NOTHING
        if edge <= least:
            return Form(constant=-edge, terms=self.definition(axis))
        key = ("above", axis, round((edge - least) / (SAME_SHARE * (most - least))))
        number = self.add(key, Above(of=axis, edge=edge), (0.0, most - edge))
        return Form(constant=0.0, terms=((number, 1.0),))

    def positive(self, form: Form) -> Form:
        """Give ``max(0, form)``."""
        least, most = self.span(form)
        rounding = SAME_SHARE * max(abs(least), abs(most))
        if least >= -rounding:
            return form
        if most <= rounding:
            return NOTHING
        line = self.line_of(form)
        if line is not None:
            return self._on_axis(line[0], positive_part(line[1]))
        axis, scale = self.axis(form)
        raised = self.above(axis, -form.constant / scale)
        if scale > 0:
            return add_up([(scale, raised)])
        return add_up([(-scale, raised), (1.0, form)])

    def _on_axis(self, axis: int, line: BrokenLine) -> Form:
        """Give a broken line over a quantity as a form."""
        itself = Form(constant=0.0, terms=self.definition(axis))
        raised = [(turn, self.above(axis, edge)) for edge, turn in line.turns]
        return add_up([(line.slope, itself), *raised], line.at_least - line.slope * line.least)

    def counted(self, when: Form, amount: Form, *, strict: bool) -> Form:
        """Give ``amount`` where ``when`` is not negative (``strict``: is positive), else 0."""
        edge = STEP_TOLERANCE if strict else -STEP_TOLERANCE
        least, most = self.span(when)
        if least >= edge:
            return amount
        if most < edge or amount == NOTHING:
            return NOTHING
        line = self.line_of(when)
        passed = None if line is None else crossing(line[1], edge)
        if line is not None and passed is not None:
            axis, (place, rises) = line[0], passed
        else:
            axis, scale = self.axis(when)
            place, rises = (edge - when.constant) / scale, scale > 0
        on = self._on(axis, place, closed=rises != strict)
        return self._amount_if(on, amount, when_on=rises)

    def _on(self, axis: int, edge: float, *, closed: bool) -> int:
        """Give 1 where a quantity has reached an edge.

        Where only whole runs move the load, the quantity may stand on the edge itself: the model then keeps clear of it
        on one side only, the other one being ``STEP_TOLERANCE`` away already (``closed``: on the edge it is on).
        """
        least, most = self.spans[axis]
        clear = max(EDGE_SHARE * (most - least), EDGE_LEAST)
        below, beyond = min(clear, (edge - least) / 2), min(clear, (most - edge) / 2)
        rigid = self.limits.is_rigid
        node = On(
            of=axis,
            edge=edge,
            on_from=edge if rigid and closed else edge + beyond,
            off_to=edge if rigid and not closed else edge - below,
        )
        return self.add(("on", axis, rounded(edge), closed), node, (0.0, 1.0))

    def _amount_if(self, on: int, amount: Form, *, when_on: bool) -> Form:
        least, most = self.span(amount)
        if not amount.terms or most - least <= SAME_SHARE * max(abs(least), abs(most)):
            step = Form(constant=0.0, terms=((on, 1.0),))
            fixed = (least + most) / 2
            return add_up([(fixed, step)]) if when_on else add_up([(-fixed, step)], fixed)
        key = ("counted", on, when_on, rounded(amount.constant), _key_of(amount.terms))
        node = Counted(on=on, when_on=when_on, amount=amount, least=least, most=most)
        number = self.add(key, node, (min(0.0, least), max(0.0, most)))
        return Form(constant=0.0, terms=((number, 1.0),))

    def highest(self, label: str, candidates: list[Candidate], floor_kw: float) -> Form:
        """Give the greatest of some candidates and a floor; candidates that cannot exceed the floor are left out."""
        floor_kw = max([floor_kw, *(one.least_kw for one in candidates)])
        able = tuple(one for one in candidates if one.most_kw > floor_kw + SAME_SHARE * abs(floor_kw))
        if not able:
            return Form(constant=floor_kw)
        if len(able) == 1:
            excess = add_up([(1.0, self._candidate(able[0]))], -floor_kw)
            return add_up([(1.0, self.positive(excess))], floor_kw)
        named = sorted(
            (
                one.is_reactive,
                one.steps,
                tuple(map(rounded, one.shares)),
                rounded(one.plus.constant),
                _key_of(one.plus.terms),
            )
            for one in able
        )
        node = Highest(label=label, candidates=able, floor_kw=floor_kw)
        span = (floor_kw, max(one.most_kw for one in able))
        number = self.add(("highest", tuple(named), rounded(floor_kw)), node, span)
        return Form(constant=0.0, terms=((number, 1.0),))

    def _candidate(self, one: Candidate) -> Form:
        nothing, weights = np.zeros((2, self.limits.least_import_kw.size))
        weights[list(one.steps)] = one.shares
        mean = self.direction(nothing, None, weights) if one.is_reactive else self.direction(weights, None)
        return add_up([(1.0, mean), (1.0, one.plus)])

    def top_mean(self, label: str, n_highest: int, members: list[Form]) -> Form:
        """Give the mean of the N highest members; those that cannot be among them are left out."""
        spans = [self.span(one) for one in members]
        sure = sorted((least for least, _ in spans), reverse=True)[n_highest - 1]
        able = [one for one, (_, most) in zip(members, spans, strict=True) if most >= sure]
        if len(able) == n_highest:
            return add_up([(1 / n_highest, one) for one in able])
        ends = [
            sum(sorted((self.span(one)[end] for one in able), reverse=True)[:n_highest]) / n_highest for end in (0, 1)
        ]
        kept = tuple(sorted(able, key=lambda one: (one.terms, one.constant)))
        key = ("top", n_highest, tuple((rounded(one.constant), _key_of(one.terms)) for one in kept))
        if not any(one.terms for one in kept):
            return Form(constant=ends[0])
        ranges = tuple(self.span(one) for one in kept)
        node = TopMean(label=label, n_highest=n_highest, members=kept, spans=ranges)
        number = self.add(key, node, (ends[0], ends[1]))
        return Form(constant=0.0, terms=((number, 1.0),))


def _key_of(terms: tuple[Term, ...]) -> tuple[Term, ...]:
    return tuple((number, rounded(coefficient)) for number, coefficient in terms)


def _axis_key(terms: tuple[Term, ...]) -> tuple[Hashable | None, float]:
    """Give what a total is known by, and its scale; no key where a form is a multiple of one quantity as it is."""
    if len(terms) == 1:
        return None, terms[0][1]
    scale = max((coefficient for _, coefficient in terms), key=abs)
    return ("total", tuple((number, rounded(coefficient / scale)) for number, coefficient in terms)), scale
