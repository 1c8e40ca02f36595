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
  std::vector<std::vector<Problem>> problems;  // [candidate][member]
  std::vector<Candidate> candidates;
  std::optional<Time> optimum;
};

Instance instance_of(const std::vector<Problem>& problems) {
  Instance instance{.candidates = candidates_of(problems), .optimum = exhaustive_optimum(problems)};
  for (const Problem& problem : problems) instance.problems.push_back({problem});
  return instance;
}

Instance instance_of(const std::vector<ProblemFamily>& families) {
  Instance instance{.candidates = candidates_of(families)};
  std::vector<Problem> all;
  for (const ProblemFamily& family : families) {
    instance.problems.push_back(family.members);
    all.insert(all.end(), family.members.begin(), family.members.end());
  }
  instance.optimum = exhaustive_optimum(all);
  return instance;
}

// Empty when the search kept its promises, otherwise what it broke.
std::string fault_of_plan(const Instance& instance, const SearchResult& result) {
  const Problem& problem = instance.problems[result.plan->candidate][result.plan->member];
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
  const std::vector<Candidate>& candidates = instance.candidates;
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
  const SearchResult result = search(instance.candidates, {.gap = gap});
  if (result.outcome != Outcome::solved) return "no plan within a gap";
  if (result.gap > gap) return "a gap of " + std::to_string(result.gap);
  return fault_of_plan(instance, result);
}

// One byte below the peak of the optimal plan the optimum is another one or costs as much; at the
// peak it stays.
std::string fault_at_the_edge(const std::vector<Problem>& problems, const Plan& plan) {
  const Problem& best = problems[plan.candidate];
  const Size peak = price_plan(best, plan.assignment).peak;
  for (const Size budget : {peak, peak - 1}) {
    if (budget < 0) continue;
    std::vector<Problem> edge = problems;
    for (Problem& problem : edge) problem.memory_budget = budget;
    const Instance instance = instance_of(edge);
    if (budget == peak && instance.optimum != plan.cost.total)
      return "the oracle contradicts itself";
    const std::string fault = fault_of_optimum(instance, search(instance.candidates, {.gap = 0}));
    if (!fault.empty()) return "with budget " + std::to_string(budget) + ": " + fault;
  }
  return "";
}

std::string first_fault(const Instance& instance) {
  const std::string fault = fault_of_optimum(instance, search(instance.candidates, {.gap = 0}));
  if (!fault.empty() || !instance.optimum) return fault;
  const std::string limited = fault_with_incumbents(instance);
  return limited.empty() ? fault_with_gap(instance, 0.05) : limited;
}

std::string first_fault(std::uint64_t seed) {
  Dice dice(seed);
  const std::vector<Problem> problems = random_problems(dice);
  const Instance instance = instance_of(problems);
  const std::string fault = first_fault(instance);
  if (!fault.empty()) return fault;
  if (seed % 4 == 0 && instance.optimum) {
    return fault_at_the_edge(problems, *search(instance.candidates, {.gap = 0}).plan);
  }
  if (seed % 4 != 1) return "";
  const std::string of_families = first_fault(instance_of(families_of(problems)));
  return of_families.empty() ? "" : "as families: " + of_families;
}

void check_seeds(std::int64_t first, std::int64_t count) {
  for (std::int64_t seed = first; seed < first + count; ++seed) {
    const std::string fault = first_fault(static_cast<std::uint64_t>(seed));
    INFO("seed " << seed << ": " << fault);
    REQUIRE(fault.empty());
  }
}

}  // namespace

TEST_CASE("the search finds the optimum that exhaustive enumeration finds") {
  check_seeds(number_from_environment("GALVATRON_SEARCH_SEED", 1),
              number_from_environment("GALVATRON_SEARCH_INSTANCES", 10'000));
}

// In these a proof of the first stage that prices rounded up is used at another slowest stage.
TEST_CASE("proofs by prices keep their truth elsewhere") {
  for (const std::int64_t seed : {32577, 34188, 35841}) check_seeds(seed, 1);
}

// Here the bound of a cell rises by a little with every little cut of its cap.
TEST_CASE("cells are closed in few steps where their bound hardly moves") {
  Dice dice(70238);
  const SearchResult result = search(candidates_of(random_problems(dice)), {.gap = 0});
  CHECK(result.outcome == Outcome::solved);
  CHECK(result.statistics.cells < 2'000);
}

TEST_CASE("the search agrees with enumeration on many more problems", "[.nightly]") {
  check_seeds(1, 100'000);
}

}  // namespace galvatron::search
