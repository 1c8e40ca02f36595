// Measures the layers of a model as one rank of a tensor group runs them: whole training steps of a
// shallow copy of the model, on a communicator whose other ranks do not exist.
//
// Steps and not single layers, because a layer in training finds neither its weights nor its input
// in a cache, and memory as fragmented as other layers leave it.
#pragma once

#include <c10/core/Device.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "cost_models/model_profile.h"
#include "executor/layers/block.h"
#include "planner/model/model.h"

namespace galvatron {

struct ModelProfileRequest {
  Model model;
  std::vector<int> tensor_degrees;          // ascending; those that a layer refuses are left out
  std::vector<std::int64_t> micro_batches;  // ascending; samples of a tensor group
  Precision precision = Precision::fp32;
  Dropout dropout = Dropout::as_configured;
  Seconds budget{0.6};  // of one point, both recomputations together
  at::Device device = at::kCPU;
  std::string origin;
};

struct ProfileControl {
  std::function<void(std::int64_t done, std::int64_t all, Seconds last)> progress;
  std::function<void(const std::string& warning)> warn;
};

// The largest degrees of 1, 2, 4, 8 that divide what the blocks of the model split.
std::vector<int> usual_tensor_degrees(const Model& model);

// Throws ExecutorError (bad input) where no degree is left, or the model has blocks that this
// program does not know.
ModelProfile profile_model(const ModelProfileRequest& request, const ProfileControl& control);

}  // namespace galvatron
