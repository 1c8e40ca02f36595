#include "planner/search/search.h"

#include <atomic>
#include <stdexcept>

#include "test/bench/synthetic.h"
#include "test/catch.h"
#include "test/planner/search/exhaustive.h"
#include "test/planner/search/random_problem.h"

namespace galvatron::search {
namespace {

// Four equal layers on two stages. An option is fast and large, or slow and small.
Problem four_layers(std::int64_t micro_batches, Size budget) {
  return {.micro_batches = micro_batches,
          .types = {{.options = {{.time = 10, .backward = 6, .states = 100},
                                 {.time = 16, .backward = 10, .states = 40}}}},
          .layers = {0, 0, 0, 0},
          .stages = one_forward_one_backward_stages(2, micro_batches, 0),
          .memory_budget = budget};
}

bool is_same(const SearchResult& one, const SearchResult& other) {
  const auto is_same_plan = [&] {
    return one.plan->candidate == other.plan->candidate && one.plan->member == other.plan->member &&
           one.plan->assignment == other.plan->assignment &&
           one.plan->cost.total == other.plan->cost.total;
  };
  return one.outcome == other.outcome && one.lower_bound == other.lower_bound &&
         one.gap == other.gap && one.statistics == other.statistics &&
         one.plan.has_value() == other.plan.has_value() && (!one.plan || is_same_plan());
}

std::vector<Candidate> llama_70b_on_64() {
  return synthetic_candidates(
      {.model = {.blocks = 80, .hidden = 8192, .sequence = 4096, .vocabulary = 32000},
       .cluster = {.devices = 64,
                   .memory = Size{40} << 30,
                   .flops_per_s = 4e14,
                   .inside_bytes_per_s = 2e11,
                   .across_bytes_per_s = 4e10},
       .batch = 256});
}

}  // namespace

TEST_CASE("memory decides between fast and small layers") {
  // Two layers a stage. All fast: t = 20 each, T = 40 + 2 x 20 = 80. One small layer a stage: t =
  // 26, T = 52 + 2 x 26 = 104. All small: t = 32, T = 64 + 64 = 128.
  const auto time_within = [](Size budget) {
    const SearchResult result = search(candidates_of({four_layers(3, budget)}), {.gap = 0});
    return result.plan ? result.plan->cost.total : -1;
  };
  CHECK(time_within(200) == 80);
  CHECK(time_within(199) == 104);
  CHECK(time_within(140) == 104);
  CHECK(time_within(139) == 128);
  CHECK(time_within(80) == 128);
  CHECK(time_within(79) == -1);
}

TEST_CASE("where nothing fits the bound says so for every stage count") {
  const SearchResult result = search(candidates_of({four_layers(3, 79)}), {.gap = 0});
  CHECK(result.outcome == Outcome::no_plan);
  CHECK(result.lower_bound == kUnlimited);
  REQUIRE(result.pipelines.size() == 1);
  CHECK(result.pipelines[0].pipeline == 2);
  CHECK(result.pipelines[0].bound == kUnlimited);
  CHECK_FALSE(result.pipelines[0].best);
}

TEST_CASE("of equal plans the one with fewer micro-batches wins, in any order of candidates") {
  // One micro-batch of 40 or two of 20 take the same time on one stage.
  Problem one = four_layers(1, 1000), two = four_layers(2, 1000);
  one.stages = two.stages = one_forward_one_backward_stages(1, 1, 0);
  for (Option& option : one.types[0].options) option.time *= 2;
  const SearchResult forward = search(candidates_of({one, two}), {.gap = 0});
  const SearchResult backward = search(candidates_of({two, one}), {.gap = 0});
  CHECK(forward.plan->cost.total == 80);
  CHECK(forward.plan->candidate == 0);
  CHECK(backward.plan->candidate == 1);
}

TEST_CASE("the number of threads changes nothing") {
  const std::vector<Candidate> candidates = llama_70b_on_64();
  const SearchResult alone = search(candidates, {.threads = 1});
  CHECK(alone.outcome == Outcome::solved);
  CHECK(alone.gap <= 0.001);
  for (const int threads : {2, 8}) CHECK(is_same(alone, search(candidates, {.threads = threads})));
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    Dice dice(seed);
    const std::vector<Candidate> small = candidates_of(random_problems(dice));
    CHECK(is_same(search(small, {.gap = 0}), search(small, {.gap = 0, .threads = 2})));
  }
}

TEST_CASE("a known bound is part of what is proved and changes no optimum") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Dice dice(seed);
    const std::vector<Problem> problems = random_problems(dice);
    const std::optional<Time> optimum = exhaustive_optimum(problems);
    if (!optimum) continue;
    for (const Time known : {*optimum, *optimum * 9 / 10}) {
      const SearchResult exact = search(candidates_of(problems), {.gap = 0, .known_bound = known});
      REQUIRE(exact.plan);
      CHECK(exact.plan->cost.total == *optimum);
      CHECK(exact.lower_bound == *optimum);
      const SearchResult near = search(candidates_of(problems), {.gap = 0.5, .known_bound = known});
      REQUIRE(near.plan);
      CHECK(near.lower_bound >= known);
      CHECK(near.lower_bound <= *optimum);
    }
  }
}

TEST_CASE("a search that knows a bound near its plan does less") {
  const SearchResult unknowing = search(llama_70b_on_64(), {});
  const SearchResult knowing = search(llama_70b_on_64(), {.known_bound = unknowing.lower_bound});
  CHECK(knowing.gap <= 0.001);
  CHECK(knowing.statistics.shortest_paths < unknowing.statistics.shortest_paths);
}

TEST_CASE("an interrupted search keeps its best plan and an honest bound") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Dice dice(seed);
    const std::vector<Problem> problems = random_problems(dice);
    const std::optional<Time> optimum = exhaustive_optimum(problems);
    for (int polls = 0; polls < 40; polls += 3) {
      std::atomic<int> left = polls;
      const SearchResult result =
          search(candidates_of(problems), {.gap = 0, .stop = [&left] { return left-- <= 0; }});
      CHECK(result.lower_bound <= optimum.value_or(kUnlimited));
      if (result.plan) CHECK(result.plan->cost.total >= *optimum);
      if (polls == 0) CHECK(result.outcome == Outcome::interrupted);
      if (result.outcome != Outcome::interrupted) {
        CHECK(result.plan.has_value() == optimum.has_value());
        if (optimum) CHECK(result.plan->cost.total == *optimum);
      }
    }
  }
}

TEST_CASE("between rounds the best plan gets faster and the bound rises") {
  Progress last{.best = kUnlimited, .bound = 0};
  int reports = 0;
  const SearchResult result = search(llama_70b_on_64(), {.report = [&](const Progress& now) {
                                       CHECK(now.best <= last.best);
                                       CHECK(now.bound >= last.bound);
                                       last = now;
                                       ++reports;
                                     }});
  CHECK(reports > 1);
  CHECK(last.best == result.plan->cost.total);
  CHECK(last.bound == result.lower_bound);
  CHECK(last.gap == result.gap);
}

TEST_CASE("a candidate that builds another number of stages is refused") {
  std::vector<Candidate> candidates = candidates_of({four_layers(3, 140)});
  candidates[0].pipeline = 3;
  CHECK_THROWS_WITH(search(candidates, {}),
                    "search candidate: its problem must have 3 stages, got 2");
}

}  // namespace galvatron::search
