#include "planner/review/published_answer.h"

#include <algorithm>
#include <utility>

#include "planner/plan/published_plan.h"
#include "planner/plan/published_profile.h"
#include "planner/schedule/price.h"
#include "planner/search/published_problem.h"
#include "planner/search/published_search.h"

namespace galvatron {
namespace {

class PublishedQuestion {
 public:
  PublishedQuestion(const Plan& plan, const PlanInputs& inputs)
      : plan_(plan), inputs_(inputs), graph_(build_layer_graph(plan.model)) {}

  // In the whole space, or where one strategy serves all layers the best of each.
  Answer ask() const {
    const SearchSpace space = read_restrictions(inputs_).space;
    if (inputs_.runtime.space.layer_wise) return ask(space);
    Answer best;
    for (const SearchSpace& single : single_strategies(space)) keep_better(best, ask(single));
    return best;
  }

 private:
  const PublishedModel& model() const {
    return *match_published(*inputs_.hardware.published, plan_.model, graph_).model;
  }

  Answer ask(const SearchSpace& space) const {
    const PublishedRequest request{.costs = *inputs_.hardware.published,
                                   .model = model(),
                                   .space = space,
                                   .global_batches = {plan_.job.global_batch},
                                   .memory_budget = inputs_.memory_budget};
    const PublishedOutcome outcome = search_published(request);
    Answer answer;
    if (outcome.best) answer.plan = priced(*outcome.best);
    for (const PublishedShortfall& shortfall : outcome.shortfalls) {
      answer.shortfalls.push_back({.pipeline = shortfall.pipeline,
                                   .stage = shortfall.stage,
                                   .least = shortfall.least,
                                   .category = {}});
    }
    return answer;
  }

  Plan priced(const PublishedPlan& best) const {
    const PublishedSetting setting{*inputs_.hardware.published, model(), pipeline_degree(best),
                                   best.global_batch};
    Plan plan = published_plan(plan_.model, graph_, {setting, best.assignment, inputs_});
    plan.predicted = price(plan, graph_);
    plan.certificate = Certificate{.optimal = true, .lower_bound = plan.predicted.closed_form};
    return plan;
  }

  // The space cut into single strategies, per pipeline degree.
  static std::vector<SearchSpace> single_strategies(const SearchSpace& space) {
    std::vector<SearchSpace> singles;
    for (const std::int64_t pipeline : divisors(kPublishedDevices)) {
      if (!allows(space.pipeline, pipeline)) continue;
      const int devices = kPublishedDevices / static_cast<int>(pipeline);
      for (const Strategy& strategy : published_strategies(devices)) {
        if (allows_strategy(space, strategy)) singles.push_back(only(pipeline, strategy));
      }
    }
    return singles;
  }

  static SearchSpace only(std::int64_t pipeline, const Strategy& strategy) {
    SearchSpace space;
    space.pipeline = {pipeline};
    space.tensor = {strategy.tensor};
    space.data = {strategy.data};
    space.order = {strategy.order};
    space.zero = {strategy.zero};
    return space;
  }

  // The faster plan; without any the least shortfall of each pipeline degree.
  static void keep_better(Answer& best, Answer other) {
    if (other.plan && (!best.plan || other.plan->predicted.step < best.plan->predicted.step)) {
      best = std::move(other);
      return;
    }
    if (best.plan) return;
    for (const Shortfall& shortfall : other.shortfalls) {
      const auto known =
          std::find_if(best.shortfalls.begin(), best.shortfalls.end(),
                       [&](const Shortfall& one) { return one.pipeline == shortfall.pipeline; });
      if (known == best.shortfalls.end()) {
        best.shortfalls.push_back(shortfall);
      } else if (shortfall.least < known->least) {
        *known = shortfall;
      }
    }
  }

  const Plan& plan_;
  const PlanInputs& inputs_;
  LayerGraph graph_;
};

}  // namespace

Answer published_answer(const Plan& plan, const PlanInputs& inputs) {
  return PublishedQuestion(plan, inputs).ask();
}

}  // namespace galvatron
