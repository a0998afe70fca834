"""The example e-bill that ``wattplan ebill template`` writes: a made-up month under a tariff of the catalogue."""

from datetime import date
from decimal import Decimal

from domain.catalogue.library import tariff
from domain.shadow.ebill import EBill
from domain.shadow.sample import sample_ebill

TARIFF_ID = "cn-js-agency-10kv-contract-demand"
MONTH = date(2026, 10, 1)


def example_ebill() -> EBill:
    """Give the bill of 1 300 000 kWh under the sample tariff; the two agree to the cent."""
    return sample_ebill(
        tariff(TARIFF_ID),
        MONTH,
        band_kwh={"peak": Decimal(400_000), "flat": Decimal(500_000), "valley": Decimal(400_000)},
        demand_kw=Decimal(2400),
        contract_kw=Decimal(2300),
        capacity_kva=Decimal(5000),
        reactive_kvarh=Decimal(580_000),
    )
