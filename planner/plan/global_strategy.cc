#include "planner/plan/global_strategy.h"

#include <fmt/format.h>

#include <stdexcept>
#include <string_view>

#include "planner/files/nearest.h"
#include "planner/files/quantity.h"

namespace galvatron {
namespace {

[[noreturn]] void refuse(const std::string& message) { throw std::invalid_argument(message); }

std::int64_t degree(std::string_view axis, std::string_view text) {
  const std::optional<std::int64_t> value = parse_integer(text);
  if (!value || *value < 1 || *value > (1 << 24)) {
    refuse(fmt::format("{} must be an integer of at least 1, got {}", axis, text));
  }
  return *value;
}

template <typename T, std::size_t N>
T word(std::string_view axis, std::string_view text, const NamedValues<T, N>& names) {
  if (const std::optional<T> value = value_of(names, text)) return *value;
  std::vector<std::string_view> words;
  for (const auto& entry : names) words.push_back(entry.second);
  refuse(fmt::format("{} must be one of {}, got {}", axis, fmt::join(words, ", "), text));
}

void set_axis(GlobalStrategy& strategy, const std::string& axis, const std::string& value) {
  if (axis == "pipeline") {
    strategy.pipeline = static_cast<int>(degree(axis, value));
  } else if (axis == "tensor") {
    strategy.tensor = static_cast<int>(degree(axis, value));
  } else if (axis == "order") {
    strategy.order = word(axis, value, kOrderNames);
  } else if (axis == "zero") {
    strategy.zero = word(axis, value, kZeroNames);
  } else if (axis == "sequence_parallel") {
    strategy.sequence_parallel = word(axis, value, kBoolNames);
  } else if (axis == "recompute") {
    strategy.recompute = word(axis, value, kRecomputeNames);
  } else if (axis == "schedule") {
    strategy.schedule = word(axis, value, kScheduleNames);
  } else {
    const std::string hint = suggestion(axis, global_axis_names());
    refuse(fmt::format("unknown axis {}, expected one of {}{}", axis,
                       fmt::join(global_axis_names(), ", "), hint.empty() ? "" : "; " + hint));
  }
}

std::vector<StageRange> even_stages(int layers, int pipeline) {
  const int blocks = layers - 2;
  if (pipeline > 1 && pipeline > blocks) {
    refuse(fmt::format("pipeline must be at most the number of blocks ({}), got {}", blocks,
                       pipeline));
  }
  std::vector<StageRange> stages;
  int first = 0;
  for (int stage = 0; stage < pipeline; ++stage) {
    const int share = blocks / pipeline + (stage < blocks % pipeline ? 1 : 0);
    const int ends = (stage == 0 ? 1 : 0) + (stage == pipeline - 1 ? 1 : 0);
    stages.push_back({.first_layer = first, .last_layer = first + share + ends - 1});
    first += share + ends;
  }
  return stages;
}

std::int64_t micro_batches(const GlobalJob& job, std::int64_t data) {
  const std::int64_t samples = data * job.micro_batch;
  if (job.micro_batch < 1 || job.job.global_batch % samples != 0) {
    refuse(fmt::format("data x micro-batch ({} x {}) must divide the global batch ({})", data,
                       job.micro_batch, job.job.global_batch));
  }
  return job.job.global_batch / samples;
}

Strategy layer_strategy(const GlobalStrategy& global, int data, const Layer& layer) {
  const bool both_split = global.tensor > 1 && data > 1;
  return {.tensor = global.tensor,
          .data = data,
          .order = both_split ? global.order : Order::tensor_inner,
          .zero = data > 1 ? global.zero : Zero::none,
          .sequence_parallel = global.tensor > 1 && global.sequence_parallel,
          .recompute = layer.kind == LayerKind::embedding ? Recompute::none : global.recompute};
}

}  // namespace

const std::vector<std::string>& global_axis_names() {
  static const std::vector<std::string> names{"pipeline",          "tensor",    "order",   "zero",
                                              "sequence_parallel", "recompute", "schedule"};
  return names;
}

GlobalStrategy parse_global_strategy(const std::string& text) {
  GlobalStrategy strategy;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string item = text.substr(begin, end - begin);
    const std::size_t equals = item.find('=');
    if (equals == std::string::npos) {
      refuse(fmt::format("strategy must be a list of AXIS=VALUE, got \"{}\"", item));
    }
    set_axis(strategy, item.substr(0, equals), item.substr(equals + 1));
    begin = end + 1;
  }
  return strategy;
}

Plan global_plan(const GlobalJob& job, const GlobalStrategy& strategy, const LayerGraph& graph) {
  const int split = strategy.pipeline * strategy.tensor;
  if (job.devices % split != 0) {
    refuse(fmt::format("pipeline x tensor ({} x {}) must divide the devices ({})",
                       strategy.pipeline, strategy.tensor, job.devices));
  }
  const int data = job.devices / split;
  Plan plan{.model = job.model,
            .job = job.job,
            .devices = job.devices,
            .micro_batches = micro_batches(job, data),
            .schedule = strategy.schedule,
            .stages = even_stages(layer_count(graph), strategy.pipeline)};
  for (int layer = 0; layer < layer_count(graph); ++layer) {
    plan.strategies.push_back(layer_strategy(strategy, data, layer_at(graph, layer)));
  }
  return plan;
}

Plan single_device_plan(const Model& model, const Job& job) {
  return global_plan({.model = model, .job = job, .devices = 1, .micro_batch = job.global_batch},
                     {}, build_layer_graph(model));
}

}  // namespace galvatron
