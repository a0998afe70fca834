"""A case as a file that can be stored, mailed and replayed, and quotes as JSON; both with a stable hash."""

import dataclasses
import hashlib
import json
from datetime import datetime
from decimal import Decimal
from typing import Any, get_type_hints

import numpy as np
import numpy.typing as npt

from domain.checks import FloatArray
from domain.errors import WattplanError
from domain.files.documents import from_plain, read_yaml, to_plain
from domain.files.facts_file import facts_from_plain, facts_to_plain
from domain.files.local_time import iso
from domain.files.pointing import field_meant, short_words
from domain.files.problems import DocumentError, Problem, pointer_of
from domain.files.sources import Source, bytes_of, name_of
from domain.metering import MeterSeries, Quality
from domain.noun import noun
from domain.offers import Case, Offer, Quote
from domain.tariffs import Facts
from domain.text import Text
from domain.time import TimeGrid

CASE_MB = 64
MAX_KW = 1e9
_ARRAYS = ("import_kw", "export_kw", "reactive_kvar")
_METERS = ("meter", "process_history")
_FACTS = "facts"
_EXACT_INT = 2**53
_UNKNOWN = Text(en="is not known here. Mend the name or leave it out.", zh="此处没有该项。请改正名称或删除。")
_MISSING = Text(en="is missing", zh="缺少此项")


class JsonTextError(WattplanError):
    """A file is no JSON."""

    code = "json_refused"
    words = Text(
        en="{where} is no JSON: {problem}. Mend it or write it again.",
        zh="{where} 不是有效的 JSON：{problem}。请改正或重新生成。",
    )


def read_case(source: Source) -> Case:
    """Read a case from a JSON file (or, short ones, YAML).

    Raises
    ------
    DocumentError
        With every problem and its JSON pointer.
    JsonTextError, YamlTextError, FileUnreadableError, FileTooLargeError
    """
    where = name_of(source, "case")
    content = bytes_of(source, name=where, limit_mb=CASE_MB)
    is_json = content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"["))
    return case_from_plain(_json(content, where) if is_json else read_yaml(content, where=where), where=where)


