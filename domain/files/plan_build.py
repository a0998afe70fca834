"""From the rows of a plant workbook to plain data, and from problems back to the cells they come from."""

from collections.abc import Iterable
from typing import Any

from domain.errors import InvalidFieldError
from domain.files.documents import from_plain
from domain.files.plan_links import IDS, REFERENCES
from domain.files.plan_parts import (
    MISSING,
    OWNERS,
    below_of,
    noun_of,
    owner_of,
    place_of,
    settle,
    unknown_modes,
)
from domain.files.plan_sheets import (
    BATTERIES,
    CHANGEOVERS,
    COMPENSATOR_HOURS,
    COMPENSATORS,
    DRAWS,
    FLOWS,
    MACHINES,
    MODES,
    MODULATING,
    ORDERS,
    OUTAGES,
    PAST_RUNS,
    PRECEDENCES,
    PROCESS_SPANS,
    PROCESSES,
    PV,
    QUOTAS,
    RATE_FLOWS,
    SHEETS,
    SHIFTS,
    SITE,
    STORES,
    TASKS,
    UTILITIES,
    UTILITY_GAPS,
    UTILITY_USES,
    Sheet,
)
from domain.files.plan_tables import CellProblem, Row, TableRead
from domain.files.plant import PastRun
from domain.files.problems import DocumentError, Problem
from domain.offers import Preferences
from domain.plant import (
    Battery,
    Changeover,
    Compensator,
    Flow,
    Interval,
    Machine,
    Mode,
    ModulatingLoad,
    Order,
    Precedence,
    Process,
    ProductionPlan,
    Pv,
    Quota,
    RateFlow,
    Shift,
    ShiftEnergy,
    Site,
    Store,
    StoreDraw,
    Task,
    Utility,
    UtilityGap,
    UtilityUse,
)
from domain.text import Text
from domain.time import zone_of

_NOUNS: dict[str, Any] = {
    MACHINES.key: Machine,
    OUTAGES.key: Interval,
    TASKS.key: Task,
    ORDERS.key: Order,
    STORES.key: Store,
    DRAWS.key: StoreDraw,
    FLOWS.key: Flow,
    MODES.key: Mode,
    CHANGEOVERS.key: Changeover,
    PROCESSES.key: Process,
    RATE_FLOWS.key: RateFlow,
    QUOTAS.key: Quota,
    PROCESS_SPANS.key: Interval,
    UTILITIES.key: Utility,
    UTILITY_GAPS.key: UtilityGap,
    UTILITY_USES.key: UtilityUse,
    PRECEDENCES.key: Precedence,
    SHIFTS.key: Shift,
    BATTERIES.key: Battery,
    PV.key: Pv,
    COMPENSATORS.key: Compensator,
    COMPENSATOR_HOURS.key: Interval,
    PAST_RUNS.key: PastRun,
}
_BLANK_TEXTS = ("name", "unit")
_SHIFT_FIELDS = ("start", "end", "energy_kwh")
_LOAD_FIELDS = ("name", "min_kw", "max_kw", "power_factor")


