"""Whatever the bytes, a bill is read with findings or refused in words, and compared or refused; it never crashes."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.errors import WattplanError
from domain.files.ebill_reader import read_ebill
from domain.shadow.compare import check_bill
from domain.text import Language
from tests.ebill_cases import BOOK, adds_up, book, one_csv, supply, tariff, text_of, xlsx

SCRAPS = (
    "", "-", "总", "峰", "1", "-1", "0", "1e9", "999999999999999999999", "0.0000000000001", "NaN", "１２，３４５．６７", "(5)", "小计",
    "合计", "电能表编号：9，电价：x", "定比0.5", "上级电能表编号：0012345678901", "正向有功（总）", "最大需量", "账单周期：2026-13", "2026-02-30",
    "需量值", "功率因数", "24小时电量电价", "费用类别", "\x00", '"', ",", "{0}", "100%", "尖峰%", "=1+1", "户号：", "：", "a" * 300,
)  # fmt: skip
SEEDS = (one_csv(BOOK).encode(), one_csv(BOOK).encode("gb18030"), one_csv(BOOK, ";").encode("utf-16"), xlsx(BOOK))


def holds(content: bytes | str) -> None:
    try:
        ebill = read_ebill(content, "bill")
        for finding in ebill.findings:
            assert finding.say(Language.EN)
            assert finding.say(Language.ZH)
        made = check_bill(ebill, tariff(), supply(contract_demand_kw=Decimal(1000), power_factor=Decimal("0.9")))
    except WattplanError as refusal:
        assert refusal.say(Language.EN)
        assert refusal.say(Language.ZH)
        return
    adds_up(made)
    for finding in made.findings:
        assert finding.say(Language.EN)
        assert finding.say(Language.ZH)


@given(st.binary(max_size=400))
@settings(max_examples=150, deadline=None)
def test_random_bytes(content: bytes):
    holds(content)


@given(
    st.lists(st.lists(st.sampled_from(SCRAPS) | st.text(max_size=8), max_size=8), max_size=14),
    st.sampled_from(["户号：1,账单周期：2026-10,本期电费：5\n", ""]),
)
@settings(max_examples=120, deadline=None)
def test_random_cells(rows: list[list[str]], head: str):
    holds(head + text_of(rows))


@pytest.mark.slow
@given(st.data())
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_cells_of_a_sound_bill_replaced(data: st.DataObject):
    sheets = book()
    for _ in range(data.draw(st.integers(1, 6))):
        rows = sheets[data.draw(st.sampled_from([title for title, rows in sheets.items() if rows]))]
        row = rows[data.draw(st.integers(0, len(rows) - 1))]
        what = data.draw(st.sampled_from(["put", "cut", "lose", "swap"]))
        if what == "lose":
            rows.remove(row)
        elif what == "swap":
            rows.insert(data.draw(st.integers(0, len(rows))), list(row))
        elif row:
            at = data.draw(st.integers(0, len(row) - 1))
            if what == "put":
                row[at] = data.draw(st.sampled_from(SCRAPS))
            else:
                del row[at]
        if not rows:
            rows.append(["x"])
    holds(one_csv(sheets))


@given(
    seed=st.sampled_from(SEEDS),
    wounds=st.lists(
        st.tuples(st.floats(0, 1), st.sampled_from(["cut", "put", "flip"]), st.binary(min_size=1, max_size=6)),
        min_size=1,
        max_size=5,
    ),
)
@settings(max_examples=120, deadline=None)
def test_wounded_files(seed: bytes, wounds: list[tuple[float, str, bytes]]):
    content = bytearray(seed)
    for place, what, scrap in wounds:
        at = int(place * (len(content) - 1)) if content else 0
        if what == "cut":
            del content[at : at + 10 * len(scrap)]
        elif what == "put":
            content[at:at] = scrap
        elif content:
            content[at] ^= scrap[0]
    holds(bytes(content))
