// The `published` section of a hardware profile: whether it is complete, and which of its models a
// model is.
#pragma once

#include <string>
#include <vector>

#include "cost_models/hardware.h"
#include "planner/model/layer_graph.h"

namespace galvatron {

// Keys without which the published cost model cannot price; of a profile as read none. Requires
// hardware.published.
std::vector<std::string> missing_published_keys(const Hardware& hardware);

// The layers of the model that have published constants, those with attention: embedding, patch
// merging and head are charged together, as what a stage holds beside its layers.
std::vector<int> published_layers(const LayerGraph& graph);

// The constants for `model`, chosen by its name; null where there are none or where they are for
// other sizes, and then `problem` says so.
struct PublishedMatch {
  const PublishedModel* model = nullptr;
  std::string problem;
};
PublishedMatch match_published(const PublishedCosts& costs, const Model& model,
                               const LayerGraph& graph);

}  // namespace galvatron
