"""Clauses of foreign tariff files: read, left out with a reason, assumed aloud, or refused by name.

A tariff that is priced without one of its clauses is priced wrongly, so a reader refuses the whole file and
lists every clause it cannot price at once.
"""

import json
from collections.abc import Iterable
from typing import Literal

from domain.errors import WattplanError
from domain.files.sources import Source, bytes_of
from domain.findings import Finding, FindingKind, Severity
from domain.noun import noun
from domain.tariffs.versions import AnyTariff
from domain.text import Text

SourceFormat = Literal["wattplan", "urdb", "taipower", "us_workbook", "agency_sheet"]


class TariffFileError(WattplanError, ValueError):
    """A tariff file is not what its format says, or lacks what a tariff needs."""

    code = "tariff_file"
    words = Text(
        en="{file}: {field}: {problem}. {mend}",
        zh="{file}：{field}：{problem}。{mend}",
    )


class UnpricedClauseError(WattplanError):
    """A tariff asks for money by clauses that cannot be priced; all of them are named."""

    code = "unpriced_clause"
    words = Text(
        en="{file} cannot be priced because of: {clauses}. "
        "Declare a clause absent only if the contract does not have it; otherwise ask for a tariff without it.",
        zh="{file} 无法计价，原因：{clauses}。仅当合同中确无该条款时方可声明其不存在；否则请改用不含该条款的电价。",
    )


class AbsentClauseError(WattplanError, ValueError):
    """A clause was declared absent that the file does not have, or that needs no such word."""

    code = "absent_clause_unknown"
    words = Text(
        en="{file}: {absent} is declared absent, but no clause of that name stands in the way; there are: {clauses}. "
        "Mend the name or leave it out.",
        zh="{file}：声明不存在的条款 {absent} 并未妨碍计价；妨碍计价的条款有：{clauses}。请改正名称或删去该声明。",
    )


class TariffOptionMissingError(WattplanError, ValueError):
    """A tariff file leaves something open that only its reader's caller can say."""

    code = "tariff_option_missing"
    words = Text(
        en="{file}: say {option}: {why}. Choices: {choices}.",
        zh="{file}：请指定 {option}：{why}。可选：{choices}。",
    )


CLAUSE_IGNORED = FindingKind(
    code="tariff_clause_ignored",
    severity=Severity.INFO,
    words=Text(
        en="{field} = {value} was left out: {why_en}.",
        zh="未采用 {field} = {value}：{why_zh}。",
    ),
)

CLAUSE_ASSUMED = FindingKind(
    code="tariff_clause_assumed",
    severity=Severity.WARNING,
    words=Text(
        en="{field}: the file does not settle this; assumed: {why_en}.",
        zh="{field}：文件未明确，假定：{why_zh}。",
    ),
)

CLAUSE_ABSENT = FindingKind(
    code="tariff_clause_absent",
    severity=Severity.WARNING,
    words=Text(
        en="{field} is not priced: the contract is declared not to have it ({why_en}).",
        zh="未计价 {field}：已声明合同中没有该条款（{why_zh}）。",
    ),
)


@noun
class TariffReading:
    """A tariff read from a foreign file: what it is made of, what was left out, what had to be assumed."""

    tariff: AnyTariff
    source_format: SourceFormat
    read: tuple[str, ...]
    """Fields, rows or parts that the tariff is made of, as the file names them."""
    ignored: tuple[Finding, ...] = ()
    """What asks for no money here, and why; what is declared absent."""
    assumptions: tuple[Finding, ...] = ()
    """Where the file is silent or contradicts itself; to be verified."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything to look at, the weightier first."""
        return (*self.assumptions, *self.ignored)


