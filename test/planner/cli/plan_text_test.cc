#include "planner/cli/plan_text.h"

#include "test/catch.h"
#include "test/planner/cli/tiny_plan.h"

namespace galvatron {
namespace {

TEST_CASE("a plan is printed as stages, runs of layers, memory bars, time and certificate") {
  const Plan plan = tiny_plan();
  CHECK(plan_text(plan, build_layer_graph(plan.model), Terminal{}) ==
        R"(tiny: 4 devices, global batch 4, sequence 16, fp32
1f1b, 2 stages of 2 devices, 2 micro-batches of 2 samples

stage  devices  per micro-batch  layers  type            strategy
0      0-1              2.00 ms       0  gpt2_embedding  tensor 2, sequence parallel
                                      1  gpt2_block      tensor 2, sequence parallel
1      2-3              3.00 ms       2  gpt2_block      data 2, ZeRO 1, recompute full
                                      3  gpt2_head       data 2, ZeRO 1, recompute full

memory per device
stage 0   ██████████████████░░░░░░  3.00 MiB
            parameters 2.00 MiB, transient 1.00 MiB
stage 1   ████████████████████████  4.00 MiB
            parameters 4.00 MiB

step 10.0 ms simulated, 11.0 ms closed form, 400 samples/s
within 5 % of the optimum: no plan of its space takes less than 10.5 ms
)");
}

TEST_CASE("colour is escape codes around the same words") {
  const Plan plan = tiny_plan();
  const std::string text = plan_text(plan, build_layer_graph(plan.model), Terminal{.color = true});
  CHECK(text.find("\x1b[1mtiny\x1b[0m: 4 devices") == 0);
}

TEST_CASE("a strategy that splits nothing is one device") {
  CHECK(strategy_text(Strategy{}) == "one device");
  CHECK(strategy_text({.tensor = 2,
                       .data = 4,
                       .order = Order::data_inner,
                       .zero = Zero::parameters,
                       .recompute = Recompute::selective}) ==
        "tensor 2, data 4, data inner, ZeRO 3, recompute selective");
}

}  // namespace
}  // namespace galvatron
