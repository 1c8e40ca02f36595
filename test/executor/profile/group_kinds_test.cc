#include "executor/profile/group_kinds.h"

#include "executor/launch/exit_code.h"
#include "executor/profile/machine_facts.h"
#include "test/catch.h"

namespace galvatron {
namespace {

using Spacing = GroupPlacement::Spacing;

TEST_CASE("four ranks divide into neighbours, distant pairs and all") {
  const std::vector<GroupKind> kinds = group_kinds(4, 4);
  REQUIRE(kinds.size() == 3);
  CHECK(kinds[0] == GroupKind{.placement = {.ranks = 2, .nodes = 1, .ranks_per_node = 2},
                              .groups = {{.first = 0, .size = 2, .stride = 1},
                                         {.first = 2, .size = 2, .stride = 1}}});
  CHECK(
      kinds[1] ==
      GroupKind{
          .placement = {.ranks = 2, .nodes = 1, .ranks_per_node = 2, .spacing = Spacing::strided},
          .groups = {{.first = 0, .size = 2, .stride = 2}, {.first = 1, .size = 2, .stride = 2}}});
  CHECK(kinds[2].placement.ranks == 4);
}

TEST_CASE("on two nodes distant pairs lie across them") {
  CHECK(group_kinds(4, 2)[0].placement.nodes == 1);
  CHECK(group_kinds(4, 2)[1].placement.nodes == 2);
}

TEST_CASE("one rank has no groups") { CHECK(group_kinds(1, 1).empty()); }

TEST_CASE("nodes hold equally many ranks, one after the other") {
  CHECK(layout_of_names({7, 7, 7}) == NodeLayout{.nodes = 1, .devices_per_node = 3});
  CHECK(layout_of_names({7, 7, 3, 3}) == NodeLayout{.nodes = 2, .devices_per_node = 2});
  CHECK_THROWS_AS(layout_of_names({7, 3, 7, 3}), ExecutorError);
  CHECK_THROWS_AS(layout_of_names({7, 7, 3}), ExecutorError);
}

}  // namespace
}  // namespace galvatron
