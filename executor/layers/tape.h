// One layer's forward and backward of one micro-batch, and what lives between them.
//
// The layers of a stage are separate autograd graphs: each starts at a leaf that shares the storage
// of the layer before's output, so that the rank program decides what runs when. A tape keeps the
// leaf and the last node of the graph, never the output: its storage lives only as long as somebody
// else needs it.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>

#include "executor/layers/block.h"

namespace torch::autograd {
struct Node;
}

namespace galvatron {

struct Tape {
  at::Tensor input;                             // [tokens, hidden] leaf, or what is embedded
  std::shared_ptr<torch::autograd::Node> root;  // null: forward has to run again first
  std::uint32_t root_output = 0;
};

struct TapedForward {
  at::Tensor output;  // detached
  Tape tape;
};

// Under full recomputation only the input is kept.
TapedForward run_forward(const Block& block, const BlockContext& context, at::Tensor input);

// Before the backward of a layer under full recomputation: forward again, keeping what it saves.
void run_recompute(const Block& block, const BlockContext& context, Tape& tape);

// Adds to the parameters' .grad and returns the gradient of the input (undefined for the
// embedding). `output_gradient` has the output's shape; for the head a scalar one. Frees what the
// tape kept.
at::Tensor run_backward(Tape tape, at::Tensor output_gradient);

}  // namespace galvatron
