#include "executor/kernels/token_softmax.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/maximum.h>
#include <ATen/ops/randint.h>

#include "test/executor/kernels/gpu_numbers.h"

#undef CHECK
#include "test/catch.h"

namespace galvatron {
namespace {

constexpr std::int64_t kIgnoredTarget = -100;
constexpr std::int64_t kTokens = 19;

struct SoftmaxCase {
  at::ScalarType type = at::kFloat;
  Start start = Start::aligned;
  std::int64_t columns = 0;
  std::int64_t vocabulary = 0;  // columns that stand for a token
};

struct SoftmaxInputs {
  at::Tensor logits;
  at::Tensor targets;
};

SoftmaxInputs inputs_of(const SoftmaxCase& of) {
  at::Tensor targets =
      at::randint(of.vocabulary, {kTokens}, at::detail::createCPUGenerator(7), at::kLong);
  targets.narrow(0, 2, 2).fill_(kIgnoredTarget);
  return {.logits =
              normals({.shape = {kTokens, of.columns}, .type = of.type, .start = of.start}).mul_(3),
          .targets = targets.to(at::kCUDA)};
}

// Of the columns that stand for a token, [tokens, vocabulary].
at::Tensor log_probabilities(const SoftmaxInputs& in, std::int64_t vocabulary) {
  return at::log_softmax(exact(in.logits).narrow(1, 0, vocabulary), 1);
}

// Each token's loss, 0 where it is ignored.
at::Tensor losses(const at::Tensor& logarithms, const at::Tensor& targets) {
  const at::Tensor own = targets.cpu();
  const at::Tensor ignored = own.eq(kIgnoredTarget);
  return logarithms.gather(1, own.clamp_min(0).unsqueeze(1))
      .squeeze(1)
      .neg()
      .masked_fill(ignored, 0);
}

at::Tensor gradient_on_cpu(const SoftmaxInputs& in, const SoftmaxCase& of, double factor) {
  at::Tensor gradient = exact(in.logits).zero_();
  const at::Tensor targets = in.targets.cpu();
  const at::Tensor ignored = targets.eq(kIgnoredTarget);
  const at::Tensor probabilities = log_probabilities(in, of.vocabulary).exp();
  gradient.narrow(1, 0, of.vocabulary)
      .copy_(probabilities.scatter_add(1, targets.clamp_min(0).unsqueeze(1),
                                       at::full({kTokens, 1}, -1.0)));
  return gradient.masked_fill_(ignored.unsqueeze(1), 0).mul_(factor);
}

at::Tensor losses_of(const LogitStatistics& all, const at::Tensor& targets) {
  return all.sum.log().add(all.largest).sub(all.target).masked_fill(targets.eq(kIgnoredTarget), 0);
}

}  // namespace

TEST_CASE("logits give their loss and gradient in two passes") {
  const at::ScalarType type = GENERATE(at::kFloat, at::kBFloat16);
  const Start start = GENERATE(Start::aligned, Start::odd);
  const std::int64_t columns = GENERATE(5, 37, 4096, 50257);
  const SoftmaxCase of{
      .type = type, .start = start, .columns = columns, .vocabulary = columns - GENERATE(0, 3)};
  CAPTURE(type, start, columns, of.vocabulary);
  const SoftmaxInputs in = inputs_of(of);
  const LogitColumns held{.first = 0, .tokens = of.vocabulary};
  const LogitStatistics all = logit_statistics(in.logits, held, in.targets);
  CHECK(distance(losses_of(all, in.targets),
                 losses(log_probabilities(in, of.vocabulary), in.targets)) < 1e-5);

  const at::Tensor expected = gradient_on_cpu(in, of, 0.5 / 4);
  write_logit_gradient(in.logits, held,
                       {.largest = all.largest,
                        .sum = all.sum,
                        .targets = in.targets,
                        .upstream = at::full({}, 0.5, all.sum.options()),
                        .normalizer = 4,
                        .ignored = kIgnoredTarget});
  CHECK(distance(in.logits, expected) < tolerance(type));
}

TEST_CASE("rows of logits may lie apart") {
  const SoftmaxCase of{.type = at::kBFloat16, .columns = 48, .vocabulary = 37};
  const SoftmaxInputs in = inputs_of(of);
  const LogitColumns held{.first = 0, .tokens = of.vocabulary};
  const at::Tensor apart = in.logits.narrow(1, 0, of.vocabulary);
  const LogitStatistics all = logit_statistics(apart, held, in.targets);
  const LogitStatistics whole = logit_statistics(in.logits, held, in.targets);
  CHECK(all.sum.equal(whole.sum));
  const at::Tensor behind = in.logits.narrow(1, of.vocabulary, 11).clone();
  write_logit_gradient(apart, held,
                       {.largest = all.largest,
                        .sum = all.sum,
                        .targets = in.targets,
                        .upstream = at::full({}, 1.0, all.sum.options()),
                        .ignored = kIgnoredTarget});
  CHECK(in.logits.narrow(1, of.vocabulary, 11).equal(behind));
}

TEST_CASE("the statistics of three shards, one of them empty, are those of the whole") {
  const SoftmaxCase of{.columns = 90, .vocabulary = 60};
  const SoftmaxInputs in = inputs_of(of);
  const LogitStatistics whole =
      logit_statistics(in.logits, {.first = 0, .tokens = of.vocabulary}, in.targets);
  std::vector<LogitStatistics> shards;
  for (std::int64_t first = 0; first < of.columns; first += 30) {
    shards.push_back(logit_statistics(in.logits.narrow(1, first, 30).contiguous(),
                                      {.first = first, .tokens = first < 60 ? 30 : 0}, in.targets));
  }
  at::Tensor largest = shards[0].largest;
  for (const LogitStatistics& shard : shards) largest = at::maximum(largest, shard.largest);
  at::Tensor sum = largest.mul(0);
  at::Tensor target = largest.mul(0);
  for (const LogitStatistics& shard : shards) {
    sum += shard.sum * (shard.largest - largest).exp();
    target += shard.target;
  }
  CHECK(largest.equal(whole.largest));
  CHECK(distance(sum, whole.sum) < 1e-6);
  CHECK(target.equal(whole.target));
}

}  // namespace galvatron
