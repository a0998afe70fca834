"""Work for fleets that is quick, and customers that make trouble."""

import os
from dataclasses import dataclass
from pathlib import Path

from forecasting.errors import ConstantLoadError
from forecasting.fleet import Customer, CustomerAnswer, ForecastFile

HEADING = ("customer_id", "value_kw")


@dataclass(frozen=True)
class Trouble:
    """Answers with the source's length; does what the source says otherwise. Leaves a line per call in a log."""

    log: str = ""

    def __call__(self, customer: Customer) -> CustomerAnswer:
        if self.log:
            with Path(self.log).open("a", encoding="utf-8") as file:
                file.write(customer.customer_id + "\n")
        if customer.source == "dies":
            os._exit(1)
        if customer.source == "raises":
            msg = "boom {not a field}"
            raise RuntimeError(msg)
        if customer.source == "refuses":
            raise ConstantLoadError(meter_id=customer.customer_id, first="2024-01-01", value_kw=5)
        if customer.source == "cannot be kept":
            return CustomerAnswer(customer_id=customer.customer_id, rows_csv="", about={"no": lambda: None})
        return CustomerAnswer(
            customer_id=customer.customer_id,
            rows_csv=f"{customer.customer_id},{len(customer.source)}\n",
            about={"length": len(customer.source)},
        )


@dataclass(frozen=True)
class DiesOn:
    """The real work, but for one customer whose process it ends."""

    inner: ForecastFile
    name: str

    def __call__(self, customer: Customer) -> CustomerAnswer:
        if customer.customer_id == self.name:
            os._exit(1)
        return self.inner(customer)

    def __getattr__(self, name: str):
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.inner, name)


def fleet(n_customers: int, **sources: str) -> list[Customer]:
    """Customers c00, c01, …; some with a source of their own."""
    names = [f"c{number:02d}" for number in range(n_customers)]
    return [Customer(customer_id=one, source=sources.get(one, "x" * 5), fingerprint="1") for one in names]
