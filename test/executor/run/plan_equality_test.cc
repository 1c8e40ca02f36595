#include <fmt/format.h>

#include <cmath>

#include "test/catch.h"
#include "test/executor/run/plan_run.h"
#include "test/executor/run/plan_table.h"

namespace galvatron {
namespace {

double largest_difference(const std::vector<double>& values, const std::vector<double>& expected) {
  double largest = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    largest = std::max(largest, std::abs(values[i] - expected[i]) / std::abs(expected[i]));
  }
  return largest;
}

TEST_CASE("every plan trains as one process does") {
  const PlanRun gpt2 = run_plan(single_process_plan(TinyModel::gpt2));
  const PlanRun llama = run_plan(single_process_plan(TinyModel::llama));
  for (const PlanRow& row : plan_rows()) {
    const PlanRun run = run_plan(make_plan(row));
    const PlanRun& one = row.model == TinyModel::gpt2 ? gpt2 : llama;
    if (!run.member || !one.member) continue;
    INFO(row.name);
    const double losses = largest_difference(run.losses, one.losses);
    const double norms = largest_difference(run.grad_norms, one.grad_norms);
    fmt::print("{:<32} {:>7.4f} -> {:>7.4f}   losses {:8.1e}   norms {:8.1e}\n", row.name,
               run.losses.front(), run.losses.back(), losses, norms);
    std::fflush(stdout);
    CHECK(losses <= 1e-5);
    CHECK(norms <= 1e-4);
  }
}

}  // namespace
}  // namespace galvatron
