// Why a plan is what it is: where its step and its memory go, what the best plan of every stage
// count and the plans without a search would take, and what more of each resource is worth.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "planner/review/baselines.h"
#include "planner/review/binding_stage.h"
#include "planner/review/shadow_prices.h"
#include "planner/review/step_account.h"

namespace galvatron {

// The best plan on so many stages, or why there is none.
struct PipelineAnswer {
  int pipeline = 1;
  Answer answer{};
};

struct Explanation {
  Plan plan{};  // priced again
  StepAccount time{};
  BindingStage memory{};
  // What the plan's own question gives where the plan does not answer it within its gap: one that
  // was estimated, or whose search was stopped. Shadow prices are of this plan then.
  std::optional<Answer> best{};
  std::vector<PipelineAnswer> pipelines{};
  std::vector<Baseline> baselines{};
  std::vector<ShadowPrice> prices{};
  bool is_complete = true;  // false: interrupted, what was not searched says so in its answer
};

struct ExplainControl {
  int threads = 1;
  std::function<bool()> interrupted{};                        // polled; empty: never
  std::function<void(const std::string& question)> asking{};  // before each search; empty: nobody
};

// All searches are within the plan's own gap. Requires a plan that can be priced.
Explanation explain(const Plan& plan, const ExplainControl& control);

// The step time that the shadow prices start from.
Seconds reference_step(const Explanation& explanation);

}  // namespace galvatron
