#include "planner/search/layout_changes.h"

#include "planner/search/parallel.h"

namespace galvatron {

const LayoutChange& LayoutChanges::of(const Layout& from, const Layout& to, int devices) {
  const Key key{devices, key_of(from), key_of(to)};
  const auto known = known_.find(key);
  if (known != known_.end()) return known->second;
  const auto reverse = known_.find({devices, key_of(to), key_of(from)});
  if (reverse != known_.end()) {
    const LayoutChange& back = reverse->second;
    return known_
        .emplace(key, LayoutChange{.from = from,
                                   .to = to,
                                   .tokens = back.tokens,
                                   .forward = back.backward,
                                   .backward = back.forward})
        .first->second;
  }
  return known_.emplace(key, layout_change(from, to, devices)).first->second;
}

void LayoutChanges::look_at(const std::vector<std::pair<Layout, Layout>>& changes, int devices,
                            int threads) {
  std::vector<LayoutChange*> missing;
  for (const auto& [from, to] : changes) {
    if (known_.count({devices, key_of(to), key_of(from)}) > 0) continue;
    const auto [place, is_new] = known_.try_emplace({devices, key_of(from), key_of(to)});
    if (!is_new) continue;
    place->second = {.from = from, .to = to};
    missing.push_back(&place->second);
  }
  search::for_each_index(missing.size(), threads, [&](std::size_t index) {
    LayoutChange& change = *missing[index];
    change = layout_change(change.from, change.to, devices);
  });
}

}  // namespace galvatron
