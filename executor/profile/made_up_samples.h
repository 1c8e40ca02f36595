// Samples of a model's kind that no file holds, to measure with.
#pragma once

#include <cstdint>

#include "executor/data/dataset.h"

namespace galvatron {

// The same for the same limits and number. Of masked language models every seventh position is a
// target, as many as in text.
Sample made_up_sample(const RowLimits& limits, std::int64_t number);

}  // namespace galvatron
