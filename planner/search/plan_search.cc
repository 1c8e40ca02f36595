#include "planner/search/plan_search.h"

#include <algorithm>
#include <list>
#include <map>
#include <memory>
#include <utility>

#include "planner/schedule/price.h"
#include "planner/search/certificate.h"
#include "planner/search/deadline.h"
#include "planner/search/instance.h"
#include "planner/search/least_memory.h"
#include "planner/search/least_time.h"
#include "planner/search/search.h"

namespace galvatron {
namespace {

using search::Time;

constexpr double kSecondsPerPicosecond = 1e-12;

// The certificate's gap is that of the price, of which the search's sum of rounded times differs by
// a few parts in ten million: so the search aims at a little less than the gap asked for.
constexpr double kShareOfGap = 0.9998;

Seconds seconds_of(Time time) { return {static_cast<double>(time) * kSecondsPerPicosecond}; }

// The problems of one choice: its price list, and those that take its place once its bound does
// not close it.
struct Family {
  PipelineChoice choice;
  const LayerPrices* prices;
  Time least = 0;  // of its plans none is faster
  std::vector<Instance> members;
};

// Everything that the search of one global batch needs to stay alive.
struct BatchSearch {
  PricingInputs inputs;
  std::vector<Family> families;
  Time least = search::kUnlimited;  // no plan of this batch is faster
};

BatchSearch open_batch(const PricingInputs& inputs) {
  BatchSearch batch{.inputs = inputs};
  for (const PipelineChoice& choice : pipeline_choices(inputs)) {
    const LayerPrices* prices = inputs.prices.prices(stage_setting(inputs, choice));
    if (prices == nullptr) continue;
    const Time least = search::least_time(
        prices->problem, {.pipeline = choice.pipeline, .micro_batches = choice.micro_batches});
    batch.least = std::min(batch.least, least);
    batch.families.push_back({.choice = choice, .prices = prices, .least = least, .members = {}});
  }
  return batch;
}

// Samples per picosecond that no plan of this batch exceeds.
double most_throughput(const BatchSearch& batch) {
  return static_cast<double>(batch.inputs.global_batch) / static_cast<double>(batch.least);
}

Instance price_list(const Family& family, const PricingInputs& inputs) {
  return price_list(inputs, family.choice, *family.prices);
}

std::vector<search::Member> members_of(Family& family, const PricingInputs& inputs) {
  family.members = problems_of(price_list(family, inputs), inputs);
  std::vector<search::Member> members;
  for (const Instance& instance : family.members) {
    members.push_back({.bound = search::least_time(instance.problem),
                       .build = [&instance] { return instance.problem; }});
  }
  return members;
}

std::vector<search::Candidate> candidates_of(BatchSearch& batch) {
  std::vector<search::Candidate> candidates;
  for (Family& family : batch.families) {
    candidates.push_back(
        {.pipeline = family.choice.pipeline,
         .micro_batches = family.choice.micro_batches,
         .schedule = static_cast<int>(family.choice.schedule),
         .bound = family.least,
         .build = [&family, &batch] { return price_list(family, batch.inputs).problem; },
         .members = [&family, &batch] { return members_of(family, batch.inputs); }});
  }
  return candidates;
}

const Instance& instance_of(const BatchSearch& batch, const search::Plan& plan) {
  return batch.families[plan.candidate].members[plan.member];
}

std::string largest_part(const search::LeastMemory& memory) {
  const std::pair<search::Size, const char*> parts[] = {{memory.states, "states"},
                                                        {memory.activations, "activations"},
                                                        {memory.transient, "transient"},
                                                        {memory.fixed, "fixed"}};
  return std::max_element(std::begin(parts), std::end(parts))->second;
}

Shortfall shortfall_of(const Instance& instance) {
  const search::LeastMemory memory = search::least_memory(instance.problem);
  return {.pipeline = instance.choice.pipeline,
          .micro_batches = instance.choice.micro_batches,
          .stage = memory.stage,
          .least = {search::total(memory)},
          .category = largest_part(memory)};
}

// Of each pipeline degree the choice that needs least.
std::vector<Shortfall> shortfalls_of(const std::list<BatchSearch>& batches) {
  std::map<int, Shortfall> least;
  for (const BatchSearch& batch : batches) {
    for (const Family& family : batch.families) {
      for (const Instance& instance : problems_of(price_list(family, batch.inputs), batch.inputs)) {
        const Shortfall shortfall = shortfall_of(instance);
        const auto [known, is_new] = least.try_emplace(shortfall.pipeline, shortfall);
        if (!is_new && shortfall.least < known->second.least) known->second = shortfall;
      }
    }
  }
  std::vector<Shortfall> shortfalls;
  shortfalls.reserve(least.size());
  for (const auto& [pipeline, shortfall] : least) shortfalls.push_back(shortfall);
  return shortfalls;
}

void add(SearchStatistics& sum, const search::Statistics& more, const BatchSearch& batch) {
  sum.pairs += more.candidates;
  for (const Family& family : batch.families) {
    for (const auto& strategies : family.prices->strategies) {
      sum.strategies += static_cast<std::int64_t>(strategies.size());
    }
  }
  sum.labels += more.labels_kept;
  sum.bounds += more.stage_bounds + more.shortest_paths;
  sum.pruned += more.labels_cut;
}

// Searches the batches, most promising first, for the most samples per second.
class PlanSearch {
 public:
  PlanSearch(const SearchRequest& request, const SearchControl& control)
      : request_(request),
        control_(control),
        deadline_(control.time_limit, control.interrupted),
        graph_(build_layer_graph(request.model)),
        space_(read_space(request.inputs.search.only, request.inputs.runtime).space),
        prices_({.graph = graph_,
                 .space = space_,
                 .hardware = request.inputs.hardware,
                 .runtime = request.inputs.runtime,
                 .profile = request.inputs.profile,
                 .job = request.job},
                control.threads) {
    for (const std::int64_t global_batch : request.global_batches) {
      batches_.push_back(open_batch({prices_, request.inputs, global_batch}));
    }
    batches_.sort([](const BatchSearch& one, const BatchSearch& other) {
      return most_throughput(one) > most_throughput(other);
    });
  }

