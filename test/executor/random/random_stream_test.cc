#include "executor/random/random_stream.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <numeric>
#include <vector>

#include "executor/weights/slice.h"
#include "test/catch.h"

namespace galvatron {
namespace {

constexpr std::int64_t kMany = 1'000'000;

std::vector<float> uniform(const RandomStream& stream, const ElementRanges& ranges) {
  std::vector<float> values(static_cast<std::size_t>(element_count(ranges)));
  fill_uniform(stream, ranges, values);
  return values;
}

std::vector<float> normal(const RandomStream& stream, const ElementRanges& ranges) {
  std::vector<float> values(static_cast<std::size_t>(element_count(ranges)));
  fill_normal(stream, {.mean = 0, .deviation = 1}, ranges, values);
  return values;
}

// Mean of the k-th powers.
double moment(const std::vector<float>& values, int k) {
  double sum = 0;
  for (const float value : values) sum += std::pow(static_cast<double>(value), k);
  return sum / static_cast<double>(values.size());
}

double share_kept(double dropped) {
  const auto kept = std::make_unique<bool[]>(kMany);
  fill_kept(random_stream(1, "dropout"), dropped, ElementRanges{{0, kMany}},
            {kept.get(), static_cast<std::size_t>(kMany)});
  return static_cast<double>(std::count(kept.get(), kept.get() + kMany, true)) /
         static_cast<double>(kMany);
}

}  // namespace

TEST_CASE("element i of a stream comes from word i % 4 of block i / 4") {
  // Block 0 of seed 0 and name 0 is the first known answer of Philox: 6627E8D5 E169C58D ...
  const RandomStream zero{.seed = 0, .name = 0};
  const std::vector<float> drawn = uniform(zero, {{0, 4}});
  CHECK(drawn[0] == static_cast<float>(0x6627E8) / 0x1p24F);
  CHECK(drawn[1] == static_cast<float>(0xE169C5) / 0x1p24F);
  CHECK(drawn[2] == static_cast<float>(0xBC57AC) / 0x1p24F);
  CHECK(drawn[3] == static_cast<float>(0x9B00DB) / 0x1p24F);
}

TEST_CASE("normal numbers are the Box-Muller pairs of a block's words") {
  // u = (6627E8D5 + 1) / 2^32, v = E169C58D / 2^32:
  // sqrt(-2 ln u) cos(2 pi v) and sin, worked with Python's math module.
  const std::vector<float> drawn = normal(RandomStream{.seed = 0, .name = 0}, {{0, 4}});
  CHECK(drawn[0] == Approx(0.991137679).epsilon(1e-7));
  CHECK(drawn[1] == Approx(-0.924662588).epsilon(1e-7));
  CHECK(drawn[2] == Approx(-0.617608960).epsilon(1e-7));
  CHECK(drawn[3] == Approx(-0.482068587).epsilon(1e-7));
}

TEST_CASE("shards draw what one process draws, however the tensor is split") {
  const std::vector<std::int64_t> shape = {6, 30};
  const RandomStream stream = random_stream(7, "transformer.h.0.attn.c_attn.weight");
  const std::vector<float> whole = normal(stream, {{0, 180}});
  const std::array slices = {Slice{.dimension = 0, .parts = 1, .degree = 3},
                             Slice{.dimension = 1, .parts = 3, .degree = 5},
                             Slice{.dimension = 1, .parts = 1, .degree = 2}};
  for (Slice slice : slices) {
    for (slice.index = 0; slice.index < slice.degree; ++slice.index) {
      const ElementRanges ranges = slice_ranges(shape, slice);
      std::vector<float> expected;
      for (const ElementRange& range : ranges) {
        expected.insert(expected.end(), whole.begin() + range.begin, whole.begin() + range.end);
      }
      CHECK(normal(stream, ranges) == expected);
    }
  }
}

TEST_CASE("seed, name and step each give another stream") {
  const ElementRanges some = {{0, 64}};
  const std::vector<float> first = uniform(random_stream(1, "a", 0), some);
  CHECK(uniform(random_stream(1, "a", 0), some) == first);
  CHECK(uniform(random_stream(2, "a", 0), some) != first);
  CHECK(uniform(random_stream(std::uint64_t{1} << 32, "a", 0), some) != first);
  CHECK(uniform(random_stream(1, "b", 0), some) != first);
  CHECK(uniform(random_stream(1, "a", 1), some) != first);
}

TEST_CASE("elements beyond 2^34 do not repeat the first ones") {
  const std::int64_t far = std::int64_t{1} << 34;  // block number needs more than 32 bits
  const RandomStream stream = random_stream(1, "a");
  CHECK(uniform(stream, {{far, far + 8}}) != uniform(stream, {{0, 8}}));
}

TEST_CASE("normal numbers have the moments of a normal distribution") {
  // Standard errors of the first four moments of n samples: sqrt({1, 2, 15, 96} / n), times 5.
  const std::vector<float> values = normal(random_stream(3, "weight"), {{0, kMany}});
  CHECK(std::abs(moment(values, 1)) < 0.005);
  CHECK(std::abs(moment(values, 2) - 1) < 0.0071);
  CHECK(std::abs(moment(values, 3)) < 0.0194);
  CHECK(std::abs(moment(values, 4) - 3) < 0.049);
}

TEST_CASE("mean and deviation are honoured") {
  std::vector<float> values(4);
  fill_normal(random_stream(3, "weight"), {.mean = 2, .deviation = 0.5}, ElementRanges{{0, 4}},
              values);
  const std::vector<float> standard = normal(random_stream(3, "weight"), {{0, 4}});
  for (std::size_t i = 0; i < 4; ++i) CHECK(values[i] == Approx(2 + 0.5 * standard[i]));
}

TEST_CASE("uniform numbers fill [0, 1) evenly") {
  // Chi-square with 99 degrees of freedom: mean 99, deviation 14; 170 is five deviations.
  std::array<int, 100> counts{};
  for (const float value : uniform(random_stream(5, "x"), {{0, kMany}})) {
    REQUIRE((value >= 0 && value < 1));
    ++counts[static_cast<std::size_t>(value * 100)];
  }
  double chi_square = 0;
  for (const int count : counts) chi_square += (count - 1e4) * (count - 1e4) / 1e4;
  CHECK(chi_square < 170);
}

TEST_CASE("neighbouring elements and streams are uncorrelated") {
  const std::vector<float> a = normal(random_stream(5, "h.0"), {{0, kMany}});
  const std::vector<float> b = normal(random_stream(5, "h.1"), {{0, kMany}});
  const double between = std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
  const double within = std::inner_product(a.begin(), a.end() - 1, a.begin() + 1, 0.0);
  CHECK(std::abs(between) / kMany < 0.005);
  CHECK(std::abs(within) / kMany < 0.005);
}

TEST_CASE("dropout keeps the share it should") {
  CHECK(share_kept(0) == 1);
  CHECK(share_kept(1) == 0);
  CHECK(share_kept(0.1) == Approx(0.9).margin(0.0015));  // five standard errors
}

TEST_CASE("what the ranges do not fill is zero") {
  std::vector<float> values(6, 9.0F);
  fill_uniform(random_stream(1, "a"), ElementRanges{{0, 4}}, values);
  CHECK(values[3] != 9);
  CHECK(values[4] == 0);
  CHECK(values[5] == 0);
}

}  // namespace galvatron
