#include "planner/review/explain.h"

#include <fmt/format.h>

#include "planner/schedule/price.h"
#include "planner/search/published_problem.h"

namespace galvatron {
namespace {

// Stage counts of the plan's own space.
std::vector<int> pipeline_degrees(const Plan& plan, const LayerGraph& graph) {
  const SearchSpace space = read_restrictions(*plan.inputs).space;
  std::vector<int> degrees;
  for (const std::int64_t degree : divisors(plan.devices)) {
    if (degree > layer_count(graph) || !allows(space.pipeline, degree)) continue;
    degrees.push_back(static_cast<int>(degree));
  }
  return degrees;
}

// Whether the plan is what its own search gives.
bool answers_its_question(const Plan& plan) {
  return plan.certificate &&
         (plan.certificate->optimal || plan.certificate->gap <= plan.inputs->search.gap);
}

class Explainer {
 public:
  Explainer(const Plan& plan, const ExplainControl& control)
      : control_(control), graph_(build_layer_graph(plan.model)) {
    explanation_.plan = plan;
    explanation_.plan.predicted = price(plan, graph_);
  }

  Explanation run() {
    explanation_.time = account_step(plan(), graph_);
    explanation_.memory = binding_stage(plan().predicted, inputs().memory_budget);
    search_alternatives();
    return std::move(explanation_);
  }

 private:
  const Plan& plan() const { return explanation_.plan; }
  const PlanInputs& inputs() const { return *plan().inputs; }

  void search_alternatives() {
    if (!answers_its_question(plan())) {
      explanation_.best = search_again(plan(), inputs(), ask("the best plan of its space"));
    }
    for (const int degree : pipeline_degrees(plan(), graph_)) {
      explanation_.pipelines.push_back({.pipeline = degree, .answer = best_of(degree)});
    }
    for (const auto& [kind, name] : kBaselineNames) {
      explanation_.baselines.push_back(
          find_baseline(plan(), kind, ask(fmt::format("baseline {}", name))));
    }
    const Plan& reference =
        explanation_.best && explanation_.best->plan ? *explanation_.best->plan : plan();
    for (const Improvement& improvement : improvements(inputs())) {
      explanation_.prices.push_back(
          shadow_price(reference, improvement,
                       ask(fmt::format("{} {}", improvement.resource, improvement.change))));
    }
    explanation_.is_complete = !(control_.interrupted && control_.interrupted());
  }

  // Of the plan's own degree the plan, if it is the best.
  Answer best_of(int degree) const {
    if (degree == pipeline_degree(plan()) && answers_its_question(plan())) return {.plan = plan()};
    PlanInputs restricted = inputs();
    restricted.search.only = pinned(restricted.search.only, {"pipeline", {std::to_string(degree)}});
    return search_again(plan(), restricted, ask(fmt::format("pipeline {}", degree)));
  }

  SearchControl ask(const std::string& question) const {
    if (control_.asking) control_.asking(question);
    return {.threads = control_.threads, .interrupted = control_.interrupted, .progress = {}};
  }

  const ExplainControl& control_;
  LayerGraph graph_;
  Explanation explanation_;
};

}  // namespace

Explanation explain(const Plan& plan, const ExplainControl& control) {
  return Explainer(plan, control).run();
}

Seconds reference_step(const Explanation& explanation) {
  const bool has_best = explanation.best && explanation.best->plan;
  return has_best ? explanation.best->plan->predicted.step : explanation.plan.predicted.step;
}

}  // namespace galvatron
