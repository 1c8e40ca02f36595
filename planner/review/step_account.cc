#include "planner/review/step_account.h"

#include <algorithm>
#include <utility>

#include "cost_models/layer_cost.h"
#include "cost_models/layer_passes.h"
#include "planner/review/published_account.h"
#include "planner/schedule/op_cost.h"
#include "planner/schedule/price.h"

namespace galvatron {
namespace {

// How long the meeting lasts that the operation at `index` waits for.
Seconds duration_waited_for(const TimedProgram& program, std::size_t index) {
  Op start = program.ops[index];
  if (start.part == Part::wait) start.part = Part::start;
  while (index > 0 && program.ops[index] != start) --index;
  return program.durations[index];
}

// Goes through the program of a stage's first rank and says for each operation what the time went
// to by which the rank came further.
class Accountant {
 public:
  Accountant(const Plan& plan, const LayerGraph& graph, int stage)
      : program_(timed_program(plan, graph, stage)),
        range_(plan.stages[static_cast<std::size_t>(stage)]) {
    const Cluster cluster = cluster_of(plan);
    step_overhead_ = step_overhead(cluster);
    for (int layer = range_.first_layer; layer <= range_.last_layer; ++layer) {
      passes_.push_back(
          layer_pass_parts(layer_at(graph, layer), setting_of(plan, graph, layer), cluster));
    }
  }

  // `passed`: when the rank was past each operation.
  StepParts account(const std::vector<Seconds>& passed, Seconds step) {
    Seconds now;
    for (std::size_t index = 0; index < passed.size(); ++index) {
      add(index, passed[index] - now);
      now = passed[index];
    }
    parts_.bubble += step - now;
    return parts_;
  }

 private:
  void add(std::size_t index, Seconds elapsed);
  void add_computation(const PassParts& pass, Seconds elapsed);
  void add_norm(std::size_t index, Seconds elapsed);
  void add_meeting(Seconds& part, std::size_t index, Seconds elapsed);

  const LayerPassParts& passes(const Op& op) const {
    return passes_[static_cast<std::size_t>(op.layer - range_.first_layer)];
  }

  TimedProgram program_;
  StageRange range_;
  std::vector<LayerPassParts> passes_;
  Seconds step_overhead_{};
  StepParts parts_;
};

void Accountant::add(std::size_t index, Seconds elapsed) {
  const Op& op = program_.ops[index];
  switch (op.kind) {
    case OpKind::forward:
      return add_computation(passes(op).forward, elapsed);
    case OpKind::backward:
      return add_computation(passes(op).backward, elapsed);
    case OpKind::recompute:
      return add_computation({.recompute = program_.durations[index]}, elapsed);
    case OpKind::redistribute:
      parts_.redistribution += elapsed;
      return;
    case OpKind::reduce_token_local:
      parts_.tensor += elapsed;
      return;
    case OpKind::gather:
    case OpKind::free_parameters:
    case OpKind::reduce:
    case OpKind::gather_updated:
      parts_.data += elapsed;
      return;
    case OpKind::send:
    case OpKind::receive:
      return add_meeting(parts_.pipeline, index, elapsed);
    case OpKind::reduce_tied:
      return add_meeting(parts_.tied, index, elapsed);
    case OpKind::reduce_norm:
      return add_norm(index, elapsed);
    case OpKind::clip:
    case OpKind::update:
      parts_.optimizer += elapsed;
      return;
  }
}

// The data stream slows computation down: what that adds is data's.
void Accountant::add_computation(const PassParts& pass, Seconds elapsed) {
  parts_.compute += pass.compute;
  parts_.recompute += pass.recompute;
  parts_.tensor += pass.tensor;
  parts_.host += pass.launch;
  parts_.data += elapsed - (pass.compute + pass.recompute + pass.tensor + pass.launch);
}

// What is no host's is the pass over the gradients, which belongs to the optimizer.
void Accountant::add_norm(std::size_t index, Seconds elapsed) {
  const Seconds pass = program_.durations[index] - step_overhead_;
  parts_.host += step_overhead_;
  parts_.optimizer += pass;
  parts_.bubble += elapsed - step_overhead_ - pass;
}

// A meeting ends its duration after the last of its stages came: what is waited before is bubble.
// Starting one takes what a send takes from the computation beside it.
void Accountant::add_meeting(Seconds& part, std::size_t index, Seconds elapsed) {
  if (program_.ops[index].part == Part::start) {
    part += elapsed;
    return;
  }
  const Seconds under_way = std::min(elapsed, duration_waited_for(program_, index));
  part += under_way;
  parts_.bubble += elapsed - under_way;
}

}  // namespace

StepAccount account_step(const Plan& plan, const LayerGraph& graph) {
  if (plan.inputs->hardware.published) {
    const StepParts parts = published_parts(plan, graph);
    return {.step = total(parts), .stages = {parts}};
  }
  const SimulatedStep simulated = simulate(plan, graph);
  StepAccount account{.step = simulated.step};
  for (int stage = 0; stage < pipeline_degree(plan); ++stage) {
    account.stages.push_back(
        Accountant(plan, graph, stage)
            .account(simulated.passed[static_cast<std::size_t>(stage)], simulated.step));
  }
  const auto busiest = std::min_element(
      account.stages.begin(), account.stages.end(),
      [](const StepParts& one, const StepParts& other) { return one.bubble < other.bubble; });
  account.busiest = static_cast<int>(busiest - account.stages.begin());
  return account;
}

}  // namespace galvatron
