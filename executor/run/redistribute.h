// Carrying out a redistribution: the tokens a rank holds become the tokens the next layout needs.
#pragma once

#include <ATen/core/Tensor.h>

#include "cost_models/redistribution.h"
#include "executor/communication/communicator.h"

namespace galvatron {

struct TokenChange {
  Layout from;
  Layout to;
  StageTokens stage;
  int local_rank = 0;
};

// `rows` are [tokens held, hidden] under `from`; returns [tokens held, hidden] under `to`, in a
// storage of its own unless nothing changes. `group` is the redistribution's group; a slice needs
// none and may be given null.
at::Tensor redistribute(const at::Tensor& rows, const TokenChange& change, Communicator* group);

}  // namespace galvatron
