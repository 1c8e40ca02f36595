#include "executor/layers/gradient.h"

#include <ATen/ops/index_select.h>
#include <ATen/ops/zeros.h>

#include "test/executor/kernels/gpu_numbers.h"

#undef CHECK
#include "test/catch.h"

namespace galvatron {

TEST_CASE("products of bf16 add up in an fp32 gradient, whatever its layout") {
  const at::Tensor left = normals({.shape = {64, 40}, .type = at::kBFloat16, .seed = 1});
  const at::Tensor right = normals({.shape = {64, 24}, .type = at::kBFloat16, .seed = 2});
  const at::Tensor buffer = normals({.shape = {40, 72}, .seed = 3});
  const at::Tensor transposed = normals({.shape = {24, 40}, .seed = 3}).t();
  for (const at::Tensor& gradient : {buffer.narrow(1, 24, 24), transposed}) {
    const at::Tensor expected = exact(gradient).addmm(exact(left).t(), exact(right));
    add_product(gradient, left.t(), right);
    CHECK(distance(gradient, expected) < 1e-6);
  }
}

TEST_CASE("many products of bf16 do not stop growing in an fp32 gradient") {
  const at::Tensor one = normals({.shape = {8, 8}, .type = at::kBFloat16}).fill_(1);
  const at::Tensor gradient = at::zeros({8, 8}, at::device(at::kCUDA).dtype(at::kFloat));
  for (int i = 0; i < 500; ++i) add_product(gradient, one, one);
  CHECK(gradient.min().item<double>() == 4000);  // bf16 would stop at 2048
  CHECK(gradient.max().item<double>() == 4000);
}

TEST_CASE("rows are added to where they belong, the same bits in every run") {
  const at::Tensor rows = normals({.shape = {3000, 20}});
  const at::Tensor places =
      normals({.shape = {3000}, .seed = 5}).abs().mul(4).clamp_max(9).to(at::kLong);
  const at::Tensor first = at::zeros({10, 20}, rows.options());
  const at::Tensor second = at::zeros({10, 20}, rows.options());
  add_rows(first, places, rows);
  add_rows(second, places, rows);
  const at::Tensor expected = at::zeros({10, 20});
  add_rows(expected, places.cpu(), exact(rows));
  CHECK(distance(first, expected) < 1e-5);
  CHECK(first.equal(second));
}

}  // namespace galvatron
