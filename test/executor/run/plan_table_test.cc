// The table of plans covers every pair of values of its axes that any plan can have.
#include "test/executor/run/plan_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "planner/plan/structure.h"
#include "test/catch.h"

namespace galvatron {
namespace {

constexpr int kMostRanks = 8;
constexpr std::size_t kAxes = 8;

// The values of (tensor, pipeline, zero, sequence_parallel, recompute, schedule, order, mixed) that
// meet in one layer of one plan, as text.
using Values = std::array<std::string, kAxes>;

Values values_of(const Strategy& strategy, int pipeline, Schedule schedule, bool mixed) {
  return {fmt::format("tensor {}", strategy.tensor),
          fmt::format("pipeline {}", pipeline),
          fmt::format("zero {}", static_cast<int>(strategy.zero)),
          strategy.sequence_parallel ? "sequence parallel" : "not sequence parallel",
          fmt::format("recompute {}", name_of(kRecomputeNames, strategy.recompute)),
          std::string(name_of(kScheduleNames, schedule)),
          std::string(name_of(kOrderNames, strategy.order)),
          mixed ? "mixed" : "uniform"};
}

void insert_pairs(const Values& values, std::set<std::string>& pairs) {
  for (std::size_t a = 0; a < kAxes; ++a) {
    for (std::size_t b = a + 1; b < kAxes; ++b) pairs.insert(values[a] + ", " + values[b]);
  }
}

// Every strategy of a stage of `devices`.
std::vector<Strategy> strategies_on(int devices) {
  std::vector<Strategy> found;
  for (int tensor = 1; tensor <= devices; tensor *= 2) {
    const int data = devices / tensor;
    for (const Order order : {Order::tensor_inner, Order::data_inner}) {
      if (order == Order::data_inner && (tensor == 1 || data == 1)) continue;
      for (const Zero zero : {Zero::none, Zero::optimizer, Zero::gradients, Zero::parameters}) {
        if (zero != Zero::none && data == 1) continue;
        for (const bool sequence_parallel : {false, true}) {
          if (sequence_parallel && tensor == 1) continue;
          for (const auto& [recompute, name] : kRecomputeNames) {
            if (recompute == Recompute::op) continue;  // priced only
            found.push_back({.tensor = tensor,
                             .data = data,
                             .order = order,
                             .zero = zero,
                             .sequence_parallel = sequence_parallel,
                             .recompute = recompute});
          }
        }
      }
    }
  }
  return found;
}

std::set<std::string> possible_pairs() {
  std::set<std::string> pairs;
  for (int ranks = 1; ranks <= kMostRanks; ranks *= 2) {
    for (int pipeline = 1; pipeline <= ranks; pipeline *= 2) {
      for (const Strategy& strategy : strategies_on(ranks / pipeline)) {
        for (const auto& [schedule, name] : kScheduleNames) {
          insert_pairs(values_of(strategy, pipeline, schedule, false), pairs);
          insert_pairs(values_of(strategy, pipeline, schedule, true), pairs);
        }
      }
    }
  }
  return pairs;
}

bool is_mixed(const Plan& plan) {
  return std::any_of(plan.strategies.begin(), plan.strategies.end(),
                     [&](const Strategy& strategy) { return strategy != plan.strategies.front(); });
}

TEST_CASE("every possible pair of values is in a tested plan") {
  std::set<std::string> missing = possible_pairs();
  for (const PlanRow& row : plan_rows()) {
    const Plan plan = make_plan(row);
    std::set<std::string> present;
    for (const Strategy& strategy : plan.strategies) {
      insert_pairs(values_of(strategy, pipeline_degree(plan), plan.schedule, is_mixed(plan)),
                   present);
    }
    for (const std::string& pair : present) missing.erase(pair);
  }
  for (const std::string& pair : missing) FAIL_CHECK("in no plan: " << pair);
}

TEST_CASE("the tested plans are at least 24, all executable") {
  CHECK(plan_rows().size() >= 24);
  for (const PlanRow& row : plan_rows()) {
    INFO(row.name);
    const Plan plan = make_plan(row);
    for (const StructureProblem& problem : check_structure(plan, build_layer_graph(plan.model))) {
      FAIL_CHECK(to_text(problem));
    }
    CHECK(plan.devices <= kMostRanks);
  }
}

}  // namespace
}  // namespace galvatron
