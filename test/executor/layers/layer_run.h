// One layer's forward and backward on the ranks of a tensor group, seen as wholes.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <vector>

#include "cost_models/layer.h"
#include "executor/communication/communicator.h"
#include "executor/layers/block.h"
#include "executor/memory/live_bytes.h"

namespace galvatron {

// This rank's part of an mpirun cut into groups of `tensor` consecutive ranks.
struct TestGroup {
  explicit TestGroup(int tensor);

  Ledger ledger;
  std::unique_ptr<Communicator> world;
  std::unique_ptr<Communicator> group;
};

struct LayerCase {
  Model model;
  Layer layer;
  Strategy strategy;
  std::int64_t samples = 2;
  int number = 0;  // among the layers of its type
  Dropout dropout = Dropout::as_configured;
  at::ScalarType type = at::kFloat;  // of activations and weights; gradients of weights are fp32
  at::Device device = at::kCPU;
};

Model tiny_gpt2();
Model tiny_llama();
Model tiny_bert();  // with the next-sentence head
Model tiny_t5();    // 12 tokens and 8 of the decoder
Model tiny_vit();   // 10 tokens, of images that leave pixels out
Model tiny_swin();  // 6 x 7 tokens, then 3 x 4; windows, images and mergings are filled up
std::vector<Layer> layers_of(const Model& model);

struct LayerRun {
  at::Tensor output;
  at::Tensor input_gradient;            // undefined for the embedding
  std::vector<at::Tensor> gradients;    // of Layer::parameters, without padding
  double largest_padding_gradient = 0;  // of rows past the vocabulary's end
  std::vector<LedgerEntry> forward;     // this rank's
  std::vector<LedgerEntry> backward;    // under full recomputation with the repeated forward
  Bytes saved;                          // what forward left besides its output
  Bytes forward_peak;                   // beside the input
  Bytes backward_peak;                  // beside what forward left and the output's gradient
};

inline constexpr double kNormalizer = 50;

// What run_layer feeds this rank: whole tensors on a group of one.
struct LayerInputs {
  std::vector<at::Tensor> parameters;  // leaves with a preset .grad of zeros
  at::Tensor input;
  at::Tensor output_gradient;
};

LayerInputs layer_inputs(const LayerCase& layer_case, const Communicator& group);
at::Tensor layer_targets(const LayerCase& layer_case);  // of a head
at::Tensor sample_input(const LayerCase& layer_case, SampleInput kind);

// Input, parameters and the output's gradient are made up from fixed seeds, equal for any strategy.
// Collective over test.group, whose size is the case's tensor degree.
LayerRun run_layer(const LayerCase& layer_case, TestGroup& test);

}  // namespace galvatron