class PlanBuild:
    """One plant being put together from its tables."""

    def __init__(self, tables: dict[str, TableRead]) -> None:
        self.tables = tables
        self.origins: dict[str, Row] = {}
        self.site_row = next(iter(self.rows(SITE)), None)
        self.zone_refusal: InvalidFieldError | None = None
        self.zone = self._zone()

    @property
    def titles(self) -> tuple[str, ...]:
        """Titles of the sheets in the order of the template."""
        return tuple(row.title for sheet in SHEETS for row in self.rows(sheet)[:1])

    def rows(self, sheet: Sheet) -> tuple[Row, ...]:
        """Give the rows of a sheet; none where the workbook has no such sheet."""
        table = self.tables.get(sheet.key)
        return table.rows if table is not None else ()

    def _zone(self) -> str:
        """Give the site's zone; UTC where it is none, which is a problem of its own."""
        zone = self.site_row.values.get("zone") if self.site_row is not None else None
        try:
            return zone_of(zone).key if zone else "UTC"
        except InvalidFieldError as error:
            self.zone_refusal = error
            return "UTC"

    def check(self) -> list[CellProblem]:
        """Find what is wrong in single rows and in references between sheets."""
        problems = self._check_site()
        for sheet in (one for one in SHEETS if one.key in _NOUNS):
            for row in () if self._is_broken(sheet.key) else self.rows(sheet):
                if not row.is_bad:
                    plain, extra = _plain_row(row, alone=True)
                    problems += extra or self._try(noun_of(row, _NOUNS[sheet.key]), plain, row)
        if not self._is_broken(MODULATING.key):
            for rows in self._loads().values():
                problems += self._check_load(rows)
        modes = unknown_modes({sheet.key: self.rows(sheet) for sheet in (MODES, FLOWS, UTILITY_USES)})
        return [*problems, *self._check_ids(), *self._check_references(), *modes]

    def _is_broken(self, sheet_key: str) -> bool:
        return sheet_key in self.tables and self.tables[sheet_key].is_broken

    def _try(self, kind: Any, plain: dict[str, Any], row: Row, pointer: str = "") -> list[CellProblem]:
        self.origins[pointer] = row
        try:
            from_plain(kind, plain, where=row.title, zone=self.zone)
        except DocumentError as error:
            return self.at_cells(
                Problem(pointer=pointer + one.pointer, message=one.message, value=one.value) for one in error.problems
            )
        return []

    def _check_site(self) -> list[CellProblem]:
        row = self.site_row
        if row is None:
            return [CellProblem(sheet=SITE.title, problem=Text(en="the sheet is missing", zh="缺少该工作表"))]
        plain = self._site_plain(row)
        plan = {**plain.get("plan", {}), "zone": self.zone}
        found = []
        if self.zone_refusal is not None:
            plain["site"]["zone"] = self.zone
            found.append(row.problem("zone", self.zone_refusal.data["problem"], self.zone_refusal.data["mend"]))
        found += [
            *self._try(Site, plain.get("site", {}), row, "/site"),
            *self._try(ProductionPlan, plan, row, "/plan"),
            *self._try(Preferences, plain.get("preferences", {}), row, "/preferences"),
        ]
        refused = {one.heading for one in self.tables[SITE.key].problems}
        return [one for one in found if one.heading not in refused]

    def _check_ids(self) -> list[CellProblem]:
        problems = []
        for sheet in SHEETS:
            seen: dict[str, int] = {}
            for row in self.rows(sheet) if sheet.key in IDS else ():
                value = row.values.get(IDS[sheet.key])
                if value in seen:
                    twin = Text(en=f"stands in row {seen[value]} already", zh=f"与第 {seen[value]} 行重复")
                    mend = Text(en="Give each its own id.", zh="每一项须有自己的编号。")
                    problems.append(row.problem(IDS[sheet.key], twin, mend))
                elif value is not None:
                    seen[value] = row.number
        return problems

    def _check_references(self) -> list[CellProblem]:
        by_key = {sheet.key: sheet for sheet in SHEETS}
        problems = []
        for sheet_key, column, target in REFERENCES:
            if self._is_broken(sheet_key) or self._is_broken(target):
                continue
            known = {row.values.get(IDS[target]) for row in self.rows(by_key[target])}
            for row in self.rows(by_key[sheet_key]):
                wanted = row.values.get(column, ())
                for one in (wanted,) if isinstance(wanted, str) else wanted:
                    if one not in known:
                        title = by_key[target].title
                        unknown = Text(en=f"{one} is not in sheet {title}", zh=f"工作表“{title}”中没有 {one}")
                        mend = Text(en="Mend the id or add a row there.", zh="请改正编号或在该表中补充一行。")
                        problems.append(row.problem(column, unknown, mend))
        return problems

    def _loads(self) -> dict[str, list[Row]]:
        loads: dict[str, list[Row]] = {}
        for row in self.rows(MODULATING):
            loads.setdefault(row.values.get("load_id", f"?{row.number}"), []).append(row)
        return loads

    def _check_load(self, rows: list[Row]) -> list[CellProblem]:
        problems = []
        for row in rows:
            for key in _LOAD_FIELDS:
                if key in row.values and row.values[key] != rows[0].values.get(key, row.values[key]):
                    other = Text(en=f"differs from row {rows[0].number}", zh=f"与第 {rows[0].number} 行不同")
                    problems.append(row.problem(key, other))
            given = {key: row.values[key] for key in _SHIFT_FIELDS if key in row.values}
            if given and not row.is_bad:
                problems += self._try(ShiftEnergy, given, row)
        if problems or any(row.is_bad for row in rows):
            return problems
        return self._try(ModulatingLoad, self._load_plain(rows, ""), rows[0])

    def _load_plain(self, rows: list[Row], pointer: str) -> dict[str, Any]:
        load = {"name": "", **{key: one for key, one in rows[0].values.items() if key not in _SHIFT_FIELDS}}
        for row in rows[1:]:
            load = {**{key: row.values[key] for key in _LOAD_FIELDS if key in row.values}, **load}
        spans = [row for row in rows if any(key in row.values for key in _SHIFT_FIELDS)]
        for number, row in enumerate(spans):
            self.origins[f"{pointer}/shifts/{number}"] = row
        load["shifts"] = [{key: row.values[key] for key in _SHIFT_FIELDS if key in row.values} for row in spans]
        return load

    def _site_plain(self, row: Row) -> dict[str, Any]:
        plain: dict[str, Any] = {"site": {"name": "", "supply": {}}, "plan": {}, "preferences": {}}
        for column in SITE.columns:
            if column.key in row.values:
                node = plain
                for part in column.path[:-1]:
                    node = node.setdefault(part, {})
                node[column.path[-1]] = row.values[column.key]
        return plain

    def plain(self) -> dict[str, Any]:
        """Give the whole plant as plain data; remembers which row each part comes from."""
        assert self.site_row is not None  # noqa: S101 -- check() refuses a workbook without it
        self.origins = {"": self.site_row}
        plain = self._site_plain(self.site_row)
        for sheet in (BATTERIES, PV, COMPENSATORS):
            plain["site"][sheet.key] = self._list(sheet, f"/site/{sheet.key}")
        self._attach(COMPENSATOR_HOURS, plain["site"][COMPENSATORS.key], f"/site/{COMPENSATORS.key}")
        plan = plain["plan"]
        plan["zone"] = self.zone
        lists = (MACHINES, STORES, ORDERS, TASKS, PRECEDENCES, SHIFTS, PROCESSES, UTILITIES, CHANGEOVERS)
        for sheet in lists:
            plan[sheet.key] = self._list(sheet, f"/plan/{sheet.key}")
        for sheet, owner in (
            (OUTAGES, MACHINES),
            (DRAWS, STORES),
            (MODES, TASKS),
            (RATE_FLOWS, PROCESSES),
            (QUOTAS, PROCESSES),
            (PROCESS_SPANS, PROCESSES),
            (UTILITY_GAPS, UTILITIES),
        ):
            self._attach(sheet, plan[owner.key], f"/plan/{owner.key}")
        for sheet in (FLOWS, UTILITY_USES):
            self._hang(sheet, plan)
        plan[MODULATING.key] = []
        for number, rows in enumerate(self._loads().values()):
            pointer = f"/plan/{MODULATING.key}/{number}"
            self.origins[pointer] = rows[0]
            plan[MODULATING.key].append(self._load_plain(rows, pointer))
        plain["past_runs"] = self._list(PAST_RUNS, "/past_runs")
        return plain

    def _list(self, sheet: Sheet, pointer: str) -> list[dict[str, Any]]:
        listed = []
        for number, row in enumerate(self.rows(sheet)):
            self.origins[f"{pointer}/{number}"] = row
            listed.append(_plain_row(row)[0])
        return listed

    def _attach(self, sheet: Sheet, owners: list[dict[str, Any]], pointer: str) -> None:
        """Hang the rows of a sheet under the rows they belong to."""
        places = {owner[OWNERS[sheet.key]]: number for number, owner in enumerate(owners)}
        for row in self.rows(sheet):
            number = places[row.values[OWNERS[sheet.key]]]
            field = place_of(row)
            below = owners[number].setdefault(field, [])
            self.origins[f"{pointer}/{number}/{field}/{len(below)}"] = row
            below.append(_plain_row(row)[0])

    def _hang(self, sheet: Sheet, plan: dict[str, Any]) -> None:
        """Hang flows and utility uses under the mode, task or process they name."""
        for row in self.rows(sheet):
            found = owner_of(row, plan)
            assert found is not None  # noqa: S101 -- check() refuses references that lead nowhere
            owner, pointer = found
            below = owner.setdefault(below_of(sheet), [])
            self.origins[f"{pointer}/{below_of(sheet)}/{len(below)}"] = row
            below.append(_plain_row(row)[0])

    def at_cells(self, problems: Iterable[Problem]) -> list[CellProblem]:
        """Give the cells that problems of the plain data come from."""
        return [self._at_cell(problem) for problem in problems]

    def _at_cell(self, problem: Problem) -> CellProblem:
        base = problem.pointer
        while base not in self.origins and base:
            base = base.rpartition("/")[0]
        row = self.origins.get(base) or self.site_row
        assert row is not None  # noqa: S101 -- nothing is built without a site
        key = _site_key(problem.pointer) if row.sheet is SITE else _row_key(row, problem.pointer[len(base) :])
        return row.problem(key, problem.message, value=problem.value)


