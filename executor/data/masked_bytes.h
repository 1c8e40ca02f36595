// Bytes of text as samples of a masked language model.
#pragma once

#include <cstdint>
#include <vector>

#include "executor/data/sample.h"
#include "executor/random/random_stream.h"

namespace galvatron {

// Token ids of bytes are below it; the mask's id is it.
inline constexpr std::int64_t kMaskOfBytes = 256;

// Each position is a target with probability 15 %; there the model sees the mask (80 %), another
// byte (10 %) or the byte itself (10 %).
// Source: Devlin et al., "BERT", 2019, section 3.1.
Sample masked_sample(std::vector<std::int64_t> bytes, const RandomStream& stream);

}  // namespace galvatron
