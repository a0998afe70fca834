"""From answered candidates to ranked offers."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from domain.checks import FloatArray
from domain.findings import Finding
from domain.noun import noun
from domain.offers import Case, Commitment, Offer, PlaybookStep, Response
from domain.tariffs import Status
from scenarios import findings
from scenarios.candidates import Candidate, EventOffer
from scenarios.loads import Loads
from scenarios.money import (
    EventOutcome,
    SampledBill,
    bills_of_sample,
    cents,
    event_outcome,
    export_samples,
    extra_production_cost,
    import_samples,
    mean,
    money_range,
    order_of,
    sampled_bill,
    savings,
    split_of,
)
from scenarios.reasons import Explainer
from scenarios.stocks import stock_findings

BAD_TENTH = 0.1
HALF = 0.5
COMMITTED_KW = 1e-6


@noun(eq=False)
class Market:
    """What every offer is held against."""

    case: Case
    loads: Loads
    events: tuple[EventOffer, ...]
    today: Response
    today_import_kw: FloatArray
    """Shape (n_samples, n_steps). [kW]"""
    today_export_kw: FloatArray | None
    """Same shape; None: nothing is fed in. [kW]"""
    today_bill: SampledBill


def offers_of(
    market: Market, candidates: tuple[Candidate, ...], answers: dict[str, Response]
) -> tuple[tuple[Offer, ...], tuple[Finding, ...]]:
    """Make the offers, best first, and say which candidates are not offered and why."""
    offers: list[Offer] = []
    not_offered: list[Finding] = []
    for candidate in candidates:
        response = answers[candidate.key]
        committed = {name: kw for name, kw in response.schedule.commitments_kw.items() if kw > COMMITTED_KW}
        if candidate.with_dr and not committed:
            names = ", ".join(one.term.event_id for one in market.events)
            not_offered.append(findings.NO_COMMITMENT.at(package_id=candidate.package.package_id, events=names))
            continue
        plain = answers.get(f"{candidate.package.package_id}/plain")
        offer = _offer(market, candidate, response, plain)
        if offer.net_benefit <= 0 or offer.saving_share < market.case.preferences.min_saving_share:
            not_offered.append(
                findings.NOT_OFFERED.at(
                    package_id=candidate.package.package_id,
                    dr="DR" if candidate.with_dr else "-",
                    benefit=str(offer.net_benefit),
                    currency=offer.currency,
                )
            )
            continue
        offers.append(offer)
    ranked = sorted(offers, key=lambda one: (-one.net_benefit, one.offer_id))
    return tuple(replace(one, rank=number) for number, one in enumerate(ranked, start=1)), tuple(not_offered)


def _offer(market: Market, candidate: Candidate, response: Response, plain: Response | None) -> Offer:
    case, loads = market.case, market.loads
    tariff, supply = candidate.package.tariff, candidate.supply
    import_kw = import_samples(response, loads.base_kw)
    export_kw = export_samples(response, loads.base_kw)
    window = candidate.window
    then = sampled_bill(window, import_kw, tariff, supply, export_kw=export_kw)
    repriced = sampled_bill(window, market.today_import_kw, tariff, supply, export_kw=market.today_export_kw)
    outcomes = _outcomes(candidate, response, import_kw)
    extra = extra_production_cost(response.costs, market.today.costs)
    saved = savings(market.today_bill, then, outcomes, extra)
    saving = money_range(saved)
    weight = Decimal(str(case.preferences.risk_weight))
    explainer = Explainer(problem=candidate.problem, tariff=tariff, facts=case.facts)
    median = order_of(then.totals, HALF)
    return Offer(
        offer_id=f"{case.case_id}/{candidate.key}",
        rank=0,
        package=candidate.package,
        with_dr=candidate.with_dr,
        currency=tariff.currency,
        valid_until=min(case.issued_at + timedelta(days=case.options.validity_days), case.plan.start),
        bill_today=money_range(market.today_bill.totals),
        bill=money_range(then.totals),
        saving=saving,
        net_benefit=cents((1 - weight) * saving.mean + weight * saving.p10),
        saving_share=float(mean(saved) / abs(mean(market.today_bill.totals))) if any(market.today_bill.totals) else 0.0,
        split=split_of(
            today=market.today_bill,
            today_repriced=repriced,
            bill_then=then,
            outcomes=outcomes,
            extra_production=extra,
        ),
        median_bills=bills_of_sample(window, import_kw, median, tariff, supply, export_kw=export_kw),
        response=response,
        moves=explainer.moves(market.today.schedule, response.schedule),
        commitments=_commitments(market, outcomes),
        playbook=_playbook(explainer, candidate, response, plain or market.today),
        findings=_offer_findings(market, candidate, response, outcomes, saved),
    )


def _outcomes(candidate: Candidate, response: Response, import_kw: FloatArray) -> tuple[EventOutcome, ...]:
    committed = response.schedule.commitments_kw
    return tuple(
        event_outcome(term, committed.get(term.event_id, 0.0), import_kw)
        for term in candidate.problem.events
        if committed.get(term.event_id, 0.0) > COMMITTED_KW
    )


def _playbook(
    explainer: Explainer, candidate: Candidate, response: Response, without: Response
) -> tuple[PlaybookStep, ...]:
    return explainer.playbook(without.schedule, response.schedule) if candidate.with_dr else ()


def _commitments(market: Market, outcomes: tuple[EventOutcome, ...]) -> tuple[Commitment, ...]:
    found = []
    for outcome in outcomes:
        term = outcome.term
        baseline = next(one.baseline for one in market.events if one.term.event_id == term.event_id)
        event = next(one for one in market.case.events if one.event_id == term.event_id)
        found.append(
            Commitment(
                event_id=term.event_id,
                programme_id=term.programme_id,
                start=event.start,
                end=event.end,
                baseline_kw=term.baseline_kw,
                commitment_kw=outcome.commitment_kw,
                expected_kw=float(outcome.delivered_kw.mean()),
                pay=cents(mean(outcome.pay)),
                penalty=cents(mean(outcome.penalty)),
                baseline_days=tuple(day.isoformat() for day in baseline.days),
            )
        )
    return tuple(found)


def over_limit(response: Response, *, loads: Loads, limit_kw: float) -> list[Finding]:
    """Say in how many samples a schedule made for the expected base load breaks the connection's limit."""
    peaks_kw = import_samples(response, loads.base_kw).max(axis=1)
    over = peaks_kw > limit_kw + COMMITTED_KW
    if not over.any():
        return []
    said = {"share": float(over.mean()), "limit_kw": limit_kw, "worst_kw": float(peaks_kw.max())}
    return [findings.IMPORT_LIMIT_AT_RISK.at(**said)]


