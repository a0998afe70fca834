"""From a path or bytes to plain bytes and text, within limits."""

import codecs
import gzip
import io
import zlib
from pathlib import Path

from domain.files.meter_errors import (
    MeterEncodingUnknownError,
    MeterFileCorruptError,
    MeterFileEmptyError,
    MeterFileMissingError,
    MeterFileTooLargeError,
    MeterNotATableError,
)
from domain.text import Text

MAX_BYTES = 300_000_000
MAX_ROWS = 5_000_000
MAX_CELLS = 20_000_000
GZIP_MAGIC = b"\x1f\x8b"
ZIP_MAGIC = b"PK\x03\x04"
KNOWN_OTHERS = (
    (
        b"\xd0\xcf\x11\xe0",
        Text(en="it is an old Excel file (.xls) or a protected workbook", zh="这是旧版 Excel（.xls）或受保护的工作簿"),
    ),
    (b"%PDF", Text(en="it is a PDF", zh="这是 PDF")),
    (b"PAR1", Text(en="it is a Parquet file", zh="这是 Parquet 文件")),
    (b"\x89PNG", Text(en="it is a picture", zh="这是图片")),
    (b"\xff\xd8\xff", Text(en="it is a picture", zh="这是图片")),
    (b"Rar!", Text(en="it is an archive; unpack it first", zh="这是压缩包，请先解压")),
    (b"7z\xbc\xaf", Text(en="it is an archive; unpack it first", zh="这是压缩包，请先解压")),
)
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8", "UTF-8 (BOM)"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
)


def _too_large() -> MeterFileTooLargeError:
    return MeterFileTooLargeError(
        what=Text(en="the unpacked size ", zh="解压后大小"), limit=f"{MAX_BYTES // 1_000_000} MB"
    )


def plain_bytes(source: Path | bytes) -> bytes:
    """Give the file's bytes, unpacked where they are gzip, never more than ``MAX_BYTES``.

    Raises
    ------
    MeterFileMissingError, MeterFileEmptyError, MeterFileTooLargeError, MeterFileCorruptError
    """
    raw = _loaded(source) if isinstance(source, Path) else bytes(source)
    if len(raw) > MAX_BYTES:
        raise _too_large()
    if raw.startswith(GZIP_MAGIC):
        raw = _gunzipped(raw)
    if not raw.strip(b"\x00\t\r\n \x0b\x0c"):
        raise MeterFileEmptyError
    return raw


def _loaded(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise MeterFileMissingError(path=str(path), reason=reason) from error


def _gunzipped(raw: bytes) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(raw)) as stream:
            plain = stream.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise MeterFileCorruptError(kind="gzip", reason=str(error)) from error
    if len(plain) > MAX_BYTES:
        raise _too_large()
    return plain


def refuse_known_others(plain: bytes) -> None:
    """Refuse by name what is known not to be a table: PDF, old Excel, HTML, archives."""
    for magic, what in KNOWN_OTHERS:
        if plain.startswith(magic):
            raise MeterNotATableError(what=what)
    head = plain[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta")):
        raise MeterNotATableError(
            what=Text(en="it is a web page or XML, whatever its name says", zh="无论扩展名为何，这是网页或 XML")
        )


def decoded(plain: bytes) -> tuple[str, str]:
    """Give the text and the name of its encoding.

    Raises
    ------
    MeterNotATableError
        If the bytes are no text at all.
    MeterEncodingUnknownError
        If no known encoding fits.
    """
    for mark, encoding, name in BYTE_ORDER_MARKS:
        if plain.startswith(mark):
            try:
                return plain[len(mark) :].decode(encoding), name
            except UnicodeDecodeError as error:
                raise MeterEncodingUnknownError(position=error.start) from error
    if b"\x00" in plain:
        raise MeterNotATableError(what=Text(en="it holds binary data", zh="其中含二进制数据"))
    try:
        return plain.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError as error:
        position = error.start
    try:
        return plain.decode("gb18030"), "GB18030"
    except UnicodeDecodeError as error:
        raise MeterEncodingUnknownError(position=position) from error
