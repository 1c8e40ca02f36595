#include "planner/plan/runtime_space.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "planner/files/spec_error.h"
#include "planner/plan/placement.h"

namespace galvatron {
namespace {

using Place = StructureProblem::Place;
using Problems = std::vector<StructureProblem>;

template <typename T, std::size_t N>
std::string words_of(const std::vector<T>& values, const NamedValues<T, N>& names) {
  std::vector<std::string_view> words;
  for (const T value : values) words.push_back(name_of(names, value));
  return fmt::format("{}", fmt::join(words, ", "));
}

void append(Problems& problems, const Problems& more) {
  problems.insert(problems.end(), more.begin(), more.end());
}

// `found` of an axis whose values the space lists; `where` names the runtime as its message.
template <typename T, std::size_t N>
Problems check_axis(const StructureProblem& where, const std::vector<T>& allowed,
                    const NamedValues<T, N>& names, T found) {
  if (std::find(allowed.begin(), allowed.end(), found) != allowed.end()) return {};
  StructureProblem problem = where;
  problem.message = fmt::format("must be one of {} under {}, got {}", words_of(allowed, names),
                                where.message, name_of(names, found));
  return {problem};
}

StructureProblem at(const LayerRun& run, std::string key, const Runtime& runtime) {
  return {.place = Place::layers,
          .first = run.first_layer,
          .last = run.last_layer,
          .key = std::move(key),
          .message = runtime.name};
}

bool prices(const Runtime& runtime, PricedAxis axis) {
  if (!runtime.laws) return true;
  const std::vector<PricedAxis>& axes = runtime.laws->estimates;
  return std::find(axes.begin(), axes.end(), axis) != axes.end();
}

Problems check_run(const LayerRun& run, const Runtime& runtime) {
  const Space& space = runtime.space;
  const Strategy& strategy = run.strategy;
  Problems problems;
  if (strategy.data > 1) {
    append(problems, check_axis(at(run, "zero", runtime), space.zero, kZeroNames, strategy.zero));
  }
  if (strategy.tensor > 1 && strategy.data > 1) {
    append(problems,
           check_axis(at(run, "order", runtime), space.order, kOrderNames, strategy.order));
  }
  // An embedding and a head that recompute nothing are in every space.
  if (strategy.recompute != Recompute::none) {
    std::vector<Recompute> recompute = space.recompute;
    if (prices(runtime, PricedAxis::recompute_op)) recompute.push_back(Recompute::op);
    append(problems, check_axis(at(run, "recompute", runtime), recompute, kRecomputeNames,
                                strategy.recompute));
  }
  if (strategy.sequence_parallel && !space.sequence_parallel) {
    problems.push_back(at(run, "sequence_parallel", runtime));
    problems.back().message = fmt::format("must be false under {}, got true", runtime.name);
  }
  return problems;
}

Problems check_equal_stages(const Plan& plan, const LayerGraph& graph) {
  if (are_equal(plan.stages, graph)) return {};
  return {{.place = Place::plan,
           .key = "pipeline",
           .message = fmt::format("must divide the blocks under {}, whose stages are equal, got {}",
                                  plan.inputs->runtime.name, pipeline_degree(plan))}};
}

Problems check_priced_axes(const Plan& plan) {
  Problems problems;
  const Runtime& runtime = plan.inputs->runtime;
  const auto [virtual_stages, context, shard_group] = plan.priced_only;
  const auto check = [&](PricedAxis axis, int found, int neutral) {
    if (found == neutral || prices(runtime, axis)) return;
    problems.push_back(
        {.place = Place::job,
         .key = std::string(name_of(kPricedAxisNames, axis)),
         .message = fmt::format("must be {} under {}, got {}", neutral, runtime.name, found)});
  };
  check(PricedAxis::virtual_stages, virtual_stages, 1);
  check(PricedAxis::context, context, 1);
  check(PricedAxis::shard_group, shard_group, 0);
  return problems;
}

}  // namespace

bool are_equal(const std::vector<StageRange>& stages, const LayerGraph& graph) {
  std::set<int> blocks;
  std::set<int> layers;
  for (const StageRange& stage : stages) {
    int count = 0;
    for (int layer = stage.first_layer; layer <= stage.last_layer; ++layer) {
      count += layer_at(graph, layer).kind == LayerKind::block ? 1 : 0;
    }
    blocks.insert(count);
    layers.insert(stage.last_layer - stage.first_layer + 1);
  }
  return blocks.size() == 1 || layers.size() == 1;
}

std::vector<StructureProblem> check_runtime_space(const Plan& plan, const LayerGraph& graph) {
  const Runtime& runtime = plan.inputs->runtime;
  Problems problems;
  for (int stage = 0; stage < pipeline_degree(plan); ++stage) {
    for (const LayerRun& run : layer_runs(plan, stage)) append(problems, check_run(run, runtime));
  }
  if (pipeline_degree(plan) > 1) {
    append(problems, check_axis({.place = Place::job, .key = "schedule", .message = runtime.name},
                                runtime.space.schedule, kScheduleNames, plan.schedule));
    if (!runtime.space.uneven_stages) append(problems, check_equal_stages(plan, graph));
  }
  append(problems, check_priced_axes(plan));
  return problems;
}

bool has_rank_program(const Plan& plan) {
  return runs_rank_program(plan.inputs->runtime) && plan.priced_only == PricedOnly{};
}

void require_rank_program(const Plan& plan, const std::string& file, const std::string& command) {
  if (!plan.inputs || has_rank_program(plan)) return;
  const std::string reason =
      plan.priced_only == PricedOnly{}
          ? fmt::format("runtime {} runs it with a program of its own", plan.inputs->runtime.name)
          : "chunks of stages, context and shard groups are priced only";
  throw SpecError(Diagnostic{
      .code = "no_rank_program",
      .message =
          fmt::format("{} follows the ranks of a plan through a step, but {}", command, reason),
      .file = file,
      .hint = "galvatron show prints its stages, memory and time"});
}

std::vector<StructureProblem> check_executed(const Plan& plan) {
  const auto [virtual_stages, context, shard_group] = plan.priced_only;
  const Precision precision = plan.job.precision;
  Problems problems;
  const auto refuse = [&](const std::string& key, std::string_view wanted, const auto& found) {
    problems.push_back({.place = Place::job,
                        .key = key,
                        .message = fmt::format("must be {} to be trained, got {}: it can only be "
                                               "priced",
                                               wanted, found)});
  };
  if (precision != Precision::fp32 && precision != Precision::bf16) {
    refuse("precision", "fp32 or bf16", name_of(kPrecisionNames, precision));
  }
  if (virtual_stages != 1) refuse("virtual_stages", "1", virtual_stages);
  if (context != 1) refuse("context", "1", context);
  if (shard_group != 0) refuse("shard_group", "absent", shard_group);
  for (int stage = 0; stage < pipeline_degree(plan); ++stage) {
    for (const LayerRun& run : layer_runs(plan, stage)) {
      if (run.strategy.recompute != Recompute::op) continue;
      refuse("recompute", "none, selective or full", "op");
      problems.back().place = Place::layers;
      problems.back().first = run.first_layer;
      problems.back().last = run.last_layer;
      return problems;
    }
  }
  return problems;
}

}  // namespace galvatron
