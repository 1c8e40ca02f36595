// Which layers the published search puts on which stage, and what the stages of a plan cost.
#pragma once

#include <vector>

#include "cost_models/published_memory.h"
#include "cost_models/units.h"

namespace galvatron {

// The model's layers in the order in which they run, by index into `PublishedModel::layers`.
std::vector<int> published_layer_types(const PublishedModel& model);

// The first layer of each stage; the pipeline's degree of them.
//
// One type of layer: equally many on each stage. Several: stages are filled from the last layer
// backwards, by the least memory w of each layer over the given strategies, unrounded. The share of
// a stage is (sum w + other) / P, where `other` is what embedding and head take on all devices and
// the first stage begins with. A stage behind the first is full once its share lacks less than half
// of the next w; the first takes the rest, and if nothing is left a layer of the second.
// Empty where a stage would hold no layer, or stages of one type cannot be alike.
std::vector<int> published_stage_begins(const std::vector<Strategy>& strategies,
                                        const PublishedSetting& setting);

struct PublishedStage {
  Seconds time{};  // what the stage adds to the step
  MemoryParts memory{};

  bool operator==(const PublishedStage&) const = default;
};

// A plan of the model's layers: where each stage begins, and a strategy per layer.
struct PublishedAssignment {
  std::vector<int> stage_begins{};
  std::vector<Strategy> strategies{};

  bool operator==(const PublishedAssignment&) const = default;
};

// Sums over each stage of layers and of the transitions between them. The step is their sum.
std::vector<PublishedStage> published_stages(const PublishedAssignment& assignment,
                                             const PublishedSetting& setting, OtherMemory other);

}  // namespace galvatron
