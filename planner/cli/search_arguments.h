// How to search, as `plan` and `sweep` take it on the command line.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "planner/plan/plan.h"

namespace galvatron {

struct SearchArguments {
  std::vector<std::string> only;
  std::optional<double> gap{};
  std::string time_limit;
  int threads = 1;
};

void add_search_options(CLI::App& command, SearchArguments& arguments);

// Throws UsageError for an axis or a value that `--only` does not know, and for a runtime whose
// stages must be equal.
SearchOptions search_options(const SearchArguments& arguments, const Runtime& runtime);

// None: no limit. Throws UsageError for what is no time.
std::optional<Seconds> time_limit(const SearchArguments& arguments);

}  // namespace galvatron
