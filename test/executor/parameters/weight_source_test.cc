#include "executor/parameters/weight_source.h"

#include <ATen/Parallel.h>

#undef CHECK
#include <array>

#include "test/catch.h"

namespace galvatron {
namespace {

std::vector<float> drawn(const Parameter& parameter, const ElementRanges& ranges) {
  std::vector<float> values(static_cast<std::size_t>(element_count(ranges)));
  random_weights(3)(parameter, parameter.name, ranges, values);
  return values;
}

TEST_CASE("the row of the padding token starts at zero, wherever it is cut") {
  Parameter table{.name = "table", .shape = {5, 4}};
  const std::vector<float> plain = drawn(table, {{0, 20}});
  table.initialization.zero_row = 2;
  const std::vector<float> whole = drawn(table, {{0, 20}});
  for (std::size_t i = 0; i < whole.size(); ++i) {
    CHECK(whole[i] == (i / 4 == 2 ? 0 : plain[i]));
  }
  const ElementRanges pieces{{1, 3}, {6, 10}, {11, 20}};
  const std::vector<float> cut = drawn(table, pieces);
  std::size_t next = 0;
  for (const ElementRange& piece : pieces) {
    for (std::int64_t i = piece.begin; i < piece.end; ++i) {
      CHECK(cut[next++] == whole[static_cast<std::size_t>(i)]);
    }
  }
}

TEST_CASE("however many threads draw, the weights are the same") {
  const Parameter matrix{.name = "matrix", .shape = {1000, 401}};
  const ElementRanges pieces{{3, 100'001}, {150'000, 400'999}};
  const int usual = at::get_num_threads();
  at::set_num_threads(1);
  const std::vector<float> alone = drawn(matrix, pieces);
  at::set_num_threads(4);
  const std::vector<float> together = drawn(matrix, pieces);
  at::set_num_threads(usual);
  CHECK(alone == together);
}

}  // namespace
}  // namespace galvatron
