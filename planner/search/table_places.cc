#include "planner/search/table_places.h"

#include <algorithm>
#include <utility>

#include "planner/plan/placement.h"

namespace galvatron {
namespace {

constexpr std::size_t kMostUses = 4;

}  // namespace

std::vector<int> placed_uses(const LayerGraph& graph) {
  std::vector<TiedTable> tables = tied_tables(graph);
  std::erase_if(tables, [](const TiedTable& table) { return table.everywhere; });
  if (tables.size() != 1) return {};
  const std::vector<int>& uses = tables.front().layers;
  const bool at_the_ends =
      uses.size() == 2 && uses.front() == 0 && uses.back() + 1 == layer_count(graph);
  if (uses.size() < 2 || uses.size() > kMostUses || at_the_ends) return {};
  return uses;
}

std::vector<SharedUses> table_places(const std::vector<int>& uses) {
  std::vector<SharedUses> places{{}};
  for (std::size_t use = 1; use < uses.size(); ++use) {
    std::vector<SharedUses> longer;
    for (const SharedUses& place : places) {
      for (const bool is_shared : {false, true}) {
        longer.push_back(place);
        longer.back().push_back(is_shared);
      }
    }
    places = std::move(longer);
  }
  return places;
}

std::vector<search::Bond> bonds_of(const std::vector<int>& uses, const SharedUses& shared) {
  std::vector<search::Bond> bonds;
  for (std::size_t use = 0; use < shared.size(); ++use) {
    bonds.push_back({.one = uses[use], .other = uses[use + 1], .together = shared[use]});
  }
  return bonds;
}

}  // namespace galvatron
