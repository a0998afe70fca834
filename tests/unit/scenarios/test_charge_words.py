"""Charges in words: every kind, both languages, the numbers of the record."""

import typing
from decimal import Decimal

import pytest

from domain.catalogue import all_packages, any_tariff, tariffs
from domain.tariffs.charges import Charge
from scenarios.charge_words import _ONE, _SEVERAL, KIND_WORDS, charge_rows
from scenarios.demand_words import month_runs, months_words
from tests.tariff_cases import demand


def said(name: str, charge_id: str, language: str = "en") -> list[str]:
    rows = charge_rows(any_tariff(name).charges)
    return [getattr(row.words, language) for row in rows if row.charge_id == charge_id]


def test_every_kind_of_charge_has_words():
    kinds = set(typing.get_args(typing.get_args(Charge)[0]))
    assert kinds == set(_SEVERAL) | set(_ONE)
    assert not set(_SEVERAL) & set(_ONE)
    assert set(KIND_WORDS) == {one.__dataclass_fields__["kind"].default for one in kinds}


@pytest.mark.parametrize(
    ("record", "charge_id", "words"),
    [
        (
            "cn-gd-huizhou-10kv-demand-2026-02",
            "rebate",
            "− 10 % of demand in a month of at least 260 kWh per contract kVA",
        ),
        ("de-mv-spot-2025", "vat", "19 % of all other charges"),
        ("de-mv-spot-2025", "spot", "index de-lu-day-ahead + 0.005 per kWh, each interval at its own price"),
        ("uk-spd-hv-duos-2026", "reactive", "0.0015 per kvarh above 33 % of the active energy"),
        ("uk-spd-hv-duos-2026", "capacity", "0.0899 per kVA and day of contract capacity"),
        (
            "us-sample-tou-ratchet-4cp",
            "transmission",
            "62 per kW and year on the mean load at the grid's peaks us-sample-4cp, each of 4 peaks a year bears 1/4",
        ),
        ("us-sample-tou-ratchet-4cp", "minimum", "at least 900 a month for all charges but taxes and feed-in"),
        (
            "no-sample-three-peaks",
            "demand",
            "48 per kW and month: mean of the month's 3 highest 60-minute means on different days",
        ),
        (
            "us-mo-columbia-industrial",
            "summer_demand",
            (
                "3.97 per kW and month: month's highest 30-minute mean; at least 75 % of the highest of the 11 months before "
                "(Jun–Sep only); at least 750 kW; levied in Jun–Sep"
            ),
        ),
        (
            "cn-gd-retail-2026-wholesale-average",
            "retail_cap",
            "at most 0.48 per kWh on the month's mean price of retail_average",
        ),
        (
            "cn-gd-retail-2026-share",
            "retail_share",
            "− 60 % of what cn-gd-wholesale-average lies below 0.463 per kWh, losses are the retailer's",
        ),
    ],
)
def test_words_hold_the_records_numbers(record, charge_id, words):
    assert said(record, charge_id) == [words]


def test_tiers_are_told_one_by_one():
    assert said("us-mo-large-industrial-2023", "energy") == [
        "0 per kWh",
        "+ 0.07 per kWh, 0 to 300 kWh per kW of billing demand (all)",
        "+ 0.06 per kWh, above 300 kWh per kW of billing demand (all)",
    ]
    assert said("no-tensio-ts-nmt-2022", "winter_demand")[2].startswith("30 per kW and month, above 400 kW")


def test_a_contract_value_is_told_with_its_rule():
    (words,) = said("cn-js-agency-10kv-contract-demand", "demand")
    assert (
        "billed against the contract value C (rule actual_plus_double, C at least 40 % of the connected kVA)" in words
    )
    assert "合同最大需量 C" in said("cn-js-agency-10kv-contract-demand", "demand", "zh")[0]


@pytest.mark.parametrize(
    ("months", "runs", "en", "zh"),
    [
        ((), [], "", ""),
        (tuple(range(1, 13)), [(1, 12)], "", ""),
        ((6, 7, 8), [(6, 8)], ", Jun–Aug", "，6–8月"),
        ((12, 1, 2), [(12, 2)], ", Dec–Feb", "，12–2月"),
        ((1, 7, 8, 12), [(12, 1), (7, 8)], ", Dec–Jan, Jul–Aug", "，12–1月、7–8月"),
        ((3,), [(3, 3)], ", Mar", "，3月"),
    ],
)
def test_months_are_told_in_runs(months, runs, en, zh):
    assert month_runs(months) == runs
    assert (months_words(months).en, months_words(months).zh) == (en, zh)


def test_a_contract_value_of_the_charges_own():
    (row,) = charge_rows([demand("10", basis="contract", contract_demand_kw=Decimal(800), floor_share=Decimal(0))])
    assert "contract value C 800 kW (rule actual_plus_double)" in row.words.en


def test_all_records_have_words_in_both_languages():
    for record in (*tariffs(), *(one.tariff for one in all_packages())):
        rows = charge_rows(record.charges)
        assert {row.charge_id for row in rows} == {charge.charge_id for charge in record.charges}
        for row in rows:
            assert row.words.en.isprintable()
            assert row.words.en != row.words.zh
