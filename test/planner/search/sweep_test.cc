#include "planner/search/sweep.h"

#include <algorithm>

#include "test/catch.h"
#include "test/planner/search/requests.h"

namespace galvatron {
namespace {

std::vector<Bytes> budgets(Bytes low, Bytes high, Bytes step) {
  std::vector<Bytes> rising;
  for (Bytes budget = low; budget <= high; budget += step) rising.push_back(budget);
  return rising;
}

// The example on half a node and on a whole one.
SweepRequest example_sweep(const ExampleJob& job, std::vector<Bytes> memory_budgets) {
  const SearchRequest request = example_request(job);
  Hardware half = request.inputs.hardware;
  half.devices_per_node /= 2;
  return {.model = request.model,
          .job = request.job,
          .inputs = request.inputs,
          .clusters = {half, request.inputs.hardware},
          .global_batches = {job.global_batch, 2 * job.global_batch},
          .memory_budgets = std::move(memory_budgets)};
}

SweepRequest gpt_sweep() {
  return example_sweep({"gpt2/gpt2_1.5b", "a100_80gb_sxm", 32, {}},
                       budgets(kGiB * 6, kGiB * 76, kGiB * 10));
}

SearchRequest search_at(const SweepRequest& sweep, const SweepPoint& point) {
  SearchRequest request{.model = sweep.model,
                        .job = sweep.job,
                        .global_batches = {point.global_batch},
                        .inputs = sweep.inputs};
  request.inputs.hardware = *std::find_if(
      sweep.clusters.begin(), sweep.clusters.end(),
      [&](const Hardware& cluster) { return device_count(cluster) == point.devices; });
  request.inputs.memory_budget = point.memory_budget;
  return request;
}

SweepPoint point_with(Seconds step, Bytes peak, int devices) {
  SweepPoint point{.devices = devices, .memory_budget = peak};
  point.plan = Plan{.job = {.global_batch = 1}};
  point.plan->predicted = {.step = step, .stages = {{.memory = {.parameters = peak}}}};
  return point;
}

}  // namespace

TEST_CASE("what a sweep says of a point is true of a search of that point") {
  const SweepRequest request = gpt_sweep();
  const SweepOutcome outcome = sweep(request, {});
  REQUIRE(outcome.points.size() == 32);
  CHECK(outcome.end == SearchEnd::finished);
  for (const SweepPoint& point : outcome.points) {
    INFO(point.devices << " devices, batch " << point.global_batch << ", "
                       << point.memory_budget.value << " bytes");
    SearchRequest alone = search_at(request, point);
    alone.inputs.search.gap = 0;
    const SearchOutcome searched = search_plan(alone, {});
    REQUIRE(searched.plan.has_value() == point.plan.has_value());
    CHECK(searched.shortfalls == point.shortfalls);
    if (!point.plan) continue;
    CHECK(point.plan->inputs->memory_budget == point.memory_budget);
    CHECK(peak_bytes(*point.plan) <= point.memory_budget);
    CHECK(point.plan->job.global_batch == point.global_batch);
    CHECK(point.plan->devices == point.devices);
    const Certificate& certificate = *point.plan->certificate;
    const Seconds optimum = searched.plan->predicted.closed_form;
    CHECK(certificate.gap <= request.inputs.search.gap + 1e-9);  // prices round to doubles
    CHECK(certificate.lower_bound.value <= optimum.value * (1 + 1e-9));
    CHECK(point.plan->predicted.closed_form.value * (1 - certificate.gap) <=
          optimum.value * (1 + 1e-9));
  }
}

TEST_CASE("answers of larger budgets save searches and say so") {
  const SweepOutcome outcome = sweep(gpt_sweep(), {});
  const auto answered_by = [&](SweepOrigin origin) {
    return std::count_if(outcome.points.begin(), outcome.points.end(),
                         [&](const SweepPoint& point) { return point.origin == origin; });
  };
  const SweepStatistics& statistics = outcome.statistics;
  CHECK(statistics.kept_plans > 0);
  CHECK(statistics.searches == answered_by(SweepOrigin::searched));
  CHECK(statistics.kept_plans + statistics.known_infeasible ==
        answered_by(SweepOrigin::larger_budget));
  CHECK(answered_by(SweepOrigin::none) == 0);
}

TEST_CASE("where nothing fits, a smaller budget is not searched") {
  const SweepOutcome outcome =
      sweep(example_sweep({"gpt2/tiny", "cpu_local", 8, {}}, {kMiB, kMiB * 2, kMiB * 3}), {});
  CHECK(outcome.statistics.searches == 4);
  CHECK(outcome.statistics.known_infeasible == 8);
  for (const SweepPoint& point : outcome.points) {
    CHECK_FALSE(point.plan);
    CHECK_FALSE(point.shortfalls.empty());
  }
}

TEST_CASE("in a sweep more memory is never slower") {
  const SweepRequest request =
      example_sweep({"t5/tiny", "cpu_local", 16, {}}, budgets(kMiB * 260, kMiB * 320, kMiB * 4));
  const std::vector<SweepPoint> points = sweep(request, {}).points;
  for (std::size_t index = 1; index < points.size(); ++index) {
    const SweepPoint &less = points[index - 1], &more = points[index];
    if (less.memory_budget > more.memory_budget || !less.plan) continue;
    REQUIRE(more.plan);
    CHECK(more.plan->predicted.closed_form <= less.plan->predicted.closed_form);
  }
}

TEST_CASE("a sweep gives the same plans on any number of threads") {
  const std::vector<SweepPoint> alone = sweep(gpt_sweep(), {.threads = 1}).points;
  const std::vector<SweepPoint> together = sweep(gpt_sweep(), {.threads = 3}).points;
  REQUIRE(alone.size() == together.size());
  for (std::size_t index = 0; index < alone.size(); ++index) {
    CHECK(alone[index].plan == together[index].plan);
    CHECK(alone[index].is_pareto == together[index].is_pareto);
  }
}

TEST_CASE("a sweep out of time says which points it did not reach") {
  const SweepOutcome outcome = sweep(gpt_sweep(), {.time_limit = Seconds{0}});
  CHECK(outcome.end == SearchEnd::time_limit);
  CHECK(outcome.statistics.searches == 0);
  for (const SweepPoint& point : outcome.points) {
    CHECK(point.origin == SweepOrigin::none);
    CHECK(point.end == SearchEnd::time_limit);
    CHECK_FALSE(point.plan);
  }
}

TEST_CASE("an interrupted sweep keeps the points it has") {
  int points = 0;
  const SweepOutcome outcome =
      sweep(gpt_sweep(), {.interrupted = [&] { return points >= 8; },
                          .progress = [&](std::size_t, std::size_t) { ++points; }});
  CHECK(outcome.end == SearchEnd::interrupted);
  CHECK(outcome.points.back().origin == SweepOrigin::none);
  CHECK(outcome.points[7].plan);  // the largest budget of the first cluster and batch
}

TEST_CASE("a point is marked unless another is as good in all and better in one") {
  std::vector<SweepPoint> points{point_with({1.0}, kGiB * 40, 8),   // fastest on 8
                                 point_with({2.0}, kGiB * 20, 8),   // slower in less memory
                                 point_with({2.0}, kGiB * 30, 8),   // no faster in more
                                 point_with({1.0}, kGiB * 40, 16),  // no faster on more devices
                                 point_with({0.5}, kGiB * 40, 16),  // faster on more
                                 {}};                               // no plan
  mark_pareto(points);
  std::vector<bool> marks;
  for (const SweepPoint& point : points) marks.push_back(point.is_pareto);
  CHECK(marks == std::vector<bool>{true, true, false, false, true, false});
}

TEST_CASE("of equal plans the one of the least budget is marked") {
  std::vector<SweepPoint> points{point_with({1.0}, kGiB * 20, 8), point_with({1.0}, kGiB * 20, 8)};
  points[0].memory_budget = kGiB * 24;
  points[1].memory_budget = kGiB * 32;
  mark_pareto(points);
  CHECK(points[0].is_pareto);
  CHECK_FALSE(points[1].is_pareto);
}

}  // namespace galvatron