def _site_key(pointer: str) -> str | None:
    path = tuple(pointer.strip("/").split("/"))
    return next((one.key for one in SITE.columns if one.path == path), None)


def _row_key(row: Row, rest: str) -> str | None:
    parts = rest.strip("/").split("/")
    if parts[0] == "phases" and "phases" not in row.values:
        return parts[-1] if parts[-1] in row.letters else "power_kw"
    return parts[0] if row.sheet.column(parts[0]) is not None else None


def _plain_row(row: Row, *, alone: bool = False) -> tuple[dict[str, Any], list[CellProblem]]:
    """Give a row as the plain data of its noun, and what about the row as a whole is wrong."""
    plain = dict(row.values)
    if row.sheet.key in OWNERS:
        problems = [] if OWNERS[row.sheet.key] in plain else [row.problem(OWNERS[row.sheet.key], MISSING)]
        plain.pop(OWNERS[row.sheet.key], None)
    else:
        problems = []
    for key in _BLANK_TEXTS:
        if row.sheet.column(key) is not None:
            plain.setdefault(key, "")
    if row.sheet in (TASKS, MODES):
        problems += _phases_of(row, plain)
    return plain, [*problems, *settle(row, plain, alone=alone)]


def _phases_of(row: Row, plain: dict[str, Any]) -> list[CellProblem]:
    """Make one phase of power and duration where no phases are given."""
    power_kw, duration_min = plain.pop("power_kw", None), plain.pop("duration_min", None)
    plain.setdefault("machine_ids", [])
    if "phases" in plain:
        if power_kw is None and duration_min is None:
            return []
        both = Text(en="phases are given as well", zh="同时填写了功率曲线")
        mend = Text(en="Keep phases, or power_kw and duration_min.", zh="请只保留功率曲线，或只保留功率与时长。")
        return [row.problem("power_kw" if power_kw is not None else "duration_min", both, mend)]
    if power_kw is None or duration_min is None:
        mend = Text(en="Give phases, or power_kw and duration_min.", zh="请填写功率曲线，或功率与时长。")
        return [row.problem("power_kw" if power_kw is None else "duration_min", MISSING, mend)]
    plain["phases"] = [{"power_kw": power_kw, "duration_min": duration_min}]
    return []
