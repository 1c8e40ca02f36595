// Whether a model profile is of the model that is planned.
#pragma once

#include <string>

#include "cost_models/model_profile.h"
#include "planner/model/layer_graph.h"

namespace galvatron {

// What a profile is to be used for.
struct ProfiledJob {
  const LayerGraph& graph;
  Precision precision = Precision::fp32;
  bool dropout = true;
};

// Why a measured layer is no layer of the model although its type's name is; empty: it is, or the
// model has no such type.
std::string layer_mismatch(const ProfiledLayer& measured, const LayerGraph& graph);

// The first reason against the whole profile, with the key at which it stands; both empty: none.
struct ProfileMismatch {
  std::string key;
  std::string message;

  bool operator==(const ProfileMismatch&) const = default;
};
ProfileMismatch profile_mismatch(const ModelProfile& profile, const ProfiledJob& job);

}  // namespace galvatron
