"""Look years ahead on the command line."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from api.cli.case_work import MeterAsked
from api.cli.outlook_work import asked_of, plain_growth, rounded, three
from api.cli.output import out, print_json, say_findings, simple_table
from domain.files.documents import to_plain
from domain.text import Language, Text
from domain.time import said_at
from forecasting.growth import CapacityOutlook, CapacityYear, Connection, capacity_outlook

YEAR = Text(en="12 months from", zh="起始月（12 个月）")
PEAK = Text(en="peak kW P10 / P50 / P90", zh="峰值 kW P10 / P50 / P90")
APPARENT = Text(en="kVA P50", zh="kVA P50")
USED = Text(en="used P50 / P90", zh="利用率 P50 / P90")
PER_KVA = Text(en="kWh/kVA a month", zh="月 kWh/kVA")
OVER_KVA = Text(en="P(over {kva:g} kVA)", zh="超 {kva:g} kVA 概率")
OVER_CONTRACT = Text(en="P(over {kw:g} kW)", zh="超 {kw:g} kW 概率")
SAID = Text(
    en="issued {at}; the peak grows by {peak_pct:+.1f} % a year (measured {measured_pct:+.1f} % over {n_months} months), "
    "energy by {energy_pct:+.1f} %; power factor {power_factor:g}",
    zh="发布于 {at}；峰值年增长 {peak_pct:+.1f} %（{n_months} 个月实测 {measured_pct:+.1f} %），电量年增长 "
    "{energy_pct:+.1f} %；功率因数 {power_factor:g}",
)


def answer(
    meter: Path,
    asked: MeterAsked,
    *,
    connection: Connection,
    n_years: int,
    tariff: str | None,
    expansions: Sequence[str],
    country: str | None,
    language: Language,
    json_wanted: bool,
) -> None:
    """Read, look ahead, show."""
    known = asked_of(meter, asked, tariff=tariff, expansions=expansions, country=country, language=language)
    series = known.reading.series
    made = capacity_outlook(
        series,
        issued_at=series.grid.end,
        zone=known.zone,
        calendar=known.calendar,
        connection=connection,
        tariff_bands=known.bands,
        expansions=known.expansions,
        n_years=n_years,
    )
    say_findings(made.findings, language)
    if json_wanted:
        print_json(plain_capacity(made))
        return
    _print(made, known.zone, language)


def plain_capacity(made: CapacityOutlook) -> dict[str, Any]:
    """Give a capacity outlook as plain data."""
    return {
        "meter_id": made.meter_id,
        "issued_at": made.issued_at.isoformat(),
        "data_until": made.data_until.isoformat(),
        "connection": dict(to_plain(made.connection)),
        "quantile_levels": list(made.quantile_levels),
        "interval_min": made.interval_min,
        "growth": plain_growth(made.growth),
        "peak_growth": plain_growth(made.peak_growth),
        "first_over_kva": _month(made.first_over_kva),
        "first_over_contract": _month(made.first_over_contract),
        "years": [_plain_year(one) for one in made.years],
        "months": [
            {
                "month": _month(one.month),
                "peak_kva": rounded(one.peak_kva),
                "kwh_per_kva": rounded(one.kwh_per_kva),
                "over_kva_probability": _chance(one.over_kva_probability),
                "over_contract_probability": _chance(one.over_contract_probability),
                "rebate_probability": _chance(one.rebate_probability),
            }
            for one in made.months
        ],
        "findings": [
            {"code": one.code, "severity": str(one.severity), "en": one.say(Language.EN), "zh": one.say(Language.ZH)}
            for one in made.findings
        ],
    }


def _plain_year(year: CapacityYear) -> dict[str, Any]:
    return {
        "first_month": _month(year.first_month),
        "peak_kw": rounded(year.peak_kw),
        "peak_kva": rounded(year.peak_kva),
        "used_share": rounded(year.used_share),
        "kwh_per_kva": round(year.kwh_per_kva, 3),
        "over_kva_probability": _chance(year.over_kva_probability),
        "over_contract_probability": _chance(year.over_contract_probability),
    }


def _month(month: date | None) -> str | None:
    return None if month is None else f"{month:%Y-%m}"


def _chance(probability: float | None) -> float | None:
    return None if probability is None else round(min(1.0, max(0.0, probability)), 6)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _print(made: CapacityOutlook, zone: str, language: Language) -> None:
    connection = made.connection
    heads = [one.say(language) for one in (YEAR, PEAK, APPARENT, USED, PER_KVA)]
    heads.append(OVER_KVA.say(language, kva=connection.transformer_kva))
    if connection.contract_kw is not None:
        heads.append(OVER_CONTRACT.say(language, kw=connection.contract_kw))
    table = simple_table(*heads, numbers=tuple(range(1, len(heads))))
    for year in made.years:
        row = [
            f"{year.first_month:%Y-%m}",
            three(year.peak_kw),
            three(year.peak_kva[1:2]),
            " / ".join(_percent(float(one)) for one in year.used_share[1:]),
            f"{year.kwh_per_kva:.0f}",
            _percent(year.over_kva_probability),
        ]
        if year.over_contract_probability is not None:
            row.append(_percent(year.over_contract_probability))
        table.add_row(*row)
    out().print(table)
    words = SAID.say(
        language,
        at=said_at(made.issued_at, zone),
        peak_pct=made.peak_growth.yearly_pct,
        measured_pct=made.peak_growth.measured_pct,
        n_months=made.peak_growth.n_months,
        energy_pct=made.growth.yearly_pct,
        power_factor=connection.power_factor,
    )
    out().print(words, style="dim", markup=False)
