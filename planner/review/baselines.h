// The plans one would write down without a search, each at its best.
//
// One strategy serves all layers. What a kind does not fix is chosen by the search, stage
// boundaries, micro-batches, recomputation and sequence parallelism among them, within the
// restrictions of the plan on the axes that the kind leaves open.
//
//   data_parallel    parameters and their states on every device
//   zero_3           data parallel with all of them sharded
//   tensor_pipeline  stages of which every layer is split over all devices
//   three_d          data x tensor x pipeline, any degrees and any ZeRO stage
#pragma once

#include <array>
#include <optional>

#include "cost_models/named_values.h"
#include "planner/review/search_again.h"
#include "planner/review/step_parts.h"

namespace galvatron {

enum class BaselineKind { data_parallel, zero_3, tensor_pipeline, three_d };

inline constexpr NamedValues<BaselineKind, 4> kBaselineNames{
    {{BaselineKind::data_parallel, "data_parallel"},
     {BaselineKind::zero_3, "zero_3"},
     {BaselineKind::tensor_pipeline, "tensor_pipeline"},
     {BaselineKind::three_d, "3d"}}};

struct Baseline {
  BaselineKind kind = BaselineKind::data_parallel;
  Answer answer{};
  std::optional<StepParts> parts{};  // of the busiest stage, where there is a plan
};

Baseline find_baseline(const Plan& plan, BaselineKind kind, const SearchControl& control);

}  // namespace galvatron
