from domain.programmes.terms import EventBand, EventTerm
from optimizer.extract import whole_kw


def event(**changes):
    fields = {
        "event_id": "e",
        "programme_id": "p",
        "first": 0,
        "stop": 4,
        "baseline_kw": 900.0,
        "min_commitment_kw": 50.0,
        "max_commitment_kw": 700.0,
        "pay_per_kw": 3.0,
        "penalty_per_kw": 0.0,
        "bands": (
            EventBand(from_rate=0.0, to_rate=0.8, per_delivered=0.0, per_committed=0.0),
            EventBand(from_rate=0.8, to_rate=1.2, per_delivered=1.0, per_committed=0.0),
            EventBand(from_rate=1.2, to_rate=float("inf"), per_delivered=0.0, per_committed=1.2),
        ),
    }
    return EventTerm(**(fields | changes))


def test_a_crooked_commitment_becomes_whole_where_the_pay_stays():
    # 600 kW delivered: any commitment within 500 … 750 is paid for 600
    assert whole_kw(event(), 512.37, 300.0) == 513.0


def test_it_stays_crooked_where_whole_kw_would_cost_money():
    # paid 1.2 × committed at most: 300.5 kW earns 1081.8, 301 more, 300 less; the greater is taken
    assert whole_kw(event(max_commitment_kw=300.5), 300.5, 300.0) == 300.5


def test_nothing_committed_stays_nothing():
    assert whole_kw(event(), 0.0, 300.0) == 0.0


def test_it_is_never_rounded_out_of_the_programmes_limits():
    assert whole_kw(event(min_commitment_kw=512.2, max_commitment_kw=512.8), 512.37, 300.0) == 512.37
