// Live tensor bytes at a rank's peak, counted by LibTorch's allocator hook, against the prediction.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "planner/plan/hardware_yaml.h"
#include "planner/plan/placement.h"
#include "planner/schedule/price.h"
#include "test/catch.h"
#include "test/executor/run/plan_run.h"
#include "test/executor/run/plan_table.h"

namespace galvatron {
namespace {

constexpr double kBelow = 0.03;     // of the predicted sum
constexpr double kAbove = 0.02;     // a plan that fits by prediction must fit
constexpr double kCategory = 0.05;  // of the predicted category, up or down
// A category much smaller than the peak may differ by this share of the peak: which one a buffer
// between two layers belongs to is a matter of who asks.
constexpr double kSmallCategory = 0.01;

MemoryParts predicted_memory(Plan plan, int rank) {
  static const Hardware hardware = read_hardware(GALVATRON_HARDWARE);
  plan.inputs = PlanInputs{.hardware = hardware};  // the default runtime is this executor
  return stage_memory(plan, build_layer_graph(plan.model), stage_of_rank(plan, rank));
}

struct Comparison {
  const char* name;
  Bytes counted;
  Bytes predicted;
};

std::vector<Comparison> by_category(const CategoryBytes& counted, const MemoryParts& predicted) {
  return {{"parameters", counted[MemoryCategory::parameters], predicted.parameters},
          {"gradients", counted[MemoryCategory::gradients], predicted.gradients},
          {"optimizer", counted[MemoryCategory::optimizer], predicted.optimizer},
          {"activations", counted[MemoryCategory::activations], predicted.activations},
          {"transient", counted[MemoryCategory::transient], predicted.transient}};
}

double relative(const Comparison& comparison) {
  return static_cast<double>((comparison.counted - comparison.predicted).value) /
         static_cast<double>(std::max<std::int64_t>(comparison.predicted.value, 1));
}

Comparison sum(const std::vector<Comparison>& parts) {
  Comparison total{"sum", {}, {}};
  for (const Comparison& part : parts) {
    total.counted += part.counted;
    total.predicted += part.predicted;
  }
  return total;
}

bool is_close(const Comparison& part, const Comparison& total) {
  const auto difference = std::abs(static_cast<double>((part.counted - part.predicted).value));
  return difference <= kCategory * static_cast<double>(part.predicted.value) ||
         difference <= kSmallCategory * static_cast<double>(total.predicted.value);
}

TEST_CASE("the peak of every plan and rank is what was predicted", "[cpu]") {
  for (std::size_t i = 0; i < plan_rows().size(); ++i) {
    const PlanRun& run = table_runs()[i];
    if (!run.member) continue;
    const Plan plan = make_plan(plan_rows()[i]);
    const std::vector<Comparison> parts = by_category(run.peak, predicted_memory(plan, run.rank));
    const Comparison total = sum(parts);
    std::string line = fmt::format("{} rank {}: {} bytes, {:+.1f} %", plan_rows()[i].name, run.rank,
                                   total.counted.value, 100 * relative(total));
    for (const Comparison& part : parts) {
      line += fmt::format(", {} {:+.1f} % of {}", part.name, 100 * relative(part),
                          part.predicted.value);
    }
    if (run.rank == 0) fmt::print("{}\n", line);
    INFO(line);
    CHECK(relative(total) >= -kBelow);
    CHECK(relative(total) <= kAbove);
    for (const Comparison& part : parts) CHECK(is_close(part, total));
  }
}

TEST_CASE("in half of the plans activations and transients are 40 % of the peak", "[cpu]") {
  std::size_t large = 0;
  for (const PlanRun& run : table_runs()) {
    const Bytes moving =
        run.peak[MemoryCategory::activations] + run.peak[MemoryCategory::transient];
    large += run.member && moving.value * 10 >= run.peak.total().value * 4;
  }
  if (table_runs().front().member) CHECK(large * 2 >= table_runs().size());
}

}  // namespace
}  // namespace galvatron
