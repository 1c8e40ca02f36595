#include "executor/train/ledger_check.h"

#include <ATen/ops/full.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

#include "executor/launch/exit_code.h"
#include "planner/schedule/ledger.h"

namespace galvatron {
namespace {

constexpr std::size_t kShown = 8;

std::string text(const LedgerEntry& entry) {
  return fmt::format("{} of {} bytes over {} ranks from {} by {}",
                     name_of(kCollectiveNames, entry.kind), entry.payload.value, entry.group.size,
                     entry.group.first, entry.group.stride);
}

// Of two sorted lists.
void append_those_without(std::vector<std::string>& lines, const char* what,
                          const std::vector<LedgerEntry>& entries,
                          const std::vector<LedgerEntry>& others) {
  std::vector<LedgerEntry> alone;
  std::set_difference(entries.begin(), entries.end(), others.begin(), others.end(),
                      std::back_inserter(alone));
  for (const LedgerEntry& entry : alone) lines.push_back(what + text(entry));
}

}  // namespace

std::vector<LedgerEntry> expected_ledger(const Plan& plan, const LayerGraph& graph, int rank) {
  std::vector<LedgerEntry> entries;
  for (const PredictedCollective& entry : predicted_ledger(plan, graph, rank)) {
    entries.push_back({.kind = entry.kind, .group = entry.group, .payload = entry.payload});
  }
  return entries;
}

std::vector<std::string> ledger_differences(std::vector<LedgerEntry> recorded,
                                            std::vector<LedgerEntry> expected) {
  std::sort(recorded.begin(), recorded.end());
  std::sort(expected.begin(), expected.end());
  std::vector<std::string> lines;
  append_those_without(lines, "not predicted: ", recorded, expected);
  append_those_without(lines, "not recorded: ", expected, recorded);
  return lines;
}

std::int64_t check_ledger(Communicator& world, const std::vector<LedgerEntry>& recorded,
                          const std::vector<LedgerEntry>& expected) {
  std::vector<std::string> lines = ledger_differences(recorded, expected);
  if (!lines.empty()) {
    const std::size_t count = lines.size();
    lines.resize(std::min(count, kShown));
    throw ExecutorError(ExitCode::internal_error,
                        fmt::format("a step communicates something else than its plan is charged "
                                    "for, {} differences:\n  {}",
                                    count, fmt::join(lines, "\n  ")));
  }
  const at::Tensor entries = at::full({1}, std::ssize(recorded), at::kLong);
  world.all_reduce(entries, ReduceOp::sum);
  return entries.item<std::int64_t>();
}

}  // namespace galvatron
