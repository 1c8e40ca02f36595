#include "executor/random/permutation.h"

#include <array>
#include <cstdlib>
#include <vector>

#include "test/catch.h"

namespace galvatron {

TEST_CASE("every row appears exactly once") {
  for (std::int64_t size = 1; size <= 300; ++size) {
    const RandomStream stream = random_stream(11, "row order", size);
    std::vector<bool> seen(static_cast<std::size_t>(size), false);
    for (std::int64_t index = 0; index < size; ++index) {
      const std::int64_t row = permuted(stream, size, index);
      REQUIRE((row >= 0 && row < size));
      REQUIRE_FALSE(seen[static_cast<std::size_t>(row)]);
      seen[static_cast<std::size_t>(row)] = true;
    }
  }
}

TEST_CASE("a row is as likely at every position") {
  // 20,000 orders of 5 rows: each pair is expected 4,000 times with deviation 57.
  constexpr int kOrders = 20'000;
  std::array<std::array<int, 5>, 5> counts{};
  for (int order = 0; order < kOrders; ++order) {
    const RandomStream stream = random_stream(11, "row order", order);
    for (std::size_t index = 0; index < 5; ++index) {
      const auto row = permuted(stream, 5, static_cast<std::int64_t>(index));
      ++counts[index][static_cast<std::size_t>(row)];
    }
  }
  for (const auto& of_position : counts) {
    for (const int count : of_position) CHECK(std::abs(count - kOrders / 5) < 5 * 57);
  }
}

TEST_CASE("neighbours of a large permutation lie apart") {
  // The mean distance of two random rows of n is n / 3.
  constexpr std::int64_t kSize = 1'000'003;
  const RandomStream stream = random_stream(11, "row order");
  double distance = 0;
  for (std::int64_t index = 0; index < 10'000; ++index) {
    distance += static_cast<double>(
        std::abs(permuted(stream, kSize, index) - permuted(stream, kSize, index + 1)));
  }
  CHECK(distance / 10'000 == Approx(kSize / 3.0).epsilon(0.05));
}

TEST_CASE("a set too large for memory is permuted too") {
  constexpr std::int64_t kSize = (std::int64_t{1} << 61) + 12345;
  const std::int64_t row = permuted(random_stream(1, "row order"), kSize, kSize - 1);
  CHECK((row >= 0 && row < kSize));
}

}  // namespace galvatron
