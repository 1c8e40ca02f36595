#include "planner/plan/diff.h"

#include "test/catch.h"
#include "test/planner/plan/tiny_plans.h"

namespace galvatron {
namespace {

using Changes = std::vector<FieldChange>;

Plan some_plan() {
  Plan plan = tiny_plan({.layers_of_stage = {3, 3}, .strategy = {.data = 2}, .micro_batches = 2});
  plan.predicted = {.step = {0.5}, .closed_form = {0.6}, .stages = {{{0.1}, {}}, {{0.2}, {}}}};
  plan.predicted.stages[0].memory.parameters = 10 * kMiB;
  plan.predicted.stages[1].memory.activations = 30 * kMiB;
  return plan;
}

TEST_CASE("equal plans do not differ") { CHECK(diff(some_plan(), some_plan()).empty()); }

TEST_CASE("layers that moved stand in one line per way they went") {
  Plan after = some_plan();
  after.stages = {{0, 4}, {5, 5}};
  CHECK(diff(some_plan(), after) == Changes{{"layers 3-4", "stage", "1", "0", ""}});
}

TEST_CASE("strategies that changed stand in one line per run and axis") {
  Plan after = some_plan();
  for (const std::size_t layer : {1U, 2U, 3U}) after.strategies[layer].zero = Zero::parameters;
  after.strategies[3].recompute = Recompute::full;
  CHECK(diff(some_plan(), after) == Changes{{"layers 1-2", "zero", "0", "3", ""},
                                            {"layer 3", "zero", "0", "3", ""},
                                            {"layer 3", "recompute", "none", "full", ""}});
}

TEST_CASE("schedule, micro-batches and the job") {
  Plan after = some_plan();
  after.schedule = Schedule::gpipe;
  after.micro_batches = 4;
  after.job.clip_grad_norm = 1.5;
  after.job.dropout = false;
  CHECK(diff(some_plan(), after) == Changes{{"job", "clip_grad_norm", "none", "1.5", ""},
                                            {"job", "dropout", "true", "false", ""},
                                            {"plan", "micro_batches", "2", "4", ""},
                                            {"plan", "schedule", "1f1b", "gpipe", ""}});
}

TEST_CASE("times and memory come with their difference") {
  Plan after = some_plan();
  after.predicted.step = {0.55};
  after.predicted.stages[1].seconds_per_micro_batch = {0.15};
  after.predicted.stages[1].memory.activations = 20 * kMiB;
  CHECK(diff(some_plan(), after) ==
        Changes{{"predicted", "step", "0.5 s", "0.55 s", "+10.00 %"},
                {"stage 1", "time per micro-batch", "0.2 s", "0.15 s", "-25.00 %"},
                {"stage 1", "memory", "30.0 MiB", "20.0 MiB", "-10.0 MiB"}});
}

TEST_CASE("where the stage counts differ the largest stages are compared") {
  Plan after = some_plan();
  after.stages = {{0, 5}};
  after.devices = 2;
  after.predicted.stages.resize(1);
  CHECK(diff(some_plan(), after) ==
        Changes{{"plan", "devices", "4", "2", ""},
                {"plan", "stages", "2", "1", ""},
                {"layers 3-5", "stage", "1", "0", ""},
                {"predicted", "memory of the largest stage", "30.0 MiB", "10.0 MiB", "-20.0 MiB"}});
}

TEST_CASE("models and inputs are compared key by key") {
  Plan after = some_plan();
  std::get<Gpt2Config>(after.model.config).residual_dropout = 0;
  after.inputs->hardware.device.memory = 2 * kGiB;
  after.inputs->search.only = {{.axis = "zero", .values = {"0", "1"}}};
  CHECK(diff(some_plan(), after) == Changes{{"model", "residual_dropout", "0.1", "0", ""},
                                            {"inputs", "hardware.device.memory_gib", "1", "2", ""},
                                            {"inputs", "search.only[0].axis", "", "zero", ""},
                                            {"inputs", "search.only[0].values[0]", "", "0", ""},
                                            {"inputs", "search.only[0].values[1]", "", "1", ""}});
}

TEST_CASE("a certificate that only one plan has") {
  Plan after = some_plan();
  after.certificate = Certificate{.optimal = true, .lower_bound = {0.6}, .gap = 0};
  CHECK(diff(some_plan(), after) == Changes{{"certificate", "optimal", "", "true", ""},
                                            {"certificate", "lower_bound_seconds", "", "0.6", ""},
                                            {"certificate", "gap", "", "0", ""}});
}

}  // namespace
}  // namespace galvatron
