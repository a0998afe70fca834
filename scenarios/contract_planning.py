"""The contract demand and the way to be billed for size, chosen together with a case's schedule."""

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

from domain.errors import WattplanError
from domain.files.documents import to_plain
from domain.findings import Finding, FindingKind, Severity
from domain.noun import noun
from domain.offers import PRESENT_ID, Case, Package
from domain.offers.asked import ContractAsked
from domain.tariffs import AnyTariff, DemandCharge, SupplyPoint, Tariff
from domain.tariffs.billing_modes import MODE_WORDS, BillingMode, in_mode
from domain.tariffs.contract import floor_kw
from domain.tariffs.contract_terms import must_be_contract_charge, with_contract
from domain.text import Text
from optimizer.audit import audit, must_agree, must_be_sound
from optimizer.contract_choice import BillingChoice, BillingOption, choose_billing
from optimizer.infeasible import InfeasiblePlanError
from scenarios.findings import RESERVE_NOT_KEPT
from scenarios.planning import package_of, question_of
from scenarios.progress import Progress, ProgressListener, ignore
from scenarios.quote import unique

N_STAGES = 2
SIZE_ID = "size"
"""Id of the charge that a way to be billed brings. [-]"""
AS_WRITTEN = "as_written"
WRITTEN_WORDS = Text(en="the tariff as it is written", zh="电价现行写法")
RAISED = FindingKind(
    code="contract_raised_to_floor",
    severity=Severity.WARNING,
    words=Text(
        en="{option_en}: a contract demand below {floor_kw} kW ({floor_share} of the connected kVA) is billed as "
        "{floor_kw} kW; of what was asked that holds for {asked}.",
        zh="{option_zh}：低于 {floor_kw} kW（受电容量的 {floor_share}）的合同最大需量按 {floor_kw} kW 计费；"
        "所列数值中涉及 {asked}。",
    ),
)
CHOSEN_WORDS = Text(en="contract demand chosen with the schedule", zh="合同最大需量与排程一并选择")


class TariffVersionsError(WattplanError, ValueError):
    """Ways to be billed are compared for a tariff that is given in versions."""

    code = "billing_modes_of_versions"
    words = Text(
        en="Tariff {tariff_id} is given in versions, and ways to be billed are compared for one set of charges. Give the "
        "package the version that is in force.",
        zh="电价 {tariff_id} 以多个版本给出，而计费方式的比较仅针对一组费用项。请为该套餐给出当期有效的版本。",
    )


@noun(eq=False)
class ContractPlan:
    """The plant run as is best under each way, cheapest first."""

    case_id: str
    package: Package
    currency: str
    choice: BillingChoice
    findings: tuple[Finding, ...]


def plan_contract(case: Case, asked: ContractAsked, *, progress: ProgressListener = ignore) -> ContractPlan:
    """Choose contract demand or way to be billed together with the schedule of a case.

    Raises
    ------
    ContractNotChoosableError
        If more rests on the contract value than one peak: name the values to be compared.
    ContractBelowFloorError
        If a rule of the charge bills more than the greatest value that may be chosen.
    UnknownReferenceError, InvalidFieldError, TariffVersionsError
        If the package, its charge or its charges on size are not there.
    InfeasiblePlanError, NoPlanInTimeError
    WattplanError
        Naming what is wrong with the case, and how to mend it.
    """
    case, is_declared = _with_some_contract(case, asked)
    question = question_of(case, asked.package_id, with_dr=False, progress=progress, n_stages=N_STAGES)
    package = question.package
    window = question.loads.window_of(package.tariff, package.supply_of(case.site.supply))
    problem = replace(question.problem, site=replace(case.site, supply=package.supply_of(case.site.supply)))
    ways = _ways(package.tariff, asked)[0 if is_declared else 1 :]
    findings = (*question.findings, *_raised(ways, problem.site.supply))
    try:
        choice = choose_billing(problem, window, ways, case.options.solve)
    except InfeasiblePlanError:
        if problem.import_reserve_kw is None or not problem.import_reserve_kw.any():
            raise
        choice = choose_billing(replace(problem, import_reserve_kw=None), window, ways, case.options.solve)
        findings = (*findings, RESERVE_NOT_KEPT.at())
    for one in choice.outcomes:
        judged = audit(one.answer.response.schedule, replace(problem, terms=one.answer.terms))
        must_be_sound(judged)
        must_agree(one.total_cost, judged.costs)
    progress(Progress(stage=Text(en="each way to be billed", zh="各计费方式"), done=2, total=N_STAGES))
    return ContractPlan(
        case_id=case.case_id,
        package=package,
        currency=package.tariff.currency,
        choice=choice,
        findings=unique(findings),
    )


