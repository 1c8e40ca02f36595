#include "planner/cli/measured_text.h"

#include "test/catch.h"

namespace galvatron {
namespace {

MeasuredRun run() {
  return {
      .predicted = {0.2},
      .median = {0.3},
      .fastest = {0.25},
      .steps = 3,
      .stages = {{.predicted = 3 * kMiB,
                  .counted = 4 * kMiB,
                  .parts = {{"parameters", 2 * kMiB, 2 * kMiB}, {"transient", kMiB, 2 * kMiB}}}},
      .operations = {{{"forward", {0.1}, {0.15}}, {"update", {0}, {0.01}}}}};
}

TEST_CASE("a run stands beside its plan, part by part") {
  CHECK(measured_text(run()) ==
        "3 steps             predicted  measured\n"
        "step                   200 ms    300 ms   +50.0 %\n"
        "fastest step           200 ms    250 ms   +25.0 %\n"
        "tensors of stage 0   3.00 MiB  4.00 MiB   +33.3 %\n"
        "  parameters         2.00 MiB  2.00 MiB    +0.0 %\n"
        "  transient          1.00 MiB  2.00 MiB  +100.0 %\n"
        "forward of stage 0     100 ms    150 ms   +50.0 %\n"
        "update of stage 0      0.00 s   10.0 ms\n");
}

TEST_CASE("the same as JSON") {
  const Json json = measured_json(run());
  CHECK(json["step_seconds"]["measured"] == 0.3);
  const Json& stage = json["stages"][0];
  CHECK(stage["counted_bytes"] == 4 << 20);
  CHECK(stage["parts"]["transient"]["predicted_bytes"] == 1 << 20);
  CHECK(stage["operation_seconds"]["forward"]["measured"] == 0.15);
}

}  // namespace
}  // namespace galvatron
