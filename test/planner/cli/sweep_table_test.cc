#include "planner/cli/sweep_table.h"

#include "test/catch.h"
#include "test/planner/cli/tiny_plan.h"

namespace galvatron {
namespace {

// A plan, nothing that fits, and a point that was not reached.
SweepOutcome three_points() {
  const SweepPoint planned{.devices = 4,
                           .global_batch = 4,
                           .memory_budget = kMiB * 8,
                           .origin = SweepOrigin::larger_budget,
                           .plan = tiny_plan(),
                           .is_pareto = true};
  const SweepPoint nothing{.devices = 4,
                           .global_batch = 4,
                           .memory_budget = kMiB * 2,
                           .origin = SweepOrigin::searched,
                           .shortfalls = {{.pipeline = 2,
                                           .micro_batches = 4,
                                           .stage = 1,
                                           .least = kMiB * 3,
                                           .category = "states"}}};
  const SweepPoint unknown{.nodes = 2,
                           .devices = 8,
                           .global_batch = 4,
                           .memory_budget = kMiB * 8,
                           .end = SearchEnd::time_limit};
  return {.points = {nothing, planned, unknown},
          .end = SearchEnd::time_limit,
          .statistics = {.searches = 1, .kept_plans = 1, .known_infeasible = 0, .pairs = 6},
          .elapsed = {0.5}};
}

TEST_CASE("a sweep is printed as one line per point") {
  CHECK(
      sweep_text(three_points()) ==
      R"(   nodes  devices  batch    budget  samples/s     step      peak  stages x micro-batches  gap  strategy of most layers
       1        4      4  2.00 MiB                                                             nothing fits; pipeline 2: stage 1 needs at least 3.00 MiB (in 4 micro-batches, most of it states)
*      1        4      4  8.00 MiB        400  10.0 ms  4.00 MiB  2 x 2                   5 %  data 2, ZeRO 1, recompute full (2 of 4 layers)
       2        8      4  8.00 MiB                                                             not reached in time

* no other point has more samples/s with no more memory and devices
3 points in 500 ms: 1 searched, 1 kept the plan of a larger budget, 0 known not to fit from a larger budget
)");
}

TEST_CASE("the table as CSV has a name for every cell and quotes what holds a comma") {
  CHECK(sweep_csv(three_points()) ==
        "nodes,devices,global_batch,memory_budget_bytes,outcome,origin,pareto_optimal,"
        "samples_per_second,step_seconds,closed_form_seconds,peak_bytes,schedule,pipeline,"
        "micro_batches,strategy,optimal,lower_bound_seconds,gap,reason\n"
        "1,4,4,2097152,infeasible,searched,false,,,,,,,,,,,,\"nothing fits; pipeline 2: stage 1 "
        "needs at least 3.00 MiB (in 4 micro-batches, most of it states)\"\n"
        "1,4,4,8388608,plan,larger_budget,true,400.0,0.01,0.011,4194304,1f1b,2,2,"
        "\"data 2, ZeRO 1, recompute full (2 of 4 layers)\",false,0.0105,0.05,\n"
        "2,8,4,8388608,not_reached,none,false,,,,,,,,,,,,not reached in time\n");
}

TEST_CASE("the table as JSON leaves out what a point does not have") {
  const Json json = sweep_json(three_points());
  REQUIRE(json["points"].size() == 3);
  CHECK(json["points"][1]["samples_per_second"] == 400.0);
  CHECK(json["points"][1]["pareto_optimal"] == true);
  CHECK_FALSE(json["points"][1].contains("reason"));
  CHECK_FALSE(json["points"][2].contains("samples_per_second"));
  CHECK(json["points"][2]["reason"] == "not reached in time");
  CHECK(json["sweep"] == Json{{"points", 3},
                              {"searches", 1},
                              {"kept_plans", 1},
                              {"known_infeasible", 0},
                              {"pairs", 6}});
}

}  // namespace
}  // namespace galvatron
