// Requests as `galvatron plan` makes them, from the examples and the profiles.
#pragma once

#include <string>

#include "planner/search/plan_search.h"

namespace galvatron {

struct ExampleJob {
  std::string model;     // "gpt2/tiny"
  std::string hardware;  // "cpu_local"
  std::int64_t global_batch = 1;
  Bytes memory_budget{};
};

// bf16 where the hardware has it; no restrictions, gap 0.001.
SearchRequest example_request(const ExampleJob& job);

}  // namespace galvatron
