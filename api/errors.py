"""The one table from refusals of the domain to answers of the doors.

A refusal is looked up by its class, then by its bases, nearest first. 422 is kept for payloads that
are no document of the asked kind; what the domain refuses is 400, what clashes with a rule in force
is 409, a broken promise of our own is 500.
"""

from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus

from domain.errors import WattplanError
from domain.text import Text

EXIT_OK = 0
EXIT_REFUSED = 1
EXIT_USAGE = 2
EXIT_NO_ANSWER = 3
EXIT_INTERNAL = 70


@dataclass(frozen=True, slots=True)
class Answer:
    """How the two doors answer one kind of refusal."""

    status: HTTPStatus
    exit_code: int


REFUSED = Answer(HTTPStatus.BAD_REQUEST, EXIT_REFUSED)
CLASH = Answer(HTTPStatus.CONFLICT, EXIT_REFUSED)
NO_ANSWER = Answer(HTTPStatus.CONFLICT, EXIT_NO_ANSWER)
OURS = Answer(HTTPStatus.INTERNAL_SERVER_ERROR, EXIT_INTERNAL)


class NotFoundError(WattplanError):
    """Something asked for by its name is not there."""

    code = "not_found"
    words = Text(en="There is no {kind} {name!r}. {mend}", zh="没有名为 {name!r} 的{kind}。{mend}")


class BusyError(WattplanError):
    """All places for computations are taken."""

    code = "busy"
    words = Text(
        en="All {limit} places for computations are taken. Ask again in {retry_after_s} s.",
        zh="全部 {limit} 个计算席位已占用，请在 {retry_after_s} 秒后重试。",
    )


class BodyTooLargeError(WattplanError):
    """The request's body is longer than this service takes."""

    code = "body_too_large"
    words = Text(
        en="The body has more than {limit_bytes} bytes. Send less history or longer steps.",
        zh="请求体超过 {limit_bytes} 字节。请减少历史数据或使用更长的步长。",
    )


class BodyNotJsonError(WattplanError):
    """The body is no JSON that can be trusted."""

    code = "body_not_json"
    words = Text(en="The body is no usable JSON: {problem}", zh="请求体不是可用的 JSON：{problem}")


class FileNotWrittenError(WattplanError):
    """A file cannot be written."""

    code = "file_not_written"
    words = Text(
        en="{path} cannot be written: {reason}. Choose another place.", zh="无法写入 {path}：{reason}。请更换位置。"
    )


class AddressNotServedError(WattplanError):
    """The service cannot listen where it was told to."""

    code = "address_not_served"
    words = Text(
        en="Cannot listen on {host}:{port}: {reason}. Choose another --port or --host.",
        zh="无法在 {host}:{port} 上监听：{reason}。请换用其他 --port 或 --host。",
    )


@lru_cache(maxsize=1)
def table() -> dict[type[WattplanError], Answer]:
    """Give the table; it knows the solver's refusals, so it is made when first needed."""
    from domain.files.problems import DocumentError  # noqa: PLC0415 -- as said
    from domain.programmes.bundle import BundleIncompleteError  # noqa: PLC0415
    from domain.tariffs.tariff import TariffNotForCustomerError, TariffNotInForceError  # noqa: PLC0415
    from forecasting.errors import ForecastFailedError  # noqa: PLC0415
    from optimizer.errors import ObjectiveMismatchError, UnsoundScheduleError  # noqa: PLC0415
    from optimizer.infeasible import InfeasiblePlanError  # noqa: PLC0415
    from optimizer.search import NoPlanInTimeError  # noqa: PLC0415
    from optimizer.solver import SolverRefusedError  # noqa: PLC0415

    malformed = Answer(HTTPStatus.UNPROCESSABLE_ENTITY, EXIT_REFUSED)
    return {
        WattplanError: REFUSED,
        DocumentError: malformed,
        BodyNotJsonError: malformed,
        BodyTooLargeError: Answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, EXIT_REFUSED),
        NotFoundError: Answer(HTTPStatus.NOT_FOUND, EXIT_REFUSED),
        BusyError: Answer(HTTPStatus.SERVICE_UNAVAILABLE, EXIT_NO_ANSWER),
        TariffNotInForceError: CLASH,
        TariffNotForCustomerError: CLASH,
        InfeasiblePlanError: NO_ANSWER,
        NoPlanInTimeError: NO_ANSWER,
        ForecastFailedError: NO_ANSWER,
        UnsoundScheduleError: OURS,
        BundleIncompleteError: OURS,
        ObjectiveMismatchError: OURS,
        SolverRefusedError: OURS,
    }


def answer_to(error: WattplanError) -> Answer:
    """Look up how a refusal is answered, by its class or its nearest base."""
    known = table()
    return next(known[cls] for cls in type(error).__mro__ if cls in known)
