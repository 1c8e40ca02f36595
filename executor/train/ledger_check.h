// What a rank communicated in a step beside what its plan is charged for.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "executor/communication/communicator.h"
#include "planner/model/layer_graph.h"
#include "planner/plan/plan.h"

namespace galvatron {

// What one step of the plan makes this rank communicate, in the order of its program.
std::vector<LedgerEntry> expected_ledger(const Plan& plan, const LayerGraph& graph, int rank);

// The entries that only one side has, however both are ordered: a line for each, such as "not
// predicted: all_reduce of 8 bytes over 2 ranks from 0 by 1".
std::vector<std::string> ledger_differences(std::vector<LedgerEntry> recorded,
                                            std::vector<LedgerEntry> expected);

// The number of entries of all ranks, once each rank's are what was expected. Collective over
// `world`. Throws ExecutorError (internal_error) with the first differences of this rank.
std::int64_t check_ledger(Communicator& world, const std::vector<LedgerEntry>& recorded,
                          const std::vector<LedgerEntry>& expected);

}  // namespace galvatron
