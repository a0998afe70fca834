"""The question (Case), the oracle's answer (Response) and the offer made of it."""

from domain.offers.case import PRESENT_ID, BaseLoadSource, Case, Package, Preferences, QuoteOptions
from domain.offers.offer import (
    Commitment,
    Manifest,
    MoneyRange,
    Move,
    Offer,
    PlaybookStep,
    Quote,
    SavingSplit,
)
from domain.offers.planning import MonthPowerFactor, PlanAnswer, PlanAsked
from domain.offers.playbook import AvailabilityPoint, EventChance, Playbook, RecoursePlan
from domain.offers.reasons import Alternative, BlockReason, LimitChange, LimitKind, PriceTag, Reasons, Repair
from domain.offers.response import Audit, CostParts, Response, ResponseProblem, SolveOptions, SolveRecord
from domain.offers.standing import StandingPlan
from domain.offers.uncertainty import RiskAversion, SampleCosts, ValueOfUncertainty
from domain.offers.wishes import ProcessWish, RunWish
