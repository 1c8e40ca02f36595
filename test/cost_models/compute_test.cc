#include "cost_models/compute.h"

#include "test/catch.h"
#include "test/cost_models/sample_layers.h"

namespace galvatron {
namespace {

Device h100() {
  Device device = a100(1).device;
  device.memory_rate = {3.35e12};
  device.multiprocessors = 132;
  device.peak[Precision::fp8] = FlopsPerSecond{1979e12};
  device.product[Precision::fp8] = ProductLaw{.ceiling = 0.64,
                                              .half_depth = 131,
                                              .half_width = 66,
                                              .wave_exponent = 0.63,
                                              .launch = {4e-6}};
  return device;
}

double milliseconds(const ProductShape& shape) {
  return product_time(shape, a100(1).device, Precision::bf16).value * 1e3;
}

TEST_CASE("products on an A100 take the times of the kernel tables' law") {
  CHECK(milliseconds({8192, 2304, 6144}) == Approx(1.0701).epsilon(1e-4));
  CHECK(milliseconds({4096, 1536, 5120}) == Approx(0.3014).epsilon(2e-4));
}

TEST_CASE("fp8 weighs the fixed cost of a tile double") {
  const Seconds time = product_time({8192, 28672, 8192}, h100(), Precision::fp8);
  CHECK(time.value * 1e3 == Approx(3.2158).epsilon(1e-4));
}

TEST_CASE("fused attention on an A100 takes the published times") {
  const PassTimes times =
      fused_attention_time({.queries = 4096, .keys = 4096, .heads = 32, .head_size = 128},
                           a100(1).device, Precision::bf16);
  CHECK(times.forward.value * 1e3 == Approx(0.8032).epsilon(1e-4));
  CHECK(times.backward.value * 1e3 == Approx(2.2599).epsilon(1e-4));
}

TEST_CASE("attention over the whole square does twice the work of a causal one") {
  const Device device = a100(1).device;
  AttentionShape shape{.queries = 4096, .keys = 4096, .heads = 32, .head_size = 128};
  const double causal = fused_attention_time(shape, device, Precision::bf16).forward.value - 4e-6;
  shape.causal = false;
  CHECK(fused_attention_time(shape, device, Precision::bf16).forward.value - 4e-6 ==
        Approx(2 * causal));
}

TEST_CASE("a batched product with a misaligned head falls off the tensor cores") {
  Device device = a100(1).device;
  device.product[Precision::bf16]->ceiling = device.attention.unfused_ceiling;
  const auto time = [&](std::int64_t head_size) {
    return product_time({2048, 2048, head_size, 12}, device, Precision::bf16).value * 1e3;
  };
  CHECK(time(150) == Approx(1.8791).epsilon(1e-4));
  CHECK(time(152) == Approx(0.1928).epsilon(3e-4));
}

TEST_CASE("a misaligned product reaches a third of the rate") {
  CHECK(milliseconds({8192, 2304, 6145}) > 2.9 * milliseconds({8192, 2304, 6144}));
}

TEST_CASE("a stream of 100 MB on an A100 takes 62 microseconds") {
  CHECK(stream_time(100e6, a100(1).device).value * 1e3 == Approx(0.0618).epsilon(1e-3));
}

TEST_CASE("products never beat the peak or the memory, and grow with each dimension") {
  Device device = a100(1).device;
  device.product[Precision::bf16]->wave_exponent = 0;  // waves alone make time fall with size
  const auto time = [&](const ProductShape& shape) {
    return product_time(shape, device, Precision::bf16).value;
  };
  for (const std::int64_t m : {8, 128, 1024, 8192}) {
    for (const std::int64_t n : {8, 256, 4096}) {
      for (const std::int64_t k : {8, 512, 8192}) {
        const double flops = 2.0 * static_cast<double>(m * n * k);
        const double bytes = 2.0 * static_cast<double>(m * n + m * k + n * k);
        CHECK(time({m, n, k}) >= flops / 312e12);
        CHECK(time({m, n, k}) >= bytes / 2e12);
        CHECK(time({2 * m, n, k}) >= time({m, n, k}));
        CHECK(time({m, 2 * n, k}) >= time({m, n, k}));
        CHECK(time({m, n, 2 * k}) >= time({m, n, k}));
      }
    }
  }
}

TEST_CASE("doubled rates and halved launches halve every kernel") {
  const Device slow = a100(1).device;
  const Device fast = twice_as_fast(a100(1)).device;
  const AttentionShape attention{
      .samples = 2, .queries = 2048, .keys = 2048, .heads = 12, .head_size = 64};
  const ProductShape product{2048, 3072, 768};
  CHECK(product_time(product, fast, Precision::bf16).value ==
        Approx(product_time(product, slow, Precision::bf16).value / 2));
  CHECK(weight_gradient_time(product, fast, Precision::bf16).value ==
        Approx(weight_gradient_time(product, slow, Precision::bf16).value / 2));
  CHECK(fused_attention_time(attention, fast, Precision::bf16).backward.value ==
        Approx(fused_attention_time(attention, slow, Precision::bf16).backward.value / 2));
  CHECK(stream_time(1e6, fast).value == Approx(stream_time(1e6, slow).value / 2));
  const auto unfused = [&](const Device& device) {
    return unfused_attention_time(attention, device, Precision::bf16, AttentionDropout::kernel);
  };
  CHECK(unfused(fast).forward.value == Approx(unfused(slow).forward.value / 2));
}

}  // namespace
}  // namespace galvatron
