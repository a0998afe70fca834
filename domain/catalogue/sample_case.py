"""The sample case: one plant, one question, for the demo and for tests that want everything at once."""

from datetime import date, datetime, timedelta

from domain.catalogue.cement import ZONE, cement_plan, cement_site
from domain.catalogue.library import packages, programmes, tariff
from domain.catalogue.sample_history import sample_meter_history
from domain.offers.case import Case, Package, QuoteOptions
from domain.offers.response import SolveOptions
from domain.programmes import Event
from domain.time import zone_of

ISSUED_AT = datetime(2026, 11, 20, 12, 0, tzinfo=zone_of(ZONE))
MONDAY = date(2026, 11, 23)
HISTORY_DAYS = 120
PRESENT_TARIFF = "cn-js-agency-10kv-capacity"
OTHER_BILLING = "cn-js-agency-10kv-contract-demand"
PROGRAMME = "cn-js-day-ahead-invited"


def sample_case(seed: int = 1) -> Case:
    """Give the sample plant's question of Friday 20 November 2026, noon, for the week from Monday.

    The plant buys through the grid agency in Jiangsu and pays for transformer capacity. It is offered the
    same prices billed by contract demand, and three sample retail packages; an invitation to shed load on
    Tuesday evening has arrived two hours before.
    """
    site, plan = cement_site(), cement_plan(MONDAY)
    start = ISSUED_AT.date() - timedelta(days=HISTORY_DAYS)
    meter, process = sample_meter_history(site, plan, start=start, n_days=HISTORY_DAYS + 1, seed=seed)
    stop = meter.grid.edge_of(ISSUED_AT)
    other = tariff(OTHER_BILLING)
    return Case(
        case_id=f"sample-cement-{seed}",
        issued_at=ISSUED_AT,
        site=site,
        meter=meter.part(0, stop),
        process_history=process.part(0, stop),
        base_load_source="site_less_history",
        plan=plan,
        present_tariff=tariff(PRESENT_TARIFF),
        packages=(
            Package(package_id="agency-contract-demand", name=other.name, tariff=other),
            *packages(),
        ),
        programmes=tuple(one for one in programmes() if one.programme_id == PROGRAMME),
        events=(
            Event(
                event_id="JS-2026-11-24",
                programme_id=PROGRAMME,
                start=_on_tuesday(17),
                end=_on_tuesday(19),
                notice_at=ISSUED_AT - timedelta(hours=2),
            ),
        ),
        options=QuoteOptions(n_samples=50, seed=seed, solve=SolveOptions(deadline_s=20.0, gap_share=0.005)),
    )


def _on_tuesday(hour: int) -> datetime:
    return datetime(2026, 11, 24, hour, tzinfo=zone_of(ZONE))
