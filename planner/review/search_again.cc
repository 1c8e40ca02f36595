#include "planner/review/search_again.h"

#include <utility>

#include "planner/review/published_answer.h"
#include "planner/search/published_search.h"

namespace galvatron {
namespace {

Answer answer_of(SearchOutcome outcome) {
  return {.plan = std::move(outcome.plan),
          .shortfalls = std::move(outcome.shortfalls),
          .end = outcome.end};
}

}  // namespace

Answer search_again(const Plan& plan, const PlanInputs& inputs, const SearchControl& control) {
  if (control.interrupted && control.interrupted()) return {.end = SearchEnd::interrupted};
  if (inputs.hardware.published) return published_answer(plan, inputs);
  const SearchRequest request{.model = plan.model,
                              .job = plan.job,
                              .global_batches = {plan.job.global_batch},
                              .inputs = inputs};
  return answer_of(search_plan(request, control));
}

SpaceReading read_restrictions(const PlanInputs& inputs) {
  return inputs.hardware.published ? read_published_space(inputs.search.only, inputs.runtime)
                                   : read_space(inputs.search.only, inputs.runtime);
}

std::vector<AxisRestriction> pinned(std::vector<AxisRestriction> only, const AxisRestriction& pin) {
  std::erase_if(only, [&](const AxisRestriction& own) { return own.axis == pin.axis; });
  only.push_back(pin);
  return only;
}

}  // namespace galvatron
