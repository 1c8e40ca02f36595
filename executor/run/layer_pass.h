// Forward, recomputation and backward of the layers of a stage, and what lives between them.
#pragma once

#include <map>
#include <utility>

#include "executor/layers/tape.h"
#include "executor/run/stage.h"
#include "executor/run/step_input.h"

namespace galvatron {

class LayerPasses {
 public:
  explicit LayerPasses(const Stage& stage) : stage_(stage) {}

  // Takes the activation in the layer's layout (undefined for the embedding) and returns the next
  // one; the loss for the head.
  at::Tensor forward(const Op& op, const StepInput& input, at::Tensor activation);
  void recompute(const Op& op, const StepInput& input);
  // Takes the gradient of forward's result (undefined for the head) and returns that of its input.
  at::Tensor backward(const Op& op, at::Tensor gradient);

  // True where every forward was followed by its backward.
  bool done() const { return in_flight_.empty(); }

 private:
  BlockContext context_of(const Op& op, const StepInput& input) const;
  const Layer& layer_of(const Op& op) const { return layer_at(stage_.graph, op.layer); }
  const Block& block_of(const Op& op) const { return stage_.blocks.at(layer_of(op).type); }

  Stage stage_;
  std::map<std::pair<int, std::int64_t>, Tape> in_flight_;  // by layer and micro-batch
};

}  // namespace galvatron
