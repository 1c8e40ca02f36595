// Windows against what transformers 4.57.6 computes for a 5 x 7 grid, window 3, shift 1.
#include "executor/layers/windows.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros_like.h>

#undef CHECK
#include <vector>

#include "test/catch.h"

namespace galvatron {
namespace {

constexpr std::int64_t kTokens = 5 * 7;

Windows shifted() { return cut_into_windows({.height = 5, .width = 7, .window = 3, .shift = 1}); }

// Two samples of rows [number of the token in both, its negative].
at::Tensor numbered_rows() {
  const at::Tensor numbers = at::arange(2 * kTokens, at::kFloat);
  return at::stack({numbers, -numbers}, 1);
}

std::vector<float> values(const at::Tensor& tensor) {
  const at::Tensor flat = tensor.contiguous();
  return {flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel()};
}

}  // namespace

TEST_CASE("a shifted grid is rolled, filled up and cut into windows") {
  const at::Tensor fill = at::tensor({-1.F, -2.F});
  const at::Tensor rows = to_windows(shifted(), numbered_rows(), fill);
  REQUIRE(rows.size(0) == 2 * 6 * 9);
  const std::vector<float> expected = {8,  9,  10, 15, 16, 17, 22, 23, 24,  //
                                       11, 12, 13, 18, 19, 20, 25, 26, 27,  //
                                       -1, -1, 7,  -1, -1, 14, -1, -1, 21,  //
                                       29, 30, 31, -1, -1, -1, 1,  2,  3,   //
                                       32, 33, 34, -1, -1, -1, 4,  5,  6,   //
                                       -1, -1, 28, -1, -1, -1, -1, -1, 0};
  CHECK(values(rows.select(1, 0).narrow(0, 0, 54)) == expected);
  CHECK(rows[54 + 53][0].item<float>() == kTokens);   // token 0 of the second sample
  CHECK(rows[54 + 53][1].item<float>() == -kTokens);  // and its second column
  CHECK(rows[18][1].item<float>() == -2);             // padding
}

TEST_CASE("what comes out of windows is what went in") {
  for (const std::int64_t shift : {0, 1}) {
    const Windows windows =
        cut_into_windows({.height = 5, .width = 7, .window = 3, .shift = shift});
    CHECK(from_windows(windows, to_windows(windows, numbered_rows(), {})).equal(numbered_rows()));
  }
}

TEST_CASE("windows that cover a grid have no padding and without a shift no regions") {
  const Windows windows = cut_into_windows({.height = 4, .width = 6, .window = 2, .shift = 0});
  CHECK(windows.count == 6);
  CHECK(windows.padding.size(0) == 0);
  CHECK(!windows.regions.defined());
}

TEST_CASE("gradients go back to the tokens, and those of padding to what filled it") {
  const Windows windows = shifted();
  const at::Tensor rows = numbered_rows().requires_grad_(true);
  at::Tensor fill = at::ones({2}).requires_grad_(true);
  fill.mutable_grad() = at::zeros_like(fill);
  const at::Tensor gradient = at::arange(2 * 54, at::kFloat).unsqueeze(1).expand({-1, 2});
  to_windows(windows, rows, fill).backward(gradient);
  CHECK(rows.grad()[8][0].item<float>() == 0);   // the first place of the first window
  CHECK(rows.grad()[7][1].item<float>() == 20);  // the third place of the third window
  const double all = gradient.select(1, 0).sum().item<double>();
  const double tokens = rows.grad().select(1, 0).sum().item<double>();
  CHECK(fill.grad()[0].item<double>() == all - tokens);

  const at::Tensor inside = at::ones({2 * 54, 2}).requires_grad_(true);
  from_windows(windows, inside).backward(numbered_rows());
  CHECK(inside.grad()[20][0].item<float>() == 7);
  CHECK(inside.grad()[18].abs().sum().item<float>() == 0);
}

TEST_CASE("the mask is -100 between tokens that the shift has joined") {
  const at::Tensor mask = region_mask(shifted(), at::kFloat);
  CHECK(mask.sizes() == at::IntArrayRef({6, 1, 9, 9}));
  const at::Tensor counts = mask.ne(0).sum({1, 2, 3});
  CHECK(counts.equal(at::tensor({0, 0, 36, 36, 36, 56}, at::kLong)));
  CHECK(values(mask[5][0][0]) == std::vector<float>{0, 0, -100, 0, 0, -100, -100, -100, -100});
  CHECK(values(mask[2][0][2]) == std::vector<float>{-100, -100, 0, -100, -100, 0, -100, -100, 0});
}

TEST_CASE("relative positions count from the lower right to the upper left") {
  CHECK(relative_positions(2).flatten().equal(
      at::tensor({4, 3, 1, 0, 5, 4, 2, 1, 7, 6, 4, 3, 8, 7, 5, 4}, at::kLong)));
  CHECK(relative_positions(3)[5].equal(at::tensor({19, 18, 17, 14, 13, 12, 9, 8, 7}, at::kLong)));
}

}  // namespace galvatron
