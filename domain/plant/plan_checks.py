"""What the parts of a production plan must be to one another; each refusal names the part and the mend."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import permutations

from domain import checks
from domain.plant.changeovers import Changeover
from domain.plant.equipment import Machine
from domain.plant.processes import Process, Quota
from domain.plant.stores import Store
from domain.plant.tasks import Task
from domain.plant.utilities import Utility, UtilityUse
from domain.text import Text

SLACK = 1e-9


def check_ways(
    tasks: Iterable[Task], *, machines: Sequence[Machine], stores: Sequence[Store], utilities: Sequence[Utility]
) -> None:
    """Refuse a way to do a task that names what is not there, or goes by another's id."""
    tasks = tuple(tasks)
    checks.unique("ProductionPlan", "tasks", (way.task_id for task in tasks for way in task.ways()))
    for task in tasks:
        for way in task.ways():
            for machine_id in way.machine_ids:
                checks.known(way, "machine_ids", machine_id, (one.machine_id for one in machines))
            for flow in way.flows:
                checks.known(way, "flows", flow.store_id, (one.store_id for one in stores))
            _known_utilities(way, way.utilities, utilities)


def check_processes(
    processes: Iterable[Process],
    *,
    machines: Sequence[Machine],
    stores: Sequence[Store],
    utilities: Sequence[Utility],
    span: tuple[datetime, datetime],
) -> None:
    """Refuse a process that names what is not there, or a quota that its greatest rate cannot meet."""
    for process in processes:
        for machine_id in process.machine_ids:
            checks.known(process, "machine_ids", machine_id, (one.machine_id for one in machines))
        for flow in process.flows:
            checks.known(process, "flows", flow.store_id, (one.store_id for one in stores))
        _known_utilities(process, process.utilities, utilities)
        for quota in process.quotas:
            _possible(process, quota, span)


def _known_utilities(noun: object, uses: Iterable[UtilityUse], utilities: Sequence[Utility]) -> None:
    for use in uses:
        checks.known(noun, "utilities", use.utility_id, (one.utility_id for one in utilities))


def _possible(process: Process, quota: Quota, span: tuple[datetime, datetime]) -> None:
    """Refuse a quota that its share of the span cannot meet at the greatest rate."""
    start, end = max(quota.start, span[0]), min(quota.end, span[1])
    if end <= start or quota.shortfall_cost_per_unit is not None:
        return
    hours = (end - start).total_seconds() / 3600
    if quota.least > process.max_rate * hours + SLACK:
        raise checks.refuse(
            f"Process {process.process_id}",
            "quotas",
            quota.least,
            Text(
                en=f"is more {process.unit} than {hours:g} h at {process.max_rate:g} {process.unit}/h can give "
                f"from {start.isoformat()}",
                zh=f"超出自 {start.isoformat()} 起 {hours:g} 小时、{process.max_rate:g} {process.unit}/h 的最大产量",
            ),
            Text(en="Lower it, widen its span, or price the shortfall.", zh="请调低、放宽时段或为缺量定价。"),
        )


def check_changeovers(
    changeovers: Sequence[Changeover],
    *,
    machines: Sequence[Machine],
    tasks: Sequence[Task],
    processes: Sequence[Process],
) -> None:
    """Refuse set-up data with gaps: unknown machines, tasks or machines without a family, twice the same change."""
    by_machine: dict[str, list[Changeover]] = {}
    for one in changeovers:
        checks.known(one, "machine_id", one.machine_id, (machine.machine_id for machine in machines))
        by_machine.setdefault(one.machine_id, []).append(one)
    for machine in machines:
        changes = by_machine.get(machine.machine_id, [])
        if not changes:
            continue
        checks.unique(machine, "changeovers", (f"{one.from_family} → {one.to_family}" for one in changes))
        families = sorted({family for one in changes for family in (one.from_family, one.to_family)})
        if machine.family_at_start is None:
            raise checks.refuse(
                f"Machine {machine.machine_id}",
                "family_at_start",
                None,
                Text(en="is needed where changeovers name the machine", zh="有换型规则的设备必须填写"),
            )
        checks.known(f"Machine {machine.machine_id}", "family_at_start", machine.family_at_start, families)
        for task in tasks:
            if any(machine.machine_id in way.machine_ids for way in task.ways()):
                _in_a_family(task, machine, families)
        _leads_everywhere(machine, changes, families, tasks)
        for process in processes:
            if machine.machine_id in process.machine_ids:
                raise checks.refuse(
                    f"Process {process.process_id}",
                    "machine_ids",
                    machine.machine_id,
                    Text(en="has changeovers, and a process has no family", zh="有换型规则，而连续设备没有产品族"),
                    Text(en="Give the process a machine of its own.", zh="请为该连续设备单列一台设备。"),
                )


def _in_a_family(task: Task, machine: Machine, families: Sequence[str]) -> None:
    if task.family is None:
        raise checks.refuse(
            f"Task {task.task_id}",
            "family",
            None,
            Text(
                en=f"is needed: {machine.machine_id} has changeovers",
                zh=f"必填：设备 {machine.machine_id} 有换型规则",
            ),
        )
    checks.known(f"Task {task.task_id}", "family", task.family, families)


def _leads_everywhere(
    machine: Machine, changes: Sequence[Changeover], families: Sequence[str], tasks: Sequence[Task]
) -> None:
    """Refuse a family that tasks need and no chain of changes reaches from the first."""
    reached, before = {machine.family_at_start}, -1
    while len(reached) > before:
        before = len(reached)
        reached |= {one.to_family for one in changes if one.from_family in reached}
    for task in tasks:
        only_here = all(machine.machine_id in way.machine_ids for way in task.ways())
        if only_here and task.family not in reached:
            missing = [f"{a} → {b}" for a, b in permutations(families, 2) if b == task.family and a in reached]
            raise checks.refuse(
                f"Task {task.task_id}",
                "family",
                task.family,
                Text(
                    en=f"cannot be reached on {machine.machine_id} from {machine.family_at_start}",
                    zh=f"在设备 {machine.machine_id} 上无法由 {machine.family_at_start} 换型得到",
                ),
                Text(
                    en=f"Give one of the changeovers {', '.join(missing)}.",
                    zh=f"请补充换型 {'、'.join(missing)} 之一。",
                ),
            )
