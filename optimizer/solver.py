"""The only place that knows HiGHS: one live solver object over one matrix.

Time limit and gap are always set; every option is probed, because HiGHS answers an unknown name with a
status that is easily overlooked.
"""

import time
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from typing import Literal

import highspy
import numpy as np
from highspy import HighsModelStatus, HighsStatus
from scipy import sparse

from domain.checks import FloatArray
from domain.errors import WattplanError
from domain.noun import noun
from domain.text import Text
from optimizer.basis import Basis
from optimizer.formulation import Matrix

OptionValue = bool | int | float | str
FIXED_OPTIONS: dict[str, OptionValue] = {"output_flag": False, "mip_abs_gap": 1e-6}
TOLERANCES = ("primal_feasibility_tolerance", "mip_feasibility_tolerance")
STRICTER = 0.1
"""Share of the usual tolerances with which a withdrawn answer is searched again. [-]"""
CONFLICT_STRATEGY = 6
"""HiGHS' iis_strategy that gives a minimal conflict of the LP relaxation."""
_RAN = (HighsStatus.kOk, HighsStatus.kWarning)


class SolverRefusedError(WattplanError, RuntimeError):
    """HiGHS does not accept an option or a model."""

    code = "solver_refused"
    words = Text(
        en="The solver (HiGHS {version}) refused {what}. This is a defect of the program or of its installation.",
        zh="求解器（HiGHS {version}）拒绝了 {what}。这是程序或其安装的缺陷。",
    )


@noun(eq=False)
class Found:
    """What one search gave."""

    status: Literal["optimal", "gap", "deadline", "infeasible"]
    values: FloatArray | None
    """Value of each column; None: no solution was found."""
    objective: float
    """[currency]"""
    bound: float
    """[currency]"""
    n_nodes: int
    solve_s: float
    """[s]"""


@noun
class Conflict:
    """Rows and column limits that contradict one another."""

    rows: tuple[int, ...]
    columns: tuple[int, ...]


def versions() -> dict[str, str]:
    """Give the versions an answer depends on."""
    return {name: version(name) for name in ("highspy", "pyomo", "wattplan")}


def scheduler_threads(n_threads: int) -> None:
    """Let HiGHS use a number of threads; its pool is made once per process, so it is made anew."""
    if _POOL.get("n_threads") != n_threads:
        highspy.Highs.resetGlobalScheduler(True)  # noqa: FBT003 -- HiGHS' own signature
        _POOL["n_threads"] = n_threads


_POOL: dict[str, int] = {}


