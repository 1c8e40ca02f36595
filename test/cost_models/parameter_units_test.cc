#include "cost_models/parameter_units.h"

#include "test/catch.h"
#include "test/cost_models/sample_layers.h"

namespace galvatron {
namespace {

TEST_CASE("a split dimension divides, a replicated parameter stays whole") {
  CHECK(local_elements({.shape = {16, 48}, .split_dimension = 1, .parts = 3}, 4) == 16 * 12);
  CHECK(local_elements({.shape = {48, 16}, .split_dimension = 0}, 2) == 24 * 16);
  CHECK(local_elements({.shape = {16}}, 4) == 16);
}

TEST_CASE("a padded dimension grows to a multiple of the tensor degree") {
  // 50257 rows over 4 ranks: 12565 each.
  const Parameter table{.shape = {50257, 8}, .split_dimension = 0, .pads = true};
  CHECK(local_elements(table, 1) == 50257 * 8);
  CHECK(local_elements(table, 4) == 12565 * 8);
}

TEST_CASE("a block is one unit with its token-local parameters last") {
  const auto units = parameter_units(gpt_block(8, 2, 4), 2);
  REQUIRE(units.size() == 1);
  // Halves of qkv 8 x 24, projection 8 x 8, up 8 x 32, down 32 x 8; both norms whole.
  CHECK(units[0] == ParameterUnit{.parameters = {1, 2, 4, 5, 0, 3},
                                  .elements = 96 + 32 + 128 + 128 + 32,
                                  .token_local_elements = 32});
}

TEST_CASE("a tied table is a unit of its own behind the layer's own parameters") {
  const auto units = parameter_units(gpt_head(8, 11, 4), 2);
  REQUIRE(units.size() == 2);
  CHECK(units[0] == ParameterUnit{.parameters = {0}, .elements = 16, .token_local_elements = 16});
  CHECK(units[1] == ParameterUnit{.tied_table = "table", .parameters = {1}, .elements = 6 * 8});
  // A layer of nothing but a tied table has no unit of its own.
  CHECK(parameter_units(gpt_embedding(8, 11, 4), 2).size() == 1);
  CHECK(parameter_units(gpt_embedding(8, 11, 4), 2)[0].tied_table == "table");
}

TEST_CASE("sharded units are padded to the data degree, others are not") {
  const ParameterUnit unit{.parameters = {0}, .elements = 101};
  CHECK(unit_elements(unit, {.data = 4}) == 101);
  CHECK(shard_elements(unit, {.data = 4}) == 101);
  for (const Zero zero : {Zero::optimizer, Zero::gradients, Zero::parameters}) {
    CHECK(unit_elements(unit, {.data = 4, .zero = zero}) == 104);
    CHECK(shard_elements(unit, {.data = 4, .zero = zero}) == 26);
  }
}

}  // namespace
}  // namespace galvatron
