// The model that the tests of imports take files for: blocks of 4 h^2 + 2 h m + 9 h + m = 872
// parameters.
#pragma once

#include "planner/model/model.h"

namespace galvatron {

inline Model small_gpt2() {
  return {
      .name = "small",
      .sequence_length = 8,
      .config = Gpt2Config{
          .vocabulary = 16, .positions = 8, .hidden = 8, .layers = 4, .heads = 4, .mlp_width = 32}};
}

}  // namespace galvatron
