#include "test/executor/run/plan_run.h"

#include "executor/train/trainer.h"
#include "test/executor/run/plan_table.h"
#include "test/executor/test_device.h"

namespace galvatron {
namespace {

Sample made_up_sample(std::int64_t sequence_length, std::int64_t number, std::int64_t vocabulary) {
  Sample sample;
  for (std::int64_t position = 0; position < sequence_length; ++position) {
    const std::int64_t token = (number * 7 + position * (3 + number % 5)) % vocabulary;
    sample.tokens.push_back(token);
    sample.targets.push_back((position + number) % 6 == 0 ? -100 : (token + 3) % vocabulary);
  }
  return sample;
}

double count_targets(const StepInput& input, std::int64_t samples) {
  std::int64_t count = 0;
  for (std::int64_t number = 0; number < samples; ++number) {
    for (const std::int64_t target : input.sample(number).targets) count += target != -100;
  }
  return static_cast<double>(count);
}

StepInput step_input(const Plan& plan, const LayerGraph& graph, std::int64_t step) {
  const Layer& embedding = layer_at(graph, 0);
  const std::int64_t first = step * plan.job.global_batch;
  StepInput input{.step = step,
                  .seed = 7,
                  .learning_rate = 1e-2,
                  .sample = [&embedding, first](std::int64_t number) {
                    return made_up_sample(embedding.tokens_per_sample, first + number,
                                          embedding.vocabulary);
                  }};
  input.targets = count_targets(input, plan.job.global_batch);
  return input;
}

}  // namespace

PlanRun run_plan(const Plan& plan) {
  Ledger ledger;
  const auto world = make_test_world(plan.devices, ledger);
  if (!world) return {};
  Trainer trainer(*world, plan, blocks_of(plan.model, Dropout::as_configured), AdamW{},
                  test_device());
  trainer.fill(random_weights(7));
  PlanRun run{.member = true, .rank = world->rank()};
  for (std::int64_t step = 0; step < kSteps; ++step) {
    ledger.clear();
    trainer.live_bytes().reset_peak();
    const StepOutcome outcome = trainer.step(step_input(plan, trainer.graph(), step));
    run.losses.push_back(outcome.loss);
    run.grad_norms.push_back(outcome.grad_norm);
  }
  run.ledger = ledger.entries();
  run.peak = trainer.live_bytes().at_peak();
  return run;
}

const std::vector<PlanRun>& table_runs() {
  static const std::vector<PlanRun> runs = [] {
    std::vector<PlanRun> made;
    for (const PlanRow& row : plan_rows()) made.push_back(run_plan(make_plan(row)));
    return made;
  }();
  return runs;
}

}  // namespace galvatron
