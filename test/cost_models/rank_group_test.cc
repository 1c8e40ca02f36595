#include "cost_models/rank_group.h"

#include "cost_models/rank_group_text.h"
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

TEST_CASE("a group is written shortly, and so that it can be told from any other") {
  CHECK(rank_group_text({.first = 3}) == "3");
  CHECK(rank_group_text({.first = 1, .size = 2, .stride = 4}) == "1, 5");
  CHECK(rank_group_text({.first = 0, .size = 8, .stride = 1}) == "0-7");
  CHECK(rank_group_text({.first = 1, .size = 3, .stride = 8}) == "1-17 by 8");
  CHECK(rank_group_text(group_of({0, 1, 3})) == "0, 1, 3");
}

}  // namespace
}  // namespace galvatron
