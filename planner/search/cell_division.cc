// When a cell is halved, and along which of its sides.
#include <algorithm>

#include "planner/search/pair_search.h"

namespace galvatron::search {

bool PairSearch::halve_if_wide(Cell& cell, const Outcome& quick, bool can_values_close) {
  if (!can_values_close && is_divisible(cell)) {
    divide(cell, quick);
  } else if (is_wide_in_tail(cell)) {
    halve_tail(cell);
  } else if (is_wide(cell, quick)) {
    halve(cell, quick);
  } else {
    return false;
  }
  return true;
}

// Whether a cell may be halved where values alone do not close it: where its ranges are small
// against what is missing, they are not what is in the way.
bool PairSearch::is_divisible(const Cell& cell) const {
  if (!tail_counts_ || goal() == kUnlimited) return false;
  const Time width = std::max(most_tail(cell) - cell.least_tail, cell.high - cell.low);
  return width > narrowest() && width > (goal() - cell.bound) / 16;
}

// Along its wider side.
void PairSearch::divide(Cell& cell, const Outcome& outcome) {
  if (most_tail(cell) - cell.least_tail >= cell.high - cell.low) {
    halve_tail(cell);
  } else {
    halve(cell, outcome);
  }
}

// Of ranges that are halved while tails count. With a gap to reach, no narrower one can be what is
// in the way; without one, fronts settle what is left.
Time PairSearch::narrowest() const {
  constexpr double kLeastGap = 1e-5;
  return static_cast<Time>(std::max(aim_.gap, kLeastGap) / 8 * static_cast<double>(goal()));
}

// Whether halving is the way on: while the width exceeds what a better bound of f could gain, or
// while a plan shows that no bound of f closes the cell and the width is large against what is
// missing. With a gap to reach, or where tails count, a width that is large against what is missing
// is all that matters down to the narrowest: cells are cheap, labels under caps are not.
bool PairSearch::is_wide(const Cell& cell, const Outcome& outcome) const {
  const Time width = cell.high - cell.low;
  if (goal() == kUnlimited) return false;
  const bool are_cells_cheap = aim_.gap > 0 || tail_counts_;
  if (are_cells_cheap && width > narrowest() && width > (goal() - cell.bound) / 2) return true;
  if (outcome.known == kUnlimited) return false;
  if (width > outcome.known - outcome.bound) return true;
  return outcome.known < goal() - cell.low && width > (goal() - cell.bound) / 4;
}

void PairSearch::halve(Cell& cell, const Outcome& outcome) {
  const Time middle = cell.low + (cell.high - cell.low) / 2;
  Cell upper = cell;
  upper.low = middle + 1;
  upper.bound = std::max(cell.bound, saturating_sum(outcome.bound, upper.low));
  cell.high = middle;
  cells_.push_back(upper);
}

// Whether the range of tails is large against what is missing, so that narrower caps and a higher
// floor promise more than better values. Narrow ranges are left to fronts.
bool PairSearch::is_wide_in_tail(const Cell& cell) const {
  if (!tail_counts_ || goal() == kUnlimited) return false;
  const Time width = most_tail(cell) - cell.least_tail;
  return width > narrowest() && width > (goal() - cell.bound) / 8;
}

void PairSearch::halve_tail(Cell& cell) {
  const Time most = most_tail(cell);
  const Time middle = cell.least_tail + (most - cell.least_tail) / 2;
  Cell upper = cell;
  upper.least_tail = middle + 1;
  upper.most_tail = most;
  cell.most_tail = middle;
  cells_.push_back(upper);
}

}  // namespace galvatron::search
