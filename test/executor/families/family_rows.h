// The plans that BERT, ViT, T5 and Swin are tested with on several ranks, and what they did.
#pragma once

#include <vector>

#include "test/executor/families/family_run.h"
#include "test/executor/run/plan_table.h"

namespace galvatron {

struct FamilyRow {
  FamilyModel model = FamilyModel::bert;
  PlanRow plan;  // its model is not used
};

const std::vector<FamilyRow>& family_rows();

Plan plan_of(FamilyModel model, const PlanRow& row);

// On one device, in one micro-batch.
Plan one_process(FamilyModel model);

// What each row did on this rank; all are run when it is asked for the first time, which is
// collective over all ranks of the mpirun.
const std::vector<FamilyRun>& family_runs();

}  // namespace galvatron
