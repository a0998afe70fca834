"""What a caller may say about a meter file, and what comes back."""

from decimal import Decimal
from typing import Literal

from domain import checks
from domain.checks import refuse
from domain.findings import Finding
from domain.metering.series import MeterSeries
from domain.noun import noun
from domain.text import Text
from domain.time.grid import STEPS_MIN, zone_of

Labels = Literal["start", "end"]
ActiveUnit = Literal["kwh", "kw"]


@noun
class MeterReadOptions:
    """What the caller knows about a meter file; None means: detect it, say so, or refuse."""

    zone: str
    """IANA zone of stamps that carry no offset, such as Asia/Shanghai."""
    labels: Labels | None = None
    """Whether a stamp starts or ends its interval."""
    unit: ActiveUnit | None = None
    """kWh per interval or mean kW; None takes it from the heading."""
    multiplier: Decimal = Decimal(1)
    """Current times voltage transformer ratio by which every value is multiplied. [-]"""
    step_min: int | None = None
    """Length of an interval. [min]"""
    day_first: bool | None = None
    """Whether 3/4/2024 is the third of April."""
    decimal_comma: bool | None = None
    """Whether 1,5 is one and a half."""
    meter_id: str | None = None
    """Which meter of a file that holds several."""
    sheet: str | None = None
    """Which sheet of a workbook that holds several."""
    value_column: str | None = None
    """Heading of the import column where several could be meant."""

    def __post_init__(self) -> None:
        zone_of(self.zone)
        if self.step_min is not None and self.step_min not in STEPS_MIN:
            raise refuse(
                self, "step_min", self.step_min, Text(en=f"must be one of {STEPS_MIN}", zh=f"必须是 {STEPS_MIN} 之一")
            )
        if not self.multiplier.is_finite() or self.multiplier <= 0:
            raise refuse(self, "multiplier", self.multiplier, checks.POSITIVE)
        for field, allowed in (("labels", ("start", "end")), ("unit", ("kwh", "kw"))):
            value = getattr(self, field)
            if value is not None:
                checks.known(self, field, value, allowed)


@noun(eq=False)
class MeterReading:
    """A meter file read: the series, what was found in it and what was taken for granted."""

    series: MeterSeries
    findings: tuple[Finding, ...]
    """What is wrong or was changed, with row numbers."""
    assumptions: tuple[Finding, ...]
    """What was detected and used: encoding, columns, labels, unit, step, zone."""


class ReadingLog:
    """Collects findings and assumptions while a file is read."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.assumptions: list[Finding] = []

    def found(self, finding: Finding) -> None:
        """Note something wrong or changed."""
        self.findings.append(finding)

    def assumed(self, finding: Finding) -> None:
        """Note something detected and used."""
        self.assumptions.append(finding)
