// What every family communicates, against what the cost model charges.
#include <algorithm>

#include "planner/schedule/ledger.h"
#include "test/catch.h"
#include "test/executor/families/family_rows.h"

namespace galvatron {
namespace {

TEST_CASE("every family communicates what was predicted") {
  for (std::size_t i = 0; i < family_rows().size(); ++i) {
    const FamilyRun& run = family_runs()[i];
    if (!run.member) continue;
    const Plan plan = plan_of(family_rows()[i].model, family_rows()[i].plan);
    std::vector<LedgerEntry> expected;
    for (const PredictedCollective& entry :
         predicted_ledger(plan, build_layer_graph(plan.model), run.rank)) {
      expected.push_back({.kind = entry.kind, .group = entry.group, .payload = entry.payload});
    }
    std::sort(expected.begin(), expected.end());
    INFO(plan.model.name << ", " << family_rows()[i].plan.name << ", rank " << run.rank);
    CHECK(run.ledger == expected);
  }
}

}  // namespace
}  // namespace galvatron
