"""Look months ahead on the command line."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from api.cli.case_work import MeterAsked, read_series
from api.cli.outlook_plans import read_expansion
from api.cli.output import err, out, print_json, say_findings, simple_table
from api.cli.tariff_find import find
from domain.checks import FloatArray
from domain.files.documents import to_plain
from domain.files.meter_reader import MeterReading
from domain.tariffs.bands import band_zh
from domain.text import Language, Text
from domain.time import Calendar, said_at
from forecasting.outlook import Expansion, Outlook, OutlookOptions, TariffBands, bands_of, outlook
from forecasting.outlook.hindcast import Growth
from scenarios.report_numbers import whole

MONTH = Text(en="month", zh="月份")
TOTAL = Text(en="kWh P10 / P50 / P90", zh="电量 kWh P10 / P50 / P90")
PEAK = Text(en="peak kW P10 / P50 / P90", zh="峰值 kW P10 / P50 / P90")
BAND = Text(en="{band} kWh (P50)", zh="{band} kWh（P50）")
NO_BANDS = Text(en="{tariff_id} tells no bands apart; one band is shown", zh="{tariff_id} 不分时段，仅显示一个时段")
ASSUMED_ENERGY = Text(
    en="{name}: no kWh a month given; half of its kW in every hour is taken, {kwh} kWh",
    zh="{name}：未给出月电量，按其功率的一半全时运行计，即 {kwh} kWh",
)
SAID = Text(
    en="issued {at}; energy grows by {energy_pct:+.1f} % a year ({n_months} months compared, measured "
    "{measured_pct:+.1f} %), the peak by {peak_pct:+.1f} %",
    zh="发布于 {at}；电量年增长 {energy_pct:+.1f} %（比较 {n_months} 个月，实测 {measured_pct:+.1f} %），"
    "峰值年增长 {peak_pct:+.1f} %",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What both outlooks need: the meter, its clock and calendar, the tariff's bands, the plans."""

    reading: MeterReading
    zone: str
    calendar: Calendar
    bands: TariffBands | None
    expansions: tuple[Expansion, ...]


def asked_of(
    meter: Path,
    asked: MeterAsked,
    *,
    tariff: str | None,
    expansions: Sequence[str],
    country: str | None,
    language: Language,
) -> Asked:
    """Read the files and say what was assumed."""
    found = None if tariff is None else find(tariff)
    zone = asked.zone if found is None else found.latest.zone
    if zone is None:
        raise typer.BadParameter("--zone is needed: the IANA zone of the meter's clock, such as Asia/Shanghai")
    bands = None if found is None else bands_of(found.tariff)
    if found is not None and bands is None:
        err().print(NO_BANDS.say(language, tariff_id=found.tariff_id), markup=False)
    plans = [read_expansion(one) for one in expansions]
    for plan, assumed in plans:
        if assumed:
            words = ASSUMED_ENERGY.say(language, name=plan.name, kwh=whole(plan.adds_kwh_per_month))
            err().print(words, markup=False)
    own = None if found is None else found.latest.calendar
    return Asked(
        reading=read_series(meter, asked, language, zone=zone),
        zone=zone,
        calendar=Calendar(country=country) if country is not None or own is None else own,
        bands=bands,
        expansions=tuple(plan for plan, _ in plans),
    )


def answer(
    meter: Path,
    asked: MeterAsked,
    *,
    tariff: str | None,
    n_months: int,
    expansions: Sequence[str],
    country: str | None,
    language: Language,
    json_wanted: bool,
) -> None:
    """Read, look ahead, show."""
    known = asked_of(meter, asked, tariff=tariff, expansions=expansions, country=country, language=language)
    series = known.reading.series
    made = outlook(
        series,
        issued_at=series.grid.end,
        zone=known.zone,
        calendar=known.calendar,
        tariff_bands=known.bands,
        n_months=n_months,
        expansions=known.expansions,
        options=OutlookOptions(),
    )
    say_findings(made.findings, language)
    if json_wanted:
        print_json(plain_outlook(made))
        return
    _print(made, known.zone, language)


def plain_outlook(made: Outlook) -> dict[str, Any]:
    """Give an outlook as plain data."""
    return {
        "meter_id": made.meter_id,
        "issued_at": made.issued_at.isoformat(),
        "data_until": made.data_until.isoformat(),
        "quantile_levels": list(made.quantile_levels),
        "interval_min": made.interval_min,
        "growth": plain_growth(made.growth),
        "peak_growth": plain_growth(made.peak_growth),
        "months": [
            {
                "month": f"{one.month:%Y-%m}",
                "total_kwh": rounded(one.total_kwh),
                "band_kwh": {band: rounded(values) for band, values in one.band_kwh.items()},
                "peak_kw": rounded(one.peak_kw),
            }
            for one in made.months
        ],
        "findings": [
            {"code": one.code, "severity": str(one.severity), "en": one.say(Language.EN), "zh": one.say(Language.ZH)}
            for one in made.findings
        ],
    }


def plain_growth(growth: Growth) -> dict[str, Any]:
    """Give a growth as plain data."""
    return dict(to_plain(growth))


def rounded(values: FloatArray) -> list[float]:
    """Give quantiles to a thousandth."""
    return [round(float(one), 3) for one in values]


def three(values: FloatArray) -> str:
    """Write quantiles side by side."""
    return " / ".join(whole(float(one)) for one in values)


def _print(made: Outlook, zone: str, language: Language) -> None:
    table = simple_table(*(one.say(language) for one in (MONTH, TOTAL, PEAK)), numbers=(1, 2))
    for one in made.months:
        table.add_row(f"{one.month:%Y-%m}", three(one.total_kwh), three(one.peak_kw))
    out().print(table)
    names = list(dict.fromkeys(band for one in made.months for band in one.band_kwh))
    if len(names) > 1:
        _print_bands(made, names, language)
    words = SAID.say(
        language,
        at=said_at(made.issued_at, zone),
        energy_pct=made.growth.yearly_pct,
        measured_pct=made.growth.measured_pct,
        n_months=made.growth.n_months,
        peak_pct=made.peak_growth.yearly_pct,
    )
    out().print(words, style="dim", markup=False)


def _print_bands(made: Outlook, names: Sequence[str], language: Language) -> None:
    heads = [BAND.say(language, band=name if language is Language.EN else band_zh(name)) for name in names]
    table = simple_table(MONTH.say(language), *heads, numbers=tuple(range(1, 1 + len(heads))))
    for one in made.months:
        kwh = [whole(float(one.band_kwh[name][1])) if name in one.band_kwh else "" for name in names]
        table.add_row(f"{one.month:%Y-%m}", *kwh)
    out().print()
    out().print(table)