class ClauseBook:
    """The notes of one import: read, left out, assumed, and what stands in the way.

    ``absent`` names clauses that the contract does not have. A clause that would refuse the file is then left
    out with a finding instead.
    """

    def __init__(self, file: str, absent: Iterable[str] = ()) -> None:
        self.file = file
        self._absent = {_key(name): name for name in absent}
        self._met: set[str] = set()
        self._read: dict[str, None] = {}
        self._refused: dict[str, Text] = {}
        self._ignored: list[Finding] = []
        self._assumed: list[Finding] = []

    def read(self, *fields: str) -> None:
        """Note fields that the tariff is made of."""
        self._read.update(dict.fromkeys(fields))

    def ignore(self, field: str, value: object, why: Text) -> None:
        """Note what asks for no money."""
        self._ignored.append(CLAUSE_IGNORED.at(field=field, value=shorten(value), why_en=why.en, why_zh=why.zh))

    def assume(self, field: str, why: Text) -> None:
        """Note how silence of the file was read; once is enough."""
        found = CLAUSE_ASSUMED.at(field=field, why_en=why.en, why_zh=why.zh)
        if found not in self._assumed:
            self._assumed.append(found)

    def find(self, *findings: Finding) -> None:
        """Note findings of other kinds."""
        self._assumed += findings

    def refuse(self, field: str, why: Text, value: object = None, *, family: str = "", essential: bool = False) -> None:
        """Note a clause that cannot be priced, under the name by which it may be declared absent.

        ``family`` is a name under which all clauses of its kind may be declared absent together. ``essential``
        clauses (what the tariff is, not what is added to it) cannot be.
        """
        declared = {_key(field), _key(family)} & set(self._absent)
        if declared and not essential:
            self._met |= declared
            self._ignored.append(CLAUSE_ABSENT.at(field=field, why_en=why.en, why_zh=why.zh))
            return
        seen = "" if value is None else f" = {shorten(value)}"
        self._refused[f"{field}{seen}{why.en}"] = Text(en=f"{field}{seen} ({why.en})", zh=f"{field}{seen}（{why.zh}）")

    @property
    def fields_read(self) -> frozenset[str]:
        """What the tariff is made of so far."""
        return frozenset(self._read)

    @property
    def refuses(self) -> bool:
        """Whether some clause stands in the way."""
        return bool(self._refused)

    def must_be_priced(self) -> None:
        """Refuse the file where a clause stands in the way, or where one is declared absent for nothing.

        Raises
        ------
        UnpricedClauseError
            Naming every clause at once.
        AbsentClauseError
        """
        clauses = tuple(self._refused.values())
        needless = [name for key, name in self._absent.items() if key not in self._met]
        if needless:
            raise AbsentClauseError(file=self.file, absent=", ".join(needless), clauses=clauses or "∅")
        if clauses:
            raise UnpricedClauseError(file=self.file, clauses=clauses)

    def reading(self, tariff: AnyTariff, source_format: SourceFormat) -> TariffReading:
        """Give the tariff with its notes."""
        return TariffReading(
            tariff=tariff,
            source_format=source_format,
            read=tuple(self._read),
            ignored=tuple(self._ignored),
            assumptions=tuple(self._assumed),
        )


def _key(name: str) -> str:
    return " ".join(name.split()).casefold()


def read_json(source: Source, file: str) -> object:
    """Read a tariff file's JSON; a key given twice, NaN and infinities are refused.

    Raises
    ------
    TariffFileError
        If it is no such JSON.
    FileUnreadableError, FileTooLargeError
    """
    content = bytes_of(source, name=file)
    try:
        return json.loads(content.decode("utf-8-sig"), object_pairs_hook=_no_twins, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        problem = Text(en=f"cannot be read as JSON ({error})", zh=f"无法按 JSON 读取（{error}）")
        mend = Text(en="Give the file as the publisher wrote it.", zh="请提供发布方的原始文件。")
        raise TariffFileError(file=file, field="JSON", problem=problem, mend=mend) from error


def _no_twins(pairs: list[tuple[str, object]]) -> dict[str, object]:
    names = [key for key, _ in pairs]
    twin = next((key for key in names if names.count(key) > 1), None)
    if twin is not None:
        raise ValueError(f"the key {twin} is given twice")
    return dict(pairs)


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no number")


def shorten(value: object, length: int = 60) -> str:
    """Give a value as a short text for a message."""
    text = " ".join(str(value).split())
    return text if len(text) <= length else f"{text[: length - 1]}…"
