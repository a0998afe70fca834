"""Demand-response programmes: rules, events, baselines, settlement."""

from domain.programmes.baseline import Baseline, BaselineNotPossibleError, RejectedDay, make_baseline
from domain.programmes.pricing import (
    CommitmentUnboundedError,
    EventMismatchError,
    EventNotInHorizonError,
    ProgrammeNotInForceError,
    event_term,
)
from domain.programmes.programme import BaselineRule, Event, Programme, SettlementBand
from domain.programmes.settlement import CommitmentOutsideProgrammeError, EventNotMeteredError, Settlement, settle
from domain.programmes.terms import EventBand, EventTerm
