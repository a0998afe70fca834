"""How an event's money came about, in words."""

from decimal import Decimal

from domain.programmes.programme import Programme
from domain.programmes.slots import SlotSettlement
from domain.programmes.validity import ValidityCheck
from domain.tariffs.decimals import plain
from domain.text import Text

_PAYS = {
    "nothing": Text(en="pays nothing", zh="不予补偿"),
    "delivered": Text(en="pays {k} × delivered", zh="按 {k} × 实际响应量补偿"),
    "committed": Text(en="pays {k} × committed", zh="按 {k} × 申报响应量补偿"),
}


def settlement_words(
    programme: Programme,
    whole: SlotSettlement,
    slots: tuple[SlotSettlement, ...],
    checks: tuple[ValidityCheck, ...],
    *,
    paid_kw: Decimal,
    short_kw: Decimal,
) -> Text:
    """Say how an event's money came about, with its numbers."""
    table = _slots_words(slots) if slots else _band_words(whole)
    document = programme.source.document.replace("{", "{{").replace("}", "}}")
    unit = f"{programme.currency} {programme.price_unit}"
    broken = [check for check in checks if not check.held]
    unpaid_en = "".join(f"; unpaid, because {check.words.en}" for check in broken)
    unpaid_zh = "".join(f"；不予补偿，因为{check.words.zh}" for check in broken)
    return Text(
        en=f"{table.en}: {plain(paid_kw)} kW at "
        f"{plain(programme.price)} {unit}; short {plain(short_kw)} kW at {plain(programme.penalty_per_kwh)} "
        f"{programme.currency} per_kwh{unpaid_en}{_caps_words(programme).en}; {document}",
        zh=f"{table.zh}：{plain(paid_kw)} kW，单价 "
        f"{plain(programme.price)} {unit}；未响应 {plain(short_kw)} kW，考核 {plain(programme.penalty_per_kwh)} "
        f"{programme.currency} per_kwh{unpaid_zh}{_caps_words(programme).zh}；{document}",
    )


def _band_words(read: SlotSettlement) -> Text:
    high = "∞" if read.band.to_rate is None else plain(read.band.to_rate)
    within, k = f"[{plain(read.band.from_rate)}, {high})", plain(read.band.coefficient)
    pays, rate = _PAYS[read.band.pays], plain(read.response_rate)
    return Text(
        en=f"response rate {rate} within {within} {pays.en.format(k=k)}",
        zh=f"响应率 {rate} 位于 {within}，{pays.zh.format(k=k)}",
    )


def _slots_words(slots: tuple[SlotSettlement, ...]) -> Text:
    rates = ", ".join(plain(slot.response_rate) for slot in slots)
    return Text(en=f"{len(slots)} slots with response rates {rates}", zh=f"{len(slots)} 个时段，响应率 {rates}")


def _caps_words(programme: Programme) -> Text:
    en, zh, currency = "", "", programme.currency
    if programme.cap_per_event is not None:
        cap = plain(programme.cap_per_event)
        en, zh = f"{en}; at most {cap} {currency} an event", f"{zh}；每次事件最多 {cap} {currency}"
    if programme.cap_per_year is not None:
        cap = plain(programme.cap_per_year)
        en, zh = f"{en}; at most {cap} {currency} a year", f"{zh}；每年最多 {cap} {currency}"
    return Text(en=en, zh=zh)