class Solver:
    """A live HiGHS object: price, bound, start and run it as often as needed."""

    def __init__(self, matrix: Matrix, *, seed: int, n_threads: int, options: Mapping[str, OptionValue]) -> None:
        scheduler_threads(n_threads)
        self.matrix = matrix
        self.options: dict[str, OptionValue] = {}
        self._has_start = False
        self.n_stricter = 0
        """How often a search had to be done again with stricter tolerances. [-]"""
        self._offset = matrix.cost_offset
        self._home = matrix
        self._shared = (matrix.row_least.size, matrix.cost.size)
        self._basis: Basis | None = None
        self._highs = highspy.Highs()
        self.set_options({**FIXED_OPTIONS, "random_seed": seed, "threads": n_threads, **options})
        self._accept(_pass(self._highs, matrix), "the model")
        self._integers = np.flatnonzero(matrix.is_integer).astype(np.int32)
        self._searches_integers = bool(self._integers.size)

    def set_options(self, options: Mapping[str, OptionValue]) -> None:
        """Set options; each must be known and valid.

        Raises
        ------
        SolverRefusedError
        """
        for name, chosen in options.items():
            self._accept(self._highs.setOptionValue(name, chosen), f"the option {name}={chosen}")
            self.options[name] = chosen

    def set_cost(self, cost: FloatArray, offset: float = 0.0) -> None:
        """Price every column anew."""
        everything = np.arange(cost.size, dtype=np.int32)
        self._accept(self._highs.changeColsCost(cost.size, everything, np.asarray(cost, dtype=np.float64)), "costs")
        self._offset = offset

    def swap(self, matrix: Matrix, *, n_rows: int, n_columns: int) -> None:
        """Take another matrix that shares its first rows and columns, costs apart, with the one held so far.

        What follows them is deleted and added anew; what searches before have left in HiGHS is forgotten, so that an
        answer depends on the matrix and the kept basis alone.
        """
        highs, before = self._highs, self.matrix
        self.restore_integers()
        self._accept(highs.clearSolver(), "to forget")
        for delete, kept, there in (
            (highs.deleteRows, n_rows, before.row_least.size),
            (highs.deleteCols, n_columns, before.cost.size),
        ):
            if there > kept:
                self._accept(delete(there - kept, np.arange(kept, there, dtype=np.int32)), "to delete")
        nothing = np.zeros(0, dtype=np.int32)
        n_new = matrix.cost.size - n_columns
        new = slice(n_columns, None)
        self._accept(
            highs.addCols(
                n_new,
                matrix.cost[new],
                matrix.column_least[new],
                matrix.column_most[new],
                0,
                np.zeros(n_new, dtype=np.int32),
                nothing,
                np.zeros(0),
            ),
            "columns",
        )
        rows = sparse.csr_array(matrix.a)[n_rows:]
        self._accept(
            highs.addRows(
                rows.shape[0],
                matrix.row_least[n_rows:],
                matrix.row_most[n_rows:],
                rows.nnz,
                rows.indptr[:-1].astype(np.int32),
                rows.indices.astype(np.int32),
                rows.data,
            ),
            "rows",
        )
        self.matrix = matrix
        self._integers = np.flatnonzero(matrix.is_integer).astype(np.int32)
        self.set_cost(matrix.cost, matrix.cost_offset)
        self.restore_limits()
        self.restore_integers()
        self._shared = (n_rows, n_columns)

    def set_limits(self, columns: Iterable[int], least: Iterable[float], most: Iterable[float]) -> None:
        """Change the limits of some columns."""
        numbers = np.array(list(columns), dtype=np.int32)
        if numbers.size:
            lower = np.array(list(least), dtype=np.float64)
            upper = np.array(list(most), dtype=np.float64)
            self._accept(self._highs.changeColsBounds(numbers.size, numbers, lower, upper), "limits")

    def restore_limits(self) -> None:
        """Give all columns the limits of the matrix again."""
        numbers = range(self.matrix.column_least.size)
        self.set_limits(numbers, self.matrix.column_least, self.matrix.column_most)

    def start_from(self, values: FloatArray) -> None:
        """Offer a complete solution to the next run."""
        numbers = np.arange(values.size, dtype=np.int32)
        # HiGHS' own solutions lie outside of a limit by its tolerance, which it then refuses
        within = np.clip(values, self.matrix.column_least, self.matrix.column_most)
        self._forget()
        self._accept(self._highs.setSolution(values.size, numbers, within), "a start")
        self._has_start = True

    def _forget(self) -> None:
        """Let the next run depend on nothing that this object solved before: a basis or solution left would steer it."""
        self._accept(self._highs.clearSolver(), "to forget")

    def run(self, *, deadline_s: float, gap_share: float) -> Found:
        """Search until optimal, the gap or the deadline."""
        if not self.matrix.cost.size:
            return self._nothing_to_choose()
        began = time.perf_counter()
        if self._searches_integers and not self._has_start:
            self._forget()
        self._has_start = False
        # HiGHS measures a MIP's limit from the start of its run, an LP's from the object's first run
        spent_s = 0.0 if self._searches_integers else self._highs.getRunTime()
        self.set_options({"time_limit": spent_s + max(deadline_s, 0.0), "mip_rel_gap": gap_share})
        status = self._highs.run()
        if self._highs.getModelStatus() == HighsModelStatus.kSolveError:
            status = self._run_stricter(deadline_s - (time.perf_counter() - began))
        self._accept(status, "to run")
        return self._found(time.perf_counter() - began)

    def _nothing_to_choose(self) -> Found:
        """Answer for a model without columns, which HiGHS takes for none: its rows hold at 0 or not at all."""
        holds = not (self.matrix.row_least > 0).any() and not (self.matrix.row_most < 0).any()
        return Found(
            status="optimal" if holds else "infeasible",
            values=np.zeros(0) if holds else None,
            objective=self._offset if holds else float("inf"),
            bound=self._offset,
            n_nodes=0,
            solve_s=0.0,
        )

    def _run_stricter(self, deadline_s: float) -> HighsStatus:
        """Search anew for a solution that lies deeper within the limits.

        HiGHS withdraws a MIP's solution, and with it the whole answer, when postsolve leaves it outside of a limit by
        its tolerance and a rounding error. A search with a tenth of the tolerance ends clear of that.
        """
        usual = {name: self._highs.getOptionValue(name)[1] for name in TOLERANCES}
        self._highs.clearSolver()
        self.set_options({name: chosen * STRICTER for name, chosen in usual.items()})
        spent_s = 0.0 if self._searches_integers else self._highs.getRunTime()
        self.set_options({"time_limit": spent_s + max(deadline_s, 0.0)})
        status: HighsStatus = self._highs.run()
        self.set_options(usual)
        self.n_stricter += 1
        return status

    def row_duals(self) -> FloatArray:
        """Give the dual value of each row in the last linear program. [currency / unit of the row]."""
        return np.array(self._highs.getSolution().row_dual, dtype=np.float64)

    def run_relaxed(self, *, deadline_s: float) -> Found:
        """Solve the LP that is left when integers may be broken, from the optimal basis of the matrix this solver began with.

        Under other prices most of a plant's optimal basis stays: the simplex method needs a fraction of its steps. It is
        always the first matrix's, and found as if nothing else had been asked: the answer then depends on no question
        in between.
        """
        began = time.perf_counter()
        self.relax()
        is_home = self.matrix is self._home
        if self._basis is None and not is_home:
            self._basis = self._home_basis(deadline_s)
        if self._basis is None:
            self._accept(self._highs.clearSolver(), "to forget")
        else:
            self._basis.cut(self._home, *self._shared)
            self._accept(self._highs.setBasis(self._basis.grown(self.matrix)), "a basis")
        found = self.run(deadline_s=deadline_s - (time.perf_counter() - began), gap_share=0.0)
        if self._basis is None and is_home and found.status == "optimal":
            self._basis = self._basis_now()
        self.restore_integers()
        return found

    def _home_basis(self, deadline_s: float) -> Basis | None:
        """Give the optimal basis of the matrix this solver began with, which it does not hold any more."""
        kept = {name: chosen for name, chosen in self.options.items() if name not in ("random_seed", "threads")}
        home = Solver(
            self._home, seed=int(self.options["random_seed"]), n_threads=int(self.options["threads"]), options=kept
        )
        home.relax()
        found = home.run(deadline_s=deadline_s, gap_share=0.0)
        return home._basis_now() if found.status == "optimal" else None

    def _basis_now(self) -> Basis:
        basis = self._highs.getBasis()
        return Basis(list(basis.col_status), list(basis.row_status), self.matrix.cost)

    def run_with_integers_fixed(self, values: FloatArray, *, deadline_s: float) -> Found:
        """Solve the LP that is left when every integer stays at its rounded value."""
        fixed = np.round(values[self._integers])
        self.set_limits(self._integers, fixed, fixed)
        self._as_integers(highspy.HighsVarType.kContinuous)
        self._forget()
        found = self.run(deadline_s=deadline_s, gap_share=0.0)
        self._as_integers(highspy.HighsVarType.kInteger)
        return found

    def relax(self) -> None:
        """Forget that integers are integers."""
        self._as_integers(highspy.HighsVarType.kContinuous)

    def restore_integers(self) -> None:
        """Let integers be integers again."""
        self._as_integers(highspy.HighsVarType.kInteger)

    def conflict(self, *, deadline_s: float) -> Conflict | None:
        """Give a minimal set of rows and column limits that contradict each other; None: no LP conflict."""
        self.relax()
        self.set_options({"iis_strategy": CONFLICT_STRATEGY, "iis_time_limit": max(deadline_s, 0.1)})
        status, found = self._highs.getIis()
        if status not in _RAN or not (found.row_index_ or found.col_index_):
            return None
        return Conflict(rows=tuple(found.row_index_), columns=tuple(found.col_index_))

    def _as_integers(self, kind: highspy.HighsVarType) -> None:
        self._searches_integers = bool(self._integers.size) and kind == highspy.HighsVarType.kInteger
        kinds = np.full(self._integers.size, int(kind), dtype=np.uint8)
        if kinds.size:
            self._accept(
                self._highs.changeColsIntegrality(kinds.size, self._integers, kinds),
                "integrality",
            )

    def _found(self, solve_s: float) -> Found:
        status = self._highs.getModelStatus()
        info = self._highs.getInfo()
        has_values = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        is_mip = info.mip_node_count >= 0
        reached: Literal["optimal", "gap", "deadline", "infeasible"]
        if status in (HighsModelStatus.kInfeasible, HighsModelStatus.kUnboundedOrInfeasible):
            reached, has_values = "infeasible", False
        elif status == HighsModelStatus.kOptimal:
            reached = "optimal" if not is_mip or info.mip_gap <= EXACT_SHARE else "gap"
        elif status in (HighsModelStatus.kSolutionLimit, HighsModelStatus.kObjectiveTarget):
            reached = "gap"  # a limit of nodes or a cost that is low enough, not of time: the same again the next time
        elif status in (HighsModelStatus.kTimeLimit, HighsModelStatus.kInterrupt):
            reached = "deadline"
        else:
            raise SolverRefusedError(version=version("highspy"), what=self._highs.modelStatusToString(status))
        values = np.array(self._highs.getSolution().col_value, dtype=np.float64) if has_values else None
        objective = float(info.objective_function_value) + self._offset if has_values else float("inf")
        lp_bound = objective if reached == "optimal" else -np.inf
        return Found(
            status=reached,
            values=values,
            objective=objective,
            bound=float(info.mip_dual_bound) + self._offset if is_mip else float(lp_bound),
            n_nodes=max(0, int(info.mip_node_count)),
            solve_s=solve_s,
        )

    def _accept(self, status: HighsStatus, what: str) -> None:
        if status not in _RAN:
            raise SolverRefusedError(version=version("highspy"), what=what)


