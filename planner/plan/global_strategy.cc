#include "planner/plan/global_strategy.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
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
  } else if (axis == "virtual_stages") {
    strategy.priced_only.virtual_stages = static_cast<int>(degree(axis, value));
  } else if (axis == "context") {
    strategy.priced_only.context = static_cast<int>(degree(axis, value));
  } else if (axis == "shard_group") {
    strategy.priced_only.shard_group = static_cast<int>(degree(axis, value));
  } else {
    const std::string hint = suggestion(axis, global_axis_names());
    refuse(fmt::format("unknown axis {}, expected one of {}{}", axis,
                       fmt::join(global_axis_names(), ", "), hint.empty() ? "" : "; " + hint));
  }
}

// Blocks per stage. Where the stages do not divide them, see StageSplit.
std::vector<int> block_shares(int blocks, int pipeline, StageSplit split) {
  std::vector<int> shares(static_cast<std::size_t>(pipeline), blocks / pipeline);
  if (split == StageSplit::leading || blocks % pipeline == 0) {
    for (int stage = 0; stage < blocks % pipeline; ++stage)
      ++shares[static_cast<std::size_t>(stage)];
    return shares;
  }
  const int with_ends = (blocks + 2) / pipeline;
  if ((blocks + 2) % pipeline == 0 && with_ends > 1) {
    std::fill(shares.begin(), shares.end(), with_ends);
    --shares.front();
    --shares.back();
    return shares;
  }
  int left = blocks;
  for (int& share : shares) {
    const int still_empty = static_cast<int>(&shares.back() - &share);
    share = std::min((blocks + pipeline - 1) / pipeline, left - still_empty);
    left -= share;
  }
  return shares;
}

// `data`: ranks that have samples of their own.
std::int64_t micro_batches(const GlobalJob& job, std::int64_t data) {
  const std::int64_t samples = data * job.micro_batch;
  if (job.micro_batch < 1 || job.job.global_batch % samples != 0) {
    refuse(fmt::format("data x micro-batch ({} x {}) must divide the global batch ({})", data,
                       job.micro_batch, job.job.global_batch));
  }
  return job.job.global_batch / samples;
}

Recompute layer_recompute(const GlobalStrategy& global, HeadRecompute head, const Layer& layer) {
  const bool leaves_head = head == HeadRecompute::never || global.recompute == Recompute::op;
  switch (layer.kind) {
    case LayerKind::embedding:
      return Recompute::none;
    case LayerKind::head:
      return leaves_head ? Recompute::none : global.recompute;
    case LayerKind::block:
      break;
  }
  return global.recompute;
}

Strategy layer_strategy(const GlobalStrategy& global, int data, Recompute recompute) {
  const bool both_split = global.tensor > 1 && data > 1;
  return {.tensor = global.tensor,
          .data = data,
          .order = both_split ? global.order : Order::tensor_inner,
          .zero = data > 1 ? global.zero : Zero::none,
          .sequence_parallel = global.tensor > 1 && global.sequence_parallel,
          .recompute = recompute};
}

}  // namespace

std::vector<StageRange> block_stages(int layers, int pipeline, StageSplit split) {
  const int blocks = layers - 2;
  if (pipeline > 1 && pipeline > blocks) {
    refuse(fmt::format("pipeline must be at most the number of blocks ({}), got {}", blocks,
                       pipeline));
  }
  std::vector<StageRange> stages;
  const std::vector<int> shares = block_shares(blocks, pipeline, split);
  int first = 0;
  for (int stage = 0; stage < pipeline; ++stage) {
    const int share = shares[static_cast<std::size_t>(stage)];
    const int ends = (stage == 0 ? 1 : 0) + (stage == pipeline - 1 ? 1 : 0);
    stages.push_back({.first_layer = first, .last_layer = first + share + ends - 1});
    first += share + ends;
  }
  return stages;
}

const std::vector<std::string>& global_axis_names() {
  static const std::vector<std::string> names{
      "pipeline",  "tensor",   "order",          "zero",    "sequence_parallel",
      "recompute", "schedule", "virtual_stages", "context", "shard_group"};
  return names;
}

GlobalStrategy parse_global_strategy(const std::string& text) {
  GlobalStrategy strategy;
  std::set<std::string> axes;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string item = text.substr(begin, end - begin);
    const std::size_t equals = item.find('=');
    if (equals == std::string::npos) {
      refuse(fmt::format("strategy must be a list of AXIS=VALUE, got \"{}\"", item));
    }
    const std::string axis = item.substr(0, equals);
    if (!axes.insert(axis).second) refuse(fmt::format("{} is given twice", axis));
    set_axis(strategy, axis, item.substr(equals + 1));
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
  const int context = strategy.priced_only.context;
  if (data % context != 0) {
    refuse(fmt::format("context must divide data ({}), got {}", data, context));
  }
  Plan plan{.model = job.model,
            .job = job.job,
            .devices = job.devices,
            .micro_batches = micro_batches(job, data / context),
            .schedule = strategy.schedule,
            .stages = block_stages(layer_count(graph), strategy.pipeline, job.stages.split),
            .priced_only = strategy.priced_only};
  for (int layer = 0; layer < layer_count(graph); ++layer) {
    const Recompute recompute = layer_recompute(strategy, job.stages.head, layer_at(graph, layer));
    plan.strategies.push_back(layer_strategy(strategy, data, recompute));
  }
  return plan;
}

Plan single_device_plan(const Model& model, const Job& job) {
  return global_plan({.model = model, .job = job, .devices = 1, .micro_batch = job.global_batch},
                     {}, build_layer_graph(model));
}

}  // namespace galvatron
