"""How a province makes band prices out of an agency sheet's parts: calendar, factors, and which parts float."""

from dataclasses import field
from datetime import date
from decimal import Decimal

from domain import checks
from domain.files.agency_sheet_words import PART_OF, STRUCTURE_NAMES, column_of
from domain.files.documents import from_plain, read_yaml, to_plain
from domain.files.problems import DocumentError, Problem, pointer_of
from domain.files.sources import Source, name_of
from domain.files.yaml_text import write_yaml
from domain.noun import noun
from domain.tariffs import BandCalendar, DayFlag, EnergyCharge, Status, Tariff
from domain.tariffs import Source as RuleSource
from domain.text import Text

KEY = "band_rule"


@noun
class BandRuleRecord:
    """A province's time-of-use rule: ``price(band) = m(band) · Σ floating + Σ fixed``."""

    rule_id: str
    name: Text
    calendar: BandCalendar
    factors: dict[str, Decimal]
    """m by band; a band not named has 1. [-]"""
    structure_factors: dict[str, dict[str, Decimal]] = field(default_factory=dict)
    """Instead of ``factors``, for single_part or two_part: provinces whose ratios differ by structure. [-]"""
    floating: tuple[str, ...]
    """Parts of the sheet that the factors multiply: purchase, line_loss, transmission, system_operation, funds, or
    parts of these such as average_purchase and coal_capacity. A part floats with the one that contains it."""
    country: str | None = "CN"
    subdivision: str | None = None
    day_flags: tuple[DayFlag, ...] = ()
    """Kinds of days that the calendar's rules name."""
    valid_from: date
    valid_until: date | None = None
    """First day on which it no longer holds; None: open."""
    status: Status
    source: RuleSource

    def __post_init__(self) -> None:
        checks.not_empty(self, "rule_id", self.rule_id)
        checks.not_empty(self, "floating", self.floating)
        for part in self.floating:
            checks.known(self, "floating", part, PART_OF)
        for structure, factors in self.structure_factors.items():
            checks.known(self, "structure_factors", structure, STRUCTURE_NAMES)
            for band in factors:
                checks.known(self, f"structure_factors.{structure}", band, self.calendar.bands)
        for band in self.factors:
            checks.known(self, "factors", band, self.calendar.bands)
        if self.valid_until is not None and self.valid_until <= self.valid_from:
            raise checks.refuse(self, "valid_until", str(self.valid_until), checks.ORDERED)

    def floats(self, part: str) -> bool:
        """Say whether the factors multiply a part."""
        return part in self.floating or PART_OF[part].parent in self.floating

    def factors_for(self, structure: str) -> dict[str, Decimal]:
        """Give m by band for one structure."""
        return self.structure_factors.get(structure, self.factors)


def read_band_rule(source: Source) -> BandRuleRecord:
    """Read a rule from a YAML file with the one key ``band_rule``.

    Raises
    ------
    DocumentError
        With every problem and its JSON pointer.
    YamlTextError, FileUnreadableError, FileTooLargeError
    """
    where = name_of(source, KEY)
    plain = read_yaml(source, where=where)
    if not isinstance(plain, dict) or set(plain) != {KEY}:
        message = Text(en=f"a file of a band rule has the one key {KEY}:", zh=f"此类文件顶层只能有键 {KEY}:")
        raise DocumentError(where=where, problems=(Problem(pointer="", message=message),))
    try:
        return from_plain(BandRuleRecord, plain[KEY], where=where)
    except DocumentError as error:
        below = tuple(
            Problem(pointer=pointer_of(KEY) + one.pointer, message=one.message, value=one.value)
            for one in error.problems
        )
        raise DocumentError(where=where, problems=below) from error


def write_band_rule(rule: BandRuleRecord) -> str:
    """Give a rule as the YAML text that ``read_band_rule`` reads back equal."""
    return write_yaml({KEY: to_plain(rule, brief=True)})


def band_rule_of(tariff: Tariff) -> BandRuleRecord:
    """Take the rule out of a tariff of the catalogue: its first energy charge with components.

    Raises
    ------
    InvalidFieldError
        If the tariff has no such charge, or floats a component whose Chinese name is no part of the sheet.
    """
    energy = next((one for one in tariff.charges if isinstance(one, EnergyCharge) and one.components), None)
    if energy is None:
        problem = Text(en="has no energy charge with components", zh="没有按组成计价的电度电费")
        raise checks.refuse(tariff, "charges", tariff.tariff_id, problem)
    floating = []
    for component in energy.components:
        part = column_of(component.name.zh)
        if component.floats and part not in PART_OF:
            problem = Text(
                en="floats, and its Chinese name is no part of an agency sheet",
                zh="参与浮动，但其名称不是代理购电价格表中的组成项",
            )
            mend = Text(en="Give the rule as a band_rule file.", zh="请以 band_rule 文件给出规则。")
            raise checks.refuse(tariff, "components", component.name.zh, problem, mend)
        if component.floats and part is not None:
            floating.append(part)
    return BandRuleRecord(
        rule_id=tariff.tariff_id,
        name=tariff.name,
        calendar=energy.calendar,
        factors=energy.factors,
        floating=tuple(dict.fromkeys(floating)),
        country=tariff.country,
        subdivision=tariff.subdivision,
        day_flags=tariff.day_flags,
        valid_from=tariff.valid_from,
        valid_until=tariff.valid_until,
        status=tariff.status,
        source=tariff.source,
    )
