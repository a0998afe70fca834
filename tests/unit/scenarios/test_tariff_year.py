"""A tariff's year as months × hours: each minute of each kind of day has the price that the notice gives it."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.catalogue import any_tariff, tariffs
from domain.tariffs import BandCalendar, ExportCredit, TariffVersions
from domain.tariffs.bands import DAY_MIN, day_table
from domain.tariffs.charges import EnergyCharge, SpotCharge
from domain.tariffs.lines import band_price_per_kwh
from domain.text import Language
from scenarios.tariff_year import NONE, Panel, YearView, price_words, spans, year_views
from tests.tariff_cases import demand, energy, flat_energy, rule, tariff_of, words


def view_of(name: str, year: int, title: str = "Price of energy") -> YearView:
    return next(view for view in year_views(any_tariff(name), year) if view.title.en == title)


def panel_of(view: YearView, title: str) -> Panel:
    return next(panel for panel in view.panels if panel.title().en == title)


def told(view: YearView, panel: Panel, month: int, table: int = 0) -> list[tuple[str, str]]:
    """Give a day's table as (from-to, band)."""
    clock = "{:02d}:{:02d}-{:02d}:{:02d}".format
    return [
        (clock(*divmod(first, 60), *divmod(stop, 60)), view.levels[level].label.en)
        for first, stop, level in spans(panel.months[month][table].levels)
    ]


def test_shandongs_january_is_the_notices_row():
    """鲁发改价格〔2023〕914号: Jan valley 2-6, 10-15 (deep 11-14), peak 7-9, 16-21 (sharp 16-19)."""
    view = view_of("cn-sd-agency-110kv-2026", 2026)
    (panel,) = view.panels
    assert panel.title().en == "all days"
    assert told(view, panel, 1) == [
        ("00:00-02:00", "flat"),
        ("02:00-06:00", "valley"),
        ("06:00-07:00", "flat"),
        ("07:00-09:00", "peak"),
        ("09:00-10:00", "flat"),
        ("10:00-11:00", "valley"),
        ("11:00-14:00", "deep_valley"),
        ("14:00-15:00", "valley"),
        ("15:00-16:00", "flat"),
        ("16:00-19:00", "sharp"),
        ("19:00-21:00", "peak"),
        ("21:00-24:00", "flat"),
    ]


def test_levels_run_from_cheap_to_dear():
    view = view_of("cn-sd-agency-110kv-2026", 2026)
    assert [price_words(one, "CNY") for one in view.levels] == [
        "0.18331 CNY/kWh",
        "0.28359 CNY/kWh",
        "0.63457 CNY/kWh",
        "0.98555 CNY/kWh",
        "1.13597 CNY/kWh",
    ]


def test_a_year_over_a_change_shows_both_tables():
    view = view_of("cn-zj-agency-10kv", 2026)
    panel = panel_of(view, "workdays, rest days")
    assert ("08:00-11:00", "peak") in told(view, panel, 6)
    assert ("07:00-11:00", "flat") in told(view, panel, 7)


def test_holidays_have_a_panel_of_the_years_own_days():
    view = view_of("cn-zj-agency-10kv", 2026)
    panel = panel_of(view, "holidays")
    assert set(panel.months) == {1, 2, 4, 5, 6, 9, 10}
    deep = [table for table in range(2) if ("09:00-15:00", "deep_valley") in told(view, panel, 10, table)]
    assert [panel.months[10][table].days for table in deep] == [tuple(date(2026, 10, day) for day in (1, 2, 3))]


def test_weekdays_and_weekends_where_the_tariff_knows_no_holidays():
    view = view_of("uk-spd-hv-duos-2026", 2026)
    assert [panel.title().en for panel in view.panels] == ["Monday to Friday", "weekends"]
    assert ("16:30-19:30", "red") in told(view, view.panels[0], 3)
    assert ("16:00-20:00", "amber") in told(view, view.panels[1], 3)


def test_a_flag_that_changes_the_day_has_a_panel():
    view = view_of("cn-gd-shantou-agency-hot-days", 2026)
    panel = panel_of(view, "hot day in Guangzhou")
    assert ("11:00-12:00", "sharp") in told(view, panel, 3)
    assert ("11:00-12:00", "sharp") not in told(view, view.panels[0], 3)
    # in July every day has sharp hours, with the flag and without
    assert told(view, panel, 7) == told(view, view.panels[0], 7)


