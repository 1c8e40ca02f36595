#include "test/planner/search/trial.h"

#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "planner/search/least_time.h"
#include "planner/search/search.h"
#include "test/planner/search/exhaustive.h"
#include "test/planner/search/random_problem.h"

namespace galvatron::search {
namespace {

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

std::string fault_with_limits(const Instance& instance) {
  const Time optimum = *instance.optimum;
  const SearchResult none = search(instance.candidates, {.gap = 0, .upper_bound = optimum});
  if (none.outcome != Outcome::no_plan || none.lower_bound < optimum) {
    return "something below the optimum";
  }
  const SearchResult found = search(instance.candidates, {.gap = 0, .upper_bound = optimum + 1});
  const std::string fault = fault_of_optimum(instance, found);
  return fault.empty() ? "" : "with the optimum as limit: " + fault;
}

std::string fault_with_gap(const Instance& instance, double gap) {
  const SearchResult result = search(instance.candidates, {.gap = gap});
  if (result.outcome != Outcome::solved) return "no plan within a gap";
  if (result.gap > gap) return "a gap of " + std::to_string(result.gap);
  return fault_of_plan(instance, result);
}

std::string fault_of(const Instance& instance) {
  const std::string fault = fault_of_optimum(instance, search(instance.candidates, {.gap = 0}));
  if (!fault.empty() || !instance.optimum) return fault;
  const std::string limited = fault_with_limits(instance);
  if (!limited.empty()) return limited;
  for (const double gap : {0.05, 0.002}) {
    const std::string wide = fault_with_gap(instance, gap);
    if (!wide.empty()) return wide + " of at most " + std::to_string(gap);
  }
  return "";
}

std::string named(const std::string& how, const std::string& fault) {
  return fault.empty() ? "" : how + ": " + fault;
}

void set_budget(Problem& problem, Size budget) { problem.memory_budget = budget; }

void set_budget(ProblemFamily& family, Size budget) {
  family.list.memory_budget = budget;
  for (Problem& member : family.members) member.memory_budget = budget;
}

// One byte below the peak of the optimal plan the optimum is another one or costs as much; at the
// peak it stays. `Choices`: problems or families of them.
template <typename Choices>
std::string fault_at_the_edge(const Choices& choices) {
  const Instance instance = instance_of(choices);
  if (!instance.optimum) return "";
  const Plan plan = *search(instance.candidates, {.gap = 0}).plan;
  const Problem& best = instance.problems[plan.candidate][plan.member];
  const Size peak = price_plan(best, plan.assignment).peak;
  for (const Size budget : {peak - 1, peak, peak + 1}) {
    if (budget < 0) continue;
    Choices edge = choices;
    for (auto& choice : edge) set_budget(choice, budget);
    const Instance limited = instance_of(edge);
    if (budget == peak && limited.optimum != plan.cost.total) return "enumeration is inconsistent";
    const std::string fault = fault_of_optimum(limited, search(limited.candidates, {.gap = 0}));
    if (!fault.empty()) return named("with a budget of " + std::to_string(budget), fault);
  }
  return "";
}

std::function<std::vector<Member>()> with_bounds(std::function<std::vector<Member>()> members) {
  if (!members) return {};
  return [members = std::move(members)] {
    std::vector<Member> bounded = members();
    for (Member& member : bounded) member.bound = least_time(member.build());
    return bounded;
  };
}

// As the planner calls the search: every problem comes with a bound that ignores memory.
std::string fault_with_bounds(Instance instance) {
  for (Candidate& candidate : instance.candidates) {
    candidate.bound = least_time(candidate.build());
    candidate.members = with_bounds(std::move(candidate.members));
  }
  return fault_of_optimum(instance, search(instance.candidates, {.gap = 0, .threads = 2}));
}

std::string fault_of_families(const std::vector<ProblemFamily>& families, bool at_the_edge) {
  const Instance instance = instance_of(families);
  std::string fault = fault_of(instance);
  if (!fault.empty()) return fault;
  fault = fault_with_bounds(instance);
  if (!fault.empty()) return named("with given bounds", fault);
  return at_the_edge ? fault_at_the_edge(families) : "";
}

std::string fault_with_cuts(std::vector<Problem> problems, Dice& dice) {
  for (Problem& problem : problems) roll_cut(dice, problem);
  const std::string fault = fault_of(instance_of(problems));
  return fault.empty() ? fault_at_the_edge(problems) : fault;
}

std::string fault_with_bonds(std::vector<Problem> problems, Dice& dice) {
  for (Problem& problem : problems) roll_bonds(dice, problem);
  const std::string fault = fault_of(instance_of(problems));
  return fault.empty() ? fault_at_the_edge(problems) : fault;
}

std::string fault_with_cuts_or_bonds(const std::vector<Problem>& problems, Dice& dice) {
  const std::string fault = named("with given cuts", fault_with_cuts(problems, dice));
  return fault.empty() ? named("with bonds", fault_with_bonds(problems, dice)) : fault;
}

}  // namespace

std::string fault_of_trial(std::uint64_t seed) {
  Dice dice(seed);
  const std::vector<Problem> problems = random_problems(dice);
  const Instance instance = instance_of(problems);
  const std::string fault = fault_of(instance);
  if (!fault.empty()) return fault;
  switch (seed % 4) {
    case 0:
      return fault_at_the_edge(problems);
    case 1:
      return named("as families", fault_of_families(families_of(problems, dice), seed % 8 == 1));
    case 2:
      return named("with given bounds", fault_with_bounds(instance));
    default:
      return fault_with_cuts_or_bonds(problems, dice);
  }
}

}  // namespace galvatron::search
