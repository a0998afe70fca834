"""An event's pay and penalty as terms of a model; settlement gives the same in exact money."""

from dataclasses import field

from domain.noun import noun

INFINITE_RATE = float("inf")
RATE_DECIMALS = 6
"""Response rates are compared with the settlement table after rounding to as many decimals."""


@noun
class EventBand:
    """One row of the settlement table in floats."""

    from_rate: float
    """[-]"""
    to_rate: float
    """[-]; infinite for the last."""
    per_delivered: float
    """Paid kW per delivered kW. [-]"""
    per_committed: float
    """Paid kW per committed kW. [-]"""


@noun
class EventTerm:
    """One event over a horizon.

    With the commitment *c* [kW] and the delivered mean response *r* [kW] over the event's steps,
    ``rate = r / c``; the band that holds the rate says which kW are paid; what is committed and not
    delivered pays the penalty. No commitment, no pay, no penalty.
    """

    event_id: str
    programme_id: str
    first: int
    """First step of the event within the horizon."""
    stop: int
    """First step after it."""
    baseline_kw: float
    """Mean baseline over the event. [kW]"""
    sign: int = 1
    """+1: load goes down (peak shaving); -1: load goes up (valley filling)."""
    min_commitment_kw: float
    """[kW]"""
    max_commitment_kw: float
    """[kW]"""
    pay_per_kw: float
    """For the whole event, per paid kW: price × hours where the price is per kWh. [currency / kW]"""
    penalty_per_kw: float
    """For the whole event, per undelivered kW. [currency / kW]"""
    bands: tuple[EventBand, ...] = field(default_factory=tuple)
    is_committed: bool = False
    """The commitment is made already: it may be chosen within its limits, but not be left at nothing."""
    promise_id: str | None = None
    """Terms of one promise are settled for one and the same commitment, such as one term for each sample of the load
    or for each course of events; None: it is settled by this term alone."""

    def delivered_kw(self, mean_import_kw: float) -> float:
        """r: by how much the event's mean load departs from the baseline in the wished direction. [kW]."""
        return self.sign * (self.baseline_kw - mean_import_kw)

    def paid_kw(self, commitment_kw: float, mean_import_kw: float) -> float:
        """Give the kW that the settlement table recognises. [kW]."""
        if commitment_kw <= 0:
            return 0.0
        delivered_kw = self.delivered_kw(mean_import_kw)
        rate = round(max(0.0, delivered_kw / commitment_kw), RATE_DECIMALS)
        for band in self.bands:
            if band.from_rate <= rate < band.to_rate:
                return band.per_delivered * max(0.0, delivered_kw) + band.per_committed * commitment_kw
        return 0.0

    def pay(self, commitment_kw: float, mean_import_kw: float) -> float:
        """Give the event's pay. [currency]."""
        return self.pay_per_kw * self.paid_kw(commitment_kw, mean_import_kw)

    def penalty(self, commitment_kw: float, mean_import_kw: float) -> float:
        """Give the event's penalty. [currency]."""
        if commitment_kw <= 0:
            return 0.0
        return self.penalty_per_kw * max(0.0, commitment_kw - max(0.0, self.delivered_kw(mean_import_kw)))
