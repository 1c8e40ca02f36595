// What the problems of one family find out for each other.
//
// They differ in the options of a few types only, such as the layers of a tied table. A stage of
// other layers is the same stage in all of them, so what one proves of it holds for all, and what
// one finds fits all.
#pragma once

#include <optional>
#include <vector>

#include "planner/search/stage_catalog.h"

namespace galvatron::search {

// What work on the least time of one stage under some caps brought.
struct Finding {
  StageName name{};
  CappedTimes caps = kNoCaps;                       // as they count for the stage
  Time lower = 0;                                   // no choice for these layers is faster
  std::array<Slope, kCappedTimes> shrinking_cap{};  // see StageAnswer
  int level = kKnapsackLevel;                       // how hard it was worked on
  std::optional<StagePoint> point{};
};

class SharedFindings {
 public:
  // Of the stages of a problem, by type of layer: whether it is the same in all of the family, as
  // far as is known. The first problem that adds something is what others are compared with.
  std::vector<bool> common_types(const Problem& problem) const;

  void add(const Problem& problem, Finding finding);
  const std::vector<Finding>& all() const { return all_; }

  // Whether sync of later stages turned out to be exposed in one of them.
  void note_tails() { tails_count_ = true; }
  bool tails_count() const { return tails_count_; }

 private:
  std::optional<Problem> reference_{};
  std::vector<Finding> all_{};
  bool tails_count_ = false;
};

}  // namespace galvatron::search
