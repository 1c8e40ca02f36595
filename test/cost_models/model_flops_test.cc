#include "cost_models/model_flops.h"

#include "test/catch.h"

namespace galvatron {
namespace {

// 10 tokens: 2 x 10 x 4 x 6 = 480; attention: 4 x 10 x 10 x (2 x 8) = 6400, causal half.
TEST_CASE("products and attention are counted for every sample") {
  Layer layer{.tokens_per_sample = 10,
              .products = {{.name = "p", .inputs = 4, .outputs = 6}},
              .attentions = {{.heads = 2, .head_size = 8, .causal = false}}};
  CHECK(forward_flops(layer, 3).value == 3 * (480 + 6400));
  CHECK(training_flops(layer, 1).value == 3 * (480 + 6400));
  layer.attentions[0].causal = true;
  CHECK(forward_flops(layer, 1).value == 480 + 3200);
}

TEST_CASE("windows and products of single tokens count as what they are") {
  const Layer layer{
      .tokens_per_sample = 16,
      .products = {{.name = "class", .inputs = 2, .outputs = 3, .tokens_per_sample = 1}},
      .attentions = {
          {.heads = 1, .head_size = 1, .causal = false, .queries = 4, .keys = 4, .windows = 4}}};
  CHECK(forward_flops(layer, 1).value == 12 + 4 * 64);
}

}  // namespace
}  // namespace galvatron
