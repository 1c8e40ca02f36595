#include "planner/search/master_program.h"

#include <algorithm>

#include "test/catch.h"

namespace galvatron::search {
namespace {

// A path of this cost and share of the room.
Column path(std::size_t index, double cost, double memory) {
  Column column{.cost = cost, .path = index};
  column.entry[0] = 1;
  column.entry[kMemoryRow] = memory;
  return column;
}

}  // namespace

// Half of 10 with 1.5 rooms and half of 30 with half a room fill the room and cost 20. The price of
// a room is (10 - 30) / (1.5 - 0.5) = -20, and 40 = 20 + 20 for the mix itself.
TEST_CASE("the mix of two paths that fills the room tells the price of memory") {
  const std::vector<Column> columns{path(0, 10, 1.5), path(1, 30, 0.5), path(2, 60, 0.1)};
  MasterProgram program(60, columns.back());
  REQUIRE(program.improve(columns));
  std::vector<std::size_t> mixed = program.mixed_paths();
  std::sort(mixed.begin(), mixed.end());
  CHECK(mixed == std::vector<std::size_t>{0, 1});
  CHECK(program.prices()[0] == Approx(40));
  CHECK(program.prices()[kMemoryRow] == Approx(-20));
  CHECK(MasterProgram::reduced_cost(columns[0], program.prices()) == Approx(0).margin(1e-9));
  CHECK(MasterProgram::reduced_cost(columns[2], program.prices()) == Approx(60 - 40 + 2));
}

// Both cost 10 by the first criterion. The second says 30 and 6: a mix with equal sums is 1 part of
// the first to 5 of the second.
TEST_CASE("a mix levels its two criteria where that is cheapest") {
  constexpr double kUnit = 20;
  Column one = path(0, 10, 0), other = path(1, 10, 0);
  one.entry[kCriterionRow] = (30 - 10) / kUnit;
  other.entry[kCriterionRow] = (6 - 10) / kUnit;
  MasterProgram program(kUnit, one);
  REQUIRE(program.improve({one, other}));
  CHECK(program.prices()[0] == Approx(10));
  const std::vector<std::size_t> mixed = program.mixed_paths();
  CHECK(std::find(mixed.begin(), mixed.end(), 1) != mixed.end());
}

}  // namespace galvatron::search
