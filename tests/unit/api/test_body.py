"""Bodies are read with suspicion."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.errors import BodyNotJsonError
from api.http.body import parse_json

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(st.text(max_size=6), below, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": 1e999}',
        b'{"a": ' + b"9" * 50 + b"}",
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a": 1, "a": 2}',
        b'{"{}": 1, "{}": 2}',
        b'{"{odd!r:>9}": 1, "{odd!r:>9}": 2}',
        b'{"a": "\\ud800"}',
        b'{"\\udfff": 1}',
        b"\xff\xfe",
        b"",
        b"{",
        b"[" * 40 + b"]" * 40,
        b"[" * 200_000,
        b'{"a":' * 100_000,
    ],
    ids=lambda body: repr(body[:18]),
)
def test_untrustworthy_json_is_refused_in_words(body):
    with pytest.raises(BodyNotJsonError) as refused:
        parse_json(body, 32)
    assert refused.value.say()


def test_depth_is_counted_from_the_root():
    assert parse_json(b"[[[1]]]", 3) == [[[1]]]
    with pytest.raises(BodyNotJsonError):
        parse_json(b"[[[[1]]]]", 3)


def test_a_byte_order_mark_is_no_harm():
    assert parse_json(b'\xef\xbb\xbf{"a": 1}', 4) == {"a": 1}


@given(PLAIN)
@settings(max_examples=150, deadline=None)
def test_ordinary_json_comes_through_unchanged(plain):
    assert parse_json(json.dumps(plain).encode(), 100) == plain


@given(st.binary(max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_read_or_refused(body):
    try:
        parse_json(body, 8)
    except BodyNotJsonError:
        return
