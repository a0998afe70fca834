"""Clauses of a URDB rate outside its price structures: named extras, unknown fields, fields without money."""

from collections.abc import Mapping

from domain.files.clauses import ClauseBook
from domain.files.urdb_fields import METADATA, UrdbRecord
from domain.text import Text

STRUCTURES = frozenset(
    (
        *("energyratestructure", "energyweekdayschedule", "energyweekendschedule", "fueladjustmentsmonthly"),
        *("flatdemandstructure", "flatdemandmonths", "flatdemandunit"),
        *("demandratestructure", "demandweekdayschedule", "demandweekendschedule", "demandrateunit", "demandwindow"),
        *("demandratchetpercentage", "lookbackpercent", "lookbackmonths", "lookbackrange"),
        *("coincidentratestructure", "coincidentschedule", "coincidentrateunit", "demandreactivepowercharge"),
        *("fixedmonthlycharge", "fixedchargefirstmeter", "fixedchargeeaaddl", "fixedchargeunits"),
        *("mincharge", "minchargeunits", "minmonthlycharge", "annualmincharge"),
    )
)
"""Fields, in lower case, that the reader prices or refuses by itself."""

EXTRAS = ("energyattrs", "demandattrs", "fixedattrs", "energykeyvals", "demandkeyvals", "fixedkeyvals")

_NO_EFFECT = Text(en="has no effect here", zh="在此无作用")


def extras(record: UrdbRecord, book: ClauseBook) -> None:
    """Refuse named extras (discounts, credits, adjustments); mere labels of periods are left out."""
    for field in EXTRAS:
        given = record.fields.get(field, [])
        spelt = record.spelt(field)
        for key, value in (pair for extra in (given if isinstance(given, list) else [given]) for pair in _pairs(extra)):
            if _is_label(value):
                book.ignore(f"{spelt}: {key}", value, Text(en="only numbers a period", zh="仅为时段编号"))
            else:
                what = Text(en=f"an extra of {spelt} in free words", zh=f"{spelt} 中以文字列出的附加条款")
                book.refuse(key, what, value, family=spelt)


def _pairs(extra: object) -> list[tuple[str, object]]:
    if isinstance(extra, Mapping) and set(extra) == {"key", "val"}:
        return [(str(extra["key"]).strip(), extra["val"])]
    return (
        [(str(key).strip(), value) for key, value in extra.items()]
        if isinstance(extra, Mapping)
        else [(str(extra), "")]
    )


def _is_label(value: object) -> bool:
    """Say whether an extra only numbers a period, as in ``{"TOU-summer: peak": "4"}``."""
    return str(value).strip().isdigit()


def unknown_fields(record: UrdbRecord, book: ClauseBook) -> None:
    """Refuse fields that this reader does not know, and note those without money."""
    what = Text(en="a field this reader does not know", zh="无法识别的字段")
    for field, spelt in sorted(record.spelling.items()):
        if field in METADATA:
            book.ignore(spelt, record.fields[field], METADATA[field])
        elif field == "demandunits":
            if record.has("demandrateunit") or not record.has("demandratestructure"):
                book.ignore(spelt, record.fields[field], METADATA["peakkwcapacitymin"])
        elif field not in STRUCTURES and field not in EXTRAS:
            book.refuse(spelt, what, record.fields[field])


def without_effect(record: UrdbRecord, book: ClauseBook, *, read: frozenset[str]) -> None:
    """Note priced fields that no charge came of: zeros, and units of nothing."""
    for field in sorted(STRUCTURES & set(record.fields)):
        if record.spelt(field) not in read:
            book.ignore(record.spelt(field), record.fields[field], _NO_EFFECT)