EXACT_SHARE = 1e-6
"""A gap this small is called optimal. [-]"""
EXACT_GAP = 1e-6
"""So is this amount. [currency]"""


def gap_share(objective: float, bound: float, offset: float = 0.0) -> float:
    """Give (objective - bound) / |objective - offset|: of what the schedule decides, the rest of the bill apart. [-]."""
    missing = max(0.0, objective - bound)
    return 0.0 if missing <= EXACT_GAP else missing / max(abs(objective - offset), EXACT_GAP)


def _pass(highs: highspy.Highs, matrix: Matrix) -> HighsStatus:
    """Hand a matrix over as arrays: no object is made for any of its columns."""
    status: HighsStatus = highs.passModel(
        matrix.cost.size,
        matrix.row_least.size,
        matrix.a.nnz,
        int(highspy.MatrixFormat.kColwise),
        int(highspy.ObjSense.kMinimize),
        0.0,  # the offset stays outside: a relative gap is then one of what the schedule decides
        matrix.cost,
        matrix.column_least,
        matrix.column_most,
        matrix.row_least,
        matrix.row_most,
        matrix.a.indptr.astype(np.int32),
        matrix.a.indices.astype(np.int32),
        matrix.a.data,
        matrix.is_integer.astype(np.int32),
    )
    return status
