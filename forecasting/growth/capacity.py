"""The verb: years of peaks against the transformer and the contract demand, and energy per kVA."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

import numpy as np

from domain import checks
from domain.checks import FloatArray
from domain.findings import Finding
from domain.metering import MeterSeries
from domain.noun import noun
from domain.text import Text
from domain.time import Calendar, next_month
from forecasting.growth.chances import GrownMonths, months_of
from forecasting.growth.words import ALREADY_EXCEEDED, FIRST_EXCEEDED, LITTLE_USED, REBATE, YearNotKnownError
from forecasting.outlook.bands import DEFAULT_INTERVAL_MIN, TariffBands
from forecasting.outlook.basis import MOST_MONTHS, Basis, basis_of, coming_months
from forecasting.outlook.expansions import Expansion, courses_of
from forecasting.outlook.hindcast import Growth, months_later
from forecasting.outlook.outlook import OutlookOptions

MOST_YEARS = 5
YEAR_MONTHS = 12
LITTLE_SHARE = 0.4
EVEN = 0.5


@noun
class Connection:
    """What the load must fit under."""

    transformer_kva: float
    """Rating of the transformers. [kVA]"""
    power_factor: float = 0.95
    """At the peak; a kW of load is 1 ÷ this of kVA. [-]"""
    contract_kw: float | None = None
    """Contract demand. [kW]"""
    alarm_probability: float = 0.10
    """How likely a month may exceed before it is said. [-]"""
    rebate_kwh_per_kva: float = 260.0
    """Monthly use of the transformer from which China's third cycle waived 10 % of the demand price. [kWh/kVA]

    References
    ----------
    发改价格〔2023〕526号; whether later cycles keep the number is to be verified, so it is asked for here.
    """

    def __post_init__(self) -> None:
        checks.positive(self, "transformer_kva", self.transformer_kva)
        checks.power_factor(self, "power_factor", self.power_factor)
        if self.contract_kw is not None:
            checks.positive(self, "contract_kw", self.contract_kw)
        checks.positive(self, "rebate_kwh_per_kva", self.rebate_kwh_per_kva)
        checks.positive(self, "alarm_probability", self.alarm_probability)
        checks.share(self, "alarm_probability", self.alarm_probability)

    @property
    def limit_kw(self) -> float:
        """Highest load that the transformers carry. [kW]."""
        return self.transformer_kva * self.power_factor


@noun(eq=False)
class CapacityMonth:
    """One coming month; quantiles in the order of the outlook's levels."""

    month: date
    peak_kva: FloatArray
    """Shape (n_levels,). [kVA]"""
    kwh_per_kva: FloatArray
    """Energy per kVA of transformer, shape (n_levels,). [kWh/kVA]"""
    over_kva_probability: float
    """That the transformer's rating is exceeded in the month. [-]"""
    over_contract_probability: float | None
    """That the contract demand is; None: there is none. [-]"""
    rebate_probability: float
    """That the energy per kVA reaches the rebate's threshold. [-]"""


@noun(eq=False)
class CapacityYear:
    """Twelve coming months together."""

    first_month: date
    peak_kw: FloatArray
    """Quantiles of the highest of the twelve peaks, shape (n_levels,). [kW]"""
    peak_kva: FloatArray
    """The same as apparent power. [kVA]"""
    used_share: FloatArray
    """The same as a share of the transformer; above 1 where it is exceeded. [-]"""
    kwh_per_kva: float
    """Mean of the months' medians. [kWh/kVA]"""
    over_kva_probability: float
    """That the transformer's rating is exceeded at least once. [-]"""
    over_contract_probability: float | None


@noun(eq=False)
class CapacityOutlook:
    """Years of a site against its connection.

    Invariants: rests only on what ended by ``issued_at``; probabilities are sums over rates of growth and courses of
    plans, so that the same question has the same answer.
    """

    meter_id: str
    issued_at: datetime
    data_until: datetime
    connection: Connection
    quantile_levels: tuple[float, ...]
    interval_min: int
    """Interval of the peaks. [min]"""
    months: tuple[CapacityMonth, ...]
    years: tuple[CapacityYear, ...]
    first_over_kva: date | None
    """First month that exceeds the transformer's rating at least as likely as the alarm; None: none does."""
    first_over_contract: date | None
    growth: Growth
    peak_growth: Growth
    findings: tuple[Finding, ...]


