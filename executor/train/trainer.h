// One rank of a training run: its parameters, its program, and the bytes it holds.
#pragma once

#include <utility>

#include "executor/checkpoint/checkpoint.h"
#include "executor/memory/live_bytes.h"
#include "executor/parameters/weight_source.h"
#include "executor/run/step_runner.h"

namespace galvatron {

class Trainer {
 public:
  // All weights zero, on `device`. Collective over `world`, which must outlive the trainer.
  // Throws ExecutorError as check_trainable does.
  Trainer(Communicator& world, const Plan& plan, BlockTable blocks, const AdamW& optimizer,
          at::Device device = at::kCPU);
  Trainer(const Trainer&) = delete;
  Trainer& operator=(const Trainer&) = delete;

  void fill(const WeightSource& source);
  // Throws ExecutorError as fill_from_checkpoint does.
  void fill(const Checkpoint& checkpoint);
  StepOutcome step(const StepInput& input) { return runner_.run(input); }

  const RankProgram& program() const { return runner_.program(); }
  void observe(StepObserver observer) { runner_.observe(std::move(observer)); }

  const Plan& plan() const { return plan_; }
  const LayerGraph& graph() const { return graph_; }
  ParameterStore& store() { return store_; }
  LiveBytes& live_bytes() { return live_bytes_; }
  at::Device device() const { return device_; }

 private:
  Plan plan_;
  LayerGraph graph_;
  BlockTable blocks_;
  at::Device device_;
  LiveBytes live_bytes_;
  ParameterStore store_;
  GroupTable groups_;
  StepRunner runner_;
};

}  // namespace galvatron
