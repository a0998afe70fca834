"""The fields of a URDB rate: their spellings, their shapes, and which of them ask for no money."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from domain.files.clauses import TariffFileError, read_json
from domain.files.sources import Source, name_of
from domain.noun import noun
from domain.text import Text

N_MONTHS, N_HOURS = 12, 24
MOST_DIGITS = 40
BIGGEST = Decimal("1e60")
"""URDB writes limits like 1e38; a number beyond this is a slip."""
Schedule = tuple[tuple[int, ...], ...]
Tier = Mapping[str, Any]
ALL_HOURS: Schedule = ((0,) * N_HOURS,) * N_MONTHS

_ABOUT = Text(en="describes the rate", zh="仅为说明信息")
_WHO = Text(en="says who may take the rate; check it against the customer", zh="适用条件，请与用户情况核对")
_EXPORT = Text(
    en="concerns energy fed in, which is priced on request only (export: sell)",
    zh="涉及上网电量，仅在要求时计价（export: sell）",
)
_COMMENT = Text(en="is free text", zh="为自由文本")

METADATA: dict[str, Text] = {
    **dict.fromkeys(("approved", "label", "revisions", "uri", "source", "sourceparent", "sourcereference"), _ABOUT),
    **dict.fromkeys(("is_default", "isdefault", "supersedes", "supercedes", "sector", "servicetype"), _ABOUT),
    **dict.fromkeys(("eiaid", "eia", "country", "name", "utility", "utilityname", "energytoulabels"), _ABOUT),
    **dict.fromkeys(("startdate", "enddate", "effectivedate", "phasewiring", "latest_update"), _ABOUT),
    **dict.fromkeys(("demandtoulabels", "flatdemandtoulabels", "coincidenttoulabels"), _ABOUT),
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
    "coincidentrateschedule": "coincidentschedule",
    "coincidentrateunits": "coincidentrateunit",
}
"""Later spellings of a field and the one used here, both in lower case."""

STRUCTURES = {
    "energyweekdayschedule": "energyratestructure",
    "energyweekendschedule": "energyratestructure",
    "demandweekdayschedule": "demandratestructure",
    "demandweekendschedule": "demandratestructure",
    "coincidentschedule": "coincidentratestructure",
    "flatdemandmonths": "flatdemandstructure",
}
"""Which structure's periods a schedule names."""


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

    def spelt(self, field: str) -> str:
        """Give a field's name as the file writes it."""
        return self.spelling.get(field, field)

    def text(self, field: str) -> str:
        """Give a field as text, empty where it is not given."""
        return str(self.fields.get(field, "")).strip()

    def number(self, field: str) -> Decimal | None:
        """Give a field as a number, None where it is not given."""
        if field not in self.fields:
            return None
        number = as_number(self.fields[field])
        if number is None:
            raise self.wrong(field, Text(en="is no number", zh="不是数值"))
        return number

    def numbers(self, field: str) -> tuple[Decimal, ...]:
        """Give twelve numbers by month; one number alone holds for all months; () where not given."""
        plain = self.fields.get(field)
        if plain is None:
            return ()
        given = plain if isinstance(plain, list) else [plain] * N_MONTHS
        found = [Decimal(int(one)) if type(one) is bool else as_number(one) for one in given]
        numbers = tuple(one for one in found if one is not None)
        if len(given) != N_MONTHS or len(numbers) != N_MONTHS:
            raise self.wrong(field, Text(en="must have 12 numbers", zh="须有 12 个数值"))
        return numbers

    def structure(self, field: str) -> tuple[tuple[Tier, ...], ...]:
        """Give a rate structure: per period its tiers."""
        plain = self.fields.get(field, [])
        if not isinstance(plain, list) or not all(
            isinstance(tiers, list) and tiers and all(isinstance(tier, dict) for tier in tiers) for tiers in plain
        ):
            raise self.wrong(field, Text(en="must be a list of periods, each a list of tiers", zh="须为时段的阶梯列表"))
        for tier in (tier for tiers in plain for tier in tiers):
            for part in ("rate", "adj", "max", "sell"):
                value = tier.get(part)
                if value is not None and as_number(value) is None:
                    raise self.wrong(field, Text(en=f"{value!r} is no finite number", zh=f"{value!r} 不是有限数值"))
        return tuple(tuple(tiers) for tiers in plain)

    def months(self, field: str) -> tuple[int, ...]:
        """Give the period of each month."""
        plain = self.fields.get(field, [0] * N_MONTHS)
        shape = Text(en="must have 12 period numbers", zh="须有 12 个时段编号")
        if not isinstance(plain, list) or len(plain) != N_MONTHS or not all(type(one) is int for one in plain):
            raise self.wrong(field, shape)
        return self._within(field, (tuple(plain),))[0]

    def schedule(self, field: str) -> Schedule:
        """Give a 12 × 24 schedule of period numbers."""
        plain = self.fields.get(field)
        shape = Text(en="must be 12 × 24 period numbers", zh="须为 12 × 24 的时段编号")
        if not isinstance(plain, list) or len(plain) != N_MONTHS:
            raise self.wrong(field, shape)
        for row in plain:
            if not isinstance(row, list) or len(row) != N_HOURS or not all(type(one) is int for one in row):
                raise self.wrong(field, shape)
        return self._within(field, tuple(tuple(row) for row in plain))

    def _within(self, field: str, rows: Schedule) -> Schedule:
        structure = STRUCTURES[field]
        n_periods = len(self.structure(structure))
        if any(not 0 <= one < n_periods for row in rows for one in row):
            raise self.wrong(field, Text(en=f"names a period outside {structure}", zh=f"引用了 {structure} 之外的时段"))
        return rows

    def wrong(self, field: str, problem: Text) -> TariffFileError:
        """Make (not raise) the error for a field."""
        mend = Text(en="Compare it with the URDB format.", zh="请对照 URDB 格式检查。")
        return TariffFileError(file=self.file, field=self.spelt(field), problem=problem, mend=mend)


def as_number(value: object) -> Decimal | None:
    """Give a JSON value as a finite number of sane size and length; None where it is none."""
    if type(value) is bool or not isinstance(value, int | float | str):
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    if not number.is_finite() or abs(number) > BIGGEST or len(number.as_tuple().digits) > MOST_DIGITS:
        return None
    return number


def is_rate(plain: object) -> bool:
    """Say whether parsed JSON looks like a URDB rate or the API's answer with rates."""
    if not isinstance(plain, dict):
        return False
    items = plain.get("items")
    if isinstance(items, list):
        return any(is_rate(one) for one in items) or not items
    return any(str(key).lower() == "energyratestructure" for key in plain)


def read_record(source: Source) -> UrdbRecord:
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
            problem = Text(en=f"{spelling[field]} and {spelt} disagree", zh=f"{spelling[field]} 与 {spelt} 不一致")
            raise UrdbRecord(file=file, fields=fields, spelling=spelling).wrong(field, problem)
        fields[field], spelling[field] = value, spelt
    record = UrdbRecord(file=file, fields=fields, spelling=spelling)
    if not record.has("energyratestructure"):
        raise record.wrong("energyratestructure", Text(en="is missing", zh="缺失"))
    return record
