// A model with fewer layers of the same types.
#pragma once

#include "planner/model/model.h"

namespace galvatron {

// At most `layers` blocks of each type, so that a model of any depth can be measured layer by layer
// on one device. A user's model stays as it is: its edges name layers by their numbers.
Model shallow_model(Model model, std::int64_t layers);

}  // namespace galvatron
