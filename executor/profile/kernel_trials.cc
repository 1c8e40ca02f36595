#include "executor/profile/kernel_trials.h"

#include <ATen/ops/add.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/rand.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/generated/variable_factories.h>

#include <array>
#include <functional>

#include "executor/layers/attention.h"
#include "executor/profile/device_work.h"

namespace galvatron {
namespace {

constexpr std::array<std::int64_t, 3> kSizes = {64, 256, 1024};

// The device's time for one call.
Timing time_kernel(const std::function<void()>& kernel, const KernelTrials& trials) {
  kernel();
  std::vector<Seconds> times;
  while (wants_more(times, trials.limits)) {
    const Seconds begin = device_time(trials.device);
    kernel();
    times.push_back(device_time(trials.device) - begin);
  }
  return timing_of(std::move(times));
}

at::Tensor random(const std::vector<std::int64_t>& shape, const KernelTrials& trials) {
  return at::rand(shape, at::TensorOptions(at::kFloat).device(trials.device));
}

}  // namespace

ProductTable time_products(const KernelTrials& trials, Precision precision) {
  const at::ScalarType type = precision == Precision::bf16 ? at::kBFloat16 : at::kFloat;
  ProductTable table;
  for (const std::int64_t m : kSizes) {
    for (const std::int64_t n : kSizes) {
      for (const std::int64_t k : kSizes) {
        const at::Tensor a = random({m, k}, trials).to(type);
        const at::Tensor b = random({k, n}, trials).to(type);
        table.m.push_back(m);
        table.n.push_back(n);
        table.k.push_back(k);
        append(table.time, time_kernel([&] { at::mm(a, b); }, trials));
      }
    }
  }
  return table;
}

AttentionLaw time_attention(const KernelTrials& trials, FlopsPerSecond peak) {
  constexpr std::int64_t kSamples = 2, kTokens = 512, kHeads = 4, kHeadSize = 64;
  const c10::AutoGradMode recording(true);
  const std::vector<std::int64_t> shape{kSamples * kTokens, kHeads * kHeadSize};
  AttentionInput input{random(shape, trials), random(shape, trials), random(shape, trials)};
  for (at::Tensor* tensor : {&input.query, &input.key, &input.value}) tensor->requires_grad_(true);
  const AttentionShape attended{.samples = kSamples, .head_size = kHeadSize, .causal = false};
  const at::Tensor gradient = random(shape, trials);
  std::vector<Seconds> forward, backward;
  for (int i = 0; i < trials.limits.least + 2; ++i) {
    const Seconds begin = device_time(trials.device);
    const at::Tensor output = attention(attended, input);
    const Seconds middle = device_time(trials.device);
    output.backward(gradient);
    forward.push_back(middle - begin);
    backward.push_back(device_time(trials.device) - middle);
  }
  // Two products forward, five backward.
  const double work = 4.0 * kSamples * kHeads * kTokens * kTokens * kHeadSize;
  const auto share = [&](double flops, const std::vector<Seconds>& times) {
    return std::min(1.0, Flops{flops} / peak / timing_of(times).median);
  };
  return {.forward_ceiling = share(work, forward), .backward_ceiling = share(2.5 * work, backward)};
}

BytesPerSecond time_memory(const KernelTrials& trials) {
  constexpr std::int64_t kElements = 8 << 20;
  const at::Tensor a = random({kElements}, trials);
  const at::Tensor b = random({kElements}, trials);
  at::Tensor sum = at::empty_like(a);
  const Timing timing = time_kernel([&] { at::add_out(sum, a, b); }, trials);
  return {3.0 * static_cast<double>(a.nbytes()) / timing.median.value};
}

Timing time_launch(const KernelTrials& trials) {
  constexpr int kCalls = 200;
  const at::Tensor a = random({16}, trials);
  at::Tensor sum = at::empty_like(a);
  Timing timing = time_kernel(
      [&] {
        for (int i = 0; i < kCalls; ++i) at::add_out(sum, a, a);
      },
      trials);
  for (Seconds* time : {&timing.median, &timing.minimum, &timing.p95}) *time = *time / kCalls;
  return timing;
}

}  // namespace galvatron