def test_demand_windows_are_views_of_their_own():
    view = view_of("us-ca-smud-gs-tou3-2016", 2016, "Summer super-peak demand")
    panel = panel_of(view, "workdays")
    assert ("14:00-20:00", "counts") in told(view, panel, 7)
    assert told(view, panel, 1) == [("00:00-24:00", "does not count")]
    assert [price_words(one, "USD") for one in view.levels] == ["", ""]


def test_high_load_windows_are_a_view():
    view = view_of("de-mv-atypical-2025", 2025, "Network fee, atypical use")
    assert ("12:30-12:45", "counts") in told(view, panel_of(view, "workdays"), 11)


def test_an_index_comes_on_top():
    view = view_of("de-mv-spot-2025", 2025)
    (level,) = view.levels
    assert price_words(level, "EUR") == "index + 0.03753 EUR/kWh"  # 0.005 + 0.0011 + 0.00277 + 0.00816 + 0.0205


def test_shares_of_the_energy_add_up():
    (level,) = view_of("cn-gd-retail-2026-fixed-linked", 2026).levels
    assert level.price_per_kwh == Decimal("0.8") * Decimal("0.415") + Decimal("0.09626875")
    assert price_words(level, "CNY") == "0.2 × index + 0.42826875 CNY/kWh"
    assert price_words(level, "CNY", Language.ZH) == "0.2 × 指数 + 0.42826875 CNY/kWh"


def test_months_without_the_charge_are_empty():
    charge = energy(band_prices={"all": Decimal(1)}, months=(6, 7))
    (view,) = year_views(tariff_of(charge), 2026)
    (panel,) = view.panels
    assert (panel.months[1][0].levels == NONE).all()
    assert (panel.months[6][0].levels == 0).all()


def test_days_without_a_version_are_left_out():
    first = tariff_of(flat_energy("1"), tariff_id="a", valid_from=date(2026, 1, 1), valid_until=date(2026, 3, 1))
    later = tariff_of(flat_energy("2"), tariff_id="b", valid_from=date(2026, 11, 1))
    (view,) = year_views(TariffVersions(tariff_id="v", versions=(first, later)), 2026)
    assert set(view.panels[0].months) == {1, 2, 11, 12}
    assert [one.price_per_kwh for one in view.levels] == [1, 2]


def test_feed_in_is_a_view_and_a_tariff_without_clock_has_none():
    calendar = BandCalendar(rules=(rule("noon", "11:00-14:00"), rule("rest", "14:00-11:00")))
    prices = {"noon": Decimal("0.02"), "rest": Decimal("0.08")}
    pay = ExportCredit(charge_id="x", label=words("Feed-in"), calendar=calendar, band_prices=prices)
    (view,) = year_views(tariff_of(pay), 2026)
    assert view.title.en == "Pay for feed-in"
    assert ("11:00-14:00", "noon") in told(view, view.panels[0], 1)
    assert year_views(tariff_of(demand("10")), 2026) == ()


PRINTED = [
    one for one in tariffs() if not one.day_flags and not any(isinstance(charge, SpotCharge) for charge in one.charges)
]


@settings(max_examples=40, deadline=None)
@given(
    record=st.sampled_from(PRINTED),
    number=st.integers(0, 364),
    minute=st.integers(0, DAY_MIN - 1),
)
def test_every_minute_of_every_day_has_its_price(record, number, minute):
    """Against the bands themselves, for any day and minute of any record."""
    charges = [one for one in record.charges if isinstance(one, EnergyCharge)]
    if not charges:
        return
    year = record.valid_from.year
    day = date.fromordinal(date(year, 1, 1).toordinal() + number)
    tags = record.calendar.tags(day)
    expected = sum(
        band_price_per_kwh(one, one.calendar.bands[int(day_table(one.calendar, day, tags)[minute])]) for one in charges
    )
    view = next(view for view in year_views(record, year) if view.title.en == "Price of energy")
    held = [table for panel in view.panels for tables in panel.months.values() for table in tables if day in table.days]
    assert {view.levels[int(table.levels[minute])].price_per_kwh for table in held if len(held) == 1} == {expected}


@pytest.mark.parametrize("name", [one.tariff_id for one in tariffs() if not one.day_flags])
def test_every_day_of_the_year_stands_in_one_panel(name):
    for view in year_views(any_tariff(name), 2026):
        tables = [one for panel in view.panels for of_month in panel.months.values() for one in of_month]
        days = sorted(day for one in tables for day in one.days)
        assert days == [date(2026, 1, 1).fromordinal(date(2026, 1, 1).toordinal() + n) for n in range(365)]
        assert all(np.asarray(one.levels).shape == (DAY_MIN,) for one in tables)
