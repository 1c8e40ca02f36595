#include "cost_models/cluster.h"

#include "test/catch.h"
#include "test/cost_models/sample_layers.h"

namespace galvatron {
namespace {

using Spacing = GroupPlacement::Spacing;

TEST_CASE("a group on one node has all its ranks there") {
  CHECK(placement_of({.first = 4, .size = 4}, 8) ==
        GroupPlacement{.ranks = 4, .nodes = 1, .ranks_per_node = 4});
}

TEST_CASE("a group whose stride is a node has one rank on each") {
  CHECK(placement_of({.first = 3, .size = 16, .stride = 8}, 8) ==
        GroupPlacement{.ranks = 16, .nodes = 16, .ranks_per_node = 1, .spacing = Spacing::strided});
}

TEST_CASE("a stride that does not divide the node counts the emptiest node") {
  // Ranks 0 3 6 | 9 12 15: three on each node of eight.
  CHECK(placement_of({.first = 0, .size = 6, .stride = 3}, 8).ranks_per_node == 3);
  // Ranks 6 | 9 12 15: one, then three.
  const GroupPlacement placement = placement_of({.first = 6, .size = 4, .stride = 3}, 8);
  CHECK(placement.nodes == 2);
  CHECK(placement.ranks_per_node == 1);
}

TEST_CASE("a stride longer than a node skips nodes") {
  CHECK(placement_of({.first = 0, .size = 3, .stride = 20}, 8) ==
        GroupPlacement{.ranks = 3, .nodes = 3, .ranks_per_node = 1, .spacing = Spacing::strided});
}

TEST_CASE("a group is charged where it lies worst over all stages") {
  // Six devices a stage, eight a node: stage 1 holds ranks 6 ... 11 and straddles two nodes.
  const Cluster cluster{.hardware = a100(3), .stages = 4, .devices_per_stage = 6};
  CHECK(stage_placement({.size = 6}, cluster).nodes == 2);
  CHECK(stage_placement({.size = 6}, cluster).ranks_per_node == 2);
  CHECK(stage_placement({.size = 2}, cluster).nodes == 1);
  CHECK(stage_placement({.size = 6}, {.hardware = a100(3), .stages = 1, .devices_per_stage = 6})
            .nodes == 1);
}

TEST_CASE("stages exchange activations between nodes as soon as there are two") {
  CHECK(pipeline_placement({.hardware = a100(1), .stages = 2, .devices_per_stage = 4}).nodes == 1);
  CHECK(pipeline_placement({.hardware = a100(2), .stages = 4, .devices_per_stage = 4}).nodes == 2);
}

}  // namespace
}  // namespace galvatron
