// The bounds that cut labels, and the items of a layer in the order that suits them.
//
// A bound is a direction: what a label weighs, plus the least that what follows can weigh. The
// directions are the prices that dual_bound found, some around them, and every resource alone. The
// items of a run and layout are ranked by rising weight at the prices found, so that a label need
// look at no further item once one is too heavy.
#pragma once

#include <cstddef>
#include <vector>

#include "planner/search/dual_bound.h"

namespace galvatron::search {

// The items of one run that the cap allows: those of layout g are index[begin[g]] up to
// index[begin[g + 1]], lightest first. A rank is a place in `index`.
struct RankedItems {
  std::vector<std::size_t> begin{};
  std::vector<int> index{};       // into the items of the type
  std::vector<double> weights{};  // [rank][cut]
};

struct Cut {
  Completion completion{};
  double toll_factor = 0;         // what one picosecond of toll weighs
  double constant = 0;            // offset of the target less the weight of all resources
  double threshold = kForbidden;  // of weight + completion + constant
};

class LabelCuts {
 public:
  // Stage, target and work must outlive this object. The first cut is that of `prices`.
  LabelCuts(const CappedStage& stage, const Target& target, const Direction& prices, Work& work);

  std::size_t count() const { return cuts_.size(); }
  const Cut& operator[](std::size_t cut) const { return cuts_[cut]; }
  const RankedItems& items(std::size_t run) const { return items_[run]; }

  // [rank][cut]: the weight of an item of this layer and of all that follows, at least.
  std::vector<double> needs(std::size_t layer) const;

 private:
  void add_cost_cut(const Direction& direction);
  void add_resource_cut(const Direction& direction, double available);
  RankedItems ranked_items(std::size_t run) const;

  const CappedStage& stage_;
  const Target& target_;
  Work& work_;
  std::vector<Cut> cuts_;
  std::vector<RankedItems> items_;  // [run]
};

}  // namespace galvatron::search
