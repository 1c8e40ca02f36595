// How the optimum must move when the problem is changed in a known way.
#include <algorithm>
#include <functional>

#include "planner/search/search.h"
#include "test/catch.h"
#include "test/planner/search/random_problem.h"

namespace galvatron::search {
namespace {

// kUnlimited when no plan fits.
Time optimum_of(const std::vector<Problem>& problems) {
  const SearchResult result = search(candidates_of(problems), {.gap = 0});
  return result.plan ? result.plan->cost.total : kUnlimited;
}

using Change = std::function<void(Problem&, Dice&)>;
using Relation = std::function<bool(Time before, Time after)>;

void check_change(const Change& change, const Relation& holds) {
  int feasible = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    Dice dice(seed);
    std::vector<Problem> problems = random_problems(dice);
    const Time before = optimum_of(problems);
    const std::uint64_t change_seed = 1000 + seed;
    for (Problem& problem : problems) {
      Dice same(change_seed);  // all problems of a chain change alike
      change(problem, same);
    }
    const Time after = optimum_of(problems);
    INFO("seed " << seed << ": " << before << " became " << after);
    REQUIRE(holds(before, after));
    feasible += before < kUnlimited ? 1 : 0;
  }
  CHECK(feasible > 150);
}

bool is_no_larger(Time before, Time after) { return after <= before; }
bool is_equal(Time before, Time after) { return after == before; }

void double_times(std::vector<Toll>& tolls) {
  for (Toll& toll : tolls) toll.time *= 2;
}

void shrink(std::vector<Toll>& tolls, Dice& dice) {
  for (Toll& toll : tolls) {
    toll.time = dice.roll(0, toll.time);
    toll.transient = dice.roll(0, toll.transient);
  }
}

}  // namespace

TEST_CASE("more memory is never slower") {
  check_change(
      [](Problem& problem, Dice& dice) {
        problem.memory_budget += dice.roll(0, problem.memory_budget / 3 + 1);
      },
      is_no_larger);
}

TEST_CASE("one more option is never slower") {
  check_change(
      [](Problem& problem, Dice& dice) {
        for (LayerType& type : problem.types) {
          Option option = type.options.front();
          option.time = dice.roll(0, option.time);
          option.backward = dice.roll(0, option.time);
          option.transient = 0;
          type.options.push_back(option);
        }
      },
      is_no_larger);
}

TEST_CASE("smaller tolls are never slower") {
  check_change(
      [](Problem& problem, Dice& dice) {
        for (SwitchTable& table : problem.switches) shrink(table.tolls, dice);
        for (LayerType& type : problem.types) {
          shrink(type.enter, dice);
          shrink(type.leave, dice);
        }
      },
      is_no_larger);
}

TEST_CASE("doubling every time doubles the step") {
  check_change(
      [](Problem& problem, Dice&) {
        problem.constant_time *= 2;
        for (SwitchTable& table : problem.switches) double_times(table.tolls);
        for (LayerType& type : problem.types) {
          double_times(type.enter);
          double_times(type.leave);
          for (Option& option : type.options) {
            option.time *= 2;
            option.backward *= 2;
            option.sync *= 2;
            option.optimizer *= 2;
          }
        }
      },
      [](Time before, Time after) {
        return before == kUnlimited ? after == kUnlimited : after == 2 * before;
      });
}

TEST_CASE("the order of options does not matter") {
  check_change(
      [](Problem& problem, Dice& dice) {
        for (LayerType& type : problem.types) {
          const auto turn = dice.roll(0, static_cast<std::int64_t>(type.options.size()) - 1);
          std::rotate(type.options.begin(), type.options.begin() + turn, type.options.end());
        }
      },
      is_equal);
}

TEST_CASE("giving some layers an equal type of their own changes nothing") {
  check_change(
      [](Problem& problem, Dice& dice) {
        const auto copies = problem.types;
        problem.types.insert(problem.types.end(), copies.begin(), copies.end());
        for (int& type : problem.layers) {
          if (dice.one_in(2)) type += static_cast<int>(copies.size());
        }
      },
      is_equal);
}

TEST_CASE("renaming layouts changes nothing") {
  check_change(
      [](Problem& problem, Dice&) {
        const int last = problem.layouts - 1;
        for (SwitchTable& table : problem.switches) {
          std::reverse(table.tolls.begin(),
                       table.tolls.end());  // entry (u, v) becomes (last-u, last-v)
        }
        for (LayerType& type : problem.types) {
          std::reverse(type.enter.begin(), type.enter.end());
          std::reverse(type.leave.begin(), type.leave.end());
          for (Option& option : type.options) option.layout = last - option.layout;
        }
      },
      is_equal);
}

}  // namespace galvatron::search
