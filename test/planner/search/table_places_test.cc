#include "planner/search/table_places.h"

#include "test/catch.h"
#include "test/planner/search/tiny_models.h"

namespace galvatron {
namespace {

std::vector<int> uses_in(const std::string& family) {
  return placed_uses(build_layer_graph(tiny_model(family)));
}

TEST_CASE("only a table with a use in the middle has places") {
  const LayerGraph t5 = build_layer_graph(tiny_model("t5"));
  const std::vector<int> uses = uses_in("t5");
  REQUIRE(uses.size() == 3);
  CHECK(uses.front() == 0);
  CHECK(layer_at(t5, uses[1]).type == "t5_bridge");
  CHECK(uses.back() + 1 == layer_count(t5));
  CHECK(uses_in("gpt2").empty());  // first and last layer: several stages hold it twice
  CHECK(uses_in("vit").empty());
}

TEST_CASE("every later use stands with the use before or apart from it") {
  CHECK(table_places({}) == std::vector<SharedUses>{{}});
  const std::vector<SharedUses> places = table_places({0, 3, 6});
  CHECK(places ==
        std::vector<SharedUses>{{false, false}, {false, true}, {true, false}, {true, true}});
  CHECK(
      bonds_of({0, 3, 6}, places[1]) ==
      std::vector<search::Bond>{{.one = 0, .other = 3}, {.one = 3, .other = 6, .together = true}});
}

}  // namespace
}  // namespace galvatron
