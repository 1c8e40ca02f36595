// Whether a plan can be executed at all: every layer held once, degrees that fit devices, samples,
// tokens and heads, tied tables split alike. Everything behind a plan relies on it.
#pragma once

#include <string>
#include <vector>

#include "planner/model/layer_graph.h"
#include "planner/plan/plan.h"

namespace galvatron {

// What is wrong and where: `key` is the key of a plan file, below the run of layers, the stage or
// the job that it belongs to. Reads as "KEY MESSAGE": tensor must divide num_heads (32), got 5.
struct StructureProblem {
  enum class Place { plan, job, stage, layers } place = Place::plan;
  int first = 0;  // stage, or the first of equal layers
  int last = 0;
  std::string key;
  std::string message;

  bool operator==(const StructureProblem&) const = default;
};

std::string to_text(const StructureProblem& problem);

// Empty for a plan that can be executed. Layers and strategies are looked at only where the stages
// hold every layer once.
std::vector<StructureProblem> check_structure(const Plan& plan, const LayerGraph& graph);

// Consecutive layers with one strategy on one stage.
struct LayerRun {
  int first_layer = 0;
  int last_layer = 0;
  Strategy strategy;

  bool operator==(const LayerRun&) const = default;
};

std::vector<LayerRun> layer_runs(const Plan& plan, int stage);

// "layer 3" or "layers 3-5".
std::string layers_text(int first, int last);

}  // namespace galvatron
