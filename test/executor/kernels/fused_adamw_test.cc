#include "executor/kernels/fused_adamw.h"

#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/zeros.h>

#include "test/executor/kernels/gpu_numbers.h"

#undef CHECK
#include "test/catch.h"

namespace galvatron {
namespace {

constexpr AdamWStep kStep{
    .learning_rate = 0.01, .beta1 = 0.9, .beta2 = 0.95, .epsilon = 1e-8, .weight_decay = 0.1};

// `begin` elements into a buffer, one more behind it.
struct Shard {
  Shard(std::int64_t begin, std::int64_t elements)
      : buffer(normals({.shape = {begin + elements + 1}, .seed = 3})),
        weights(buffer.narrow(0, begin, elements)),
        before(buffer.clone()) {}

  at::Tensor buffer;
  at::Tensor weights;
  at::Tensor before;
};

// Three steps of LibTorch's own on the CPU.
at::Tensor reference(at::Tensor weights, const std::vector<at::Tensor>& gradients) {
  const at::Tensor mean = at::zeros(weights.sizes());
  const at::Tensor square = at::zeros(weights.sizes());
  const at::Tensor updates = at::zeros({});
  for (const at::Tensor& gradient : gradients) {
    updates.add_(1);
    at::_fused_adamw_({weights}, {exact(gradient)}, {mean}, {square}, {}, {updates},
                      kStep.learning_rate, kStep.beta1, kStep.beta2, kStep.weight_decay,
                      kStep.epsilon, /*amsgrad=*/false, /*maximize=*/false);
  }
  return weights;
}

}  // namespace

TEST_CASE("fused AdamW is LibTorch's, at any size and place") {
  const std::int64_t elements = GENERATE(1, 3, 4, 257, 100003);
  const std::int64_t begin = GENERATE(0, 1, 4);
  Shard shard(begin, elements);
  const auto options = shard.weights.options();
  const at::Tensor mean = at::zeros({elements}, options);
  const at::Tensor square = at::zeros({elements}, options);
  const at::Tensor copy = at::zeros({elements}, options.dtype(at::kBFloat16));
  std::vector<at::Tensor> gradients;
  for (std::uint64_t seed = 10; seed < 13; ++seed) {
    gradients.push_back(normals({.shape = {elements}, .seed = seed}));
  }
  const at::Tensor expected = reference(exact(shard.weights), gradients);

  AdamWStep step = kStep;
  for (const at::Tensor& gradient : gradients) {
    step.updates += 1;
    fused_adamw({.weights = shard.weights,
                 .gradient = gradient,
                 .first_moment = mean,
                 .second_moment = square,
                 .copy = copy},
                step);
    CHECK(gradient.count_nonzero().item<std::int64_t>() == 0);
  }
  CHECK(distance(shard.weights, expected) < 1e-6);
  CHECK(copy.equal(shard.weights.to(at::kBFloat16)));
  SECTION("its neighbours stay") {
    CHECK(shard.buffer.narrow(0, 0, begin).equal(shard.before.narrow(0, 0, begin)));
    CHECK(shard.buffer.narrow(0, begin + elements, 1)
              .equal(shard.before.narrow(0, begin + elements, 1)));
  }
}

TEST_CASE("fused AdamW refuses a gradient of another type") {
  const at::Tensor weights = normals({.shape = {4}});
  const at::Tensor gradient = normals({.shape = {4}, .type = at::kBFloat16});
  CHECK_THROWS_AS(fused_adamw({.weights = weights,
                               .gradient = gradient,
                               .first_moment = weights.clone(),
                               .second_moment = weights.clone()},
                              kStep),
                  std::invalid_argument);
}

}  // namespace galvatron
