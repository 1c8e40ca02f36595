// Losses and gradient norms do not depend on the plan.
#include <fmt/format.h>

#include <cstdio>

#include "test/catch.h"
#include "test/executor/run/largest_difference.h"
#include "test/executor/run/plan_run.h"
#include "test/executor/run/plan_table.h"

namespace galvatron {
namespace {

TEST_CASE("every plan trains as one process does") {
  const PlanRun gpt2 = run_plan(single_process_plan(TinyModel::gpt2));
  const PlanRun llama = run_plan(single_process_plan(TinyModel::llama));
  for (std::size_t i = 0; i < plan_rows().size(); ++i) {
    const PlanRow& row = plan_rows()[i];
    const PlanRun& run = table_runs()[i];
    const PlanRun& one = row.model == TinyModel::gpt2 ? gpt2 : llama;
    if (!run.member || !one.member) continue;  // rank 0 knows both
    INFO(row.name);
    const double losses = largest_difference(run.losses, one.losses);
    const double norms = largest_difference(run.grad_norms, one.grad_norms);
    fmt::print("{:<32} {} ranks  loss {:.4f} -> {:.4f}  differences {:7.1e}, norms {:7.1e}\n",
               row.name, row.devices, run.losses.front(), run.losses.back(), losses, norms);
    std::fflush(stdout);
    CHECK(losses <= kLossTolerance);
    CHECK(norms <= kNormTolerance);
  }
}

TEST_CASE("bf16 trains as fp32 does, within 1 %") {
  constexpr double kBf16Tolerance = 1e-2;
  for (const TinyModel model : {TinyModel::gpt2, TinyModel::llama}) {
    Plan plan = single_process_plan(model);
    const PlanRun exact = run_plan(plan);
    plan.job.precision = Precision::bf16;
    const PlanRun rounded = run_plan(plan);
    if (!exact.member) continue;
    CHECK(largest_difference(rounded.losses, exact.losses) <= kBf16Tolerance);
    CHECK(rounded.losses != exact.losses);
  }
}

TEST_CASE("the losses of one process fall, and neither model's are constant") {
  const PlanRun run = run_plan(single_process_plan(TinyModel::gpt2));
  if (!run.member) return;
  CHECK(run.losses.back() < run.losses.front());
}

}  // namespace
}  // namespace galvatron
