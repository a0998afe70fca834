from datetime import date
from decimal import Decimal

import pytest

from domain.tariffs import BandCalendar, OverStep, PowerFactorCharge, bill
from domain.text import Language
from tests.tariff_cases import component, demand, energy, load_at, month_grid, rule, supply_of, tariff_of, words

MONTH = date(2026, 3, 1)


def said(charge, supply=None, *, line=0, load=None, **fields):
    here = load or load_at(month_grid(MONTH), 1100.0)
    rule_text = bill(here, tariff_of(charge, **fields), supply or supply_of(), MONTH).lines[line].rule
    return rule_text.say(), rule_text.say(Language.ZH)


def test_an_energy_line_names_its_sum_and_document():
    bands = BandCalendar(rules=(rule("peak", "08:00-20:00"), rule("valley", "20:00-08:00")))
    charge = energy(
        bands,
        components=(component("0.39575", floats=True), component("0.24425", floats=False)),
        factors={"peak": Decimal("1.8"), "valley": Decimal("0.35")},
        price_decimals=4,
    )
    english, chinese = said(charge, document="苏发改价格发〔2025〕426号")
    assert english == (
        "peak = 1.8 × 0.39575 floating + 0.24425 fixed = 0.9566 CNY/kWh, rounded to 4 decimals; 苏发改价格发〔2025〕426号"
    )
    assert chinese == (
        "高峰 = 1.8 × 浮动部分 0.39575 + 固定部分 0.24425 = 0.9566 CNY/kWh，保留 4 位小数；苏发改价格发〔2025〕426号"
    )


def test_a_printed_price_is_called_printed():
    english, _ = said(energy(band_prices={"all": Decimal("0.31")}))
    assert english == "all = 0.31 printed = 0.31 CNY/kWh; test document"


def test_braces_in_names_and_documents_do_no_harm():
    bands = BandCalendar(rules=(rule("p{1}", "00:00-24:00"),))
    english, chinese = said(energy(bands, band_prices={"p{1}": Decimal(1)}), document="No. {x}")
    assert english.startswith("p{1} = ")
    assert chinese.endswith("No. {x}")


def test_a_measured_demand_says_so():
    english, chinese = said(demand("36", measurement_min=30))
    assert english == "highest 30-minute mean (all hours): 1100 kW, billed as measured; test document"
    assert chinese == "最大 30 分钟平均需量（全部时段）：1100 kW，按实际计收；test document"


@pytest.mark.parametrize(
    ("over_rule", "english_part", "chinese_part"),
    [
        ("actual_plus_double", "rule actual_plus_double: D + (D − 1.05 C), jumping at 1.05 C = 1150 kW", "= 1150 kW"),
        ("contract_plus_double", "rule contract_plus_double: C + 2 (D − 1.05 C) = 1100 kW", "= 1100 kW"),
    ],
)
def test_the_applied_105_percent_reading_is_printed(over_rule, english_part, chinese_part):
    charge = demand("36", basis="contract", over_rule=over_rule)
    english, chinese = said(charge, supply_of(contract_demand_kw="1000"))
    assert english_part in english
    assert "above 1050 kW" in english
    assert "超过 1050 kW" in chinese
    assert chinese_part in chinese


def test_stepped_overrun_is_printed():
    steps = (OverStep(from_share=Decimal(1), multiplier=Decimal(2)),)
    charge = demand("36", basis="contract", over_rule="stepped", over_steps=steps)
    assert (
        "rule stepped: C + Σ multiplier × kW of D within each step = 1200 kW"
        in said(charge, supply_of(contract_demand_kw="1000"))[0]
    )


def test_within_the_allowance_the_contract_value_is_billed():
    english, chinese = said(demand("36", basis="contract"), supply_of(contract_demand_kw="1048"))
    assert "not above 1100.4 kW (rule actual_plus_double): C is billed" in english
    assert "未超过 1100.4 kW" in chinese


def test_the_raised_contract_value_is_explained():
    supply = supply_of(contract_demand_kw="300", capacity_kva="4000")
    english, chinese = said(demand("36", basis="contract"), supply)
    assert "contract C = 1600 kW (declared 300 kW, raised to 40 % of the connected kVA)" in english
    assert "申报 300 kW，提高至装接容量的 40 %" in chinese


def test_the_power_factor_line_names_rate_and_base():
    charge = PowerFactorCharge(charge_id="pf", label=words("pf"), standard="cn_0.90")
    load = load_at(month_grid(MONTH), 10.0)
    tariff = tariff_of(energy(band_prices={"all": Decimal(1)}), charge)
    line = bill(load, tariff, supply_of(power_factor="0.88"), MONTH).lines[-1]
    assert line.rule.say().startswith("power factor 0.88, standard cn_0.90: 1 % of 7440 CNY")
    assert line.rule.say(Language.ZH).startswith("功率因数 0.88，标准 cn_0.90：7440 CNY 的 1 %")
