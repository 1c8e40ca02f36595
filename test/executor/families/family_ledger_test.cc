// What every family communicates, against what the cost model charges.
#include "executor/train/ledger_check.h"
#include "test/catch.h"
#include "test/executor/families/family_rows.h"

namespace galvatron {
namespace {

TEST_CASE("every family communicates what was predicted") {
  for (std::size_t i = 0; i < family_rows().size(); ++i) {
    const FamilyRun& run = family_runs()[i];
    if (!run.member) continue;
    const Plan plan = plan_of(family_rows()[i].model, family_rows()[i].plan);
    INFO(plan.model.name << ", " << family_rows()[i].plan.name << ", rank " << run.rank);
    for (const std::string& line : ledger_differences(
             run.ledger, expected_ledger(plan, build_layer_graph(plan.model), run.rank))) {
      FAIL_CHECK(line);
    }
  }
}

}  // namespace
}  // namespace galvatron