def _offer_findings(
    market: Market,
    candidate: Candidate,
    response: Response,
    outcomes: tuple[EventOutcome, ...],
    saved: tuple[Decimal, ...],
) -> tuple[Finding, ...]:
    case, currency = market.case, candidate.package.tariff.currency
    found: list[Finding] = []
    losing = [one for one in saved if one < 0]
    if losing:
        found.append(
            findings.SAVING_CAN_TURN.at(
                share=len(losing) / len(saved), worst=str(-cents(min(losing))), currency=currency
            )
        )
    found += stock_findings(case.plan, market.today.schedule, response.schedule)
    found += over_limit(response, loads=market.loads, limit_kw=case.site.import_limit_kw)
    for outcome in outcomes:
        short = outcome.delivered_kw < outcome.commitment_kw - COMMITTED_KW
        if short.any():
            found.append(
                findings.COMMITMENT_AT_RISK.at(
                    event_id=outcome.term.event_id,
                    share=float(short.mean()),
                    commitment_kw=outcome.commitment_kw,
                    worst_kw=float(outcome.delivered_kw.min()),
                )
            )
    today_mode, then_mode = case.site.supply.purchase_mode, candidate.supply.purchase_mode
    if then_mode != today_mode:
        found.append(findings.PURCHASE_MODE_CHANGES.at(today=str(today_mode), then=str(then_mode)))
    if candidate.package.tariff.status != Status.OFFICIAL:
        tariff = candidate.package.tariff
        found.append(findings.NUMBERS_NOT_OFFICIAL.at(record=tariff.tariff_id, status=str(tariff.status)))
    for outcome in outcomes:
        programme = case.programme(outcome.term.programme_id)
        if programme.status != Status.OFFICIAL:
            found.append(findings.NUMBERS_NOT_OFFICIAL.at(record=programme.programme_id, status=str(programme.status)))
    solve = response.solve
    if solve.objective - solve.bound > 0:
        found.append(
            findings.GAP_LEFT.at(
                stopped_by=solve.stopped_by,
                amount=solve.objective - solve.bound,
                currency=currency,
                gap=solve.gap_share,
            )
        )
    return tuple(found)
