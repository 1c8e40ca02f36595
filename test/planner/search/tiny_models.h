// The examples of all families, with as few layers as show what is special about each.
#pragma once

#include <string>
#include <vector>

#include "planner/plan/plan.h"

namespace galvatron {

// bert, gpt2, llama, swin, t5, vit and user_model, of four or five layers. Throws
// std::invalid_argument for another name.
Model tiny_model(const std::string& family);
const std::vector<std::string>& tiny_model_names();

// A cluster of two nodes on which no kind of cost is zero and none is all there is.
PlanInputs tiny_cluster(int devices);

}  // namespace galvatron
