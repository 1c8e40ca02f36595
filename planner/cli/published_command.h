// `galvatron plan` with a published profile: the published search in its own space.
#pragma once

#include <string>

#include "planner/cli/arguments.h"
#include "planner/cli/command.h"
#include "planner/cli/search_arguments.h"

namespace galvatron {

struct PublishedPlanArguments {
  const InputArguments& inputs;
  const SearchArguments& search;
  std::string output;
};

// Throws UsageError for options that the published cost model has nothing to say about, SpecError
// for a model that the profile has no constants for.
ExitCode plan_published(const PublishedPlanArguments& arguments, PlanningInputs inputs,
                        const Session& session);

}  // namespace galvatron
