#include "planner/search/layout_changes.h"

namespace galvatron {

const LayoutChange& LayoutChanges::of(const Layout& from, const Layout& to, int devices) {
  const auto key_of = [](const Layout& layout) {
    return LayoutKey{layout.tensor, layout.data, layout.order, layout.sequence_parallel};
  };
  const auto key = std::tuple{devices, key_of(from), key_of(to)};
  const auto known = known_.find(key);
  if (known != known_.end()) return known->second;
  const auto reverse = known_.find(std::tuple{devices, key_of(to), key_of(from)});
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

}  // namespace galvatron
