#include "planner/search/interval.h"

#include "test/catch.h"

namespace galvatron::search {

TEST_CASE("intervals share a key exactly when their types are the same in order") {
  const std::vector<std::vector<int>> chains{
      {0, 1, 1, 1, 1, 2}, {0, 0, 0}, {1, 0, 1, 0, 1}, {0, 0, 1, 1, 0, 0, 1}, {3}};
  for (const std::vector<int>& layers : chains) {
    const IntervalKeys keys(layers);
    const auto slice = [&](int begin, int end) {
      return std::vector<int>(layers.begin() + begin, layers.begin() + end);
    };
    const int count = static_cast<int>(layers.size());
    for (int begin = 0; begin < count; ++begin) {
      for (int end = begin + 1; end <= count; ++end) {
        std::vector<int> types;
        for (const Run& run : keys.interval(keys.key(begin, end)).runs) {
          types.insert(types.end(), static_cast<std::size_t>(run.count), run.type);
        }
        CHECK(types == slice(begin, end));
        CHECK(keys.interval(keys.key(begin, end)).length == end - begin);
      }
    }
  }
}

TEST_CASE("the blocks of a transformer have one key per length") {
  const IntervalKeys keys({0, 1, 1, 1, 1, 2});
  CHECK(keys.key(1, 3) == keys.key(2, 4));
  CHECK(keys.key(1, 3) != keys.key(0, 2));
  // Blocks alone: 4 lengths. With the embedding: 5. With the head: 5. All: 1.
  CHECK(keys.count() == 15);
}

}  // namespace galvatron::search
