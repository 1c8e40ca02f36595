// Bytes of a layer, and of what is not a layer, under the published cost model.
//
// Each layer, and embedding and head together, take whole MiB: what rounding adds counts as
// activations. The activations are those of all samples, whatever the number of micro-batches.
#pragma once

#include "cost_models/memory.h"
#include "cost_models/published_setting.h"

namespace galvatron {

// Before rounding: 4 parameters/t x (1/d + gathered share under ZeRO 3, else 1) + activations[t]
// B/d, where 4 stands for weights, gradients and two moments.
double published_layer_mib(const PublishedLayer& layer, const Strategy& strategy,
                           const PublishedSetting& setting);

// Embedding, head and context: other states + other activations x B/devices + context, on a stage
// of so many devices.
double published_other_mib(int devices, const PublishedSetting& setting);

MemoryParts published_layer_memory(const PublishedLayer& layer, const Strategy& strategy,
                                   const PublishedSetting& setting);
MemoryParts published_other_memory(const PublishedSetting& setting);

// Which stages hold embedding and head as the model has it: of a model with one type of layer every
// stage, because one stage is solved and stands for all, else the first.
enum class OtherMemory { on_every_stage, on_first_stage };
OtherMemory published_other_memory_place(const PublishedModel& model);

}  // namespace galvatron
