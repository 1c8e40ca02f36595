// A part of the plans of a problem: those whose slowest optimizer and whose tail lie in ranges.
#pragma once

#include "planner/search/problem.h"

namespace galvatron::search {

struct Cell {
  Time low = 0;  // of the slowest optimizer
  Time high = 0;
  Time bound = 0;       // no plan of the cell is faster
  Time least_tail = 0;  // of exposed sync and slowest optimizer together
  Time most_tail = kUnlimited;
  bool is_sharp = false;  // its cap on the optimizer is not rounded
};

// kUnlimited where either is, or the sum would be larger.
Time saturating_sum(Time one, Time other);

// The largest power of two that is not above a time, at least 1.
Time power_of_two(Time time);

// The cap on the optimizer of a cell, rounded up so that cells of other problems share it.
Time rounded_cap(const Cell& cell);

}  // namespace galvatron::search