def capacity_outlook(
    history: MeterSeries,
    *,
    issued_at: datetime,
    zone: str,
    calendar: Calendar,
    connection: Connection,
    tariff_bands: TariffBands | None = None,
    expansions: Sequence[Expansion] = (),
    n_years: int = 5,
    options: OutlookOptions | None = None,
) -> CapacityOutlook:
    """Look one to five years ahead: peaks, use of the transformer, and how likely it is too small.

    Parameters
    ----------
    history : MeterSeries
        Import of one meter; steps that end after ``issued_at`` are not looked at. [kW]
    connection : Connection
        Transformer, power factor, contract demand.
    tariff_bands : TariffBands, optional
        Only for the interval of the peak.
    n_years : int
        1…5. [-]

    Raises
    ------
    YearNotKnownError
        If one of the last twelve months is not measured; and what ``outlook`` raises.
    """
    if not 1 <= n_years <= MOST_YEARS:
        problem = Text(en=f"must lie within 1…{MOST_YEARS}", zh=f"必须在 1…{MOST_YEARS} 之间")
        raise checks.refuse("capacity_outlook", "n_years", n_years, problem)
    options = options or OutlookOptions()
    default_min = DEFAULT_INTERVAL_MIN if tariff_bands is None else tariff_bands.interval_min
    basis = basis_of(
        history,
        issued_at=issued_at,
        zone=zone,
        calendar=calendar,
        tariff_bands=None,
        n_months=MOST_MONTHS,
        interval_min=options.interval_min or default_min,
    )
    first, _ = coming_months(issued_at, zone, 1)
    _must_have_a_year(basis, first)
    months = tuple(months_later(first, number) for number in range(YEAR_MONTHS * n_years))
    peaks, energy = _laid_on(basis, months, tuple(expansions), n_years)
    made_months = _months(months, peaks, energy, connection, options.quantile_levels)
    made_years = _years(months, peaks, made_months, connection, options.quantile_levels)
    over_kva, over_contract = (
        next((one.month for one in made_months if (getattr(one, field) or 0) >= connection.alarm_probability), None)
        for field in ("over_kva_probability", "over_contract_probability")
    )
    return CapacityOutlook(
        meter_id=history.meter_id,
        issued_at=issued_at.astimezone(UTC),
        data_until=basis.site.measured.grid.end,
        connection=connection,
        quantile_levels=options.quantile_levels,
        interval_min=basis.site.interval_min,
        months=made_months,
        years=made_years,
        first_over_kva=over_kva,
        first_over_contract=over_contract,
        growth=basis.growth,
        peak_growth=basis.peak_growth,
        findings=(*basis.findings, *_findings(basis, made_months, peaks, connection, n_years=n_years)),
    )


def _must_have_a_year(basis: Basis, first: date) -> None:
    wanted = [months_later(first, number) for number in range(YEAR_MONTHS)]
    missing = [f"{months_later(one, -YEAR_MONTHS):%Y-%m}" for one in wanted if one not in basis.told.months]
    if missing:
        raise YearNotKnownError(meter_id=basis.site.measured.meter_id, months=", ".join(missing))


def _laid_on(
    basis: Basis, months: tuple[date, ...], expansions: tuple[Expansion, ...], n_years: int
) -> tuple[GrownMonths, GrownMonths]:
    """Give peaks [kW] and energies [kWh] of all months; a leap February has its day."""
    n_days = tuple((next_month(one) - one).days for one in months)
    courses = courses_of(expansions, months, n_days)
    peaks = months_of(
        basis.told.peak_kw, n_years, basis.peak_growth, basis.peak_spread, added=courses.added_kw, courses=courses
    )
    daily_kwh = basis.told.total_kwh / np.array(basis.month_days)
    energy = months_of(daily_kwh, n_years, basis.growth, basis.total_spread, added=courses.added_kwh, courses=courses)
    return peaks, GrownMonths(
        base=energy.base * np.array(n_days),
        lead_years=energy.lead_years,
        growth=energy.growth,
        spread=energy.spread,
        added=energy.added,
        weights_share=energy.weights_share,
    )