def _with_some_contract(case: Case, asked: ContractAsked) -> tuple[Case, bool]:
    """Give the case with a contract value where the charge has none yet, and say whether it had one.

    Without any, nothing can be priced; the value is not used for any answer.
    """
    package = package_of(case, asked.package_id)
    tariff, supply = package.tariff, package.supply_of(case.site.supply)
    if asked.charge_id is not None:
        must_be_contract_charge(tariff, asked.charge_id)
    if supply.contract_demand_kw is not None:
        return case, True
    named = asked.replaces if asked.charge_id is None else (asked.charge_id,)
    versions = (tariff,) if isinstance(tariff, Tariff) else tariff.versions
    open_ids = {
        one.charge_id
        for each in versions
        for one in each.charges
        if one.charge_id in named and isinstance(one, DemandCharge) and one.basis == "contract"
        if one.contract_demand_kw is None
    }
    if not open_ids:
        return case, True
    declared = tariff
    for charge_id in sorted(open_ids):
        some_kw = asked.contracts_kw[0] if asked.limits is None else asked.limits.least_kw
        declared = with_contract(declared, charge_id, some_kw)
    packages = tuple(
        replace(one, tariff=declared) if one.package_id == asked.package_id else one for one in case.packages
    )
    present = declared if asked.package_id == PRESENT_ID else case.present_tariff
    return replace(case, packages=packages, present_tariff=present), False


def _ways(tariff: AnyTariff, asked: ContractAsked) -> Sequence[BillingOption]:
    if asked.prices is None:
        return (
            BillingOption(option_id=AS_WRITTEN, name=WRITTEN_WORDS, tariff=tariff),
            _open("chosen", CHOSEN_WORDS, tariff, asked, asked.charge_id),
        )
    if not isinstance(tariff, Tariff):
        raise TariffVersionsError(tariff_id=tariff.tariff_id)
    ways = [BillingOption(option_id=AS_WRITTEN, name=WRITTEN_WORDS, tariff=tariff)]
    for mode in BillingMode:
        made = in_mode(tariff, mode, asked.prices, replaces=asked.replaces, charge_id=SIZE_ID)
        if mode is BillingMode.CONTRACT_DEMAND:
            ways.append(_open(mode, MODE_WORDS[mode], made, asked, SIZE_ID))
        else:
            ways.append(BillingOption(option_id=mode, name=MODE_WORDS[mode], tariff=made))
    return ways


def _raised(ways: Sequence[BillingOption], supply: SupplyPoint) -> list[Finding]:
    """Say which of the contract values asked for a rule of the charge raises."""
    found = []
    for way in ways:
        versions = (way.tariff,) if isinstance(way.tariff, Tariff) else way.tariff.versions
        charges = [one for each in versions for one in each.charges if one.charge_id == way.charge_id]
        floors = {(floor_kw(one, supply), one.floor_share) for one in charges if isinstance(one, DemandCharge)}
        for least_kw, share in sorted(floors):
            low = [one for one in way.contracts_kw if one < least_kw]
            said = ", ".join(f"{one:,}" for one in low)
            if way.limits is not None and way.limits.least_kw < least_kw:
                said = f"{way.limits.least_kw:,} … {float(least_kw):,.10g}"
            if said:
                words = {"floor_kw": f"{float(least_kw):,.10g}", "floor_share": f"{share:.0%}", "asked": f"{said} kW"}
                found.append(RAISED.at(option_en=way.name.en, option_zh=way.name.zh, **words))
    return found


def _open(option_id: str, name: Text, tariff: AnyTariff, asked: ContractAsked, charge_id: str | None) -> BillingOption:
    return BillingOption(
        option_id=option_id,
        name=name,
        tariff=tariff,
        charge_id=charge_id,
        limits=asked.limits,
        contracts_kw=asked.contracts_kw,
    )


def contract_to_plain(found: ContractPlan) -> dict[str, Any]:
    """Give the ways and their schedules as JSON values; without tariffs and terms."""
    plain = {one.name: to_plain(getattr(found, one.name)) for one in fields(found) if one.name != "choice"}
    outcomes = [
        {
            "option_id": one.option.option_id,
            "name": to_plain(one.option.name),
            "total_cost": one.total_cost,
            "more_than_best_cost": found.choice.difference_cost(one.option.option_id),
            "bound": one.answer.bound,
            "gap_share": one.answer.gap_share,
            "contracts": to_plain(one.answer.contracts),
            "response": to_plain(one.answer.response),
        }
        for one in found.choice.outcomes
    ]
    return plain | {"is_proven": found.choice.is_proven, "outcomes": outcomes}
