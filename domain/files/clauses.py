"""Clauses of foreign tariff files: read, left out with a reason, or refused by name.

A tariff that is priced without one of its clauses is priced wrongly, so a narrow reader refuses the
whole file and lists every clause it cannot price at once.
"""

import json
from pathlib import Path

from domain.errors import WattplanError
from domain.files.sources import bytes_of
from domain.findings import FindingKind, Severity
from domain.text import Text


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
        "Remove a clause only if the contract does not have it; otherwise ask for a tariff without it.",
        zh="{file} 无法计价，原因：{clauses}。仅当合同中确无该条款时方可删除；否则请改用不含该条款的电价。",
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


def quoted(en: str, zh: str) -> Text:
    """Make words out of a file's own text: its braces are no placeholders."""
    return Text(en=en.replace("{", "{{").replace("}", "}}"), zh=zh.replace("{", "{{").replace("}", "}}"))


def read_json(source: Path | bytes, file: str) -> object:
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
        problem = quoted(f"cannot be read as JSON ({error})", f"无法按 JSON 读取（{error}）")
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
