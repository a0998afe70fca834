"""Small meter files for tests, and what to ask of a reading."""

from domain.files.meter_options import MeterReading, MeterReadOptions
from domain.files.meter_reader import read_meter

DAY = [f"{minute // 60:02d}:{minute % 60:02d}" for minute in range(15, 1441, 15)]


def read(text: str | bytes, *, zone: str = "Asia/Shanghai", **options: object) -> MeterReading:
    raw = text.encode() if isinstance(text, str) else text
    return read_meter(raw, MeterReadOptions(zone=zone, **options))  # type: ignore[arg-type]


def codes(reading: MeterReading) -> set[str]:
    return {finding.code for finding in reading.findings}


def found(reading: MeterReading, code: str) -> dict[str, object]:
    (data,) = [finding.data for finding in (*reading.findings, *reading.assumptions) if finding.code == code]
    return data


def long_day(values: list[object], *, day: str = "2024-05-06", heading: str = "timestamp,kW", first: int = 0) -> str:
    """Write quarter-hours of one day, labelled by their start."""
    rows = [
        f"{day} {minute // 60:02d}:{minute % 60:02d},{value}"
        for value, minute in zip(values, range(first, 1440, 15), strict=False)
    ]
    return "\n".join([heading, *rows]) + "\n"


def whole_day(**changed: object) -> list[object]:
    values: list[object] = [100 + slot * 5 % 96 for slot in range(96)]
    for name, value in changed.items():
        values[int(name[1:])] = value
    return values
