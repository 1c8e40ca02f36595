#include "cost_models/layer_collectives.h"

#include "test/catch.h"
#include "test/cost_models/sample_layers.h"

namespace galvatron {
namespace {

using Kind = CollectiveKind;

constexpr Layout kTensor{.tensor = 2};
constexpr Layout kSequence{.tensor = 2, .sequence_parallel = true};

Collective of(Kind kind, std::int64_t bytes) { return {.kind = kind, .payload = Bytes{bytes}}; }

TEST_CASE("without a tensor group a layer communicates nothing") {
  CHECK(layer_collectives(gpt_block(8, 2, 4), {.data = 4}, 12, Precision::bf16) ==
        LayerCollectives{});
}

TEST_CASE("a block reduces twice each way") {
  // 12 tokens x 8 x 2 bytes.
  const LayerCollectives collectives =
      layer_collectives(gpt_block(8, 2, 4), kTensor, 12, Precision::bf16);
  const std::vector<Collective> two(2, of(Kind::all_reduce, 192));
  CHECK(collectives.forward == two);
  CHECK(collectives.backward == two);
}

TEST_CASE("with sequence parallelism a block gathers and scatters, and gathers inputs once more") {
  const LayerCollectives collectives =
      layer_collectives(gpt_block(8, 2, 4), kSequence, 12, Precision::fp32);
  const Collective gather = of(Kind::all_gather, 384);
  const Collective scatter = of(Kind::reduce_scatter, 384);
  CHECK(collectives.forward == std::vector{gather, scatter, gather, scatter});
  CHECK(collectives.backward == std::vector{gather, gather, scatter, gather, gather, scatter});
}

TEST_CASE("a runtime may keep gathered inputs whole, and gather in fp8") {
  const LayerCollectives collectives =
      layer_collectives(gpt_block(8, 2, 4), kSequence, 12, Precision::bf16,
                        {.inputs_again = false, .one_byte_each = true});
  const Collective gather = of(Kind::all_gather, 96);
  const Collective scatter = of(Kind::reduce_scatter, 192);
  CHECK(collectives.forward == std::vector{gather, scatter, gather, scatter});
  CHECK(collectives.backward == std::vector{gather, scatter, gather, scatter});
}

TEST_CASE("products that share an input gather it and reduce its gradient once") {
  Layer layer = gpt_block(8, 2, 4);
  using Split = Product::Split;
  layer.products = {{Split::column, "q", 8, 8},
                    {Split::column, "k", 8, 4, true},
                    {Split::column, "v", 8, 4, true},
                    {Split::row, "projection", 8, 8}};
  CHECK(layer_collectives(layer, kTensor, 12, Precision::bf16).backward ==
        std::vector{of(Kind::all_reduce, 192)});
  CHECK(layer_collectives(layer, kSequence, 12, Precision::bf16).forward ==
        std::vector{of(Kind::all_gather, 192), of(Kind::reduce_scatter, 192)});
}

TEST_CASE("an embedding sums the ranks' parts of the table") {
  const Layer layer = gpt_embedding(8, 11, 4);
  CHECK(layer_collectives(layer, kTensor, 12, Precision::bf16) ==
        LayerCollectives{.forward = {of(Kind::all_reduce, 192)}});
  CHECK(layer_collectives(layer, kSequence, 12, Precision::bf16) ==
        LayerCollectives{.forward = {of(Kind::reduce_scatter, 192)},
                         .backward = {of(Kind::all_gather, 192)}});
}

TEST_CASE("a head reduces the loss in fp32 and its input's gradient") {
  const Layer layer = gpt_head(8, 11, 4);
  CHECK(layer_collectives(layer, kTensor, 12, Precision::bf16) ==
        LayerCollectives{.forward = {of(Kind::all_reduce, 48), of(Kind::all_reduce, 96)},
                         .backward = {of(Kind::all_reduce, 192)}});
  CHECK(layer_collectives(layer, kSequence, 12, Precision::bf16) ==
        LayerCollectives{.forward = {of(Kind::all_gather, 192), of(Kind::all_reduce, 48),
                                     of(Kind::all_reduce, 96)},
                         .backward = {of(Kind::all_gather, 192), of(Kind::reduce_scatter, 192)}});
}

}  // namespace
}  // namespace galvatron
