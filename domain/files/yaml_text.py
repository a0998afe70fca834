"""YAML as data and nothing else: no tags, no code, no surprises of old YAML.

Scalars follow the YAML 1.2 core schema: ``yes`` and ``NO`` are texts, ``08:00`` and ``2026-11-24`` are texts,
``0.10`` is a Decimal with both its digits. Anchors and aliases may be used within a bound on what they
expand to; merge keys are not part of YAML 1.2.
"""

import codecs
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import yaml

from domain.errors import WattplanError
from domain.files.sources import Source, bytes_of, name_of
from domain.text import Text

MAX_NODES = 200_000
MAX_DEPTH = 40
MAX_DIGITS = 60
_INT = re.compile(r"^[-+]?(0|[1-9][0-9]*)$")
_FLOAT = re.compile(r"^[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]{1,4})?$")
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Dumper: Any = yaml.SafeDumper


class YamlTextError(WattplanError):
    """A file is no YAML, or more than plain data."""

    code = "yaml_refused"
    words = Text(
        en="{where}, line {line}, column {column}: {problem}. {mend}",
        zh="{where} 第 {line} 行第 {column} 列：{problem}。{mend}",
    )


_NOTHING = Text(en="", zh="")
_PLAIN = Text(en="Write plain data.", zh="请只写普通数据。")


def read_yaml(source: Source, *, where: str | None = None) -> Any:
    """Read one YAML document as mappings, lists, texts, ints, Decimals, booleans and nulls.

    Parameters
    ----------
    source : Path | bytes | str
        A ``str`` is the text itself.
    where : str | None
        Name for refusals; None: the path's name.

    Raises
    ------
    YamlTextError
        With line and column (both from 1).
    FileUnreadableError, FileTooLargeError
    """
    name = where or name_of(source, "YAML")
    text = _decoded(bytes_of(source, name=name), name)
    try:
        return _Builder(yaml.parse(text, Loader=_Loader), name).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = str(error.problem or error.context)
        raise _refused(name, mark, Text(en=problem, zh=f"不是有效的 YAML（{problem}）"), _NOTHING) from error
    except yaml.YAMLError as error:
        problem = str(error).splitlines()[0]
        raise _refused(name, None, Text(en=problem, zh=f"不是有效的 YAML（{problem}）"), _NOTHING) from error


