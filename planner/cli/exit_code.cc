#include "planner/cli/exit_code.h"

#include "planner/search/plan_search.h"

namespace galvatron {

ExitCode exit_code_of(SearchEnd end) {
  switch (end) {
    case SearchEnd::finished:
      return ExitCode::ok;
    case SearchEnd::time_limit:
      return ExitCode::time_limit;
    case SearchEnd::interrupted:
      return ExitCode::interrupted;
  }
  return ExitCode::internal_error;
}

}  // namespace galvatron
