#include "planner/search/layout_classes.h"

#include "test/catch.h"

namespace galvatron::search {
namespace {

// Two layers of one type, an option in each of three layouts; layouts 0 and 1 are alike.
Problem three_layouts() {
  const Toll far{.time = 7, .transient = 2};
  LayerType type{.enter = {{1, 0}, {1, 0}, {1, 0}}, .leave = {{4, 0}, {4, 0}, {4, 0}}};
  for (int layout = 0; layout < 3; ++layout) type.options.push_back({.layout = layout});
  return {.layouts = 3,
          .types = {type},
          .layers = {0, 0},
          .switches = {{.tolls = {{}, {}, far, {}, {}, far, far, far, {}}}}};
}

Toll& toll(Problem& problem, int from, int to) {
  return problem.switches.front().tolls[static_cast<std::size_t>(3 * from + to)];
}

}  // namespace

TEST_CASE("layouts with free changes and equal tolls are one class") {
  const LayoutClasses classes = layout_classes(three_layouts());
  CHECK(classes.count == 2);
  CHECK(classes.of_layout == std::vector<int>{0, 0, 1});
  CHECK(classes.switches.front() ==
        std::vector<Toll>{{}, {.time = 7, .transient = 2}, {.time = 7, .transient = 2}, {}});
  CHECK(classes.enter.front() == std::vector<Toll>{{1, 0}, {1, 0}});
  CHECK(classes.leave.front() == std::vector<Toll>{{4, 0}, {4, 0}});
}

TEST_CASE("whatever tells two layouts apart keeps their classes apart") {
  Problem problem = three_layouts();
  SECTION("a change that takes time") { toll(problem, 0, 1).time = 1; }
  SECTION("a change that needs a buffer") { toll(problem, 1, 0).transient = 1; }
  SECTION("a change to a third layout") { toll(problem, 1, 2).time = 6; }
  SECTION("a change from a third layout") { toll(problem, 2, 1).transient = 3; }
  SECTION("the begin of a stage") { problem.types.front().enter[1].time = 2; }
  SECTION("the end of a stage") { problem.types.front().leave[1].transient = 2; }
  const LayoutClasses classes = layout_classes(problem);
  CHECK(classes.count == 3);
  CHECK(classes.of_layout == std::vector<int>{0, 1, 2});
}

TEST_CASE("layouts without options have no class and are not asked for tolls") {
  Problem problem = three_layouts();
  problem.types.front().options.pop_back();
  toll(problem, 1, 2).time = 6;
  const LayoutClasses classes = layout_classes(problem);
  CHECK(classes.count == 1);
  CHECK(classes.of_layout == std::vector<int>{0, 0, -1});
}

TEST_CASE("tolls that no neighbours pay do not count") {
  // The second type, which has layout 0 alone, comes last: nobody changes from it.
  Problem problem = three_layouts();
  LayerType last{.options = {{.layout = 0}}, .enter = {{}, {9, 0}, {}}, .switch_table = 1};
  problem.types.push_back(last);
  problem.layers = {0, 0, 1};
  problem.switches.push_back({.tolls = std::vector<Toll>(9, Toll{.time = 5})});
  CHECK(layout_classes(problem).of_layout == std::vector<int>{0, 0, 1});
  // In front of the others it does: from layout 0 to layout 1 nothing is free.
  problem.layers = {1, 0, 0};
  CHECK(layout_classes(problem).of_layout == std::vector<int>{0, 1, 2});
}

TEST_CASE("what a class pays is what those of its layouts pay that a type has") {
  // Of the alike layouts 0 and 1, the second type has layout 1 alone.
  Problem problem = three_layouts();
  LayerType second{.options = {{.layout = 1}},
                   .enter = {{8, 0}, {3, 0}, {8, 0}},
                   .leave = {{8, 0}, {2, 0}, {8, 0}}};
  problem.types.push_back(second);
  problem.layers = {0, 0, 1};
  const LayoutClasses classes = layout_classes(problem);
  CHECK(classes.of_layout == std::vector<int>{0, 0, 1});
  CHECK(classes.enter[1].front() == Toll{3, 0});
  CHECK(classes.leave[1].front() == Toll{2, 0});
}

}  // namespace galvatron::search
