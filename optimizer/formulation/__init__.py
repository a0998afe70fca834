"""The model: one file per block, one function per equation, every tag in docs/formulation.md."""

from optimizer.formulation.build import Matrix, build, compile_matrix, restricted
from optimizer.formulation.sets import PlanSets, plan_sets
