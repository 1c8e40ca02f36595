#include "planner/search/problem.h"

#include <functional>
#include <stdexcept>
#include <string>

#include "test/catch.h"

namespace galvatron::search {
namespace {

// Two layers of one type with two layouts; the second layout is slower and smaller.
Problem two_layers() {
  return {.micro_batches = 4,
          .layouts = 2,
          .types = {{.options = {{.layout = 0,
                                  .time = 30,
                                  .backward = 20,
                                  .sync = 50,
                                  .optimizer = 3,
                                  .states = 100,
                                  .activations = 10,
                                  .transient = 5},
                                 {.layout = 1,
                                  .time = 40,
                                  .backward = 25,
                                  .sync = 5,
                                  .optimizer = 7,
                                  .states = 60,
                                  .activations = 8,
                                  .transient = 9}},
                     .enter = {{.time = 1, .transient = 2}, {.time = 2, .transient = 30}},
                     .leave = {{.time = 3, .transient = 2}, {.time = 4, .transient = 2}}}},
          .layers = {0, 0},
          .switches = {{{{}, {.time = 6, .transient = 12}, {.time = 7, .transient = 13}, {}}}},
          .stages = one_forward_one_backward_stages(1, 4, 1000),
          .memory_budget = 1300,
          .constant_time = 11};
}

std::string error_of(const std::function<void(Problem&)>& spoil) {
  Problem problem = two_layers();
  spoil(problem);
  try {
    require_valid(problem);
  } catch (const std::exception& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a lone stage pays its tolls, its sync and its optimizer") {
  // t = enter 1 + 30 + switch 0->1 6 + 40 + leave 4 = 81; T = 4 x 81 + (50 + 5) + (3 + 7) + 11 =
  // 400.
  const PlanCost cost = cost_of(two_layers(), {.stage_begin = {0}, .option = {0, 1}});
  CHECK(cost.total == 400);
  // One micro-batch in flight: 1000 + 160 + 18 + the largest transient, that of the switch.
  CHECK(cost.stages == std::vector<StageCost>{{.time = 81,
                                               .backward = 45,
                                               .sync = 55,
                                               .optimizer = 10,
                                               .states = 160,
                                               .activations = 18,
                                               .transient = 12,
                                               .fixed = 1000}});
  CHECK(peak_bytes(cost.stages.front()) == 1190);
  CHECK(fits(two_layers(), cost));
}

TEST_CASE("the backward time of earlier stages hides the sync of later ones") {
  Problem problem = two_layers();
  problem.stages = one_forward_one_backward_stages(2, 4, 0);
  // t_0 = 2 + 40 + 4 = 46, t_1 = 1 + 30 + 3 = 34: 80 + 3 x 46. Sync: stage 0 exposes 5, stage 1
  // 50 - 25 = 25. Optimizer: max(7, 3). T = 80 + 138 + 25 + 7 + 11 = 261.
  const PlanCost cost = cost_of(problem, {.stage_begin = {0, 1}, .option = {1, 0}});
  CHECK(cost.total == 261);
  // The first stage holds two micro-batches, the second one.
  CHECK(cost.stages[0].activations == 16);
  CHECK(cost.stages[1].activations == 10);
}

TEST_CASE("a budget one byte below the peak does not fit") {
  Problem problem = two_layers();
  const PlanCost cost = cost_of(problem, {.stage_begin = {0}, .option = {0, 1}});
  problem.memory_budget = 1190;
  CHECK(fits(problem, cost));
  problem.memory_budget = 1189;
  CHECK_FALSE(fits(problem, cost));
}

TEST_CASE("GPipe holds all micro-batches, 1F1B as many as there are stages to come") {
  CHECK(gpipe_stages(2, 3, 9) == std::vector<StageShape>{{.in_flight = 3, .fixed_bytes = 9},
                                                         {.in_flight = 3, .fixed_bytes = 9}});
  CHECK(one_forward_one_backward_stages(3, 2, 9) ==
        std::vector<StageShape>{{.in_flight = 2, .fixed_bytes = 9},
                                {.in_flight = 2, .fixed_bytes = 9},
                                {.in_flight = 1, .fixed_bytes = 9}});
}

TEST_CASE("a stage keeps a bond if it holds both layers or neither, or not both") {
  const Bond together{.one = 1, .other = 3, .together = true}, apart{.one = 1, .other = 3};
  CHECK(keeps(together, 1, 4));
  CHECK(keeps(together, 4, 6));
  CHECK_FALSE(keeps(together, 0, 3));
  CHECK_FALSE(keeps(together, 2, 4));
  CHECK(keeps(apart, 0, 3));
  CHECK(keeps(apart, 2, 4));
  CHECK_FALSE(keeps(apart, 1, 4));
}

TEST_CASE("there may be no cut that keeps all bonds") {
  Problem problem = two_layers();
  problem.stages = gpipe_stages(2, 1, 0);
  CHECK(has_cut(problem));
  problem.bonds = {{.one = 0, .other = 1}};
  CHECK(has_cut(problem));
  problem.bonds = {{.one = 0, .other = 1, .together = true}};
  CHECK_FALSE(has_cut(problem));
}

TEST_CASE("an invalid problem is refused by name") {
  CHECK(error_of([](Problem&) {}).empty());
  CHECK(error_of([](Problem& p) { p.types[0].options[1].layout = 2; }) ==
        "search problem: layout must be below 2, got 2");
  CHECK(error_of([](Problem& p) { p.types[0].options[0].backward = 31; }) ==
        "search problem: backward is part of time and must not exceed it");
  CHECK(error_of([](Problem& p) { p.types[0].enter.pop_back(); }) ==
        "search problem: enter must have 2 tolls, got 1");
  CHECK(error_of([](Problem& p) { p.switches[0].tolls.pop_back(); }) ==
        "search problem: a switch table must have 4 tolls, got 3");
  CHECK(error_of([](Problem& p) { p.layers[1] = 1; }) ==
        "search problem: layer type 1 does not exist");
  CHECK(error_of([](Problem& p) { p.stage_begin.resize(p.stages.size() + 1); }) ==
        "search problem: a given cut must have all stages");
  CHECK(error_of([](Problem& p) { p.stage_begin.assign(p.stages.size(), 1); }) ==
        "search problem: the first stage must begin with the first layer");
  CHECK(error_of([](Problem& p) {
          p.stages = gpipe_stages(2, 1, 0);
          p.stage_begin = {0, 0};
        }) == "search problem: every stage of a given cut must hold a layer");
  CHECK(error_of([](Problem& p) { p.bonds = {{.one = 0, .other = 1}}; }) ==
        "search problem: bonds need several stages");
  CHECK(error_of([](Problem& p) {
          p.stages = gpipe_stages(2, 1, 0);
          p.bonds = {{.one = 0, .other = 2}};
        }) == "search problem: a bond must be between two layers");
  CHECK(error_of([](Problem& p) { p.stages = gpipe_stages(3, 1, 0); }) ==
        "search problem: there are fewer layers than stages");
  CHECK(error_of([](Problem& p) { p.types[0].options[0].time = Time{1} << 59; }) ==
        "search problem: the slowest step exceeds 2^61 ps (27 days)");
  CHECK(error_of([](Problem& p) { p.types[0].options[0].states = Size{1} << 61; }) ==
        "search problem: the bytes of a stage exceed 2^61");
}

}  // namespace galvatron::search
