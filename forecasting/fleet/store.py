"""Where a fleet's answers go while it runs: a pair of files a chunk, so that a killed run can go on.

``fleet.json`` keeps the question. ``parts/part-00012.csv.gz`` holds the quantiles of a chunk's
customers; ``parts/part-00012.json`` says who is in it, with what else is known of each, or why one
failed. The JSON is written last and moved into place whole: a chunk is finished when it stands there.
Files hold no time of day and no order of arrival, so that every run leaves the same bytes.
"""

import csv
import gzip
import io
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from domain.errors import WattplanError
from domain.noun import noun
from domain.text import Text
from forecasting.fleet.errors import FleetFolderBrokenError, FleetQuestionChangedError
from forecasting.fleet.work import Customer, CustomerAnswer, CustomerFailure, CustomerResult

QUESTION = "fleet.json"
PARTS = "parts"


@noun
class FleetStore:
    """The folder of one fleet run."""

    folder: Path
    heading: tuple[str, ...]
    """Columns of the parts."""

    def open_for(self, question: dict[str, Any]) -> None:
        """Keep the question, or see that it is the one kept.

        Raises
        ------
        FleetQuestionChangedError, FleetFolderBrokenError
            If the folder answers another question, or holds something else.
        """
        path = self.folder / QUESTION
        asked = json.loads(json.dumps(question))
        if path.exists():
            kept = _read(path)
            for field in sorted({*kept, *asked}):
                if kept.get(field) != asked.get(field):
                    raise FleetQuestionChangedError(
                        folder=str(self.folder), field=field, before=kept.get(field), now=asked.get(field)
                    )
            return
        (self.folder / PARTS).mkdir(parents=True, exist_ok=True)
        _write_whole(path, _json(question))

    def is_finished(self, number: int, customers: Sequence[Customer]) -> bool:
        """Say whether a chunk stands finished, of these customers and these readings."""
        path = self._part(number, "json")
        if not path.exists() or not self._part(number, "csv.gz").exists():
            return False
        kept = [(one["customer_id"], one["fingerprint"]) for one in _entries(path)]
        return kept == [(one.customer_id, one.fingerprint) for one in customers]

    def save(self, number: int, customers: Sequence[Customer], results: Sequence[CustomerResult]) -> None:
        """Write a chunk's results, in the customers' order."""
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerow(self.heading)
        entries = []
        for customer, result in zip(customers, results, strict=True):
            entry: dict[str, Any] = {"customer_id": customer.customer_id, "fingerprint": customer.fingerprint}
            if isinstance(result, CustomerAnswer):
                text.write(result.rows_csv)
                entry["answer"] = result.about
            else:
                entry["failure"] = {"code": result.code, "en": result.reason.en, "zh": result.reason.zh}
            entries.append(entry)
        _write_whole(self._part(number, "csv.gz"), gzip.compress(text.getvalue().encode(), mtime=0))
        _write_whole(self._part(number, "json"), _json({"customers": entries}))

    def failures(self, number: int) -> tuple[CustomerFailure, ...]:
        """Give a finished chunk's failures."""
        return tuple(
            CustomerFailure(
                customer_id=one["customer_id"],
                code=one["failure"]["code"],
                reason=Text(en=one["failure"]["en"], zh=one["failure"]["zh"]),
            )
            for one in _entries(self._part(number, "json"))
            if "failure" in one
        )

    def drop_beyond(self, n_chunks: int) -> None:
        """Remove parts of an earlier, longer list of customers."""
        for path in sorted((self.folder / PARTS).glob("part-*.json")):
            digits = path.stem.removeprefix("part-")
            if digits.isdigit() and int(digits) >= n_chunks:
                path.unlink()
                self._part(int(digits), "csv.gz").unlink(missing_ok=True)

    def _part(self, number: int, suffix: str) -> Path:
        return self.folder / PARTS / f"part-{number:05d}.{suffix}"


def _entries(path: Path) -> list[dict[str, Any]]:
    found = _read(path).get("customers")
    if not isinstance(found, list) or not all(
        isinstance(one, dict) and {"customer_id", "fingerprint"} <= set(one) for one in found
    ):
        raise FleetFolderBrokenError(path=str(path))
    return found


def _read(path: Path) -> dict[str, Any]:
    broken: WattplanError = FleetFolderBrokenError(path=str(path))
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise broken from error
    if not isinstance(plain, dict):
        raise broken
    return plain


def _json(plain: dict[str, Any]) -> bytes:
    return (json.dumps(plain, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode()


def _write_whole(path: Path, content: bytes) -> None:
    """Write beside, then move into place, so that a killed run leaves no half file."""
    beside = path.with_name(f".{path.name}.new")
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
