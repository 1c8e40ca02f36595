#include "planner/plan/structure.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "cost_models/redistribution.h"
#include "planner/plan/placement.h"
#include "planner/plan/priced_only.h"

namespace galvatron {
namespace {

using Place = StructureProblem::Place;
using Problems = std::vector<StructureProblem>;

void append(Problems& problems, const Problems& more) {
  problems.insert(problems.end(), more.begin(), more.end());
}

StructureProblem problem_of(const LayerRun& run, std::string key, std::string message) {
  return {.place = Place::layers,
          .first = run.first_layer,
          .last = run.last_layer,
          .key = std::move(key),
          .message = std::move(message)};
}

// What is wrong with the strategy whatever the layers: degrees, and axes that one device has not.
Problems check_strategy(const Plan& plan, const LayerRun& run) {
  Problems problems;
  const auto refuse = [&](std::string key, std::string message) {
    problems.push_back(problem_of(run, std::move(key), std::move(message)));
  };
  const auto [tensor, data, order, zero, sequence_parallel, recompute] = run.strategy;
  if (tensor < 1) refuse("tensor", fmt::format("must be at least 1, got {}", tensor));
  if (data < 1) refuse("data", fmt::format("must be at least 1, got {}", data));
  if (!problems.empty()) return problems;
  const int devices = devices_per_stage(plan);
  if (devices % tensor != 0 || devices / tensor != data) {
    refuse("tensor", fmt::format("x data must be the {} devices of a stage, got {} x {}", devices,
                                 tensor, data));
  }
  if (order != Order::tensor_inner && (tensor == 1 || data == 1)) {
    refuse("order", fmt::format("must be tensor_inner where tensor or data is 1, got {}",
                                name_of(kOrderNames, order)));
  }
  if (sequence_parallel && tensor == 1) {
    refuse("sequence_parallel", "must be false where tensor is 1, got true");
  }
  if (zero != Zero::none && data == 1) {
    refuse("zero", fmt::format("must be 0 where data is 1, got {}", name_of(kZeroNames, zero)));
  }
  return problems;
}

// Whether the strategy divides what layers of this type are made of and what they take in. `run`:
// layers of one type.
Problems check_division(const Plan& plan, const LayerGraph& graph, const LayerRun& run) {
  const Layer& layer = layer_at(graph, run.first_layer);
  const Layer& before = layer_at(graph, std::max(run.first_layer - 1, 0));
  Problems problems;
  const auto [tensor, data] = std::pair(run.strategy.tensor, run.strategy.data);
  for (const DivisibleBy& number : layer.tensor_divides) {
    if (number.value % tensor == 0) continue;
    problems.push_back(
        problem_of(run, "tensor",
                   fmt::format("must divide {} ({}), got {}", number.name, number.value, tensor)));
  }
  const std::int64_t samples = samples_per_micro_batch(plan);
  const int context = plan.priced_only.context;
  if (samples * context % data != 0) {
    problems.push_back(
        problem_of(run, "data",
                   fmt::format("must divide the samples of a micro-batch ({}), got {}", samples,
                               context == 1 ? std::to_string(data)
                                            : fmt::format("{} / context {}", data, context))));
    return problems;
  }
  if (!run.strategy.sequence_parallel) return problems;
  if (!layer.whole_tokens_reason.empty()) {
    problems.push_back(
        problem_of(run, "sequence_parallel",
                   fmt::format("must be false: {} does not split its tokens, because {}",
                               layer.type, layer.whole_tokens_reason)));
    return problems;
  }
  for (const std::int64_t tokens : std::set{group_tokens(plan, before, run.strategy),
                                            group_tokens(plan, layer, run.strategy)}) {
    if (tokens % tensor == 0) continue;
    problems.push_back(problem_of(run, "tensor",
                                  fmt::format("must divide the tokens of a tensor group ({}) under "
                                              "sequence_parallel, got {}",
                                              tokens, tensor)));
  }
  return problems;
}

Problems check_stages(const Plan& plan, int layers) {
  Problems problems;
  int next = 0;
  for (int stage = 0; stage < pipeline_degree(plan); ++stage) {
    const auto [first, last] = plan.stages[static_cast<std::size_t>(stage)];
    const auto refuse = [&](std::string message) {
      problems.push_back({Place::stage, stage, stage, "layers", std::move(message)});
    };
    if (last < first)
      refuse(fmt::format("must hold at least one layer, got [{}, {}]", first, last));
    if (first > next) refuse(fmt::format("leave out {}", layers_text(next, first - 1)));
    if (first < next)
      refuse(fmt::format("hold {} twice", layers_text(first, std::min(last, next - 1))));
    next = std::max(next, last + 1);
  }
  if (next == layers) return problems;
  problems.push_back(
      {.place = Place::plan,
       .key = "stages",
       .message = next < layers ? fmt::format("leave out {}", layers_text(next, layers - 1))
                                : fmt::format("hold layers up to {}, but the model's last is {}",
                                              next - 1, layers - 1)});
  return problems;
}

Problems check_strategy_count(const Plan& plan, int layers) {
  if (static_cast<int>(plan.strategies.size()) == layers) return {};
  return {{.place = Place::plan,
           .key = "strategies",
           .message =
               fmt::format("must be one per layer ({}), got {}", layers, plan.strategies.size())}};
}

Problems check_counts(const Plan& plan) {
  Problems problems;
  if (plan.devices < 1 || plan.devices % std::max(pipeline_degree(plan), 1) != 0) {
    problems.push_back({.place = Place::plan,
                        .key = "devices",
                        .message = fmt::format("must be a multiple of the {} stages, got {}",
                                               pipeline_degree(plan), plan.devices)});
  }
  if (plan.micro_batches < 1 || plan.job.global_batch < 1 ||
      plan.job.global_batch % plan.micro_batches != 0) {
    problems.push_back({.place = Place::job,
                        .key = "micro_batches",
                        .message = fmt::format("must divide global_batch ({}), got {}",
                                               plan.job.global_batch, plan.micro_batches)});
  }
  return problems;
}

// Between stages the tokens of a micro-batch lie split evenly over a stage's devices.
Problems check_boundaries(const Plan& plan, const LayerGraph& graph) {
  Problems problems;
  for (int stage = 0; stage + 1 < pipeline_degree(plan); ++stage) {
    const int last = plan.stages[static_cast<std::size_t>(stage)].last_layer;
    const StageTokens tokens = stage_tokens(plan, layer_at(graph, last));
    if (tokens.tokens % tokens.devices == 0) continue;
    problems.push_back(
        {.place = Place::stage,
         .first = stage,
         .last = stage,
         .key = "devices",
         .message = fmt::format("must divide the tokens of a micro-batch ({}), got {}",
                                tokens.tokens, tokens.devices)});
  }
  return problems;
}

// The run cut where the type of its layers changes.
std::vector<LayerRun> runs_of_one_type(const LayerGraph& graph, const LayerRun& run) {
  std::vector<LayerRun> parts;
  for (int layer = run.first_layer; layer <= run.last_layer; ++layer) {
    const bool is_new =
        parts.empty() || layer_at(graph, layer).type != layer_at(graph, layer - 1).type;
    if (is_new) parts.push_back({.first_layer = layer, .strategy = run.strategy});
    parts.back().last_layer = layer;
  }
  return parts;
}

Problems check_layers(const Plan& plan, const LayerGraph& graph) {
  Problems problems;
  for (int stage = 0; stage < pipeline_degree(plan); ++stage) {
    for (const LayerRun& run : layer_runs(plan, stage)) {
      append(problems, check_strategy(plan, run));
      if (run.strategy.tensor < 1 || run.strategy.data < 1) continue;
      for (const LayerRun& part : runs_of_one_type(graph, run)) {
        append(problems, check_division(plan, graph, part));
      }
    }
  }
  return problems;
}

// Every use of a tied table is split, ordered and sharded as the first one, unless it lies
// everywhere.
Problems check_tied_layers(const Plan& plan, const TiedTable& table) {
  Problems problems;
  if (table.everywhere) return problems;
  const int first = table.layers.front();
  const Strategy& expected = strategy_of(plan, first);
  for (const int layer : table.layers) {
    const Strategy& strategy = strategy_of(plan, layer);
    const auto compare = [&](const char* key, const auto& wanted, const auto& found) {
      if (wanted == found) return;
      problems.push_back({.place = Place::layers,
                          .first = layer,
                          .last = layer,
                          .key = key,
                          .message = fmt::format("must be {} as in layer {}, which holds the same "
                                                 "table ({}), got {}",
                                                 wanted, first, table.name, found)});
    };
    compare("tensor", expected.tensor, strategy.tensor);
    compare("data", expected.data, strategy.data);
    compare("order", name_of(kOrderNames, expected.order), name_of(kOrderNames, strategy.order));
    compare("zero", static_cast<int>(expected.zero), static_cast<int>(strategy.zero));
  }
  return problems;
}

}  // namespace

std::string layers_text(int first, int last) {
  return first == last ? fmt::format("layer {}", first) : fmt::format("layers {}-{}", first, last);
}

std::string to_text(const StructureProblem& problem) {
  const std::string text = problem.key + " " + problem.message;
  switch (problem.place) {
    case Place::plan:
    case Place::job:
      return text;
    case Place::stage:
      return fmt::format("stage {}: {}", problem.first, text);
    case Place::layers:
      return fmt::format("{}: {}", layers_text(problem.first, problem.last), text);
  }
  return text;
}

std::vector<LayerRun> layer_runs(const Plan& plan, int stage) {
  const StageRange& range = plan.stages[static_cast<std::size_t>(stage)];
  std::vector<LayerRun> runs;
  for (int layer = range.first_layer; layer <= range.last_layer; ++layer) {
    const Strategy& strategy = strategy_of(plan, layer);
    if (runs.empty() || runs.back().strategy != strategy) {
      runs.push_back({.first_layer = layer, .last_layer = layer, .strategy = strategy});
    }
    runs.back().last_layer = layer;
  }
  return runs;
}

std::vector<StructureProblem> check_structure(const Plan& plan, const LayerGraph& graph) {
  Problems problems = check_stages(plan, layer_count(graph));
  if (problems.empty()) append(problems, check_strategy_count(plan, layer_count(graph)));
  append(problems, check_counts(plan));
  if (!problems.empty()) return problems;
  append(problems, check_layers(plan, graph));
  append(problems, check_boundaries(plan, graph));
  append(problems, check_priced_only(plan, graph));
  for (const TiedTable& table : tied_tables(graph)) {
    append(problems, check_tied_layers(plan, table));
  }
  return problems;
}

}  // namespace galvatron
