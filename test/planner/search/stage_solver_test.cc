#include "planner/search/stage_solver.h"

#include <algorithm>

#include "planner/search/stage_catalog.h"
#include "test/catch.h"
#include "test/planner/search/random_problem.h"
#include "test/planner/search/stage_choices.h"

namespace galvatron::search {
namespace {

Time least_time(const Problem& problem, const StageShape& shape, Time optimizer_cap) {
  Time least = kUnlimited;
  for_each_choice(problem, shape, [&](const StageCost& cost) {
    if (cost.optimizer <= optimizer_cap) least = std::min(least, cost.time);
  });
  return least;
}

Time least_phi(const Problem& problem, const StageShape& shape, Time slowest) {
  Time least = kUnlimited;
  for_each_choice(problem, shape, [&](const StageCost& cost) {
    const Time rest = (problem.micro_batches - 1) * std::max(cost.time, slowest);
    least = std::min(least, cost.time + cost.sync + rest);
  });
  return least;
}

// Whatever the width, the bound is no larger than the optimum and the point no better; without a
// limit of width they meet.
void check_answers(StageTask task, Time optimum, const auto& objective) {
  const std::function<bool()> never;
  for (const std::size_t width : {std::size_t{0}, std::size_t{1}, std::size_t{4}, kAnyWidth}) {
    Work work(never);
    task.width = width;
    const StageAnswer answer = solve_stage(task, work);
    REQUIRE(answer.lower <= optimum);
    if (answer.best) REQUIRE(objective(answer.best->cost) >= optimum);
    if (width != kAnyWidth) continue;
    REQUIRE(answer.lower == optimum);
    if (optimum < kUnlimited) REQUIRE(objective(answer.best->cost) == optimum);
  }
}

StageTask task_of(StageCatalog& catalog, Purpose purpose, Time cap) {
  const int key = catalog.keys().key(0, catalog.layers());
  return catalog.task({.stage_class = 0, .key = key}, purpose,
                      catalog.effective(key, only_optimizer(cap)));
}

// Five equal layers whose options, in three layouts with few and small tolls, are often equal.
Problem tied_problem(Dice& dice) {
  const auto roll_toll = [&] {
    return Toll{.time = dice.roll(0, 1), .transient = dice.roll(0, 1)};
  };
  LayerType type;
  for (int i = 0; i < 5; ++i) {
    const Time time = dice.roll(1, 2);
    type.options.push_back({.layout = i % 3,
                            .time = time,
                            .backward = dice.roll(0, time),
                            .sync = dice.roll(0, 1),
                            .optimizer = dice.roll(0, 1),
                            .states = dice.roll(0, 2),
                            .activations = dice.roll(0, 1),
                            .transient = dice.roll(0, 2)});
  }
  SwitchTable table;
  for (int i = 0; i < 9; ++i) table.tolls.push_back(dice.one_in(2) ? Toll{} : roll_toll());
  return {.micro_batches = 2,
          .layouts = 3,
          .types = {type},
          .layers = std::vector<int>(5, 0),
          .switches = {table},
          .stages = one_forward_one_backward_stages(1, 2, 0),
          .memory_budget = dice.roll(3, 9)};
}

}  // namespace

TEST_CASE("a stage's least time is bounded, met and within the cap on the optimizer") {
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    Dice dice(seed);
    const Problem problem = random_problems(dice).front();
    const StageShape shape = problem.stages.front();
    StageCatalog catalog(problem);
    for (const Time cap :
         {catalog.most_optimizer(), catalog.most_optimizer() / 2, catalog.least_optimizer()}) {
      INFO("seed " << seed << ", cap " << cap);
      const StageTask task = task_of(catalog, Purpose::least_time, cap);
      check_answers(task, least_time(with_kept_options(problem, *task.model), shape, cap),
                    [](const StageCost& cost) { return cost.time; });
    }
  }
}

TEST_CASE("the closing stage trades its sync against being the slowest") {
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    Dice dice(seed);
    const Problem problem = random_problems(dice).front();
    const StageShape shape = problem.stages.front();
    StageCatalog catalog(problem);
    const Time typical = problem.types.front().options.front().time;
    for (const Time slowest : {Time{0}, typical, 4 * typical}) {
      INFO("seed " << seed << ", slowest " << slowest);
      StageTask task = task_of(catalog, Purpose::first_stage, kUnlimited);
      task.target.offset = {(problem.micro_batches - 1) * slowest, 0, 0};
      check_answers(task, least_phi(problem, shape, slowest), [&](const StageCost& cost) {
        return cost.time + cost.sync + (problem.micro_batches - 1) * std::max(cost.time, slowest);
      });
    }
  }
}

TEST_CASE("no choice beats all points of a stage's front") {
  const std::function<bool()> never;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    Dice dice(seed);
    const Problem problem = random_problems(dice).front();
    StageCatalog catalog(problem);
    Work work(never);
    StageTask task = task_of(catalog, Purpose::front, kUnlimited);
    task.width = kAnyWidth;
    const std::vector<StagePoint> front = *stage_front(task, work);
    for_each_choice(problem, problem.stages.front(), [&](const StageCost& cost) {
      INFO("seed " << seed);
      REQUIRE(std::any_of(front.begin(), front.end(), [&](const StagePoint& point) {
        return point.cost.time <= cost.time &&
               point.cost.time + point.cost.sync <= cost.time + cost.sync &&
               point.cost.time - point.cost.backward <= cost.time - cost.backward;
      }));
    });
  }
}

TEST_CASE("among equal layers with many ties no solution is lost") {
  const std::function<bool()> never;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    INFO("seed " << seed);
    Dice dice(seed);
    const Problem problem = tied_problem(dice);
    StageCatalog catalog(problem);
    for (const Time cap : {kUnlimited, Time{3}, Time{2}}) {
      const StageTask task = task_of(catalog, Purpose::least_time, cap);
      const Problem kept = with_kept_options(problem, *task.model);
      check_answers(task, least_time(kept, problem.stages.front(), cap),
                    [](const StageCost& cost) { return cost.time; });
    }
    Work work(never);
    StageTask task = task_of(catalog, Purpose::front, kUnlimited);
    task.width = kAnyWidth;
    const std::vector<StagePoint> front = *stage_front(task, work);
    for_each_choice(problem, problem.stages.front(), [&](const StageCost& cost) {
      REQUIRE(std::any_of(front.begin(), front.end(), [&](const StagePoint& point) {
        return point.cost.time <= cost.time &&
               point.cost.time + point.cost.sync <= cost.time + cost.sync &&
               point.cost.time - point.cost.backward <= cost.time - cost.backward;
      }));
    });
  }
}

}  // namespace galvatron::search
