"""Put the meters of a folder into segments on the command line."""

from dataclasses import fields
from pathlib import Path

import typer

from api.cli.case_work import MeterAsked, read_series
from api.cli.output import err, out, print_json, simple_table
from domain.errors import WattplanError
from domain.files.documents import to_plain
from domain.text import Language, Text
from domain.time import Calendar
from forecasting.patterns import diagnose
from forecasting.patterns.segments import LoadFeatures, Segmentation, features_of, segment

SUFFIXES = (".csv", ".xlsx")
LEFT_OUT = Text(en="{name} left out: {reason}", zh="{name} 未计入：{reason}")
NAME, N = Text(en="segment", zh="分群"), Text(en="customers", zh="客户数")
MEMBERS = Text(en="members", zh="成员")
SILHOUETTE = Text(
    en="mean silhouette {score:.2f} (above 0.5 clear, below 0.25 hardly different)",
    zh="平均轮廓系数 {score:.2f}（高于 0.5 为分明，低于 0.25 为几无差别）",
)
FEATURES = {
    "night_share": Text(en="night", zh="夜间"),
    "evening_share": Text(en="evening", zh="傍晚"),
    "rest_share": Text(en="Sunday", zh="周日"),
    "saturday_share": Text(en="Saturday", zh="周六"),
    "day_factor_share": Text(en="day factor", zh="日负荷率"),
    "month_factor_share": Text(en="month factor", zh="月负荷率"),
    "base_share": Text(en="base", zh="基荷"),
}


def answer(folder: Path, asked: MeterAsked, *, country: str | None, language: Language, json_wanted: bool) -> None:
    """Read, diagnose each, segment, show."""
    if not folder.is_dir():
        raise typer.BadParameter(f"--meters {str(folder)!r}: there is no such folder")
    if asked.zone is None:
        raise typer.BadParameter("--zone is needed: the IANA zone of the meters' clocks, such as Asia/Shanghai")
    calendar = Calendar(country=country)
    customers: dict[str, LoadFeatures] = {}
    left_out: dict[str, str] = {}
    for path in sorted(one for one in folder.iterdir() if one.suffix.lower() in SUFFIXES):
        try:
            meter = read_series(path, asked, language).series
            customers[path.name] = features_of(diagnose(meter, zone=asked.zone, calendar=calendar))
        except WattplanError as refused:
            left_out[path.name] = refused.say(language)
    for name, reason in left_out.items():
        err().print(LEFT_OUT.say(language, name=name, reason=reason), markup=False)
    found = segment(customers)
    if json_wanted:
        print_json(dict(to_plain(found)) | {"left_out": left_out})
    else:
        _print(found, language)


def _print(found: Segmentation, language: Language) -> None:
    heads = (NAME, N, *FEATURES.values(), MEMBERS)
    table = simple_table(*(one.say(language) for one in heads), numbers=tuple(range(1, 2 + len(FEATURES))))
    for one in found.segments:
        numbers = (f"{getattr(one.middle, field.name):.2f}" for field in fields(LoadFeatures))
        table.add_row(one.name.say(language), str(len(one.members)), *numbers, ", ".join(one.members))
    out().print(table)
    out().print(SILHOUETTE.say(language, score=found.silhouette_share), markup=False)
