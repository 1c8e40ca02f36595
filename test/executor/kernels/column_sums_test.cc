#include "executor/kernels/column_sums.h"

#include "test/executor/kernels/gpu_numbers.h"

#undef CHECK
#include "test/catch.h"

namespace galvatron {

TEST_CASE("column sums are added to what is there, wherever rows begin and however far apart") {
  const at::ScalarType type = GENERATE(at::kFloat, at::kBFloat16);
  const Start start = GENERATE(Start::aligned, Start::odd);
  const std::int64_t count = GENERATE(1, 9, 5000);
  const std::int64_t columns = GENERATE(1, 37, 264, 1600);
  const std::int64_t between = GENERATE(0, 3, 8);
  CAPTURE(type, start, count, columns, between);
  const at::Tensor rows =
      normals({.shape = {count, columns + between}, .type = type, .start = start})
          .narrow(1, 0, columns);
  const at::Tensor sums = normals({.shape = {columns}, .seed = 2});
  const at::Tensor again = sums.clone();
  const at::Tensor expected = exact(sums).to(at::kDouble).add(exact(rows).to(at::kDouble).sum(0));
  add_column_sums(rows, sums);
  CHECK(distance(sums, expected) < tolerance(at::kFloat));
  add_column_sums(rows, again);
  CHECK(again.equal(sums));
}

TEST_CASE("column sums of no rows change nothing") {
  const at::Tensor sums = normals({.shape = {24}});
  const at::Tensor before = sums.clone();
  add_column_sums(normals({.shape = {0, 24}, .type = at::kBFloat16}), sums);
  CHECK(sums.equal(before));
}

TEST_CASE("column sums refuse columns that are not side by side") {
  const at::Tensor sums = normals({.shape = {24}});
  CHECK_THROWS_WITH(add_column_sums(normals({.shape = {24, 8}}).t(), sums),
                    "a kernel sums the columns of contiguous rows on a GPU");
}

}  // namespace galvatron
