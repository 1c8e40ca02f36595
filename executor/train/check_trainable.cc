#include "executor/train/check_trainable.h"

#include <fmt/format.h>

#include "executor/launch/exit_code.h"
#include "planner/plan/runtime_space.h"

namespace galvatron {
namespace {

std::string known_types(const BlockTable& blocks) {
  std::string text;
  for (const auto& [type, block] : blocks) text += (text.empty() ? "" : ", ") + type;
  return text.empty() ? "none" : text;
}

}  // namespace

void check_trainable(const Trainable& what, int ranks) {
  if (ranks != what.plan.devices) {
    throw ExecutorError(ExitCode::launch,
                        fmt::format("the plan is for {} devices, but {} rank{} started",
                                    what.plan.devices, ranks, ranks == 1 ? " was" : "s were"));
  }
  std::vector<StructureProblem> found = check_structure(what.plan, what.graph);
  if (found.empty()) found = check_executed(what.plan);
  std::string problems;
  for (const StructureProblem& problem : found) problems += "\n  " + to_text(problem);
  if (!problems.empty()) {
    throw ExecutorError(ExitCode::bad_input, "the plan cannot be executed:" + problems);
  }
  for (const Layer& layer : what.graph.types) {
    if (what.blocks.contains(layer.type)) continue;
    throw ExecutorError(ExitCode::bad_input,
                        fmt::format("no block computes layer type \"{}\"; there are blocks for {}",
                                    layer.type, known_types(what.blocks)));
  }
}

}  // namespace galvatron
