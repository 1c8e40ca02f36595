// From a layer graph and a cluster to the numbers that the solver works on, and back.
//
// A price list holds, for one stage count and number of micro-batches, every strategy of the space
// per layer type with its cost (`layer_prices.h`). In it changes of layout inside a stage are free
// and layers that must agree on a strategy (uses of one tied table; all layers, for a runtime that
// is not layer-wise) need not: a relaxation that is cheap to make.
// Most choices are closed by it. The problems proper are made from a list on demand: one per
// strategy that those layers may share, with all changes of layout priced.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "planner/model/layer_graph.h"
#include "planner/plan/plan.h"
#include "planner/search/layer_prices.h"
#include "planner/search/problem.h"
#include "planner/search/space.h"

namespace galvatron {

// What the search of one batch is about. References must outlive the inputs.
struct PricingInputs {
  PriceBook& prices;
  const PlanInputs& inputs;  // of them the budget and the reserve; the rest is the book's source
  std::int64_t global_batch = 1;
};

struct PipelineChoice {
  int pipeline = 1;
  std::int64_t micro_batches = 1;
  Schedule schedule = Schedule::one_f_one_b;

  bool operator==(const PipelineChoice&) const = default;
};

// Every choice of the space: stage counts that divide the devices and leave each stage a layer or,
// under a runtime whose stages are equal, divide the blocks; micro-batches that divide the batch.
std::vector<PipelineChoice> pipeline_choices(const PricingInputs& inputs);

// The price list of one choice, or one problem made from it.
struct Instance {
  PipelineChoice choice;
  search::Problem problem;
  std::vector<std::vector<Strategy>> strategies;  // by problem type, parallel to its options
  std::vector<int> first_layers;                  // by problem type: the first layer of it
};

// Where the choice finds its prices.
StageSetting stage_setting(const PricingInputs& inputs, const PipelineChoice& choice);

// Of the prices that the book has for the choice.
Instance price_list(const PricingInputs& inputs, const PipelineChoice& choice,
                    const LayerPrices& prices);

// None where some layer has no strategy for this choice.
std::optional<Instance> price_list(const PricingInputs& inputs, const PipelineChoice& choice);

// The problems proper; a plan of any of them is one of the list and costs no less.
std::vector<Instance> problems_of(const Instance& price_list, const PricingInputs& inputs);

// The plan that an assignment stands for, not yet priced.
Plan plan_of(const Model& model, const PricingInputs& inputs, const Instance& instance,
             const search::Assignment& assignment);

}  // namespace galvatron
