// Changes of layout, looked at once per search: their shapes do not depend on the micro-batch.
#pragma once

#include <map>
#include <tuple>

#include "cost_models/transition_cost.h"

namespace galvatron {

class LayoutChanges {
 public:
  // On stages of so many devices. The reference stays valid.
  const LayoutChange& of(const Layout& from, const Layout& to, int devices);

 private:
  using LayoutKey = std::tuple<int, int, Order, bool>;

  std::map<std::tuple<int, LayoutKey, LayoutKey>, LayoutChange> known_;
};

}  // namespace galvatron