def _months(
    months: tuple[date, ...], peaks: GrownMonths, energy: GrownMonths, connection: Connection, levels: tuple[float, ...]
) -> tuple[CapacityMonth, ...]:
    peak_kva = peaks.month_quantiles(levels) / connection.power_factor
    per_kva = energy.month_quantiles(levels) / connection.transformer_kva
    over_kva = peaks.over_month_share(connection.limit_kw)
    over_contract = None if connection.contract_kw is None else peaks.over_month_share(connection.contract_kw)
    rebate = energy.over_month_share(connection.rebate_kwh_per_kva * connection.transformer_kva)
    return tuple(
        CapacityMonth(
            month=month,
            peak_kva=peak_kva[:, number],
            kwh_per_kva=per_kva[:, number],
            over_kva_probability=float(over_kva[number]),
            over_contract_probability=None if over_contract is None else float(over_contract[number]),
            rebate_probability=float(rebate[number]),
        )
        for number, month in enumerate(months)
    )


def _years(
    months: tuple[date, ...],
    peaks: GrownMonths,
    made: tuple[CapacityMonth, ...],
    connection: Connection,
    levels: tuple[float, ...],
) -> tuple[CapacityYear, ...]:
    found = []
    middle = int(np.argmin(np.abs(np.array(levels) - EVEN)))
    for first in range(0, len(months), YEAR_MONTHS):
        part = peaks.part(first, first + YEAR_MONTHS)
        peak_kw = part.highest_quantiles(levels)
        kva = peak_kw / connection.power_factor
        found.append(
            CapacityYear(
                first_month=months[first],
                peak_kw=peak_kw,
                peak_kva=kva,
                used_share=kva / connection.transformer_kva,
                kwh_per_kva=float(np.mean([one.kwh_per_kva[middle] for one in made[first : first + YEAR_MONTHS]])),
                over_kva_probability=part.over_any_share(connection.limit_kw),
                over_contract_probability=None
                if connection.contract_kw is None
                else part.over_any_share(connection.contract_kw),
            )
        )
    return tuple(found)


def _findings(
    basis: Basis, months: tuple[CapacityMonth, ...], peaks: GrownMonths, connection: Connection, *, n_years: int
) -> tuple[Finding, ...]:
    limits = [(f"{connection.transformer_kva:g} kVA", connection.limit_kw, "over_kva_probability")]
    if connection.contract_kw is not None:
        limits.append((f"{connection.contract_kw:g} kW", connection.contract_kw, "over_contract_probability"))
    found = []
    for words, limit_kw, field in limits:
        past = [
            f"{month:%Y-%m}"
            for month, kw in zip(basis.actual.months, basis.actual.peak_kw, strict=True)
            if kw > limit_kw
        ]
        if past:
            found.append(ALREADY_EXCEEDED.at(months=", ".join(past), limit=words, power_factor=connection.power_factor))
        alarm = connection.alarm_probability
        over = next((one for one in months if getattr(one, field) >= alarm), None)
        if over is not None:
            chance_pct = 100 * getattr(over, field)
            found.append(
                FIRST_EXCEEDED.at(
                    month=f"{over.month:%Y-%m}", limit=words, probability_pct=chance_pct, alarm_pct=100 * alarm
                )
            )
    used = float(peaks.highest_quantiles((0.9,))[0]) / connection.limit_kw
    if used < LITTLE_SHARE:
        found.append(LITTLE_USED.at(used_pct=100 * used, n_years=n_years))
    count = sum(one.rebate_probability > EVEN for one in months[:YEAR_MONTHS])
    if count:
        found.append(REBATE.at(count=count, threshold=connection.rebate_kwh_per_kva))
    return tuple(found)
