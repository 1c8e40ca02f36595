// Changes of layout, looked at once per search: their shapes do not depend on the micro-batch.
#pragma once

#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include "cost_models/transition_cost.h"

namespace galvatron {

class LayoutChanges {
 public:
  // On stages of so many devices. The reference stays valid.
  const LayoutChange& of(const Layout& from, const Layout& to, int devices);

  // Looks at many together, on so many threads: each takes time in proportion to the devices.
  void look_at(const std::vector<std::pair<Layout, Layout>>& changes, int devices, int threads);

 private:
  using LayoutKey = std::tuple<int, int, Order, bool>;
  using Key = std::tuple<int, LayoutKey, LayoutKey>;

  static LayoutKey key_of(const Layout& layout) {
    return {layout.tensor, layout.data, layout.order, layout.sequence_parallel};
  }

  std::map<Key, LayoutChange> known_;
};

}  // namespace galvatron
