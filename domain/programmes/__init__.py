"""Demand-response programmes: rules, events, baselines, settlement."""

from domain.programmes.programme import BaselineRule, Event, Programme, SettlementBand
