#include "executor/profile/repetitions.h"

#include "executor/profile/noise_report.h"
#include "test/catch.h"

namespace galvatron {
namespace {

TEST_CASE("a measurement is repeated until its time is over, within limits") {
  const RepetitionLimits limits{.budget = {1}, .least = 2, .most = 4};
  CHECK(wants_more({{9}}, limits));
  CHECK_FALSE(wants_more({{9}, {9}}, limits));
  CHECK(wants_more({{0.3}, {0.3}, {0.3}}, limits));
  CHECK_FALSE(wants_more({{0.1}, {0.1}, {0.1}, {0.1}}, limits));
}

TEST_CASE("a noisy machine is told of once, with its worst measurement") {
  NoiseReport report;
  report.add({.median = {1}, .minimum = {1}, .p95 = {1.5}, .repetitions = 20}, "steady");
  CHECK(report.text().empty());
  report.add({.median = {1}, .minimum = {1}, .p95 = {3}, .repetitions = 20}, "noisy");
  report.add({.median = {1}, .minimum = {1}, .p95 = {4}, .repetitions = 20}, "noisier");
  CHECK(report.text() ==
        "2 of 3 measurements are noisy, most noisier: one repetition in twenty takes 4.0 times the "
        "median; is something else running?");
}

}  // namespace
}  // namespace galvatron
