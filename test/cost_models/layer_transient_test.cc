#include "cost_models/layer_transient.h"

#include "cost_models/layer_cost.h"
#include "test/catch.h"
#include "test/cost_models/sample_layers.h"

namespace galvatron {
namespace {

LayerPlacement placement(Zero zero) {
  return {.strategy = {.tensor = 2, .data = 4, .zero = zero},
          .group_tokens = 24,
          .precision = Precision::bf16};
}

// Elements of the block on one of two tensor ranks; backward's moment is the larger by far.
constexpr std::int64_t kElements = 416;

TEST_CASE("what is gathered ahead lives beside the pass that it is gathered in") {
  const Layer block = gpt_block(8, 2, 12);
  const auto transient = [&](Zero zero, const GatheredAhead& ahead) {
    return layer_memory(block, placement(zero), ahead).transient.value;
  };
  const std::int64_t plain = transient(Zero::none, {});
  const std::int64_t alone = transient(Zero::parameters, {});
  CHECK(alone == plain + (4 + 2) * kElements);
  CHECK(transient(Zero::parameters, {.backward = Bytes{700}}) == alone + 700);
  CHECK(transient(Zero::parameters, {.forward = Bytes{1}}) == alone);
  // So much that forward is the larger pass.
  const std::int64_t shift = 100'000;
  const auto forward = [&](std::int64_t more) {
    return transient(Zero::parameters, {.forward = Bytes{shift + more}, .backward = Bytes{700}});
  };
  CHECK(forward(0) > alone + 700);
  CHECK(forward(9) == forward(0) + 9);
}

TEST_CASE("a layer's cost has room for a neighbour as large as itself") {
  const LayerPlacement sharded = placement(Zero::parameters);
  const Layer block = gpt_block(8, 2, 12);
  const auto ahead = [&](const Layer& layer, const LayerPlacement& where) {
    return most_gathered_ahead(layer, parameter_units(layer, where.strategy.tensor), where);
  };
  CHECK(ahead(block, sharded).forward == Bytes{2 * kElements});
  CHECK(ahead(block, sharded).backward == Bytes{2 * kElements});
  CHECK(ahead(block, placement(Zero::gradients)).backward == Bytes{});
  CHECK(ahead(gpt_head(8, 10, 12), sharded).backward == Bytes{});
  Cluster cluster = a100_cluster(1, 8);
  const LayerSetting setting{.strategy = sharded.strategy,
                             .group_tokens = sharded.group_tokens,
                             .precision = sharded.precision};
  CHECK(layer_cost(block, setting, cluster).memory.transient ==
        layer_memory(block, sharded, ahead(block, sharded)).transient);
  // Where nothing is gained nothing goes ahead.
  cluster.hardware.overlap = {.compute_slowdown = 2, .traffic_slowdown = 2};
  CHECK(layer_cost(block, setting, cluster).memory.transient ==
        layer_memory(block, sharded).transient);
}

// One token: saved 2 x 80 bytes, of these the input 2 x 8; the largest moment 2 x 24. A quarter of
// the gradients is a rank's.
constexpr std::int64_t kSaved = 160;
constexpr std::int64_t kInput = 16;
constexpr std::int64_t kGradients = 4 * kElements;

LayerMemory memory_of_one_token(Zero zero, const GatheredAhead& ahead = {}) {
  LayerPlacement one_token = placement(zero);
  one_token.group_tokens = 1;
  return layer_memory(gpt_block(8, 2, 12), one_token, ahead);
}

TEST_CASE("of few tokens the reduction is the largest moment, when saved tensors are gone") {
  const LayerMemory gradients = memory_of_one_token(Zero::gradients);
  CHECK(gradients.transient.value == kGradients + kGradients / 4 + kInput - kSaved);
  CHECK(gradients.freed.value == kSaved);
  // Its own parameters are gone as well, those of the next layer are not.
  const LayerMemory parameters = memory_of_one_token(Zero::parameters, {.backward = Bytes{5000}});
  CHECK(parameters.transient.value == 5000 + kGradients + 2 * kElements + 48);
  CHECK(parameters.freed.value == 0);
}

TEST_CASE("ZeRO 1 reduces behind the last micro-batch, and its cost has room for that") {
  CHECK(memory_of_one_token(Zero::none).ending == Bytes{});
  CHECK(memory_of_one_token(Zero::gradients).ending == Bytes{});
  const LayerMemory memory = memory_of_one_token(Zero::optimizer);
  CHECK(memory.ending.value == kGradients / 4 + kInput);
  CHECK(memory.transient.value == 48);
  const Cluster cluster = a100_cluster(1, 8);
  const LayerSetting setting{.strategy = placement(Zero::optimizer).strategy,
                             .group_tokens = 1,
                             .precision = Precision::bf16};
  CHECK(layer_cost(gpt_block(8, 2, 12), setting, cluster).memory.transient.value ==
        kGradients / 4 + kInput - kSaved);
}

}  // namespace
}  // namespace galvatron
