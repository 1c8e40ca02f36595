// Counted memory beside predicted memory.
#pragma once

#include <string>
#include <vector>

#include "executor/communication/communicator.h"
#include "executor/memory/live_bytes.h"
#include "planner/plan/plan.h"

namespace galvatron {

// Of each stage the peak of its fullest rank. Collective over `world`, the ranks of the plan.
std::vector<CategoryBytes> gather_stage_peaks(Communicator& world, const Plan& plan,
                                              const CategoryBytes& own_peak);

// A line per category and one for the sum: what this rank held at its peak, what the plan predicted
// for its stage.
std::string memory_table(const CategoryBytes& counted, const MemoryParts& predicted);

// Call in a catch block: an error of an allocation, ours or the machine's, is thrown on as
// ExecutorError (out of memory) with that table of the peak, which is then; any other as it is.
[[noreturn]] void rethrow_with_memory(const LiveBytes& live_bytes, const MemoryParts& predicted);

}  // namespace galvatron
