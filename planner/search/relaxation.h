// Where nothing fits: the least changes of the request under which something does.
//
// Every change stands alone and is proved by a plan that fits once it is made, so that whoever
// makes it gets a plan. In order of how much it changes what is trained and on what:
//   the budget         the least in which a plan fits, to the byte; last where no device has it
//   the restrictions   an axis of `--only` left free: recomputation, then micro-batches, then the
//                      others; all of them where no single one is enough
//   the global batch   the largest smaller one tried: multiples of what the devices divide by, then
//                      halves
//   the nodes          doubled until a plan fits, then the counts between the last two
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "planner/search/plan_search.h"

namespace galvatron {

enum class RelaxedInput { memory_budget, restrictions, global_batch, nodes };

struct Relaxation {
  RelaxedInput input = RelaxedInput::memory_budget;
  std::int64_t value = 0;         // bytes, samples or nodes; 0 for restrictions
  std::vector<std::string> axes;  // of restrictions: those to leave free

  bool operator==(const Relaxation&) const = default;
};

struct Relaxations {
  std::vector<Relaxation> found;
  bool is_complete = true;  // false: time ended it, there may be more
};

// Requires a request for which search_plan found that nothing fits.
struct RelaxationControl {
  std::optional<Seconds> time_limit{};
  std::function<bool()> interrupted{};  // polled; empty: never
};
Relaxations find_relaxations(const SearchRequest& request, const RelaxationControl& control);

}  // namespace galvatron
