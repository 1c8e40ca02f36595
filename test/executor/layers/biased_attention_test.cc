// Attention with a learned bias against LibTorch's own operators.
#include "executor/layers/biased_attention.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/zeros_like.h>

#undef CHECK
#include <vector>

#include "test/catch.h"

namespace galvatron {
namespace {

constexpr std::int64_t kSequences = 6;
constexpr std::int64_t kHeads = 4;
constexpr std::int64_t kQueries = 5;
constexpr std::int64_t kKeys = 7;
constexpr std::int64_t kHeadSize = 3;
constexpr double kScale = 0.4;

at::Tensor drawn(const std::vector<std::int64_t>& shape, std::uint64_t seed) {
  return at::randn(shape, at::detail::createCPUGenerator(seed));
}

struct Leaves {
  AttentionHeads heads;
  at::Tensor bias;

  std::vector<at::Tensor> all() const { return {heads.query, heads.key, heads.value, bias}; }
};

Leaves leaves() {
  Leaves result{.heads = {.query = drawn({kSequences, kHeads, kQueries, kHeadSize}, 1),
                          .key = drawn({kSequences, kHeads, kKeys, kHeadSize}, 2),
                          .value = drawn({kSequences, kHeads, kKeys, kHeadSize}, 3)},
                .bias = drawn({1, kHeads, kQueries, kKeys}, 4)};
  for (at::Tensor leaf : result.all()) leaf.requires_grad_(true);
  return result;
}

// Two masks: the first hides two keys of all queries, the second some of each.
at::Tensor masks() { return drawn({2, 1, kQueries, kKeys}, 5).mul_(3).round_(); }

DropoutSite dropping() {
  return {.stream = {random_stream(1, "probabilities"), 0.25}, .first_row = 2};
}

// What dropping makes of ones: the factor of each probability.
at::Tensor factors(const DropoutSite& site) {
  const at::Tensor ones = at::ones({kSequences, kHeads, kQueries, kKeys});
  drop(site, ones.flatten(1));
  return ones;
}

at::Tensor textbook(const Leaves& leaves, const DropoutSite& site) {
  const auto& [query, key, value] = leaves.heads;
  const at::Tensor scores = at::matmul(query, key.transpose(2, 3)) * kScale + leaves.bias +
                            masks().repeat({kSequences / 2, 1, 1, 1});
  return at::matmul(at::softmax(scores, -1) * factors(site), value);
}

double difference(const at::Tensor& actual, const at::Tensor& expected) {
  return (actual - expected).abs().max().item<double>() / expected.abs().max().item<double>();
}

}  // namespace

TEST_CASE("biased attention and its four gradients are the textbook's") {
  for (const Recompute recompute : {Recompute::none, Recompute::selective}) {
    for (const DropoutSite& site : {DropoutSite{}, dropping()}) {
      const Leaves own = leaves();
      const Leaves other = leaves();
      const at::Tensor actual = biased_attention({.recompute = recompute, .probabilities = site},
                                                 {.scale = kScale,
                                                  .bias = own.bias,
                                                  .bias_again = [&own] { return own.bias; },
                                                  .mask = masks},
                                                 own.heads);
      const at::Tensor expected = textbook(other, site);
      const at::Tensor gradient = drawn(expected.sizes().vec(), 6);
      actual.backward(gradient);
      expected.backward(gradient);

      INFO("recompute " << name_of(kRecomputeNames, recompute) << ", dropped "
                        << site.stream.dropped);
      CHECK(difference(actual, expected) < 1e-5);
      for (std::size_t i = 0; i < own.all().size(); ++i) {
        INFO("gradient " << i);
        CHECK(difference(own.all()[i].grad(), other.all()[i].grad()) < 1e-5);
      }
    }
  }
}

TEST_CASE("attention without a bias or a mask is plain attention") {
  const Leaves own = leaves();
  const auto& [query, key, value] = own.heads;
  const at::Tensor actual = biased_attention({}, {.scale = kScale}, own.heads);
  const at::Tensor expected =
      at::matmul(at::softmax(at::matmul(query, key.transpose(2, 3)) * kScale, -1), value);
  CHECK(difference(actual, expected) < 1e-5);
  actual.sum().backward();
  CHECK(query.grad().defined());
  CHECK(!own.bias.grad().defined());
}

TEST_CASE("two ranks of two heads drop what one rank of four drops") {
  constexpr std::int64_t kColumns = kHeads * kQueries * kKeys;
  const at::Tensor whole = factors(dropping());
  CHECK(whole.eq(0).sum().item<std::int64_t>() > 0);
  for (std::int64_t rank = 0; rank < 2; ++rank) {
    DropoutSite site = dropping();
    site.first_column = rank * kColumns / 2;
    site.columns = kColumns;
    const at::Tensor half = at::ones({kSequences, kColumns / 2});
    drop(site, half);
    CHECK(half.equal(whole.flatten(1).narrow(1, site.first_column, kColumns / 2)));
  }
}

TEST_CASE("rows become heads and come back") {
  const at::Tensor rows = drawn({kSequences * kQueries, kHeads * kHeadSize}, 7);
  const at::Tensor heads = split_heads({.sequences = kSequences, .head_size = kHeadSize}, rows);
  CHECK(heads.sizes() == at::IntArrayRef({kSequences, kHeads, kQueries, kHeadSize}));
  CHECK(heads[1][2][3].equal(rows[kQueries + 3].narrow(0, 2 * kHeadSize, kHeadSize)));
  CHECK(merge_heads(heads).equal(rows));
}

TEST_CASE("a table's bias is its rows by index, and rows used twice learn twice") {
  at::Tensor table = drawn({6, kHeads}, 8).requires_grad_(true);
  table.mutable_grad() = at::zeros_like(table);
  const at::Tensor index = at::arange(6, at::kLong).remainder(5).view({2, 3});  // row 0 twice
  const at::Tensor bias = bias_from_table(table, index);
  CHECK(bias[0][3][0][1].item<float>() == table[1][3].item<float>());
  CHECK(bias[0][1][1][2].item<float>() == table[0][1].item<float>());

  const at::Tensor gradient = drawn({1, kHeads, 2, 3}, 9);
  bias.backward(gradient);
  CHECK(table.grad()[0][1].item<float>() ==
        Approx(gradient[0][1][0][0].item<float>() + gradient[0][1][1][2].item<float>()));
  CHECK(table.grad()[5].abs().max().item<float>() == 0);
}

}  // namespace galvatron
