"""Whatever the bytes, the reader gives a series with findings or a refusal in words; it never crashes."""

import gzip
import io
from datetime import date

import numpy as np
import openpyxl
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import WattplanError
from domain.files.meter_options import MeterReadOptions
from domain.files.meter_reader import read_meter
from domain.text import Language

OPTIONS = (
    MeterReadOptions(zone="Europe/Berlin"),
    MeterReadOptions(zone="Asia/Shanghai", labels="end", unit="kwh", day_first=True, decimal_comma=False),
    MeterReadOptions(zone="UTC", labels="start", unit="kw", step_min=15, decimal_comma=True),
)
SCRAPS = (
    b",", b";", b"\t", b"\n", b"\r", b'"', b"24:00", b"2024-10-27 02:15", b"-", b"1e308", b"nan", b"\x00", b"\xff",
    b"\xef\xbb\xbf", b"2024-02-30", b"9999-12-31", b"0001-01-01 00:00", b"1,234", b"31/31/2024", b"+99:99", b"12:60",
    b"NaN", b"\xe6\x97\xb6\xe9\x97\xb4", b"kW", b"P00:15", b"999999999999999999999", b"-5", b"{0}", b"00:00-00:15",
)  # fmt: skip


def long_seed() -> bytes:
    rows = [
        f"2024-10-{day:02d} {hour:02d}:{minute:02d},{day * 100 + hour + minute / 60:.3f},{hour}"
        for day in (26, 27)
        for hour in range(24)
        for minute in (0, 15, 30, 45)
    ]
    return ("Title\n\ntimestamp,import (kWh),reactive kvarh\n" + "\n".join(rows) + "\n").encode()


def wide_seed() -> bytes:
    names = [f"P{minute // 60:02d}:{minute % 60:02d}" for minute in range(15, 1441, 15)]
    rows = [
        f"8{account},{day}/10/2024," + ",".join(str(day + slot) for slot in range(96))
        for account in (1,)
        for day in range(10, 16)
    ]
    return ("户号,日期," + ",".join(names) + "\n" + "\n".join(rows) + "\n单位：kW\n").encode("gb18030")


def workbook_seed() -> bytes:
    workbook = openpyxl.Workbook()
    workbook.active.append(["日期", "时间", "电量(kWh)"])
    for hour in range(1, 25):
        workbook.active.append([date(2024, 5, 1), f"{hour}:00", hour * 1.5])
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


SEEDS = (long_seed(), wide_seed(), gzip.compress(long_seed()), workbook_seed())


def holds(raw: bytes, options: MeterReadOptions) -> None:
    try:
        read = read_meter(raw, options)
    except WattplanError as refusal:
        assert refusal.say(Language.EN)
        assert refusal.say(Language.ZH)
        return
    series = read.series
    assert not np.isinf(series.import_kw).any()
    assert not (series.import_kw < 0).any()
    for finding in (*read.findings, *read.assumptions):
        assert finding.say(Language.EN)
        assert finding.say(Language.ZH)
    if np.isnan(series.import_kw).any():
        assert any(finding.code == "meter_gaps" for finding in read.findings)


@given(raw=st.binary(max_size=400), options=st.sampled_from(OPTIONS))
@settings(max_examples=200, deadline=None)
def test_random_bytes(raw: bytes, options: MeterReadOptions) -> None:
    holds(raw, options)


@given(text=st.text(max_size=300), options=st.sampled_from(OPTIONS), encoding=st.sampled_from(["utf-8", "utf-16"]))
@settings(max_examples=150, deadline=None)
def test_random_text_below_a_heading(text: str, options: MeterReadOptions, encoding: str) -> None:
    holds(("timestamp,kWh\n" + text).encode(encoding, errors="replace"), options)


lines = st.lists(
    st.lists(
        st.sampled_from([scrap.decode("latin-1") for scrap in SCRAPS] + ["2024-05-01 00:15", "7.5", ""]), max_size=4
    ),
    max_size=12,
)


@given(
    rows=lines,
    heading=st.sampled_from(["timestamp,kWh", "date,time,kW", "日期,有功功率(kW),无功功率(kvar)"]),
    options=st.sampled_from(OPTIONS),
)
@settings(max_examples=200, deadline=None)
def test_random_cells_below_a_heading(rows: list[list[str]], heading: str, options: MeterReadOptions) -> None:
    holds("\n".join([heading, *(",".join(row) for row in rows)]).encode(), options)


@given(
    seed=st.sampled_from(SEEDS),
    wounds=st.lists(
        st.tuples(st.floats(0, 1), st.sampled_from(["cut", "put", "flip", "swap"]), st.sampled_from(SCRAPS)),
        min_size=1,
        max_size=6,
    ),
    options=st.sampled_from(OPTIONS),
)
@settings(max_examples=250, deadline=None)
def test_wounded_files(seed: bytes, wounds: list[tuple[float, str, bytes]], options: MeterReadOptions) -> None:
    raw = bytearray(seed)
    for where, how, scrap in wounds:
        at = int(where * len(raw))
        if how == "cut":
            del raw[at : at + len(scrap)]
        elif how == "put":
            raw[at:at] = scrap
        elif how == "flip" and at < len(raw):
            raw[at] ^= 0x15
        else:
            raw[at : at + len(scrap)] = scrap
    holds(bytes(raw), options)
