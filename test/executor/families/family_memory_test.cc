// Live tensor bytes of every family at a rank's peak, against the prediction.
#include <fmt/format.h>

#include <cmath>

#include "planner/plan/hardware_yaml.h"
#include "planner/plan/placement.h"
#include "planner/schedule/price.h"
#include "test/catch.h"
#include "test/executor/families/family_rows.h"

namespace galvatron {
namespace {

constexpr double kMemoryTolerance = 0.03;  // of the predicted sum

TEST_CASE("every family holds what was predicted", "[cpu]") {
  const Hardware hardware = read_hardware(GALVATRON_HARDWARE);
  for (std::size_t i = 0; i < family_rows().size(); ++i) {
    const FamilyRun& run = family_runs()[i];
    if (!run.member) continue;
    Plan plan = plan_of(family_rows()[i].model, family_rows()[i].plan);
    plan.inputs = PlanInputs{.hardware = hardware};  // the default runtime is this executor
    MemoryParts parts =
        stage_memory(plan, build_layer_graph(plan.model), stage_of_rank(plan, run.rank));
    parts.context = parts.communicators = parts.reserve = Bytes{};
    const auto predicted = static_cast<double>(total(parts).value);
    const double error = (static_cast<double>(run.peak.total().value) - predicted) / predicted;
    if (run.rank == 0) {
      fmt::print("{:<10} {:<28} {:>9} bytes {:+.2f} %  activations {} of {}, transient {} of {}\n",
                 plan.model.name, family_rows()[i].plan.name, run.peak.total().value, 100 * error,
                 run.peak[MemoryCategory::activations].value, parts.activations.value,
                 run.peak[MemoryCategory::transient].value, parts.transient.value);
    }
    INFO(plan.model.name << ", " << family_rows()[i].plan.name << ", rank " << run.rank << ": "
                         << 100 * error << " %");
    CHECK(std::abs(error) <= kMemoryTolerance);
  }
}

}  // namespace
}  // namespace galvatron
