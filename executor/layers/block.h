// What a layer type computes: one function per type, its strategy an ordinary value.
//
// Activations are [tokens, hidden]: the samples of one micro-batch that a tensor group works on,
// flattened, sample after sample. Under sequence parallelism rank i of t holds rows
// [i T / t, (i + 1) T / t), else every rank of the group holds all T rows.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "cost_models/layer.h"
#include "cost_models/redistribution.h"
#include "cost_models/strategy.h"
#include "executor/communication/communicator.h"
#include "planner/model/model.h"

namespace galvatron {

// Names a stream of random numbers; with the global row and the column it names one number.
struct DropoutKey {
  std::uint64_t seed = 0;
  std::int64_t step = 0;
  std::int64_t layer = 0;  // number in the whole model
};

// What samples bring besides the activations and what the embedding embeds, one sample after
// another, int64.
enum class SampleInput {
  targets,         // [samples * sequence_length] or, of images, [samples]; -100 is ignored
  token_types,     // [samples * sequence_length]
  seen,            // [samples * sequence_length], 0 where attention must not look
  next_sentence,   // [samples]; -100 is ignored
  decoder_tokens,  // of an encoder-decoder: what its decoder reads, as many as targets
};

// Everything a block may know besides its input. References outlive the micro-batch's backward.
struct BlockContext {
  const Layer& layer;
  Strategy strategy;
  Communicator& tensor_group;
  // This rank's part of each row of Layer::parameters, in that order: autograd leaves that require
  // a gradient. While backward runs, each leaf's .grad is a preset tensor of the same shape (fp32,
  // whatever the leaf's type), into which the layers add in place; it is never replaced.
  std::span<const at::Tensor> parameters;
  int number = 0;            // among the layers of its type
  std::int64_t samples = 0;  // of the tensor group, in this micro-batch
  std::int64_t sequence_length = 0;
  std::int64_t first_sample = 0;  // its number in the step's global batch
  DropoutKey dropout;
  // Made anew by each call, of all samples also under sequence parallelism; undefined where none of
  // the samples has such an input.
  std::function<at::Tensor(SampleInput)> inputs;
  // Of the head: targets of the global batch that are not ignored, by which the sum of the losses
  // is divided.
  double normalizer = 1;
  double next_sentence_normalizer = 1;
};

// Takes the activation and returns the next one. The embedding takes token ids, [T] int64, or
// images, [samples, channels * height * width] fp32, whatever the layout; the head returns the
// loss, a scalar that is equal on all ranks of the tensor group.
using Block = std::function<at::Tensor(const BlockContext&, at::Tensor input)>;

// By Layer::type.
using BlockTable = std::map<std::string, Block>;

enum class Dropout { as_configured, none };

// The blocks of a family: gpt2_embedding, gpt2_block, gpt2_head, and likewise llama, bert, vit and
// t5, and swin, whose blocks and mergings are numbered by depth. Empty for a user's model, whose
// program brings its own. Throws std::invalid_argument, naming the key, for a dropout that no layer
// here executes.
BlockTable blocks_of(const Model& model, Dropout dropout);

// The parameter whose name in the table ends with `name`; throws std::logic_error where none does.
const at::Tensor& parameter(const BlockContext& context, std::string_view name);

bool has_parameter(const BlockContext& context, std::string_view name);

// The rows of [0, samples * sequence_length) that this rank's activations hold.
TokenRange local_rows(const BlockContext& context);

}  // namespace galvatron
