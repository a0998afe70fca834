"""The fields of a URDB rate: their spellings, their shapes, and which of them ask for no money."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from domain.files.clauses import TariffFileError, quoted, read_json
from domain.files.sources import name_of
from domain.noun import noun
from domain.text import Text

N_MONTHS, N_HOURS = 12, 24
Schedule = tuple[tuple[int, ...], ...]

_ABOUT = Text(en="describes the rate", zh="仅为说明信息")
_WHO = Text(en="says who may take the rate; check it against the customer", zh="适用条件，请与用户情况核对")
_EXPORT = Text(en="concerns export, which is not priced", zh="仅涉及上网电量，不在计价范围")
_COMMENT = Text(en="is free text", zh="为自由文本")

METADATA: dict[str, Text] = {
    **dict.fromkeys(("approved", "label", "revisions", "uri", "source", "sourceparent", "sourcereference"), _ABOUT),
    **dict.fromkeys(("is_default", "isdefault", "supersedes", "supercedes", "sector", "servicetype"), _ABOUT),
    **dict.fromkeys(("eiaid", "eia", "country", "name", "utility", "utilityname", "energytoulabels"), _ABOUT),
    **dict.fromkeys(("startdate", "enddate", "effectivedate", "phasewiring"), _ABOUT),
    **dict.fromkeys(("peakkwcapacitymin", "peakkwcapacitymax", "peakkwcapacityhistory", "mindemand"), _WHO),
    **dict.fromkeys(("maxdemand", "servicemax", "servicemin", "voltagecategory", "voltagemaximum"), _WHO),
    **dict.fromkeys(("voltageminimum", "peakkwhusagemin", "peakkwhusagemax", "peakkwhusagehistory"), _WHO),
    **dict.fromkeys(("dgrules", "usenetmetering"), _EXPORT),
    **dict.fromkeys(("description", "basicinformationcomments", "energycomments", "demandcomments"), _COMMENT),
}
"""Fields, spelt in lower case, that ask for no money, and why they are left out."""

ALIASES = {
    "flatdemandunits": "flatdemandunit",
    "demandrateunits": "demandrateunit",
    "lookbackpercentage": "lookbackpercent",
}
"""Later spellings of a field and the one used here, both in lower case."""


@noun(eq=False)
class UrdbRecord:
    """One URDB rate with its fields under one spelling."""

    file: str
    """For messages: the file's name."""
    fields: Mapping[str, Any]
    """By spelling in lower case, empty fields left out."""
    spelling: Mapping[str, str]
    """How the file spells each field."""

    def has(self, field: str) -> bool:
        """Say whether a field is given."""
        return field in self.fields

    def text(self, field: str) -> str:
        """Give a field as text, empty where it is not given."""
        return str(self.fields.get(field, "")).strip()

    def number(self, field: str) -> Decimal | None:
        """Give a field as a number, None where it is not given."""
        if field not in self.fields:
            return None
        try:
            number = Decimal(str(self.fields[field]))
        except InvalidOperation as error:
            raise self.wrong(field, Text(en="is no number", zh="不是数值")) from error
        if not number.is_finite():
            raise self.wrong(field, Text(en="is no finite number", zh="不是有限数值"))
        return number

    def structure(self, field: str) -> tuple[tuple[Mapping[str, Any], ...], ...]:
        """Give a rate structure: per period its tiers."""
        plain = self.fields.get(field, [])
        if not isinstance(plain, list) or not all(
            isinstance(tiers, list) and tiers and all(isinstance(tier, dict) for tier in tiers) for tiers in plain
        ):
            raise self.wrong(field, Text(en="must be a list of periods, each a list of tiers", zh="须为时段的阶梯列表"))
        for tier in (tier for tiers in plain for tier in tiers):
            for part in ("rate", "adj", "max"):
                _finite(self, field, tier.get(part))
        return tuple(tuple(tiers) for tiers in plain)

    def months(self, field: str) -> tuple[int, ...]:
        """Give the period of each month."""
        plain = self.fields.get(field, [0] * N_MONTHS)
        shape = Text(en="must have 12 period numbers", zh="须有 12 个时段编号")
        if not isinstance(plain, list) or len(plain) != N_MONTHS or not all(type(one) is int for one in plain):
            raise self.wrong(field, shape)
        return self._within(field, (tuple(plain),), "flatdemandstructure")[0]

    def schedule(self, field: str) -> Schedule:
        """Give a 12 × 24 schedule of period numbers."""
        plain = self.fields.get(field)
        shape = Text(en="must be 12 × 24 period numbers", zh="须为 12 × 24 的时段编号")
        if not isinstance(plain, list) or len(plain) != N_MONTHS:
            raise self.wrong(field, shape)
        for row in plain:
            if not isinstance(row, list) or len(row) != N_HOURS or not all(type(one) is int for one in row):
                raise self.wrong(field, shape)
        structure = "energyratestructure" if field.startswith("energy") else "demandratestructure"
        return self._within(field, tuple(tuple(row) for row in plain), structure)

    def _within(self, field: str, rows: Schedule, structure: str) -> Schedule:
        n_periods = len(self.fields.get(structure, []))
        if any(not 0 <= one < n_periods for row in rows for one in row):
            raise self.wrong(field, Text(en=f"names a period outside {structure}", zh=f"引用了 {structure} 之外的时段"))
        return rows

    def wrong(self, field: str, problem: Text) -> TariffFileError:
        """Make (not raise) the error for a field."""
        mend = Text(en="Compare it with the URDB format.", zh="请对照 URDB 格式检查。")
        return TariffFileError(file=self.file, field=self.spelling.get(field, field), problem=problem, mend=mend)


def _finite(record: UrdbRecord, field: str, value: object) -> None:
    try:
        good = value is None or (type(value) is not bool and Decimal(str(value)).is_finite())
    except InvalidOperation:
        good = False
    if not good:
        raise record.wrong(field, quoted(f"{value!r} is no finite number", f"{value!r} 不是有限数值"))


def read_record(source: Path | bytes) -> UrdbRecord:
    """Read a URDB rate's fields; an API answer with one item is unwrapped.

    Raises
    ------
    TariffFileError
        If the source is not JSON, or not one rate with energy prices.
    """
    file = name_of(source, "URDB")
    empty = UrdbRecord(file=file, fields={}, spelling={})
    plain = read_json(source, file)
    if isinstance(plain, dict) and isinstance(plain.get("items"), list):
        plain = plain["items"][0] if len(plain["items"]) == 1 else None
    if not isinstance(plain, dict):
        raise empty.wrong("JSON", Text(en="must hold exactly one rate", zh="须只含一个费率"))
    fields: dict[str, Any] = {}
    spelling: dict[str, str] = {}
    for spelt, value in plain.items():
        field = ALIASES.get(spelt.lower(), spelt.lower())
        if value is None or value in ("", [], {}):
            continue
        if field in fields and fields[field] != value:
            problem = quoted(f"{spelling[field]} and {spelt} disagree", f"{spelling[field]} 与 {spelt} 不一致")
            raise UrdbRecord(file=file, fields=fields, spelling=spelling).wrong(field, problem)
        fields[field], spelling[field] = value, spelt
    record = UrdbRecord(file=file, fields=fields, spelling=spelling)
    if not record.has("energyratestructure"):
        raise record.wrong("energyratestructure", Text(en="is missing", zh="缺失"))
    return record
