#include "cost_models/memory_laws.h"

#include "test/catch.h"
#include "test/cost_models/sample_layers.h"

namespace galvatron {
namespace {

constexpr std::int64_t kSequence = 1024;
constexpr std::int64_t kHidden = 512;
constexpr std::int64_t kVocabulary = 2048;

LayerPlacement placement(const MemoryLaws& laws, const Strategy& strategy) {
  return {.strategy = strategy,
          .group_tokens = kSequence,
          .precision = Precision::bf16,
          .laws = RuntimeLaws{.memory = laws}};
}

TEST_CASE("at the loss live the logits and what is whole on every tensor rank") {
  const MemoryLaws laws{.loss_bytes_per_logit = 10, .wide_bytes = 8};
  const Layer head = gpt_head(kHidden, kVocabulary, kSequence);
  const ModelledMemory memory =
      modelled_memory(head, placement(laws, {.tensor = 4}), {.parameters = 1000});
  CHECK(memory.transient.value == 10 * kSequence * kVocabulary / 4 + 8 * kSequence * kHidden);
  CHECK(memory.gradients.value == 0);
}

TEST_CASE("what the head leaves to backward counts once: as gradients, not at the loss") {
  const MemoryLaws laws{
      .loss_bytes_per_logit = 10, .wide_bytes = 0, .head_weight_bytes = 2, .head_logit_bytes = 4};
  const Layer head = gpt_head(kHidden, kVocabulary, kSequence);
  const ModelledMemory memory = modelled_memory(head, placement(laws, {}), {.parameters = 1000});
  CHECK(memory.gradients.value == 2 * 1000 + 4 * kSequence * kVocabulary);
  CHECK(memory.gradients.value + memory.transient.value == 10 * kSequence * kVocabulary);
}

TEST_CASE("at the first block of backward live workspaces and what recomputation brings back") {
  const MemoryLaws laws{.wide_bytes = 4, .widest_weight_bytes = 4, .recomputed_share = 1.5};
  const Layer block = gpt_block(kHidden, 8, kSequence);
  const ModelledMemory memory = modelled_memory(block, placement(laws, {.tensor = 2}),
                                                {.parameters = 0, .dropped = Bytes{1000}});
  CHECK(memory.transient.value == 4 * kSequence * kHidden + 4 * (kHidden * 4 * kHidden / 2) + 1500);
}

TEST_CASE("gathered parameters: layers of blocks while they pass, tables throughout") {
  const MemoryLaws laws{.wide_bytes = 0, .gathered_layers = 2};
  const Strategy sharded{.data = 8, .zero = Zero::parameters};
  const Layer block = gpt_block(kHidden, 8, kSequence);
  const Layer table = gpt_embedding(kHidden, kVocabulary, kSequence);
  CHECK(modelled_memory(block, placement(laws, sharded), {.parameters = 100}).transient.value ==
        2 * 2 * 100);
  CHECK(modelled_memory(table, placement(laws, sharded), {.parameters = 100}).gathered.value ==
        2 * 100);
  CHECK(modelled_memory(table, placement(laws, {.data = 8}), {.parameters = 100}).gathered.value ==
        0);
}

TEST_CASE("unfused attention with dropout keeps 34 + 5 a s / h bytes per token and width") {
  // Korthikanti et al., equation 1, with the sample block as Megatron computes it.
  const Layer block = gpt_block(kHidden, 8, kSequence);
  LayerPlacement what = placement({}, {});
  what.attention = AttentionKernel::unfused_with_dropout;
  const LayerMemory memory = layer_memory(block, what);
  CHECK(memory.saved.value == kSequence * (34 * kHidden + 5 * 8 * kSequence));
}

}  // namespace
}  // namespace galvatron
