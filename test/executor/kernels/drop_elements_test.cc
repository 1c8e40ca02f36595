#include "executor/layers/dropout.h"
#include "test/executor/kernels/gpu_numbers.h"

#undef CHECK
#include "test/catch.h"

namespace galvatron {
namespace {

DropoutStream stream_of(double dropped) {
  return {.stream = random_stream(/*seed=*/5, "dropout/7/mlp", /*step=*/3), .dropped = dropped};
}

// LibTorch's CPU multiplies bf16 by the factor rounded to bf16, the kernel by the fp32 factor: kept
// elements may be neighbours among the bf16 numbers, 1/128 of their value apart.
void check_dropped_alike(const at::Tensor& actual, const at::Tensor& expected) {
  const at::Tensor got = exact(actual);
  const at::Tensor wanted = exact(expected);
  CHECK(got.eq(0).equal(wanted.eq(0)));
  const double apart = actual.scalar_type() == at::kFloat ? 0 : 1.0 / 128;
  CHECK(got.sub(wanted).abs_().le(wanted.abs().mul_(apart)).all().item<bool>());
}

}  // namespace

TEST_CASE("a GPU drops what the CPU drops") {
  const at::ScalarType type = GENERATE(at::kFloat, at::kBFloat16);
  const Start start = GENERATE(Start::aligned, Start::odd);
  const std::int64_t first = GENERATE(0, 1, 4096, 10000000003);
  const std::int64_t elements = GENERATE(1, 7, 5000);
  CAPTURE(type, start, first, elements);
  const at::Tensor values = normals({.shape = {elements}, .type = type, .start = start});
  const at::Tensor expected = values.cpu();
  drop(stream_of(0.3), first, expected);
  drop(stream_of(0.3), first, values);
  check_dropped_alike(values, expected);
}

TEST_CASE("a GPU drops of a part of the columns what the CPU drops") {
  const DropoutSite site{
      .stream = stream_of(0.5), .first_row = 17, .first_column = GENERATE(0, 13), .columns = 39};
  const at::Tensor values = normals({.shape = {21, 13}});
  const at::Tensor expected = values.cpu();
  drop(site, expected);
  drop(site, values);
  CHECK(values.cpu().equal(expected));
}

}  // namespace galvatron
