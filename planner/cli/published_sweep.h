// The points of a sweep with a published profile: each by the published search.
#pragma once

#include <cstdint>
#include <vector>

#include "planner/cli/arguments.h"
#include "planner/cli/search_arguments.h"
#include "planner/search/sweep.h"

namespace galvatron {

struct PublishedSweepArguments {
  InputArguments inputs;  // what was given; `nodes` set: refused
  SearchArguments search;
  std::vector<std::int64_t> global_batches;
};

// What takes the place of search_plan, and the options that its plans carry.
struct PublishedPoints {
  SearchOptions options;
  PointSearch search;
};

// `inputs` are those of any one point. Throws as published_options and published_request do.
PublishedPoints published_points(const PublishedSweepArguments& arguments, PlanningInputs inputs);

}  // namespace galvatron
