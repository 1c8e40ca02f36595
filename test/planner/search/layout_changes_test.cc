#include "planner/search/layout_changes.h"

#include "test/catch.h"

namespace galvatron {

TEST_CASE("changes of layout looked at together are those looked at alone") {
  const std::vector<Layout> layouts{{.tensor = 1, .data = 12},
                                    {.tensor = 2, .data = 6},
                                    {.tensor = 3, .data = 4, .order = Order::data_inner},
                                    {.tensor = 4, .data = 3, .sequence_parallel = true},
                                    {.tensor = 12, .data = 1, .sequence_parallel = true}};
  std::vector<std::pair<Layout, Layout>> changes;
  for (const Layout& from : layouts) {
    for (const Layout& to : layouts) changes.emplace_back(from, to);
  }
  for (const int threads : {1, 3}) {
    LayoutChanges together;
    together.of(layouts[1], layouts[0], 12);
    together.look_at(changes, 12, threads);
    for (const auto& [from, to] : changes) {
      CHECK(together.of(from, to, 12) == layout_change(from, to, 12));
    }
  }
}

}  // namespace galvatron
