// Everything that one rank keeps of one parameter unit, and what ZeRO does with it.
//
//            weights             gradient   moments   master (bf16 only)
//   ZeRO 0   whole               whole      whole     whole
//   ZeRO 1   whole               whole      shard     shard
//   ZeRO 2   whole               shard      shard     shard
//   ZeRO 3   shard in fp32       shard      shard     the shard of the weights
//
// What is whole only for a while: ZeRO 3's weights from gather_weights to drop_weights, and the
// gradients of ZeRO 2 and 3 from open_gradient (before a backward) to reduce_gradient.
#pragma once

#include <optional>

#include "executor/communication/communicator.h"
#include "executor/memory/live_bytes.h"
#include "executor/parameters/flat_weights.h"

namespace galvatron {

struct UnitBuffers {
  UnitLayout layout;
  FlatWeights weights;            // compute type
  at::Tensor weight_shard = {};   // [shard] fp32, under ZeRO 3
  at::Tensor master = {};         // [shard] fp32, where the compute type is not, below ZeRO 3
  at::Tensor gradient = {};       // fp32 [elements], under ZeRO 2 and 3 [shard]
  at::Tensor open_gradient = {};  // fp32 [elements], under ZeRO 2 and 3 during a backward
  at::Tensor first_moment = {};   // [shard] fp32
  at::Tensor second_moment = {};  // [shard] fp32
  at::Tensor updates = {};        // scalar fp32, on the CPU: how often the optimizer has run
};

// All zero; ZeRO 3's weights are dropped. `compute`: type and device of the weights.
UnitBuffers make_unit_buffers(UnitLayout layout, const at::TensorOptions& compute,
                              LiveBytes& live_bytes);

// What the optimizer updates and what it reads: [shard] fp32 views.
at::Tensor updated_weights(const UnitBuffers& unit);
at::Tensor updated_gradient(const UnitBuffers& unit);

// ZeRO 3. Gathering twice before dropping, or the reverse, is a bug in the program.
void gather_weights(UnitBuffers& unit, Communicator& data_group);
void drop_weights(UnitBuffers& unit);

// Makes sure that a backward finds gradients to add to. Nothing to do where they are always whole.
void open_gradient(UnitBuffers& unit);

// The gradient of the token-local parameters becomes the sum over the tensor group.
void reduce_token_local(UnitBuffers& unit, Communicator& tensor_group);

// The gradient becomes the sum over the data group; under ZeRO 2 and 3 it is added to the shard.
void reduce_gradient(UnitBuffers& unit, Communicator& data_group);

// A tied table's gradient becomes the sum over the stages that hold it.
void reduce_tied(UnitBuffers& unit, Communicator& holders);

// After the update: the compute type's own part follows the master ...
void refresh_weights(UnitBuffers& unit);
// ... and under ZeRO 1 and 2 everyone's parts are gathered.
void gather_updated(UnitBuffers& unit, Communicator& data_group);

}  // namespace galvatron
