// The least memory that any plan needs: what is said where nothing fits.
//
// For one stage the least is taken over caps on the transient: layers choose the option with least
// states and activations among those whose transient is within the cap, and the stage pays the cap.
// Boundaries are then chosen so that the fullest stage is as small as possible. Buffers of layout
// changes are left out, so that no plan needs less than this.
#pragma once

#include "planner/search/problem.h"

namespace galvatron::search {

struct LeastMemory {
  int stage = 0;  // the one that needs most
  Size states = 0;
  Size activations = 0;
  Size transient = 0;
  Size fixed = 0;

  bool operator==(const LeastMemory&) const = default;
};

inline Size total(const LeastMemory& memory) {
  return memory.states + memory.activations + memory.transient + memory.fixed;
}

// Requires at least as many layers as stages.
LeastMemory least_memory(const Problem& problem);

}  // namespace galvatron::search
