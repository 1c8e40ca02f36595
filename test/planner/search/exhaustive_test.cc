// The search against exhaustive enumeration on random small problems. GALVATRON_SEARCH_INSTANCES
// sets how many (10,000 unless set), GALVATRON_SEARCH_SEED where they start.
#include "test/planner/search/exhaustive.h"

#include <cstdlib>
#include <string>

#include "planner/search/search.h"
#include "test/catch.h"
#include "test/planner/search/random_problem.h"

namespace galvatron::search {
namespace {

std::int64_t number_from_environment(const char* name, std::int64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::stoll(text);
}

struct Instance {
  std::vector<Problem> problems;
  std::optional<Time> optimum;
};

// Empty when the search kept its promises, otherwise what it broke.
std::string fault_of_plan(const Instance& instance, const SearchResult& result) {
  const Problem& problem = instance.problems[result.plan->candidate];
  const PricedPlan priced = price_plan(problem, result.plan->assignment);
  if (priced.total != result.plan->cost.total) return "the plan costs something else";
  if (priced.peak > problem.memory_budget) return "the plan does not fit";
  if (priced.total < *instance.optimum) return "the plan beats the optimum";
  if (result.lower_bound > *instance.optimum) return "the bound exceeds the optimum";
  return "";
}

std::string fault_of_optimum(const Instance& instance, const SearchResult& result) {
  if (!instance.optimum) {
    if (result.outcome != Outcome::no_plan) return "a plan where none fits";
    return result.lower_bound == kUnlimited ? "" : "infeasible without proof";
  }
  if (result.outcome != Outcome::solved) return "no plan where one fits";
  if (result.plan->cost.total != *instance.optimum) {
    return "expected " + std::to_string(*instance.optimum) + ", got " +
           std::to_string(result.plan->cost.total);
  }
  if (result.gap != 0) return "an optimum with a gap";
  return fault_of_plan(instance, result);
}

std::string fault_with_incumbents(const Instance& instance) {
  const std::vector<Candidate> candidates = candidates_of(instance.problems);
  const Time optimum = *instance.optimum;
  const SearchResult none = search(candidates, {.gap = 0, .upper_bound = optimum});
  if (none.outcome != Outcome::no_plan || none.lower_bound < optimum) {
    return "something below the optimum";
  }
  const std::string fault =
      fault_of_optimum(instance, search(candidates, {.gap = 0, .upper_bound = optimum + 1}));
  return fault.empty() ? "" : "with the optimum as limit: " + fault;
}

std::string fault_with_gap(const Instance& instance, double gap) {
  const SearchResult result = search(candidates_of(instance.problems), {.gap = gap});
  if (result.outcome != Outcome::solved) return "no plan within a gap";
  if (result.gap > gap) return "a gap of " + std::to_string(result.gap);
  return fault_of_plan(instance, result);
}

// One byte below the peak of the optimal plan the optimum is another one or costs as much; at the
// peak it stays.
std::string fault_at_the_edge(const Instance& instance, const Assignment& plan,
                              std::size_t candidate) {
  const Size peak = price_plan(instance.problems[candidate], plan).peak;
  for (const Size budget : {peak, peak - 1}) {
    Instance edge = instance;
    if (budget < 0) continue;
    for (Problem& problem : edge.problems) problem.memory_budget = budget;
    edge.optimum = exhaustive_optimum(edge.problems);
    if (budget == peak && edge.optimum != instance.optimum) return "the oracle contradicts itself";
    const std::string fault =
        fault_of_optimum(edge, search(candidates_of(edge.problems), {.gap = 0}));
    if (!fault.empty()) return "with budget " + std::to_string(budget) + ": " + fault;
  }
  return "";
}

std::string first_fault(std::uint64_t seed) {
  Dice dice(seed);
  Instance instance{.problems = random_problems(dice), .optimum = {}};
  instance.optimum = exhaustive_optimum(instance.problems);
  const SearchResult exact = search(candidates_of(instance.problems), {.gap = 0});
  std::string fault = fault_of_optimum(instance, exact);
  if (!fault.empty() || !instance.optimum) return fault;
  fault = fault_with_incumbents(instance);
  if (!fault.empty()) return fault;
  fault = fault_with_gap(instance, 0.05);
  if (!fault.empty()) return fault;
  if (seed % 4 != 0) return "";
  return fault_at_the_edge(instance, exact.plan->assignment, exact.plan->candidate);
}

}  // namespace

TEST_CASE("the search finds the optimum that exhaustive enumeration finds") {
  const std::int64_t count = number_from_environment("GALVATRON_SEARCH_INSTANCES", 10'000);
  const std::int64_t first = number_from_environment("GALVATRON_SEARCH_SEED", 1);
  for (std::int64_t seed = first; seed < first + count; ++seed) {
    const std::string fault = first_fault(static_cast<std::uint64_t>(seed));
    INFO("seed " << seed << ": " << fault);
    REQUIRE(fault.empty());
  }
}

}  // namespace galvatron::search
