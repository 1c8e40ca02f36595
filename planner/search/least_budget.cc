#include "planner/search/least_budget.h"

#include <algorithm>
#include <vector>

#include "planner/search/least_memory.h"
#include "planner/search/least_time.h"
#include "planner/search/search.h"

namespace galvatron {
namespace {

using search::kUnlimited;
using search::Size;

// More than any device has, and far from the end of 64 bits.
constexpr Size kAnyBudget = Size{1} << 50;

struct Interrupted {};

struct BoundedList {
  Instance list;
  Size least = 0;  // no plan of it needs less
};

Size least_of(const search::Problem& problem) {
  return search::total(search::least_memory(problem));
}

// By the least that any plan of them needs. Throws Interrupted.
std::vector<BoundedList> bounded_lists(const PricingInputs& inputs,
                                       const std::function<bool()>& stop) {
  std::vector<BoundedList> lists;
  for (const PipelineChoice& choice : pipeline_choices(inputs)) {
    if (stop && stop()) throw Interrupted{};
    std::optional<Instance> list = price_list(inputs, choice);
    if (!list) continue;
    const Size least = least_of(list->problem);
    lists.push_back({std::move(*list), least});
  }
  std::stable_sort(
      lists.begin(), lists.end(),
      [](const BoundedList& one, const BoundedList& other) { return one.least < other.least; });
  return lists;
}

Size peak_of(const search::PlanCost& cost) {
  Size peak = 0;
  for (const search::StageCost& stage : cost.stages) {
    peak = std::max(peak, search::peak_bytes(stage));
  }
  return peak;
}

// Searches that stop at their first plan. All throw Interrupted.
class FirstPlans {
 public:
  explicit FirstPlans(const std::function<bool()>& stop) : stop_(stop) {}

  // The least budget of the problem if it is below `limit`, else `limit`. No plan needs less than
  // `least`.
  Size least_budget(search::Problem problem, Size least, Size limit) const {
    if (least >= limit) return limit;
    if (peak_within(problem, least)) return least;
    Size none_fits = least;
    Size fits =
        std::min(limit, peak_within(problem, std::min(limit - 1, kAnyBudget)).value_or(limit));
    while (fits < limit && none_fits + 1 < fits) {
      const Size middle = none_fits + (fits - none_fits) / 2;
      if (const std::optional<Size> peak = peak_within(problem, middle)) {
        fits = *peak;
      } else {
        none_fits = middle;
      }
    }
    return fits;
  }

  // What some plan needs that fits in `budget`.
  std::optional<Size> peak_within(search::Problem& problem, Size budget) const {
    problem.memory_budget = budget;
    const search::SearchResult result =
        search::search({{.pipeline = static_cast<int>(problem.stages.size()),
                         .bound = search::least_time(problem),
                         .build = [&problem] { return problem; }}},
                       {.gap = 1, .stop = stop_});
    if (result.outcome == search::Outcome::interrupted) throw Interrupted{};
    if (!result.plan) return std::nullopt;
    return peak_of(result.plan->cost);
  }

 private:
  const std::function<bool()>& stop_;
};

}  // namespace

std::optional<Bytes> least_budget(const PricingInputs& inputs, const std::function<bool()>& stop) {
  const FirstPlans first_plans(stop);
  Size least = kUnlimited;
  try {
    for (const BoundedList& bounded : bounded_lists(inputs, stop)) {
      if (bounded.least >= least) break;
      for (Instance& instance : problems_of(bounded.list, inputs)) {
        const Size bound = least_of(instance.problem);
        least = first_plans.least_budget(std::move(instance.problem), bound, least);
      }
    }
  } catch (const Interrupted&) {
    return std::nullopt;
  }
  if (least == kUnlimited) return std::nullopt;
  return Bytes{least};
}

bool has_plan(const PricingInputs& inputs, const std::function<bool()>& stop) {
  const FirstPlans first_plans(stop);
  const Size budget = inputs.inputs.memory_budget.value;
  try {
    for (const BoundedList& bounded : bounded_lists(inputs, stop)) {
      if (bounded.least > budget) break;
      for (Instance& instance : problems_of(bounded.list, inputs)) {
        if (least_of(instance.problem) > budget) continue;
        if (first_plans.peak_within(instance.problem, budget)) return true;
      }
    }
  } catch (const Interrupted&) {
  }
  return false;
}

}  // namespace galvatron
