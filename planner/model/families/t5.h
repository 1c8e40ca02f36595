// T5: an encoder that attends both ways, a decoder that attends to itself and to the encoder, both
// with pre-norm RMS norms and one learned table of relative positions per stack.
//
// From the bridge on the activation of a sample is [the encoder's output | the decoder's states]:
// decoder blocks read the former, change the latter and pass both on.
#pragma once

#include <vector>

#include "cost_models/layer.h"
#include "planner/model/model.h"

namespace galvatron {

// One layer per distinct type: embedding, encoder block, bridge, decoder block, head.
std::vector<Layer> t5_layer_types(const T5Config& config, std::int64_t sequence_length);

}  // namespace galvatron
