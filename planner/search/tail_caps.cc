#include "planner/search/tail_caps.h"

#include <algorithm>

#include "planner/search/wide.h"

namespace galvatron::search {
namespace {

Time rounded_up(Time cap, Time step) { return (cap / step + 1) * step; }

// Where some optimizer takes much of the tail, no sync can; otherwise the tail says as much.
HeldTo held_to(const Cell& cell, Time optimizer, Time tail, Time step) {
  const bool is_split = cell.low > cell.most_tail / 8;
  const Time sync = is_split ? rounded_up(tail - cell.low, step) : kUnlimited;
  return {.caps = {optimizer, tail, sync, kUnlimited}};
}

}  // namespace

void TailCaps::note(const ChainSolver& solver) {
  least_times_ = solver.least_times();
  around_ = solver.surroundings();
}

TailCaps::Steps TailCaps::steps_of(const Cell& cell) const {
  constexpr Time kOfTimes = 512, kOfRange = 4;
  const Time range = cell.most_tail - cell.least_tail;
  const Time least = power_of_two(std::min(least_times_ / kOfTimes, range / kOfRange));
  return {.least = least,
          .ways = std::max(least, power_of_two(std::max(range, cell.high - cell.low)))};
}

TailCaps::Range TailCaps::times_before(int stage, const Surroundings& around, Time limit) const {
  const std::int64_t m = catalog_.problem().micro_batches;
  const Time left = std::max<Time>(0, limit - around.after);
  const auto where_slowest = static_cast<Time>(Wide{left} * stage / (m - 1 + stage));
  const Time most = std::min(where_slowest, left - (m - 1) * around.slowest_after);
  return {.least = std::min(around.before, most), .most = std::max<Time>(0, most)};
}

std::vector<HeldTo> TailCaps::ways(const Cell& cell, Time optimizer, int begin,
                                   const Range& before) const {
  constexpr Time kMostWays = 24;
  const BackwardBound& backward = catalog_.backward();
  const Time least_hidden = backward.before(begin, before.least);
  const Time most_hidden = backward.before(begin, before.most);
  Time step = steps_of(cell).ways;
  while ((most_hidden - least_hidden) / step >= kMostWays) step *= 2;
  const Time most = rounded_up(cell.most_tail + most_hidden, step);
  std::vector<HeldTo> ways;
  for (Time cap = rounded_up(cell.most_tail + least_hidden, step); cap <= most; cap += step) {
    ways.push_back(held_to(cell, optimizer, cap, step));
    if (ways.size() == 1) continue;
    ways.back().backward = std::max<Time>(0, cap - step - cell.most_tail);
    ways.back().need = backward.least_time_before(begin, ways.back().backward);
  }
  return ways;
}

Time TailCaps::most_tail(const Cell& cell, Time goal) const {
  return std::min(cell.most_tail, std::max<Time>(0, goal - least_times_));
}

ChainCaps TailCaps::caps(const Cell& cell, Time goal) const {
  ChainCaps caps{.optimizer = rounded_cap(cell)};
  Cell bounded = cell;
  bounded.most_tail = most_tail(cell, goal);
  const auto layers = static_cast<std::size_t>(catalog_.layers());
  for (int stage = 0; stage < catalog_.stages(); ++stage) {
    caps.of_begin.emplace_back(layers);
    for (const Surroundings& around : around_[static_cast<std::size_t>(stage)]) {
      caps.of_begin.back()[static_cast<std::size_t>(around.begin)] =
          ways(bounded, caps.optimizer, around.begin,
               times_before(stage, around, goal - cell.least_tail));
    }
  }
  const Time step = steps_of(bounded).least;
  caps.of_begin.front().front() = {
      held_to(bounded, caps.optimizer, rounded_up(bounded.most_tail, step), step)};
  return caps;
}

}  // namespace galvatron::search
