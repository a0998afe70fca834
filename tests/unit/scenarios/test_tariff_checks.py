"""What is said of a sound tariff: its standing, windows over midnight, gaps, what bills ask for."""

from dataclasses import replace
from datetime import date

import pytest

from domain.catalogue import any_tariff, tariff
from domain.tariffs import BandCalendar, TariffVersions
from domain.text import Language
from scenarios.tariff_checks import look_at, needs_of, one_currency, to_verify
from tests.tariff_cases import energy, flat_energy, rule, tariff_of


def codes(record, on: date, follower: str | None = None) -> list[str]:
    return [one.code for one in look_at(record, on, follower)]


@pytest.mark.parametrize(
    ("on", "follower", "code"),
    [
        (date(2026, 6, 30), None, None),
        (date(2026, 7, 1), None, "tariff_ended"),
        (date(2026, 7, 1), "next", "tariff_superseded"),
        (date(2024, 2, 29), None, "tariff_not_yet_in_force"),
        (date(2024, 3, 1), None, None),
    ],
)
def test_the_standing_follows_the_day(on, follower, code):
    plain = {"bills_need"}
    assert set(codes(tariff("cn-zj-agency-10kv-2024"), on, follower)) == plain | ({code} if code else set())


def test_versions_stand_together():
    family = any_tariff("cn-zj-agency-10kv")
    assert "tariff_ended" not in codes(family, date(2026, 7, 1))
    assert "tariff_not_yet_in_force" in codes(family, date(2024, 1, 1))


def test_a_window_over_midnight_is_explained_once():
    calendar = BandCalendar(
        rules=(
            rule("night", "22:00-02:00"),
            rule("day", "02:00-22:00", months=(1, 2, 3)),
            rule("noon", "02:00-22:00", months=tuple(range(4, 13))),
        )
    )
    charge = energy(calendar, band_prices={"night": "1", "day": "2", "noon": "3"})
    (finding,) = look_at(tariff_of(charge), date(2026, 1, 1))
    assert finding.code == "window_over_midnight"
    assert "22:00-24:00 and 00:00-02:00 of the same calendar day" in finding.say()
    assert "同一自然日" in finding.say(Language.ZH)


def test_a_gap_and_a_change_inside_a_month_are_told():
    first = tariff_of(flat_energy("1"), tariff_id="a", valid_until=date(2026, 5, 1))
    later = tariff_of(flat_energy("2"), tariff_id="b", valid_from=date(2026, 5, 15))
    found = {
        one.code: one.say() for one in look_at(TariffVersions(tariff_id="v", versions=(first, later)), date(2026, 6, 1))
    }
    assert "2026-05-01 until 2026-05-14" in found["versions_gap"]
    assert "changes on 2026-05-15" in found["change_inside_month"]
    joined = replace(later, valid_from=date(2026, 5, 1))
    assert codes(TariffVersions(tariff_id="v", versions=(first, joined)), date(2026, 6, 1)) == []


@pytest.mark.parametrize(
    ("record", "needs"),
    [
        ("cn-sd-agency-110kv-2026", []),
        ("cn-js-agency-10kv-capacity", ["supply.capacity_kva", "supply.power_factor"]),
        ("cn-gd-huizhou-10kv-demand-2026-02", ["supply.contract_demand_kw", "supply.capacity_kva"]),
        ("cn-gd-market-spot", ["facts.prices: cn-gd-day-ahead", "supply.power_factor"]),
        ("us-sample-tou-ratchet-4cp", ["facts.past: 11", "facts.system_peaks: us-sample-4cp"]),
        ("de-malchow-mv-network-2025", ["facts.past: network", "supply.power_factor"]),
        (
            "cn-gd-shantou-agency-hot-days",
            ["supply.capacity_kva", "supply.power_factor", "facts.flags: hot"],
        ),
    ],
)
def test_what_a_bill_asks_for(record, needs):
    assert [one.key for one in needs_of(any_tariff(record))] == needs


def test_currencies_side_by_side_are_told():
    assert one_currency([tariff("cn-js-agency-10kv-capacity"), tariff("cn-zj-agency-10kv-2026")]) == ()
    (finding,) = one_currency([tariff("cn-js-agency-10kv-capacity"), tariff("de-mv-spot-2025")])
    assert finding.data["currencies"] == "CNY, EUR"


def test_numbers_to_verify_are_told_once_for_all():
    assert to_verify([tariff("cn-sd-agency-110kv-2026")]) == ()
    (finding,) = to_verify([any_tariff("cn-zj-agency-10kv"), tariff("cn-sd-agency-110kv-2026")])
    assert "浙发改价格〔2024〕21号" in finding.say()
    assert "cn-sd" not in finding.say()
