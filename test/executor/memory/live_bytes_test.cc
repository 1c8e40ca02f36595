#include "executor/memory/live_bytes.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>

#undef CHECK
#include "test/catch.h"

namespace galvatron {
namespace {

at::Tensor bytes(std::int64_t count) { return at::empty({count}, at::kByte); }

}  // namespace

TEST_CASE("live bytes follow allocations and frees, the peak stays") {
  LiveBytes live_bytes;
  at::Tensor kept = bytes(1000);
  bytes(500);
  CHECK(live_bytes.now().total() == Bytes{1000});
  CHECK(live_bytes.at_peak().total() == Bytes{1500});
  live_bytes.reset_peak();
  CHECK(live_bytes.at_peak().total() == Bytes{1000});
  kept.reset();
  CHECK(live_bytes.now().total() == Bytes{0});
}

TEST_CASE("the allocation that goes beyond the limit throws, and those below it do not") {
  LiveBytes live_bytes;
  const at::Tensor kept = bytes(1000);
  live_bytes.set_limit(Bytes{1500});
  bytes(500);
  CHECK_THROWS_AS(bytes(501), MemoryLimitReached);
  CHECK(live_bytes.at_peak().total() == Bytes{1501});
  CHECK_THROWS_AS(live_bytes.set_limit(Bytes{999}), MemoryLimitReached);
}

TEST_CASE("what was allocated before counting began is never counted") {
  at::Tensor before = bytes(1000);
  LiveBytes live_bytes;
  before.reset();
  CHECK(live_bytes.now().total() == Bytes{0});
}

TEST_CASE("an allocation keeps the category it was made in") {
  LiveBytes live_bytes;
  at::Tensor weight;
  at::Tensor moment;
  {
    const CategoryScope parameters(live_bytes, MemoryCategory::parameters);
    weight = bytes(10);
    {
      const CategoryScope optimizer(live_bytes, MemoryCategory::optimizer);
      moment = bytes(20);
    }
    weight = bytes(30);
  }
  const at::Tensor other = bytes(40);
  CHECK(live_bytes.now()[MemoryCategory::parameters] == Bytes{30});
  CHECK(live_bytes.now()[MemoryCategory::optimizer] == Bytes{20});
  CHECK(live_bytes.now()[MemoryCategory::transient] == Bytes{40});
  moment.reset();
  CHECK(live_bytes.now()[MemoryCategory::optimizer] == Bytes{0});
}

TEST_CASE("what a kept scope leaves alive becomes activations, the rest was transient") {
  LiveBytes live_bytes;
  const at::Tensor outside = bytes(1);
  at::Tensor kept;
  {
    const KeptScope forward(live_bytes);
    kept = bytes(100);
    bytes(50);
    CHECK(live_bytes.now()[MemoryCategory::activations] == Bytes{0});
  }
  CHECK(live_bytes.now()[MemoryCategory::activations] == Bytes{100});
  CHECK(live_bytes.now()[MemoryCategory::transient] == Bytes{1});
  CHECK(live_bytes.at_peak()[MemoryCategory::transient] == Bytes{151});
}

}  // namespace galvatron
