#include "cost_models/memory.h"

#include "test/catch.h"
#include "test/cost_models/sample_layers.h"

namespace galvatron {
namespace {

// hidden 8: 416 elements on one of two tensor ranks (see the test of parameter units), a multiple
// of the data degree 4; 24 tokens.
constexpr std::int64_t kElements = 416;
constexpr std::int64_t kTokens = 24;

LayerMemory block_memory(const Strategy& strategy, Precision precision) {
  return layer_memory(gpt_block(8, 2, 12),
                      {.strategy = strategy, .group_tokens = kTokens, .precision = precision});
}

TEST_CASE("states follow the ZeRO stage in fp32") {
  Strategy strategy{.tensor = 2, .data = 4};
  const auto states = [&](Zero zero) {
    strategy.zero = zero;
    const LayerMemory memory = block_memory(strategy, Precision::fp32);
    return std::vector{memory.parameters.value, memory.gradients.value, memory.optimizer.value};
  };
  CHECK(states(Zero::none) == std::vector{4 * kElements, 4 * kElements, 8 * kElements});
  CHECK(states(Zero::optimizer) == std::vector{4 * kElements, 4 * kElements, 2 * kElements});
  CHECK(states(Zero::gradients) == std::vector{4 * kElements, kElements, 2 * kElements});
  CHECK(states(Zero::parameters) == std::vector{kElements, kElements, 2 * kElements});
}

TEST_CASE("bf16 keeps an fp32 master, which is the parameter shard of ZeRO 3") {
  Strategy strategy{.tensor = 2, .data = 4};
  const auto states = [&](Zero zero) {
    strategy.zero = zero;
    const LayerMemory memory = block_memory(strategy, Precision::bf16);
    return std::vector{memory.parameters.value, memory.gradients.value, memory.optimizer.value};
  };
  CHECK(states(Zero::none) == std::vector{2 * kElements, 4 * kElements, 12 * kElements});
  CHECK(states(Zero::optimizer) == std::vector{2 * kElements, 4 * kElements, 3 * kElements});
  CHECK(states(Zero::parameters) == std::vector{kElements, kElements, 2 * kElements});
}

TEST_CASE("saved tensors divide over the tensor group as they spread") {
  // Per token: input, middle and norm outputs 8 each; q, k, v 24, attention 8, up and GeLU 32 each.
  CHECK(block_memory({.tensor = 2}, Precision::bf16).saved ==
        Bytes{2 * kTokens * (4 * 8 + (24 + 8 + 32 + 32) / 2)});
  CHECK(block_memory({.tensor = 2, .sequence_parallel = true}, Precision::bf16).saved ==
        Bytes{2 * kTokens * (4 * 8 / 2 + (24 + 8 + 32 + 32) / 2)});
}

TEST_CASE("recomputation keeps what its table row says") {
  const auto saved = [](Recompute recompute) {
    return block_memory({.recompute = recompute}, Precision::bf16).saved.value;
  };
  CHECK(saved(Recompute::none) == 2 * kTokens * 128);
  CHECK(saved(Recompute::selective) == 2 * kTokens * (128 - 8 - 8 - 32));
  CHECK(saved(Recompute::full) == 2 * kTokens * 8);
}

TEST_CASE("the transient is the largest moment with what recomputation brings back") {
  // Largest moment: output gradient 8 and GeLU gradient 32 per token.
  const auto transient = [](Recompute recompute) {
    return block_memory({.recompute = recompute}, Precision::bf16).transient.value;
  };
  CHECK(transient(Recompute::none) == 2 * kTokens * 40);
  // Selective recomputation is in the table of moments already.
  CHECK(transient(Recompute::selective) == 2 * kTokens * 40);
  CHECK(transient(Recompute::full) == 2 * kTokens * (40 + 120));
}

TEST_CASE("ZeRO 2 adds the whole gradient in backward, ZeRO 3 the gathered parameters throughout") {
  Strategy strategy{.tensor = 2, .data = 4};
  const std::int64_t plain = block_memory(strategy, Precision::bf16).transient.value;
  strategy.zero = Zero::optimizer;
  CHECK(block_memory(strategy, Precision::bf16).transient.value == plain);
  strategy.zero = Zero::gradients;
  CHECK(block_memory(strategy, Precision::bf16).transient.value == plain + 4 * kElements);
  strategy.zero = Zero::parameters;
  CHECK(block_memory(strategy, Precision::bf16).transient.value == plain + 6 * kElements);
}

TEST_CASE("a moment frees a saved tensor only where forward has kept it") {
  Layer layer = gpt_block(8, 2, 12);
  layer.forward_moments = {};
  layer.backward_moments = {
      {"up", {{"gradient", 64, Spread::tensor}, {"GeLU output", -32, Spread::tensor}}}};
  const auto transient = [&](Recompute recompute) {
    return layer_memory(layer, {.strategy = {.recompute = recompute},
                                .group_tokens = kTokens,
                                .precision = Precision::bf16})
        .transient.value;
  };
  CHECK(transient(Recompute::none) == 2 * kTokens * (64 - 32));
  CHECK(transient(Recompute::selective) == 2 * kTokens * 64);
  CHECK(transient(Recompute::full) == 2 * kTokens * (64 - 32 + 120));
}

TEST_CASE("full recomputation is a forward beside which the output's gradient waits") {
  Layer layer = gpt_block(8, 2, 12);
  layer.forward_moments = {{"join", {{"output and parts", 50}}}};
  layer.backward_moments = {{"split", {{"gradients", 40}}}};
  const auto transient = [&] {
    return layer_memory(layer, {.strategy = {.recompute = Recompute::full},
                                .group_tokens = kTokens,
                                .precision = Precision::bf16})
        .transient.value;
  };
  CHECK(transient() == 2 * kTokens * (50 + 8 + 120));
  layer.kind = LayerKind::head;
  CHECK(transient() == 2 * kTokens * (50 + 120));
}

TEST_CASE("a layer without moments is bounded by its products") {
  Layer layer = gpt_block(8, 2, 12);
  layer.forward_moments = {};
  layer.backward_moments = {};
  // Largest: up with its whole input 8 and its split output 32 / 2 per token.
  CHECK(layer_memory(layer, {.strategy = {.tensor = 2}, .group_tokens = kTokens}).transient ==
        Bytes{4 * kTokens * (8 + 16)});
}

TEST_CASE("unfused attention keeps the scores of every pair of tokens") {
  // Korthikanti et al.: 5 a s bytes per token and rank with dropout, nothing when recomputed.
  LayerPlacement placement{
      .strategy = {.tensor = 2}, .group_tokens = kTokens, .precision = Precision::bf16};
  const Layer layer = gpt_block(8, 2, 12);
  const Bytes fused = layer_memory(layer, placement).saved;
  placement.attention = AttentionKernel::unfused_with_dropout;
  CHECK(layer_memory(layer, placement).saved - fused == Bytes{kTokens * 5 * 2 * 12 / 2});
  placement.attention = AttentionKernel::unfused;
  CHECK(layer_memory(layer, placement).saved - fused == Bytes{kTokens * 2 * 2 * 12 / 2});
  placement.strategy.recompute = Recompute::selective;
  const Bytes selective = layer_memory(layer, placement).saved;
  placement.attention = AttentionKernel::fused;
  CHECK(layer_memory(layer, placement).saved == selective);
}

TEST_CASE("a table that another layer of the stage stores is gathered but not kept") {
  LayerPlacement placement{.strategy = {.data = 2, .zero = Zero::parameters}, .group_tokens = 4};
  const Layer head = gpt_head(8, 10, 4);
  const LayerMemory stored = layer_memory(head, placement);
  placement.tied_tables = LayerPlacement::TiedTables::held_elsewhere;
  const LayerMemory shared = layer_memory(head, placement);
  CHECK(stored.parameters - shared.parameters == Bytes{4 * 80 / 2});
  CHECK(shared.parameters == Bytes{4 * 16 / 2});
  CHECK(shared.transient == stored.transient);
}

TEST_CASE("the total adds every part") {
  const MemoryParts parts{.parameters = Bytes{1},
                          .gradients = Bytes{2},
                          .optimizer = Bytes{4},
                          .activations = Bytes{8},
                          .transient = Bytes{16},
                          .context = Bytes{32},
                          .communicators = Bytes{64},
                          .reserve = Bytes{128}};
  CHECK(total(parts) == Bytes{255});
}

}  // namespace
}  // namespace galvatron
