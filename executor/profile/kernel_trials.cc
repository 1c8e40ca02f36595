#include "executor/profile/kernel_trials.h"

#include <ATen/ops/add.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/rand.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/generated/variable_factories.h>

#include <functional>

#include "cost_models/timing_of.h"
#include "executor/layers/attention.h"
#include "executor/profile/device_work.h"

namespace galvatron {
namespace {

// The device's time for one call.
Timing time_kernel(const std::function<void()>& kernel, const KernelTrials& trials) {
  kernel();
  const WorkTimer timer(trials.device);
  std::vector<Seconds> times;
  while (wants_more(times, trials.limits)) times.push_back(timer.time(kernel));
  return timing_of(std::move(times));
}

at::Tensor random(const std::vector<std::int64_t>& shape, const KernelTrials& trials) {
  return at::rand(shape, at::TensorOptions(at::kFloat).device(trials.device));
}

}  // namespace

ProductTable time_products(const KernelTrials& trials, Precision precision) {
  const at::ScalarType type = tensor_type(precision);
  use_fp32_products(precision == Precision::tf32 ? Fp32Products::tf32 : Fp32Products::fp32);
  ProductTable table;
  for (const std::int64_t m : trials.sizes.products) {
    for (const std::int64_t n : trials.sizes.products) {
      for (const std::int64_t k : trials.sizes.products) {
        const at::Tensor a = random({m, k}, trials).to(type);
        const at::Tensor b = random({k, n}, trials).to(type);
        table.m.push_back(m);
        table.n.push_back(n);
        table.k.push_back(k);
        append(table.time, time_kernel([&] { at::mm(a, b); }, trials));
      }
    }
  }
  use_fp32_products(Fp32Products::fp32);
  return table;
}

AttentionLaw time_attention(const KernelTrials& trials, Precision precision, FlopsPerSecond peak) {
  const auto [samples, tokens, heads, head_size] = trials.sizes.attention;
  const c10::AutoGradMode recording(true);
  const std::vector<std::int64_t> shape{samples * tokens, heads * head_size};
  const auto operand = [&] { return random(shape, trials).to(tensor_type(precision)); };
  AttentionInput input{operand(), operand(), operand()};
  for (at::Tensor* tensor : {&input.query, &input.key, &input.value}) tensor->requires_grad_(true);
  const AttentionShape attended{.samples = samples, .head_size = head_size, .causal = false};
  const at::Tensor gradient = operand();
  const WorkTimer timer(trials.device);
  std::vector<Seconds> forward, backward;
  for (int i = 0; i < trials.limits.least + 2; ++i) {
    at::Tensor output;
    forward.push_back(timer.time([&] { output = attention(attended, input); }));
    backward.push_back(timer.time([&] { output.backward(gradient); }));
  }
  // Two products forward, five backward.
  const auto work = 4.0 * static_cast<double>(samples * heads * tokens * tokens * head_size);
  const auto share = [&](double flops, const std::vector<Seconds>& times) {
    return std::min(1.0, Flops{flops} / peak / timing_of(times).median);
  };
  return {.forward_ceiling = share(work, forward), .backward_ceiling = share(2.5 * work, backward)};
}

BytesPerSecond time_memory(const KernelTrials& trials) {
  const at::Tensor a = random({trials.sizes.memory_elements}, trials);
  const at::Tensor b = random({trials.sizes.memory_elements}, trials);
  at::Tensor sum = at::empty_like(a);
  const Timing timing = time_kernel([&] { at::add_out(sum, a, b); }, trials);
  return {3.0 * static_cast<double>(a.nbytes()) / timing.median.value};
}

LaunchTimes time_launch(const KernelTrials& trials) {
  constexpr int kCalls = 100;
  const at::Tensor a = random({16}, trials);
  at::Tensor sum = at::empty_like(a);
  const WorkTimer timer(trials.device);
  std::vector<Seconds> on_device, on_host;
  const auto launch = [&] {
    const Seconds begin = host_time();
    for (int i = 0; i < kCalls; ++i) at::add_out(sum, a, a);
    on_host.push_back((host_time() - begin) / kCalls);
  };
  launch();
  on_host.clear();
  while (wants_more(on_device, trials.limits)) on_device.push_back(timer.time(launch) / kCalls);
  return {.device = timing_of(std::move(on_device)), .host = timing_of(std::move(on_host))};
}

}  // namespace galvatron
