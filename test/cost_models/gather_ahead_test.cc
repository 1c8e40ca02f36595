#include "cost_models/gather_ahead.h"

#include "test/catch.h"
#include "test/cost_models/sample_layers.h"

namespace galvatron {
namespace {

constexpr Strategy kSharded{.tensor = 2, .data = 4, .zero = Zero::parameters};

bool goes_ahead(const Layer& next, const Strategy& strategy, const Layer& computing,
                const Strategy& other) {
  return is_gathered_ahead({.layer = next, .strategy = strategy},
                           {.layer = computing, .strategy = other});
}

TEST_CASE("a block is gathered ahead of a block under ZeRO 3 of the same layout") {
  const Layer block = gpt_block(8, 2, 12);
  CHECK(goes_ahead(block, kSharded, block, kSharded));
  Strategy other = kSharded;
  other.recompute = Recompute::full;
  CHECK(goes_ahead(block, kSharded, block, other));
  other.zero = Zero::gradients;
  CHECK_FALSE(goes_ahead(block, kSharded, block, other));
  CHECK_FALSE(goes_ahead(block, other, block, kSharded));
  // Tokens lie elsewhere: a redistribution stands between the two.
  other = {.tensor = 1, .data = 8, .zero = Zero::parameters};
  CHECK_FALSE(goes_ahead(block, kSharded, block, other));
}

TEST_CASE("a block is not gathered ahead of a smaller one") {
  const Layer small = gpt_block(8, 2, 12);
  const Layer large = gpt_block(16, 2, 12);
  CHECK(goes_ahead(small, kSharded, large, kSharded));
  CHECK_FALSE(goes_ahead(large, kSharded, small, kSharded));
}

TEST_CASE("nothing goes ahead where computation and traffic share the time") {
  Hardware hardware;
  Runtime runtime;
  const auto gains = [&](double kx, double ky) {
    hardware.overlap = {.compute_slowdown = kx, .traffic_slowdown = ky};
    return gains_by_overlap(hardware, runtime);
  };
  CHECK(gains(1, 1));
  CHECK(gains(1.25, 1));
  CHECK_FALSE(gains(2, 2));
  CHECK_FALSE(gains(1.95, 1.95));  // as a transport that blocks is measured
  runtime.gradient_sync = Traffic::blocking;
  CHECK_FALSE(gains(1, 1));
}

TEST_CASE("embedding, head and blocks that hold a tied table are gathered alone") {
  const Layer block = gpt_block(8, 2, 12);
  for (const Layer& layer : {gpt_embedding(8, 512, 12), gpt_head(8, 512, 12)}) {
    CHECK_FALSE(may_gather_ahead(layer));
    CHECK_FALSE(goes_ahead(layer, kSharded, block, kSharded));
    CHECK_FALSE(goes_ahead(block, kSharded, layer, kSharded));
  }
  Layer with_table = block;
  with_table.parameters.push_back({.shape = {64, 8}, .tied_table = "words"});
  CHECK_FALSE(may_gather_ahead(with_table));
  // What lies everywhere is never gathered.
  with_table.parameters.back().everywhere = true;
  CHECK(may_gather_ahead(with_table));
}

// 416 elements on one of two tensor ranks, see the test of parameter units.
TEST_CASE("what ZeRO 3 gathers of a layer is all of its elements in the compute type") {
  const std::vector<ParameterUnit> units = parameter_units(gpt_block(8, 2, 12), kSharded.tensor);
  CHECK(gathered_bytes(units, kSharded, Precision::bf16) == Bytes{2 * 416});
  CHECK(gathered_bytes(units, kSharded, Precision::fp32) == Bytes{4 * 416});
  Strategy whole = kSharded;
  whole.zero = Zero::gradients;
  CHECK(gathered_bytes(units, whole, Precision::bf16) == Bytes{});
}

}  // namespace
}  // namespace galvatron
