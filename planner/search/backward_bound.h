// How much backward layers can hold in a given time.
//
// The more of a step's backward stands before a stage, the more of its sync is hidden. For a slope
// l in [0, 1] no layer's backward exceeds l x time + max over its options of (backward - l x
// time), so neither do the sums over layers; tolls add time but no backward. The slopes are those
// of the upper hull of (time, backward) over the options of the most common type, where the bound
// meets what mixes of its options reach.
#pragma once

#include <cstdint>
#include <vector>

#include "planner/search/interval.h"
#include "planner/search/problem.h"
#include "planner/search/wide.h"

namespace galvatron::search {

class BackwardBound {
 public:
  BackwardBound(const Problem& problem, const IntervalKeys& keys);

  // Upper bounds of the backward in a stage of these layers that takes t, and in stages that
  // together hold the layers before this one; they grow no faster than t.
  Time of_stage(int key, Time t) const;
  Time before(int layer, Time t) const;
  // A lower bound of the time in which those stages hold so much.
  Time least_time_before(int layer, Time backward) const;

 private:
  // Slopes and constants in units of 2^-kFraction.
  static constexpr int kFraction = 20;
  struct Line {
    std::int64_t slope = 0;
    std::vector<Wide> of_key{};
    std::vector<Wide> before{};  // [layer]
  };

  // The least of the lines at t; `constants`: those of keys or of layers.
  Time least(Time t, std::vector<Wide> Line::*constants, int index) const;
  void add(std::int64_t slope, const Problem& problem, const IntervalKeys& keys);

  std::vector<Line> lines_;
};

}  // namespace galvatron::search