def _json(content: bytes, where: str) -> Any:
    try:
        return json.loads(content.decode("utf-8-sig"), object_pairs_hook=_no_twins, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        problem = str(error) if isinstance(error, ValueError) else "it is nested too deeply"
        raise JsonTextError(where=where, problem=problem) from error


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    built = dict(pairs)
    if len(built) != len(pairs):
        names = [key for key, _ in pairs]
        twin = next(key for key in names if names.count(key) > 1)
        msg = f"the key {twin} is given twice"
        raise ValueError(msg)
    return built


def _no_constant(name: str) -> Any:
    msg = f"{name} is no number; write null for a missing value"
    raise ValueError(msg)


def case_to_plain(case: Case) -> dict[str, Any]:
    """Give a case as JSON values; ``case_from_plain`` makes the same case of them."""
    plain: dict[str, Any] = {}
    for name in Case.__dataclass_fields__:
        value = getattr(case, name)
        if isinstance(value, Facts):
            if value.any:  # a case that asks for no facts stays the file it was before there were any
                plain[name] = facts_to_plain(value)
            continue
        plain[name] = meter_to_plain(value) if isinstance(value, MeterSeries) else to_plain(value)
    return plain


def case_from_plain(plain: Any, *, where: str = "case") -> Case:
    """Build a case from JSON values.

    Raises
    ------
    DocumentError
        With every problem and its JSON pointer.
    """
    if not isinstance(plain, dict):
        raise _one_problem(where, "", Text(en="must be a mapping", zh="必须是映射"), None)
    hints = get_type_hints(Case, include_extras=True)
    problems = [Problem(pointer=pointer_of(str(key)), message=_UNKNOWN) for key in plain if key not in hints]
    values: dict[str, Any] = {}
    for field in dataclasses.fields(Case):
        if field.name in plain:
            try:
                values[field.name] = _value(field.name, hints[field.name], plain[field.name], where)
            except DocumentError as error:
                problems += [_below(field.name, one) for one in error.problems]
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            problems.append(Problem(pointer=pointer_of(field.name), message=_MISSING))
    if problems:
        raise DocumentError(where=where, problems=tuple(problems))
    return _case_of(values, plain, where)


def _below(name: str, problem: Problem) -> Problem:
    return Problem(pointer=pointer_of(name) + problem.pointer, message=problem.message, value=problem.value)


def _one_problem(where: str, pointer: str, message: Text, value: object) -> DocumentError:
    return DocumentError(where=where, problems=(Problem(pointer=pointer, message=message, value=value),))


def _value(name: str, kind: Any, plain: Any, where: str) -> Any:
    if name == _FACTS:
        return facts_from_plain(plain, where=where)
    if name not in _METERS:
        return from_plain(kind, plain, where=where)
    return None if plain is None and name != "meter" else meter_from_plain(plain, where=where)


def _case_of(values: dict[str, Any], plain: dict[str, Any], where: str) -> Case:
    try:
        return Case(**values)
    except WattplanError as error:
        pointer = pointer_of(*field_meant(error, "Case", plain))
        raise _one_problem(where, pointer, short_words(error), error.data.get("value")) from error


@noun
class _MeterHead:
    """The scalars of a meter in a file."""

    meter_id: str
    start: datetime
    step_min: int


def meter_to_plain(meter: MeterSeries) -> dict[str, Any]:
    """Give a meter series as JSON values: id, start, step, and its arrays with null for missing values."""
    plain: dict[str, Any] = {
        "meter_id": meter.meter_id,
        "start": iso(meter.grid.start),
        "step_min": meter.grid.step_min,
    }
    for name in _ARRAYS:
        values = getattr(meter, name)
        if values is not None:
            plain[name] = to_plain(values)
    if meter.quality is not None and (meter.quality > Quality.MISSING).any():
        plain["quality"] = meter.quality.tolist()
    return plain


def meter_from_plain(plain: Any, *, where: str) -> MeterSeries:
    """Build a meter series from JSON values.

    Raises
    ------
    DocumentError
    """
    if not isinstance(plain, dict):
        raise _one_problem(where, "", Text(en="must be a mapping", zh="必须是映射"), None)
    head = from_plain(
        _MeterHead, {key: one for key, one in plain.items() if key not in (*_ARRAYS, "quality")}, where=where
    )
    arrays = {name: _floats(plain[name], name, where) for name in _ARRAYS if plain.get(name) is not None}
    if "import_kw" not in arrays:
        raise _one_problem(where, "/import_kw", _MISSING, None)
    quality = None if plain.get("quality") is None else _qualities(plain["quality"], where)
    try:
        grid = TimeGrid(start=head.start, step_min=head.step_min, n_steps=arrays["import_kw"].size)
        return MeterSeries(meter_id=head.meter_id, grid=grid, quality=quality, **arrays)
    except WattplanError as error:
        pointer = pointer_of(str(error.data["field"]))
        raise _one_problem(where, pointer, short_words(error), error.data.get("value")) from error


def _floats(listed: Any, name: str, where: str) -> FloatArray:
    if not isinstance(listed, list):
        raise _one_problem(where, pointer_of(name), Text(en="must be a list of numbers", zh="必须是数值列表"), listed)
    for number, one in enumerate(listed):
        is_number = isinstance(one, int | float | Decimal) and not isinstance(one, bool)
        if one is not None and not (is_number and abs(one) <= MAX_KW):
            message = Text(
                en=f"must be a number within ±{MAX_KW:g}, or null", zh=f"必须是 ±{MAX_KW:g} 之内的数值或 null"
            )
            raise _one_problem(where, pointer_of(name, number), message, one)
    return np.array([np.nan if one is None else float(one) for one in listed], dtype=np.float64)


def _qualities(listed: Any, where: str) -> npt.NDArray[np.uint8]:
    known = {int(one) for one in Quality}
    if not isinstance(listed, list) or any(type(one) is not int or one not in known for one in listed):
        message = Text(en=f"must be a list of {sorted(known)}", zh=f"必须是由 {sorted(known)} 组成的列表")
        raise _one_problem(where, "/quality", message, None)
    return np.array(listed, dtype=np.uint8)


def quote_to_plain(quote: Quote) -> dict[str, Any]:
    """Give a quote as JSON values, its schedules' arrays included."""
    plain: dict[str, Any] = to_plain(quote)
    return plain


def offer_to_plain(offer: Offer) -> dict[str, Any]:
    """Give an offer as JSON values, its schedule's arrays included."""
    plain: dict[str, Any] = to_plain(offer)
    return plain


def canonical_bytes(plain: Any) -> bytes:
    """Give JSON values as the one text that equal values have.

    Keys are sorted, nothing is spaced, a whole float is written as the integer it equals (``5.0`` as ``5``).
    """
    return json.dumps(
        _stable(plain), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def _stable(plain: Any) -> Any:
    if isinstance(plain, dict):
        return {key: _stable(value) for key, value in plain.items()}
    if isinstance(plain, list | tuple):
        return [_stable(one) for one in plain]
    if isinstance(plain, float) and plain.is_integer() and abs(plain) < _EXACT_INT:
        return int(plain)
    return plain


def sha256_of(plain: Any) -> str:
    """Give the SHA-256 of JSON values in their canonical form, in hexadecimal."""
    return hashlib.sha256(canonical_bytes(plain)).hexdigest()
