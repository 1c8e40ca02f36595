#include "planner/search/least_memory.h"

#include "test/catch.h"
#include "test/planner/search/exhaustive.h"
#include "test/planner/search/random_problem.h"

namespace galvatron::search {
namespace {

// Layout changes may need more than least_memory says, so they are made to need nothing.
void remove_toll_buffers(Problem& problem) {
  const auto remove = [](std::vector<Toll>& tolls) {
    for (Toll& toll : tolls) toll.transient = 0;
  };
  for (LayerType& type : problem.types) {
    remove(type.enter);
    remove(type.leave);
  }
  for (SwitchTable& table : problem.switches) remove(table.tolls);
}

bool has_plan(Problem problem, Size budget) {
  problem.memory_budget = budget;
  return exhaustive_optimum({problem}).has_value();
}

TEST_CASE("in the least memory a plan fits, in a byte less none does") {
  int problems = 0;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    Dice dice(seed);
    for (Problem& problem : random_problems(dice)) {
      if (problem.layers.size() < problem.stages.size()) continue;
      remove_toll_buffers(problem);
      if (dice.one_in(3)) roll_cut(dice, problem);
      const Size least = total(least_memory(problem));
      INFO("seed " << seed << ", " << problem.stages.size() << " stages");
      REQUIRE(has_plan(problem, least));
      REQUIRE_FALSE(has_plan(problem, least - 1));
      ++problems;
    }
  }
  CHECK(problems > 150);
}

TEST_CASE("the fullest stage is named with what it holds") {
  // Three layers on two stages: the second stage holds one micro-batch, the first one two. The
  // first takes one layer, 10 + 2 x 4, the second two, 2 x (10 + 4); transients count once.
  const Problem problem{.micro_batches = 2,
                        .types = {{.options = {{.states = 10, .activations = 4, .transient = 3}}}},
                        .layers = {0, 0, 0},
                        .stages = one_forward_one_backward_stages(2, 2, 5)};
  CHECK(least_memory(problem) ==
        LeastMemory{.stage = 1, .states = 20, .activations = 8, .transient = 3, .fixed = 5});
}

}  // namespace
}  // namespace galvatron::search
