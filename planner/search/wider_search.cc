#include "planner/search/wider_search.h"

#include <algorithm>
#include <cmath>
#include <list>
#include <optional>
#include <utility>

#include "planner/search/least_memory.h"
#include "planner/search/least_time.h"
#include "planner/search/published_problem.h"
#include "planner/search/search.h"

namespace galvatron {
namespace {

using search::Time;

// Times are rounded to picoseconds: what is better by less is as good.
constexpr double kRounding = 1e-9;

// One batch on so many stages, boundaries free.
struct WidePair {
  PublishedSetting setting;
  PublishedProblem whole;
  Time least = 0;  // no plan takes less, even with unlimited memory
};

double samples_per_picosecond(const WidePair& pair) {
  return static_cast<double>(pair.setting.global_batch) / static_cast<double>(pair.least);
}

// The pairs of one batch that may fit.
std::list<WidePair> pairs_of(const PublishedRequest& request, std::int64_t batch) {
  std::list<WidePair> pairs;
  const std::size_t layers = published_layer_types(request.model).size();
  for (int pipeline = 1; pipeline <= kPublishedDevices; pipeline *= 2) {
    if (static_cast<std::size_t>(pipeline) > layers) break;
    const PublishedSetting setting{request.costs, request.model, pipeline, batch};
    std::optional<PublishedProblem> whole = published_problem(
        {.setting = setting, .space = request.space, .memory_budget = request.memory_budget});
    if (!whole) continue;
    if (Bytes{search::total(search::least_memory(whole->problem))} > request.memory_budget)
      continue;
    const Time least = search::least_time(whole->problem);
    pairs.push_back({setting, std::move(*whole), least});
  }
  return pairs;
}

std::list<WidePair> all_pairs(const PublishedRequest& request) {
  std::list<WidePair> pairs;
  for (std::int64_t batch = 1; batch <= request.global_batches.back(); ++batch) {
    std::list<WidePair> more = pairs_of(request, batch);
    if (more.empty() && batch % kPublishedDevices == 0) break;  // every strategy was looked at
    pairs.splice(pairs.end(), more);
  }
  pairs.sort([](const WidePair& one, const WidePair& other) {
    return samples_per_picosecond(one) > samples_per_picosecond(other);
  });
  return pairs;
}

PublishedPlan plan_of(const WidePair& pair, const search::Assignment& assignment) {
  PublishedPlan plan{.global_batch = pair.setting.global_batch,
                     .assignment = {.stage_begins = assignment.stage_begin, .strategies = {}}};
  for (const int option : assignment.option) {
    plan.assignment.strategies.push_back(pair.whole.strategies[static_cast<std::size_t>(option)]);
  }
  for (const PublishedStage& stage :
       published_stages(plan.assignment, pair.setting, OtherMemory::on_first_stage)) {
    plan.step += stage.time;
    plan.peak = std::max(plan.peak, total(stage.memory));
  }
  return plan;
}

// Picoseconds in which a plan of this batch makes as many samples per second as `plan`.
Time time_to_beat(const PublishedPlan& plan, std::int64_t batch) {
  return static_cast<Time>(
      std::floor(static_cast<double>(batch) / samples_per_second(plan) * 1e12));
}

}  // namespace

WiderOutcome search_wider(const PublishedRequest& request, const WiderControl& control) {
  WiderOutcome outcome{.best = control.published};
  for (const WidePair& pair : all_pairs(request)) {
    const Time limit = time_to_beat(outcome.best, pair.setting.global_batch);
    if (pair.least >= limit) continue;
    const search::SearchResult result =
        search::search({{.pipeline = pair.setting.pipeline,
                         .bound = pair.least,
                         .build = [&] { return pair.whole.problem; }}},
                       {.gap = 0, .upper_bound = limit, .stop = control.interrupted});
    if (result.plan) {
      const PublishedPlan found = plan_of(pair, result.plan->assignment);
      const double to_beat = samples_per_second(outcome.best) * (1 + kRounding);
      if (samples_per_second(found) > to_beat) outcome.best = found;
    }
    if (result.outcome == search::Outcome::interrupted) {
      outcome.finished = false;
      break;
    }
  }
  return outcome;
}

}  // namespace galvatron
