#include "planner/plan/priced_only.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace galvatron {
namespace {

using Problem = std::optional<StructureProblem>;

StructureProblem problem_of(std::string key, std::string message) {
  return {
      .place = StructureProblem::Place::job, .key = std::move(key), .message = std::move(message)};
}

// Tokens of a sample are cut, so that no layer may need them whole.
Problem check_context_tokens(int context, const LayerGraph& graph) {
  if (context == 1) return std::nullopt;
  for (const Layer& layer : graph.types) {
    if (!layer.whole_tokens_reason.empty()) {
      return problem_of(
          "context", fmt::format("must be 1: {} does not split its tokens, because {}", layer.type,
                                 layer.whole_tokens_reason));
    }
    if (layer.tokens_per_sample % context != 0) {
      return problem_of("context", fmt::format("must divide the tokens of a sample ({}), got {}",
                                               layer.tokens_per_sample, context));
    }
  }
  return std::nullopt;
}

Problem check_divides_data(const Plan& plan, const std::string& key, int degree) {
  for (const Strategy& strategy : plan.strategies) {
    if (strategy.data % degree == 0) continue;
    return problem_of(key, fmt::format("must divide data ({}), got {}", strategy.data, degree));
  }
  return std::nullopt;
}

int fewest_layers(const Plan& plan) {
  int fewest = plan.stages.front().last_layer - plan.stages.front().first_layer + 1;
  for (const StageRange& stage : plan.stages) {
    fewest = std::min(fewest, stage.last_layer - stage.first_layer + 1);
  }
  return fewest;
}

Problem check_chunks(const Plan& plan) {
  const int chunks = plan.priced_only.virtual_stages;
  if (chunks == 1) return std::nullopt;
  const int stages = pipeline_degree(plan);
  if (plan.schedule != Schedule::one_f_one_b || stages == 1) {
    return problem_of("virtual_stages",
                      fmt::format("must be 1 without several stages under 1f1b, got {}", chunks));
  }
  if (chunks > fewest_layers(plan)) {
    return problem_of("virtual_stages",
                      fmt::format("must be at most the layers of a stage ({}), got {}",
                                  fewest_layers(plan), chunks));
  }
  if (plan.micro_batches % stages == 0) return std::nullopt;
  return problem_of("micro_batches",
                    fmt::format("must be a multiple of the {} stages where they interleave, got {}",
                                stages, plan.micro_batches));
}

}  // namespace

std::vector<StructureProblem> check_priced_only(const Plan& plan, const LayerGraph& graph) {
  const auto [virtual_stages, context, shard_group] = plan.priced_only;
  std::vector<StructureProblem> problems;
  for (const Problem& problem :
       {check_context_tokens(context, graph), check_divides_data(plan, "context", context),
        check_divides_data(plan, "shard_group", std::max(shard_group, 1)), check_chunks(plan)}) {
    if (problem) problems.push_back(*problem);
  }
  return problems;
}

}  // namespace galvatron
