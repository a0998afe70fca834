import pytest

from domain.shadow.ebill import TOTAL, Register
from domain.shadow.vocabulary import (
    COMPENSATION,
    COMPONENTS,
    FUND,
    LINE_LOSS,
    PURCHASE,
    SYSTEM,
    TRANSMISSION,
    band_meant,
    components_named,
    meaning_of,
    purchase_mode_meant,
    register_meant,
)
from domain.tariffs import PurchaseMode


@pytest.mark.parametrize(
    ("word", "band"),
    [
        ("尖峰", "sharp"), ("尖", "sharp"), ("高峰", "peak"), ("峰", "peak"), ("峰时段", "peak"), ("平段", "flat"),
        ("平", "flat"), ("低谷", "valley"), ("谷", "valley"), ("深谷", "deep_valley"), ("总", TOTAL), ("", TOTAL),
        ("-", TOTAL), ("（峰）", "peak"), ("晚高峰", "evening"), ("凌晨", None),
    ],
)  # fmt: skip
def test_bands(word, band):
    assert band_meant(word) == band


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("正向有功（尖峰）", (Register.ACTIVE, "sharp")),
        ("正向有功(总)", (Register.ACTIVE, TOTAL)),
        ("正向有功", (Register.ACTIVE, TOTAL)),
        ("反向有功总", (Register.ACTIVE_EXPORT, TOTAL)),
        ("正向无功（总）", (Register.REACTIVE, TOTAL)),
        ("反向无功（总）", (Register.REACTIVE_EXPORT, TOTAL)),
        ("最大需量", (Register.DEMAND, TOTAL)),
        ("备注", None),
    ],
)
def test_registers(word, meant):
    assert register_meant(word) == meant


@pytest.mark.parametrize(
    ("category", "component", "components"),
    [
        ("(1)市场化购电电费", "零售交易电费", {PURCHASE}),
        ("①代理购电电费", "", {PURCHASE}),
        ("（2）上网环节线损费用", "", {LINE_LOSS}),
        ("(3)输配电费", "电量电费", {TRANSMISSION}),
        ("输配电量电费", "电量电费", {TRANSMISSION}),
        ("(4)系统运行费用", "煤电容量电费", {SYSTEM}),
        # words of other charges inside system operation do not make it one of them
        ("(4)系统运行费用", "力调电费损益", {SYSTEM}),
        ("(4)系统运行费用", "上网环节线损代理采购损益", {SYSTEM}),
        ("", "抽水蓄能容量电费", {SYSTEM}),
        ("(5)政府性基金及附加", "可再生能源附加", {FUND}),
        ("代理购电电费", "容量补偿电费", {COMPENSATION}),
        ("电度电费", "", set(COMPONENTS)),
    ],
)
def test_energy(category, component, components):
    meaning = meaning_of(category, component)
    assert (meaning.kind, set(meaning.components)) == ("energy", components)


@pytest.mark.parametrize(
    ("category", "component", "kind"),
    [
        ("输配容（需）量电费", "需量电费（按实际）", "demand"),
        ("输配容（需）量电费", "容量电费", "capacity"),
        ("输配容（需）量电费", "", "power"),
        ("(3)输配电费", "需量电费", "demand"),
        ("基本电费", "需量基本费", "demand"),
        ("输配容量电费", "", "capacity"),
        ("功率因数调整电费", "", "power_factor"),
        ("力调电费", "", "power_factor"),
        ("目录电费", "基础电费", "catalogue"),
        ("退补电费", "", "other"),
        ("辅助服务费用", "", "other"),
    ],
)
def test_other_charges(category, component, kind):
    assert meaning_of(category, component).kind == kind


def test_parts_of_a_tariffs_price():
    assert components_named("", "上网环节线损、输配电价与系统运行费用") == {LINE_LOSS, TRANSMISSION, SYSTEM}
    assert components_named("Agency purchase price", "") == {PURCHASE}
    # a name that says what it is not names nothing
    assert components_named("All parts but the funds", "除政府性基金外的各项电价") == frozenset()


def test_ways_of_buying():
    assert purchase_mode_meant("市场化零售用户") is PurchaseMode.MARKET_RETAIL
    assert purchase_mode_meant("代理购电用户") is PurchaseMode.GRID_AGENCY
    assert purchase_mode_meant("大工业用电") is None
