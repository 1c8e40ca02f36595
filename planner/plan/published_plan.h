// Plans of the published space as plan files: what of a plan the published cost model prices, and
// what must stand beside it.
//
// The model prices the layers with attention. Embedding, patch merging and head are what it charges
// to a stage beside its layers: replicated, each device working on its share of the samples. The
// plan says so with tensor 1, data D, ZeRO 0. All samples' activations are held at once: GPipe.
#pragma once

#include <cstdint>
#include <vector>

#include "cost_models/published_stages.h"
#include "planner/model/layer_graph.h"
#include "planner/plan/plan.h"
#include "planner/plan/structure.h"

namespace galvatron {

// Both require inputs with published costs that match the plan's model.
PublishedSetting published_setting(const Plan& plan, const LayerGraph& graph);
PublishedAssignment published_assignment(const Plan& plan, const LayerGraph& graph);

// What makes a plan without structure problems one that the published model has no price for; empty
// for every plan that `published_plan` made.
std::vector<StructureProblem> check_published(const Plan& plan, const LayerGraph& graph);

// The micro-batches that a plan asks of the executor. The model's own number is real and may differ
// from layer to layer; this is the largest that divides the batch into whole samples per device and
// does not exceed the model's for any layer.
std::int64_t run_micro_batches(const PublishedAssignment& assignment,
                               const PublishedSetting& setting);

// The plan that an assignment stands for, not yet priced. The setting is of its batch and stages.
struct PublishedDecision {
  const PublishedSetting& setting;
  const PublishedAssignment& assignment;
  const PlanInputs& inputs;
};
Plan published_plan(const Model& model, const LayerGraph& graph, const PublishedDecision& decision);

}  // namespace galvatron
