// One stage solved: the least objective of an interval of layers, with proof.
//
// The caps on the transient are the distinct transients themselves. All of them start as one range
// with one bound by prices, and the range of least bound is halved: one half loses paths of the mix
// that gave the bound, and the other room. Where the mix has no transient above the least cap,
// halving gains nothing. Once it can gain little of what is missing, a range is searched by labels
// as a whole; they keep the largest transient so far as one more number, so that this settles it.
// Ranges whose bound reaches the best point found, or the limit, are never opened.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "planner/search/dual_bound.h"

namespace galvatron::search {

inline constexpr std::size_t kAnyWidth = static_cast<std::size_t>(-1);

struct StageTask {
  const StageModel* model = nullptr;
  const Interval* interval = nullptr;
  Target target{};
  std::size_t width = 0;  // of label searches; 0: prices only
};

// Options for the layers of one stage that fit.
struct StagePoint {
  StageCost cost{};
  std::vector<int> option{};
};

// What a bound by prices gains at least for every picosecond that something grows by, and what it
// loses at most for every picosecond that it falls by.
struct Slope {
  double least = 0;
  double most = 0;

  double shift(double change) const {
    const double price = change > 0 ? least : most;
    return price > 0 ? price * change : 0;
  }
};

// What prices that proved `lower` prove where their bound is shifted. They proved more than lower -
// 1, which was rounded up to lower; so what they prove elsewhere, an integer again, is rounded
// down. `terms`: in the shift.
Time shifted_bound(Time lower, double shift, std::size_t terms);

// The same for caps on times, by how much they shrink.
using CapSlopes = std::array<Slope, kCappedTimes>;

// What a bound proved under some caps gains under others.
double shift_between(const CappedTimes& proved, const CappedTimes& caps, const CapSlopes& slopes);

struct StageAnswer {
  Time lower = 0;  // no objective below this: the optimum if the best point has it
  // A bound for another offset[0], and for caps that are smaller or larger by so much, holds as
  // well; what is not known to grow has slope 0, what may fall by anything kForbidden.
  Slope offset{.least = 0, .most = 1};
  CapSlopes shrinking_cap{};
  std::optional<StagePoint> best{};  // of objective below the limit
};

StageAnswer solve_stage(const StageTask& task, Work& work);

// All unbeaten points of a model made for Purpose::front with time below target.limit; nothing
// where labels of the task's width do not find all.
std::optional<std::vector<StagePoint>> stage_front(const StageTask& task, Work& work);

}  // namespace galvatron::search