def _decoded(content: bytes, name: str) -> str:
    is_utf16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return content.decode("utf-16" if is_utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - content.rfind(b"\n", 0, error.start)
        raise YamlTextError(
            where=name,
            line=line,
            column=column,
            problem=Text(en="is not UTF-8 text", zh="不是 UTF-8 文本"),
            mend=Text(en="Save the file as UTF-8.", zh="请将文件另存为 UTF-8 编码。"),
        ) from error


def _refused(name: str, mark: Any, problem: Text, mend: Text = _PLAIN) -> YamlTextError:
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    return YamlTextError(where=name, line=line, column=column, problem=problem, mend=mend)


class _Builder:
    """Builds plain data from the parser's events, so that nothing in the file decides what is built."""

    def __init__(self, events: Iterator[Any], name: str) -> None:
        self.events = events
        self.name = name
        self.n_nodes = 0
        self.anchors: dict[str, tuple[Any, int]] = {}

    def document(self) -> Any:
        found: Any = None
        n_documents = 0
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                n_documents += 1
                if n_documents > 1:
                    problem = Text(en="a second document begins", zh="出现第二个文档")
                    mend = Text(en="Keep one document per file.", zh="每个文件只放一个文档。")
                    raise _refused(self.name, event.start_mark, problem, mend)
                found = self.node(next(self.events), 0)
        return found

    def node(self, event: Any, depth: int) -> Any:
        """Build the node that begins with an event, and count what it expands to."""
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        self._refuse_tag(event)
        before = self.n_nodes
        self._count(1, event)
        if depth > MAX_DEPTH:
            raise _refused(self.name, event.start_mark, Text(en="is nested too deeply", zh="嵌套过深"))
        if isinstance(event, yaml.ScalarEvent):
            built = self._scalar(event)
        elif isinstance(event, yaml.SequenceStartEvent):
            built = self._sequence(depth)
        else:
            built = self._mapping(depth)
        if event.anchor is not None:
            self.anchors[event.anchor] = (built, self.n_nodes - before)
        return built

    def _count(self, n_more: int, event: Any) -> None:
        self.n_nodes += n_more
        if self.n_nodes > MAX_NODES:
            raise _refused(
                self.name,
                event.start_mark,
                Text(en=f"holds more than {MAX_NODES} values", zh=f"数据超过 {MAX_NODES} 项"),
                Text(en="Use fewer aliases or split the file.", zh="请减少别名引用或拆分文件。"),
            )

    def _alias(self, event: Any) -> Any:
        if event.anchor not in self.anchors:
            raise _refused(
                self.name,
                event.start_mark,
                Text(en=f"the alias *{event.anchor} has no anchor before it", zh=f"别名 *{event.anchor} 之前没有锚点"),
                Text(en="Put the anchor first.", zh="请先写锚点。"),
            )
        built, n_nodes = self.anchors[event.anchor]
        self._count(n_nodes, event)
        return built

    def _refuse_tag(self, event: Any) -> None:
        if event.tag is not None and event.tag not in ("!", "tag:yaml.org,2002:str"):
            raise _refused(
                self.name,
                event.start_mark,
                Text(en=f"the tag {event.tag} is not allowed", zh=f"不允许使用标签 {event.tag}"),
            )

    def _sequence(self, depth: int) -> list[Any]:
        built = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            built.append(self.node(event, depth + 1))
        return built

    def _mapping(self, depth: int) -> dict[str, Any]:
        built: dict[str, Any] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise _refused(self.name, event.start_mark, Text(en="a key must be text", zh="键必须是文本"))
            self._refuse_tag(event)
            if event.value in built:
                raise _refused(
                    self.name,
                    event.start_mark,
                    Text(en=f"the key {event.value} is given twice", zh=f"键 {event.value} 重复"),
                    Text(en="Keep one of them.", zh="请只保留一个。"),
                )
            built[event.value] = self.node(next(self.events), depth + 1)
        return built

    def _scalar(self, event: Any) -> Any:
        text: str = event.value
        if event.style or event.tag is not None:
            return text
        if text in _NULLS:
            return None
        if text in _BOOLS:
            return _BOOLS[text]
        is_int = _INT.match(text)
        if not is_int and not _FLOAT.match(text):
            return text
        if len(text) > MAX_DIGITS:
            raise _refused(self.name, event.start_mark, Text(en="the number has too many digits", zh="数字位数过多"))
        return int(text) if is_int else Decimal(text)


class _PlainDumper(_Dumper):  # type: ignore[misc]
    """Writes what ``read_yaml`` reads back: quotes every text that either YAML would take for a number."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 -- PyYAML's hook; a file reads best written out
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> Any:  # noqa: ARG002 -- PyYAML's hook
        return super().increase_indent(flow=flow, indentless=False)


def _decimal_node(dumper: Any, value: Decimal) -> Any:
    text = str(value)
    tag = "int" if _INT.match(text) else "float" if _FLOAT.match(text) else "str"
    return dumper.represent_scalar(f"tag:yaml.org,2002:{tag}", text)


_PlainDumper.add_representer(Decimal, _decimal_node)
_PlainDumper.add_implicit_resolver("tag:yaml.org,2002:float", _FLOAT, list("-+.0123456789"))


def write_yaml(plain: Any) -> str:
    """Give plain data as YAML that ``read_yaml`` reads back as it was."""
    text: str = yaml.dump(plain, Dumper=_PlainDumper, allow_unicode=True, sort_keys=False, width=110)
    return text