  SearchOutcome run() {
    outcome_.bound = search::kUnlimited;
    for (BatchSearch& batch : batches_) {
      if (outcome_.end == SearchEnd::finished) {
        search_batch(batch);
      } else {
        add_bound(batch, batch.least);  // no time was left to look at it
      }
    }
    if (best_) {
      finish_plan();
    } else if (outcome_.end == SearchEnd::finished) {
      outcome_.shortfalls = shortfalls_of(batches_);
    }
    outcome_.elapsed = deadline_.elapsed();
    return std::move(outcome_);
  }

 private:
  struct Best {
    Plan plan;  // priced where rivals were
    Time closed_form = 0;
    bool is_priced = false;
  };

  // Only plans with more samples per second than the best are of interest.
  Time time_to_beat(std::int64_t global_batch) const {
    if (!best_) return search::kUnlimited;
    return static_cast<Time>(
        static_cast<double>(best_->closed_form) *
        (static_cast<double>(global_batch) / static_cast<double>(best_->plan.job.global_batch)));
  }

  void search_batch(BatchSearch& batch) {
    const std::int64_t global_batch = batch.inputs.global_batch;
    const std::vector<search::Candidate> candidates = candidates_of(batch);
    const search::SearchResult result = search::search(
        candidates, {.gap = kShareOfGap * request_.inputs.search.gap,
                     .upper_bound = time_to_beat(global_batch),
                     .known_bound = request_.known_bound,
                     .threads = control_.threads,
                     .stop = [this] { return deadline_.passed(); },
                     .report = [this](const search::Progress& now) { report(now); }});
    add(outcome_.statistics, result.statistics, batch);
    add_bound(batch, result.lower_bound);
    if (result.plan) best_ = fastest_simulated(batch, result);
    if (result.outcome == search::Outcome::interrupted) {
      outcome_.end = deadline_.interrupted() ? SearchEnd::interrupted : SearchEnd::time_limit;
    }
  }

  // Among plans of nearly equal closed form the simulation of the step decides.
  Best fastest_simulated(const BatchSearch& batch, const search::SearchResult& result) const {
    constexpr std::size_t kMostRivals = 15;
    std::vector<const search::Plan*> plans{&*result.plan};
    for (const search::Plan& rival : result.rivals) {
      if (plans.size() <= kMostRivals) plans.push_back(&rival);
    }
    const bool has_rivals = plans.size() > 1;
    std::optional<Best> best;
    for (const search::Plan* found : plans) {
      Plan plan =
          plan_of(request_.model, batch.inputs, instance_of(batch, *found), found->assignment);
      if (has_rivals) plan.predicted = price(plan, graph_);
      if (best && plan.predicted.step >= best->plan.predicted.step) continue;
      best = Best{std::move(plan), found->cost.total, has_rivals};
    }
    return *best;
  }

  // What was proved of one batch: none of its plans takes less.
  void add_bound(const BatchSearch& batch, Time bound) {
    outcome_.bound = std::min(outcome_.bound, bound);
    least_per_sample_ =
        std::min(least_per_sample_,
                 static_cast<double>(bound) / static_cast<double>(batch.inputs.global_batch));
  }

  void report(const search::Progress& now) const {
    if (!control_.progress) return;
    SearchProgress progress{
        .best = std::nullopt, .lower_bound = seconds_of(now.bound), .gap = now.gap};
    if (now.best != search::kUnlimited) progress.best = seconds_of(now.best);
    control_.progress(progress);
  }

  // Prices the plan in floating point and writes its certificate: no plan of the space, of any of
  // the batches, takes less time per sample.
  void finish_plan() {
    Plan plan = best_->plan;
    if (!best_->is_priced) plan.predicted = price(plan, graph_);
    const double samples = static_cast<double>(plan.job.global_batch);
    const Time bound = std::min(best_->closed_form, static_cast<Time>(least_per_sample_ * samples));
    plan.certificate = certificate_of(plan, seconds_of(bound));
    outcome_.plan = std::move(plan);
  }

  const SearchRequest& request_;
  const SearchControl& control_;
  Deadline deadline_;
  LayerGraph graph_;
  SearchSpace space_;
  PriceBook prices_;
  std::list<BatchSearch> batches_;
  std::optional<Best> best_;
  double least_per_sample_ = static_cast<double>(search::kUnlimited);  // picoseconds
  SearchOutcome outcome_;
};

}  // namespace

SearchOutcome search_plan(const SearchRequest& request, const SearchControl& control) {
  return PlanSearch(request, control).run();
}

}  // namespace galvatron
