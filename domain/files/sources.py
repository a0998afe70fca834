"""Bytes of a file given as a path, as bytes or as text, within a size."""

from pathlib import Path

from domain.errors import WattplanError
from domain.text import Text

Source = Path | bytes | str
MEGABYTE = 1_000_000
DOCUMENT_MB = 4


class FileUnreadableError(WattplanError):
    """The file cannot be opened."""

    code = "file_unreadable"
    words = Text(
        en="{name} cannot be read: {reason}. Check the path and the rights.",
        zh="无法读取 {name}：{reason}。请检查路径和权限。",
    )


class FileTooLargeError(WattplanError):
    """The file is larger than its kind may be."""

    code = "file_too_large"
    words = Text(
        en="{name} is larger than {limit_mb} MB. Give a smaller file.",
        zh="{name} 超过 {limit_mb} MB。请提供较小的文件。",
    )


def name_of(source: Source, fallback: str) -> str:
    """Give the name under which problems of a source are said."""
    return source.name if isinstance(source, Path) else fallback


def bytes_of(source: Source, *, name: str, limit_mb: int = DOCUMENT_MB) -> bytes:
    """Give the bytes of a source.

    Parameters
    ----------
    source : Path | bytes | str
        A ``str`` is the text itself, not a path.
    name : str
        Name for the words of a refusal.
    limit_mb : int
        Most that is read. [MB]

    Raises
    ------
    FileUnreadableError, FileTooLargeError
    """
    limit = limit_mb * MEGABYTE
    if isinstance(source, Path):
        try:
            with source.open("rb") as stream:
                content = stream.read(limit + 1)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise FileUnreadableError(name=name, reason=reason) from error
    else:
        content = source.encode(errors="surrogatepass") if isinstance(source, str) else source
    if len(content) > limit:
        raise FileTooLargeError(name=name, limit_mb=limit_mb)
    return content
