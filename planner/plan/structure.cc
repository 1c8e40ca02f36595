#include "planner/plan/structure.h"

#include <fmt/format.h>

#include <algorithm>

#include "cost_models/redistribution.h"
#include "planner/plan/placement.h"

namespace galvatron {
namespace {

using Place = StructureProblem::Place;
using Problems = std::vector<StructureProblem>;

// Checks a run of layers of one type and one strategy.
class RunCheck {
 public:
  RunCheck(const Plan& plan, const LayerGraph& graph, const LayerRun& run)
      : plan_(plan), layer_(layer_at(graph, run.first_layer)), run_(run) {}

  Problems problems() && {
    const Strategy& strategy = run_.strategy;
    if (strategy.tensor < 1) refuse("tensor", fmt::format("must be at least 1, got {}", strategy.tensor));
    if (strategy.data < 1) refuse("data", fmt::format("must be at least 1, got {}", strategy.data));
    if (!problems_.empty()) return std::move(problems_);
    check_degrees();
    check_unused_axes();
    check_tokens();
    return std::move(problems_);
  }

 private:
  void refuse(std::string key, std::string message) {
    problems_.push_back({.place = Place::layers,
                         .first = run_.first_layer,
                         .last = run_.last_layer,
                         .key = std::move(key),
                         .message = std::move(message)});
  }

  void check_degrees() {
    const auto [tensor, data] = std::pair(run_.strategy.tensor, run_.strategy.data);
    const int devices = devices_per_stage(plan_);
    if (tensor > devices || devices % tensor != 0 || devices / tensor != data) {
      refuse("tensor", fmt::format("x data must be the {} devices of a stage, got {} x {}", devices,
                                   tensor, data));
    }
    for (const DivisibleBy& number : layer_.tensor_divides) {
      if (number.value % tensor == 0) continue;
      refuse("tensor", fmt::format("must divide {} ({}), got {}", number.name, number.value, tensor));
    }
  }

  void check_unused_axes() {
    const Strategy& strategy = run_.strategy;
    if (strategy.order != Order::tensor_inner && (strategy.tensor == 1 || strategy.data == 1)) {
      refuse("order", fmt::format("must be tensor_inner where tensor or data is 1, got {}",
                                  name_of(kOrderNames, strategy.order)));
    }
    if (strategy.sequence_parallel && strategy.tensor == 1) {
      refuse("sequence_parallel", "must be false where tensor is 1, got true");
    }
    if (strategy.zero != Zero::none && strategy.data == 1) {
      refuse("zero", fmt::format("must be 0 where data is 1, got {}",
                                 static_cast<int>(strategy.zero)));
    }
  }

  void check_tokens() {
    const Strategy& strategy = run_.strategy;
    const std::int64_t samples = samples_per_micro_batch(plan_);
    if (samples % strategy.data != 0) {
      refuse("data", fmt::format("must divide the samples of a micro-batch ({}), got {}", samples,
                                 strategy.data));
    } else if (strategy.sequence_parallel) {
      const std::int64_t tokens = group_tokens(plan_, layer_, strategy);
      if (tokens % strategy.tensor == 0) return;
      refuse("tensor", fmt::format("must divide the tokens of a tensor group ({}) under "
                                   "sequence_parallel, got {}",
                                   tokens, strategy.tensor));
    }
  }

  const Plan& plan_;
  const Layer& layer_;
  const LayerRun& run_;
  Problems problems_;
};

Problems check_stages(const Plan& plan, int layers) {
  Problems problems;
  int next = 0;
  for (int stage = 0; stage < pipeline_degree(plan); ++stage) {
    const auto [first, last] = plan.stages[static_cast<std::size_t>(stage)];
    const auto refuse = [&](std::string message) {
      problems.push_back({Place::stage, stage, stage, "layers", std::move(message)});
    };
    if (last < first) refuse(fmt::format("must hold at least one layer, got [{}, {}]", first, last));
    if (first > next) refuse(fmt::format("leave out {}", layers_text(next, first - 1)));
    if (first < next) refuse(fmt::format("hold {} twice", layers_text(first, std::min(last, next - 1))));
    next = std::max(next, last + 1);
  }
  if (next == layers) return problems;
  problems.push_back({.place = Place::plan,
                      .key = "stages",
                      .message = next < layers
                                     ? fmt::format("leave out {}", layers_text(next, layers - 1))
                                     : fmt::format("hold layers up to {}, but the model's last is {}",
                                                   next - 1, layers - 1)});
  return problems;
}

Problems check_counts(const Plan& plan, const LayerGraph& graph) {
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
  if (static_cast<int>(plan.strategies.size()) != layer_count(graph)) {
    problems.push_back({.place = Place::plan,
                        .key = "strategies",
                        .message = fmt::format("must be one per layer ({}), got {}",
                                               layer_count(graph), plan.strategies.size())});
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
    problems.push_back({.place = Place::stage,
                        .first = stage,
                        .last = stage,
                        .key = "devices",
                        .message = fmt::format("must divide the tokens of a micro-batch ({}), got {}",
                                               tokens.tokens, tokens.devices)});
  }
  return problems;
}

Problems check_layers(const Plan& plan, const LayerGraph& graph) {
  Problems problems;
  const auto type_of = [&](int layer) { return graph.graph[static_cast<std::size_t>(layer)].type; };
  for (int stage = 0; stage < pipeline_degree(plan); ++stage) {
    for (LayerRun rest : layer_runs(plan, stage)) {
      while (rest.first_layer <= rest.last_layer) {
        LayerRun run = rest;
        run.last_layer = run.first_layer;
        while (run.last_layer < rest.last_layer &&
               type_of(run.last_layer + 1) == type_of(run.first_layer)) {
          ++run.last_layer;
        }
        const Problems found = RunCheck(plan, graph, run).problems();
        problems.insert(problems.end(), found.begin(), found.end());
        rest.first_layer = run.last_layer + 1;
      }
    }
  }
  return problems;
}

// Every use of a tied table is split, ordered and sharded as the first one.
Problems check_tied_layers(const Plan& plan, const TiedTable& table) {
  Problems problems;
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
  const Problems counts = check_counts(plan, graph);
  problems.insert(problems.end(), counts.begin(), counts.end());
  if (!problems.empty()) return problems;
  problems = check_layers(plan, graph);
  const Problems boundaries = check_boundaries(plan, graph);
  problems.insert(problems.end(), boundaries.begin(), boundaries.end());
  for (const TiedTable& table : tied_tables(graph)) {
    const Problems tied = check_tied_layers(plan, table);
    problems.insert(problems.end(), tied.begin(), tied.end());
  }
  return problems;
}

}  // namespace galvatron
