// The list of everything a rank communicated, from the tensors' own bytes.
//
// Only Communicator writes to it, and nothing here knows the cost model: a test compares the two.
#pragma once

#include <vector>

#include "cost_models/layer_collectives.h"
#include "cost_models/rank_group.h"
#include "cost_models/units.h"

namespace galvatron {

// `payload`: bytes of the full, unsharded buffer; for send, receive and all-to-all what this rank
// passes on (for receive: what it is given).
struct LedgerEntry {
  CollectiveKind kind = CollectiveKind::all_reduce;
  RankGroup group;  // ranks of the communicator that all others were split from
  Bytes payload;

  auto operator<=>(const LedgerEntry&) const = default;
};

class Ledger {
 public:
  const std::vector<LedgerEntry>& entries() const { return entries_; }
  void clear() { entries_.clear(); }

 private:
  friend class Communicator;
  void record(const LedgerEntry& entry) { entries_.push_back(entry); }

  std::vector<LedgerEntry> entries_;
};

}  // namespace galvatron
