#include "cost_models/rank_group.h"

#include "test/catch.h"

namespace galvatron {
namespace {

TEST_CASE("ranks at equal distances are a progression, others a list") {
  CHECK(group_of({5}) == RankGroup{.first = 5});
  CHECK(group_of({1, 4}) == RankGroup{.first = 1, .size = 2, .stride = 3});
  CHECK(group_of({0, 2, 4}) == RankGroup{.first = 0, .size = 3, .stride = 2});
  CHECK(group_of({0, 1, 3}) == RankGroup{.first = 0, .size = 3, .ranks = {0, 1, 3}});
}

TEST_CASE("a list is shifted and asked like a progression") {
  const RankGroup group = shifted(group_of({0, 1, 3}), 4);
  CHECK(group == group_of({4, 5, 7}));
  CHECK(rank_at(group, 2) == 7);
  CHECK(rank_at(group_of({1, 3, 5}), 2) == 5);
}

}  // namespace
}  // namespace galvatron
