// Training a few steps of a tiny model of any family on the first ranks of an mpirun.
#pragma once

#include <string>
#include <vector>

#include "executor/communication/ledger.h"
#include "executor/memory/live_bytes.h"
#include "planner/plan/plan.h"

namespace galvatron {

enum class FamilyModel { bert, bert_pairs, vit, t5, t5_gated, swin };

// Embedding, six blocks (T5: two, the bridge and three; Swin: two, a merging and three) and head;
// every input that the family knows is in the samples.
Model family_model(FamilyModel model);

struct FamilyRun {
  bool member = false;  // false on ranks the plan has no use for; then the rest is empty
  int rank = 0;
  std::vector<double> losses;
  std::vector<double> grad_norms;
  std::vector<LedgerEntry> ledger;  // of the last step, on this rank
  CategoryBytes peak;               // of the last step, on this rank
};

// Collective over all ranks of the mpirun. Samples are made up from their numbers, the same ones
// for every plan. Weights come from `weights` (a folder) or are drawn; they are exported to
// `exported` unless that is empty.
struct FamilyFolders {
  std::string weights;
  std::string exported;
};
FamilyRun run_family(const Plan& plan, const FamilyFolders& folders = {});

}  // namespace galvatron
