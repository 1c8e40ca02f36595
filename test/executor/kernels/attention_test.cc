#include "executor/layers/attention.h"

#include <ATen/ops/zeros.h>

#include "test/executor/kernels/gpu_numbers.h"

#undef CHECK
#include "test/catch.h"

namespace galvatron {
namespace {

struct AttentionCase {
  AttentionShape shape;
  at::ScalarType type = at::kFloat;
  std::int64_t sequence = 0;
  std::int64_t heads = 0;
  std::int64_t key_heads = 0;
};

// Output and gradients of query, key and value.
std::vector<at::Tensor> run(const AttentionShape& shape, std::vector<at::Tensor> inputs) {
  for (std::size_t i = 0; i < 3; ++i) inputs[i] = inputs[i].detach().requires_grad_(true);
  const at::Tensor output = attention(shape, {inputs[0], inputs[1], inputs[2]});
  output.backward(inputs[3]);
  return {output, inputs[0].grad(), inputs[1].grad(), inputs[2].grad()};
}

// A single key has all the weight whatever its score: gradients of query and key are then what
// rounding leaves of numbers that cancel, which no two kernels share.
double allowed(const AttentionCase& of) {
  return of.type == at::kFloat && of.sequence == 1 ? 5e-4 : 2 * tolerance(of.type);
}

void compare(const AttentionCase& of) {
  const std::int64_t rows = of.shape.samples * of.sequence;
  const auto draw = [&](std::int64_t heads, std::uint64_t seed) {
    return normals({.shape = {rows, heads * of.shape.head_size}, .type = of.type, .seed = seed});
  };
  const std::vector<at::Tensor> inputs{draw(of.heads, 1), draw(of.key_heads, 2),
                                       draw(of.key_heads, 3), draw(of.heads, 4)};
  std::vector<at::Tensor> on_cpu;
  for (const at::Tensor& input : inputs) on_cpu.push_back(exact(input));
  AttentionShape shape = of.shape;
  if (shape.mask.defined()) shape.mask = exact(shape.mask);
  const std::vector<at::Tensor> expected = run(shape, on_cpu);
  const std::vector<at::Tensor> actual = run(of.shape, inputs);
  for (std::size_t i = 0; i < actual.size(); ++i) {
    CAPTURE(i);
    CHECK(distance(actual[i], expected[i]) < allowed(of));
  }
}

}  // namespace

TEST_CASE("attention on a GPU is that of the CPU") {
  const at::ScalarType type = GENERATE(at::kFloat, at::kBFloat16);
  const bool causal = GENERATE(true, false);
  const std::int64_t head_size = GENERATE(6, 64, 80, 128, 160);
  const std::int64_t key_heads = GENERATE(4, 2);
  const std::int64_t sequence = GENERATE(1, 77, 256);
  CAPTURE(type, causal, head_size, key_heads, sequence);
  compare({.shape = {.samples = 2, .head_size = head_size, .causal = causal},
           .type = type,
           .sequence = sequence,
           .heads = 4,
           .key_heads = key_heads});
}

TEST_CASE("attention on a GPU does not look at masked keys, be they first or last") {
  const at::ScalarType type = GENERATE(at::kFloat, at::kBFloat16);
  const std::int64_t first = GENERATE(0, 70);
  constexpr std::int64_t kSequence = 77;
  at::Tensor mask = at::zeros({2, 1, 1, kSequence}, at::device(at::kCUDA).dtype(type));
  mask.narrow(3, first, 7)
      .fill_(type == at::kFloat ? static_cast<double>(std::numeric_limits<float>::lowest())
                                : -std::numeric_limits<double>::infinity());
  compare({.shape = {.samples = 2, .head_size = 64, .causal = false, .mask = mask},
           .type = type,
           .sequence = kSequence,
           .heads = 4,
           .key_heads = 4});
}

}  // namespace galvatron
