#include "executor/profile/lone_communicator.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/full.h>

#include "test/catch.h"

namespace galvatron {
namespace {

TEST_CASE("collectives of a lone rank have the shapes of a whole group") {
  const auto group = make_lone_communicator(4);
  CHECK(group->rank() == 0);
  CHECK(group->size() == 4);
  const at::Tensor shard = at::arange(6, at::kFloat).view({2, 3});
  const at::Tensor full = group->all_gather(shard);
  CHECK(full.sizes() == at::IntArrayRef{8, 3});
  CHECK(at::equal(full.narrow(0, 6, 2), shard));
  CHECK(at::equal(group->reduce_scatter(full), shard));
  CHECK(group->all_to_all(full, {2, 2, 2, 2}, {2, 1, 0, 0}).sizes() == at::IntArrayRef{3, 3});
}

TEST_CASE("an all-reduce of a lone rank is its own value") {
  const at::Tensor value = at::full({3}, 2.0F);
  make_lone_communicator(2)->all_reduce(value);
  CHECK(at::equal(value, at::full({3}, 2.0F)));
}

TEST_CASE("a lone rank is a member of the groups that hold rank 0, and of no others") {
  const auto parts = make_lone_communicator(4)->split(
      {{.first = 0, .size = 2, .stride = 2}, {.first = 1, .size = 2, .stride = 2}});
  REQUIRE(parts[0]);
  CHECK(parts[0]->size() == 2);
  CHECK(parts[0]->rank() == 0);
  CHECK_FALSE(parts[1]);
}

}  // namespace
}  // namespace galvatron
