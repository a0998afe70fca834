"""Settlement bundles as JSON files."""

import json
from typing import Any

from domain.errors import WattplanError
from domain.files.documents import from_plain, to_plain
from domain.files.sources import Source, bytes_of, name_of
from domain.programmes.bundle import Bundle
from domain.text import Text

BUNDLE_MB = 16


class BundleNotJsonError(WattplanError):
    """A bundle's file is no JSON."""

    code = "bundle_not_json"
    words = Text(
        en="{where} is no JSON: {problem}. Give the bundle as it was written.",
        zh="{where} 不是有效的 JSON：{problem}。请提供原样的结算包。",
    )


def bundle_text(bundle: Bundle) -> str:
    """Give a bundle as the text of its file; ``read_bundle`` reads it back equal."""
    return json.dumps(to_plain(bundle), ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def read_bundle(source: Source) -> Bundle:
    """Read a bundle.

    Raises
    ------
    DocumentError
        With every problem and its JSON pointer.
    BundleNotJsonError, FileUnreadableError, FileTooLargeError
    """
    where = name_of(source, "bundle")
    content = bytes_of(source, name=where, limit_mb=BUNDLE_MB)
    try:
        plain: Any = json.loads(content.decode("utf-8-sig"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        problem = str(error) if isinstance(error, ValueError) else "it is nested too deeply"
        raise BundleNotJsonError(where=where, problem=problem) from error
    return from_plain(Bundle, plain, where=where)


def _no_constant(name: str) -> object:
    msg = f"{name} is no number"
    raise ValueError(msg)
