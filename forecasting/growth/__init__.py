"""Looks years ahead: will the transformer or the contract demand still do, and how well is it used."""

from forecasting.growth.capacity import (
    CapacityMonth,
    CapacityOutlook,
    CapacityYear,
    Connection,
    capacity_outlook,
)
