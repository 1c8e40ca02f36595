#include "planner/search/published_search.h"

#include <algorithm>
#include <cmath>
#include <list>
#include <map>
#include <string>
#include <utility>

#include "planner/search/least_memory.h"
#include "planner/search/least_time.h"
#include "planner/search/published_problem.h"
#include "planner/search/search.h"

namespace galvatron {
namespace {

using search::Time;

constexpr int kPipelines[] = {1, 2, 4, 8};

// A stage that is solved, and how many stages it stands for.
struct StageWork {
  search::Problem problem;
  Time least = 0;  // it takes no less, even with unlimited memory
  int copies = 1;
};

// One batch on so many stages.
struct Pair {
  PublishedSetting setting;
  std::vector<Strategy> strategies;
  std::vector<int> stage_begins;
  std::vector<StageWork> stages;
  Time least = 0;

  std::int64_t batch() const { return setting.global_batch; }
};

double samples_per_picosecond(std::int64_t batch, Time time) {
  return static_cast<double>(batch) / static_cast<double>(time);
}

std::vector<StageWork> stage_works(const search::Problem& whole, const std::vector<int>& begins) {
  std::vector<StageWork> works;
  for (std::size_t stage = 0; stage < begins.size(); ++stage) {
    const bool is_last = stage + 1 == begins.size();
    const int end = is_last ? static_cast<int>(whole.layers.size()) : begins[stage + 1];
    search::Problem problem = stage_problem(whole, {static_cast<int>(stage), begins[stage], end});
    const bool repeats = !works.empty() && works.back().problem.layers == problem.layers &&
                         works.back().problem.stages == problem.stages;
    if (repeats) {
      ++works.back().copies;
    } else {
      const Time least = search::least_time(problem);
      works.push_back({.problem = std::move(problem), .least = least});
    }
  }
  return works;
}

class PublishedSearch {
 public:
  explicit PublishedSearch(const PublishedRequest& request) : request_(request) {}

  PublishedOutcome run() {
    for (const std::int64_t batch : request_.global_batches) {
      if (!open(batch)) break;
    }
    pairs_.sort([](const Pair& one, const Pair& other) {
      return samples_per_picosecond(one.batch(), one.least) >
             samples_per_picosecond(other.batch(), other.least);
    });
    outcome_.pairs = static_cast<int>(pairs_.size());
    for (const Pair& pair : pairs_) keep_better(pair);
    if (best_) outcome_.best = plan_of(*best_);
    find_largest();
    return std::move(outcome_);
  }

 private:
  struct Solution {
    const Pair* pair = nullptr;
    Time step = 0;
    std::vector<int> options;  // of every layer
  };

  // Adds the pairs of this batch that fit; false if none does.
  bool open(std::int64_t batch) {
    const bool is_first = batch == request_.global_batches.front();
    const std::size_t before = pairs_.size();
    for (const int pipeline : kPipelines) {
      const PublishedSetting setting{request_.costs, request_.model, pipeline, batch};
      const std::optional<PublishedProblem> whole =
          published_problem({.setting = setting,
                             .space = request_.space,
                             .memory_budget = request_.memory_budget,
                             .other = published_other_memory_place(request_.model)});
      if (!whole) continue;
      const std::vector<int> begins = published_stage_begins(whole->strategies, setting);
      if (begins.empty()) continue;
      Pair pair{setting, whole->strategies, begins, stage_works(whole->problem, begins)};
      const PublishedShortfall fullest = fullest_stage(pair);
      if (fullest.least > request_.memory_budget) {
        if (is_first) outcome_.shortfalls.push_back(fullest);
        continue;
      }
      for (const StageWork& stage : pair.stages) pair.least += stage.copies * stage.least;
      pairs_.push_back(std::move(pair));
    }
    if (pairs_.size() == before) return false;
    outcome_.shortfalls.clear();
    return true;
  }

