#include "planner/cli/search_arguments.h"

#include <fmt/format.h>

#include "planner/cli/arguments.h"
#include "planner/cli/failure.h"
#include "planner/cli/validators.h"
#include "planner/files/quantity.h"
#include "planner/search/space.h"

namespace galvatron {

void add_search_options(CLI::App& command, SearchArguments& arguments) {
  command.add_option("--only", arguments.only, "keep an axis to these values: AXIS=V[,V...]")
      ->take_all()
      ->delimiter('\0');
  command
      .add_option("--gap", arguments.gap,
                  fmt::format("stop at this certified gap, by default {}; 0: the optimum",
                              SearchOptions{}.gap))
      ->check(share_of_one());
  command.add_option("--time-limit", arguments.time_limit,
                     "stop with what is found until then: 30s");
  command.add_option("--threads", arguments.threads, "threads of the search")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
}

SearchOptions search_options(const SearchArguments& arguments, const Runtime& runtime) {
  SearchOptions options{.only = {}, .gap = arguments.gap.value_or(SearchOptions{}.gap)};
  for (const std::string& text : arguments.only)
    options.only.push_back(parse_restriction("--only", text));
  const SpaceReading reading = read_space(options.only, runtime);
  if (!reading.problems.empty()) {
    throw UsageError("--only: " + reading.problems.front().message, reading.problems.front().hint);
  }
  return options;
}

std::optional<Seconds> time_limit(const SearchArguments& arguments) {
  if (arguments.time_limit.empty()) return std::nullopt;
  const std::optional<Seconds> limit = parse_seconds(arguments.time_limit);
  if (!limit) {
    throw UsageError("--time-limit must be a time like 30s or 2min, got " + arguments.time_limit);
  }
  return limit;
}

}  // namespace galvatron
