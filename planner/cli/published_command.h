// `galvatron plan` with a published profile: the published search in its own space.
#pragma once

#include <string>
#include <vector>

#include "planner/cli/arguments.h"
#include "planner/cli/command.h"

namespace galvatron {

struct PublishedArguments {
  const InputArguments& inputs;
  std::vector<std::string> only;
  std::string output;
  // Of plan's options those that were given and that this search has no use for.
  std::vector<std::string> without_meaning;
};

// Throws UsageError for options that the published cost model has nothing to say about, SpecError
// for a model that the profile has no constants for.
ExitCode plan_published(const PublishedArguments& arguments, PlanningInputs inputs,
                        const Session& session);

}  // namespace galvatron
