// Hardware and layers that the tests price.
#pragma once

#include "cost_models/cluster.h"
#include "cost_models/layer.h"

namespace galvatron {

// A100-80GB, eight to a node, 25 GB/s of network per device; laws fitted to published kernel and
// collective times.
Hardware a100(int nodes);

// A100s that overlap as the gradient reduction of Megatron does, in stages of so many devices.
Cluster a100_cluster(int stages, int devices_per_stage);

// The same hardware, every rate doubled and every latency halved.
Hardware twice_as_fast(Hardware hardware);

// A GPT block of hidden size h as Megatron computes it: bias-dropout-add, GeLU, MLP of 4 h.
Layer gpt_block(std::int64_t hidden, std::int64_t heads, std::int64_t sequence);

// Vocabulary table, tied or not, behind a final norm.
Layer gpt_head(std::int64_t hidden, std::int64_t vocabulary, std::int64_t sequence);
Layer gpt_embedding(std::int64_t hidden, std::int64_t vocabulary, std::int64_t sequence);

}  // namespace galvatron