  static PublishedShortfall fullest_stage(const Pair& pair) {
    PublishedShortfall fullest{.pipeline = pair.setting.pipeline};
    int stage = 0;
    for (const StageWork& work : pair.stages) {
      const Bytes least{search::total(search::least_memory(work.problem))};
      if (least > fullest.least) fullest = {pair.setting.pipeline, stage, least};
      stage += work.copies;
    }
    return fullest;
  }

  // The least time of the pair, if it is below `limit`.
  std::optional<Solution> solve(const Pair& pair, Time limit) {
    ++outcome_.solved;
    Solution solution{.pair = &pair, .step = pair.least, .options = {}};
    for (const StageWork& stage : pair.stages) {
      const Time others = solution.step - stage.copies * stage.least;
      if (others >= limit) return std::nullopt;
      const Time stage_limit =
          limit == search::kUnlimited ? limit : (limit - others - 1) / stage.copies + 1;
      const search::SearchResult result =
          search::search({{.bound = stage.least, .build = [&] { return stage.problem; }}},
                         {.gap = 0, .upper_bound = stage_limit});
      if (!result.plan) return std::nullopt;
      solution.step = others + stage.copies * result.plan->cost.total;
      const std::vector<int>& option = result.plan->assignment.option;
      for (int copy = 0; copy < stage.copies; ++copy) {
        solution.options.insert(solution.options.end(), option.begin(), option.end());
      }
    }
    return solution;
  }

  // The time in which a plan of this batch makes more samples per second than the best.
  Time time_to_beat(std::int64_t batch) const {
    if (!best_) return search::kUnlimited;
    return static_cast<Time>(
        std::ceil(static_cast<double>(best_->step) * static_cast<double>(batch) /
                  static_cast<double>(best_->pair->batch())));
  }

  void keep_better(const Pair& pair) {
    const Time limit = time_to_beat(pair.batch());
    if (pair.least >= limit) return;
    if (std::optional<Solution> found = solve(pair, limit)) best_ = std::move(found);
  }

  void find_largest() {
    std::int64_t batch = 0;
    for (const Pair& pair : pairs_) batch = std::max(batch, pair.batch());
    if (batch == 0) return;
    if (best_->pair->batch() == batch) {
      outcome_.largest = outcome_.best;
      return;
    }
    std::optional<Solution> fastest;
    for (const Pair& pair : pairs_) {
      if (pair.batch() != batch) continue;
      const Time limit = fastest ? fastest->step : search::kUnlimited;
      if (pair.least >= limit) continue;
      if (std::optional<Solution> found = solve(pair, limit)) fastest = std::move(found);
    }
    outcome_.largest = plan_of(*fastest);
  }

  static PublishedPlan plan_of(const Solution& solution) {
    const Pair& pair = *solution.pair;
    PublishedPlan plan{.global_batch = pair.batch(),
                       .assignment = {.stage_begins = pair.stage_begins, .strategies = {}}};
    for (const int option : solution.options) {
      plan.assignment.strategies.push_back(pair.strategies[static_cast<std::size_t>(option)]);
    }
    for (const PublishedStage& stage : published_stages(
             plan.assignment, pair.setting, published_other_memory_place(pair.setting.model))) {
      plan.step += stage.time;
      plan.peak = std::max(plan.peak, total(stage.memory));
    }
    return plan;
  }

  const PublishedRequest& request_;
  std::list<Pair> pairs_;
  std::optional<Solution> best_;
  PublishedOutcome outcome_;
};

}  // namespace

SpaceReading read_published_space(const std::vector<AxisRestriction>& only, Runtime runtime) {
  runtime.space.zero = {Zero::none, Zero::parameters};
  SpaceReading reading = read_space(only, runtime);
  for (const AxisRestriction& restriction : only) {
    const std::string& axis = restriction.axis;
    for (const char* other : {"micro_batches", "recompute", "sequence_parallel", "schedule"}) {
      if (axis != other) continue;
      reading.problems.insert(reading.problems.begin(),
                              {"the published space has no axis " + axis,
                               "it has pipeline, tensor, data, order and zero"});
    }
  }
  return reading;
}

PublishedOutcome search_published(const PublishedRequest& request) {
  return PublishedSearch(request).run();
}

}  // namespace galvatron
