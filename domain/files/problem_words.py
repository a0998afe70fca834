"""What the pydantic door finds wrong, in words people can act on, in both languages."""

from typing import Any

from domain.errors import WattplanError
from domain.text import Language, Text

_WORDS = {
    "missing": Text(en="is missing", zh="缺少此项"),
    "unexpected_keyword_argument": Text(
        en="is not known here. Mend the name or leave it out.", zh="此处没有该项。请改正名称或删除。"
    ),
    "dataclass_type": Text(en="must be a mapping of fields", zh="必须是字段映射"),
    "dict_type": Text(en="must be a mapping", zh="必须是映射"),
    "tuple_type": Text(en="must be a list", zh="必须是列表"),
    "string_type": Text(en="must be text; put it in quotes", zh="必须是文本；请加引号"),
    "int_type": Text(en="must be a whole number", zh="必须是整数"),
    "int_from_float": Text(en="must be a whole number", zh="必须是整数"),
    "float_type": Text(en="must be a number", zh="必须是数值"),
    "decimal_type": Text(en="must be a number", zh="必须是数值"),
    "decimal_parsing": Text(en="must be a number", zh="必须是数值"),
    "finite_number": Text(en="must be a finite number", zh="必须是有限数值"),
    "bool_type": Text(en="must be true or false", zh="必须是 true 或 false"),
    "literal_error": Text(en="must be {expected}", zh="必须是 {expected}"),
    "enum": Text(en="must be {expected}", zh="必须是 {expected}"),
    "datetime_type": Text(
        en="must be a time like 2026-11-24T08:00:00+08:00", zh="必须是 2026-11-24T08:00:00+08:00 这样的时间"
    ),
    "date_type": Text(en="must be a date like 2026-11-24", zh="必须是 2026-11-24 这样的日期"),
    "time_type": Text(en="must be a time of day like 08:00", zh="必须是 08:00 这样的钟点"),
    "union_tag_not_found": Text(en="needs its kind", zh="须写明 kind"),
    "union_tag_invalid": Text(
        en="has the kind {tag}, but must be one of {expected_tags}",
        zh="的 kind 为 {tag}，但必须是 {expected_tags} 之一",
    ),
}
_OTHER = Text(en="does not fit here: {msg}", zh="此处不适用：{msg}")


def words_of(found: Any) -> Text:
    """Give the words for one entry of ``ValidationError.errors()``."""
    context = found.get("ctx", {})
    error = context.get("error")
    if isinstance(error, WattplanError):
        return Text(en=error.say().strip(), zh=error.say(Language.ZH).strip())
    values = {**context, "msg": found["msg"]}
    words = _WORDS.get(found["type"], _OTHER)
    return Text(en=words.say(**values), zh=words.say(Language.ZH, **values))
