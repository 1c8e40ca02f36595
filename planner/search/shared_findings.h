// What the problems of one family find out for each other.
//
// They differ in the options of a few types only, such as the layers of a tied table. A stage of
// other layers is the same stage in all of them, so what one proves of it holds for all, and what
// one finds fits all.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "planner/search/arcs.h"

namespace galvatron::search {

// What work on the least time of one stage under some caps brought.
struct Finding {
  StageName name{};
  CappedTimes caps = kNoCaps;  // as they count for the stage
  Time lower = 0;              // no choice for these layers is faster
  CapSlopes shrinking_cap{};   // see StageAnswer
  int level = kKnapsackLevel;  // how hard it was worked on
  std::optional<StagePoint> point{};
};

// What was proved of the first stage: t + y + (m-1) max(t, A) is no less.
struct FirstStageBound {
  int key = 0;
  Time slowest = 0;  // A
  Time lower = 0;
  Slope offset{};  // by A, as the prices say
};

// What a relaxation proved: bounds without any cap, as options that it prunes without caps may
// count under them, and the arcs that plans below its goal may use.
struct RelaxedProofs {
  std::vector<Finding> stages{};
  std::vector<FirstStageBound> first_stages{};
  SharedArcs arcs{};  // null: all
};

class SharedFindings {
 public:
  // `relaxed`: of a problem with the same layers, stages and constant time, and all options of each
  // of the family, none dearer; without bonds or given cuts that not all of them have.
  explicit SharedFindings(RelaxedProofs relaxed) : relaxed_(std::move(relaxed)) {}
  const RelaxedProofs& relaxed() const { return relaxed_; }

  // Of the stages of a problem, by type of layer: whether it is the same in all of the family, as
  // far as is known. The first problem that adds something is what others are compared with.
  std::vector<bool> common_types(const Problem& problem) const;

  void add(const Problem& problem, Finding finding);
  const std::vector<Finding>& all() const { return all_; }

  // Whether sync of later stages turned out to be exposed in one of them.
  void note_tails() { tails_count_ = true; }
  bool tails_count() const { return tails_count_; }

 private:
  RelaxedProofs relaxed_;
  std::optional<Problem> reference_{};
  std::vector<Finding> all_{};
  bool tails_count_ = false;
};

}  // namespace galvatron::search
