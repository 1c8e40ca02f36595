#include "planner/review/binding_stage.h"

#include <algorithm>

namespace galvatron {

BindingStage binding_stage(const Prediction& prediction, Bytes budget) {
  const auto& stages = prediction.stages;
  const auto fullest = std::max_element(
      stages.begin(), stages.end(), [](const StagePrediction& one, const StagePrediction& more) {
        return total(one.memory) < total(more.memory);
      });
  BindingStage binding{.stage = static_cast<int>(fullest - stages.begin()),
                       .used = total(fullest->memory)};
  binding.headroom = budget - binding.used;
  for_each_field(fullest->memory, [&](std::string_view name, Bytes size) {
    if (size <= binding.largest_size) return;
    binding.largest = name;
    binding.largest_size = size;
  });
  return binding;
}

}  // namespace galvatron
