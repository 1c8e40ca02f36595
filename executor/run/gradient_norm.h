// The global gradient norm: each element of the model counted once over the cluster.
#pragma once

#include "executor/parameters/owned_pieces.h"
#include "executor/parameters/parameter_store.h"

namespace galvatron {

// The sum of squares over the pieces that this rank owns: a scalar of doubles on their device.
at::Tensor squared_gradient_norm(const ParameterStore& store, const std::vector<OwnedPiece>& pieces,
                                 at::Device device);

// Scales the gradients that this rank updates by min(1, limit / (norm + 1e-6)).
// Source: torch.nn.utils.clip_grad_norm_.
void clip_gradients(ParameterStore& store, double limit, double norm);

}  // namespace galvatron
