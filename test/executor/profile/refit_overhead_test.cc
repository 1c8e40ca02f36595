#include "executor/profile/refit_overhead.h"

#include "planner/plan/global_strategy.h"
#include "planner/plan/hardware_yaml.h"
#include "planner/plan/runtime_yaml.h"
#include "planner/schedule/price.h"
#include "test/catch.h"

namespace galvatron {
namespace {

const std::string kProfiles = GALVATRON_SOURCE_PROFILES;

Plan priced_plan() {
  const Model model{.name = "tiny",
                    .sequence_length = 16,
                    .config = Gpt2Config{.vocabulary = 40,
                                         .positions = 16,
                                         .hidden = 32,
                                         .layers = 2,
                                         .heads = 2,
                                         .mlp_width = 64}};
  const LayerGraph graph = build_layer_graph(model);
  Plan plan = global_plan({.model = model, .job = {.global_batch = 8}, .devices = 4}, {}, graph);
  plan.inputs = PlanInputs{.hardware = read_hardware(kProfiles + "/cpu_local.yaml"),
                           .runtime = read_runtime(kProfiles + "/runtimes/galvatron.yaml")};
  plan.predicted = price(plan, graph);
  return plan;
}

TEST_CASE("a refitted profile predicts the measured step") {
  const Plan plan = priced_plan();
  const Seconds measured = plan.predicted.step * 3;
  const Refit refit = refit_overhead(plan, measured, "by hand");
  CHECK(refit.predicted.value == Approx(measured.value));
  CHECK(refit.hardware.device.overhead.origin ==
        plan.inputs->hardware.device.overhead.origin + "; host_us_per_step by hand");
}

TEST_CASE("a run faster than its operations leaves no overhead") {
  const Plan plan = priced_plan();
  const Refit refit = refit_overhead(plan, plan.predicted.step / 1e6, "by hand");
  CHECK(refit.hardware.device.overhead.host_per_step == Seconds{});
  CHECK(refit.predicted > plan.predicted.step / 1e6);
}

}  // namespace
}  // namespace galvatron
