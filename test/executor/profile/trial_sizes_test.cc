#include "executor/profile/trial_sizes.h"

#include <algorithm>

#include "cost_models/product_fit.h"
#include "test/catch.h"

namespace galvatron {
namespace {

TEST_CASE("a GPU is given more to do than a CPU, everywhere") {
  const TrialSizes cpu = trial_sizes(DeviceKind::cpu);
  const TrialSizes gpu = trial_sizes(DeviceKind::cuda);
  CHECK(gpu.products.back() > cpu.products.back());
  CHECK(gpu.attention.tokens > cpu.attention.tokens);
  CHECK(gpu.memory_elements > cpu.memory_elements);
  CHECK(gpu.cache_elements > cpu.cache_elements);
  CHECK(gpu.overlap_payload > cpu.overlap_payload);
  CHECK(gpu.overlap_width > cpu.overlap_width);
}

TEST_CASE("products of every device ascend and are enough to fit a law to") {
  for (const DeviceKind kind : {DeviceKind::cpu, DeviceKind::cuda}) {
    const std::vector<std::int64_t> sizes = trial_sizes(kind).products;
    CHECK(std::is_sorted(sizes.begin(), sizes.end()));
    CHECK(sizes.size() >= 3);
    for (const std::int64_t size : sizes) CHECK(size % 8 == 0);  // aligned, as the law's constants
  }
}

}  // namespace
}  // namespace galvatron
